"""The inbox receives mail over SMTP and shows it over HTTP."""

import smtplib
import sys
from collections.abc import Iterator
from email.message import EmailMessage

import pytest

from devstack import loopback, ports, waiting
from devstack.processes import Owner

SCRIPT = "<script>document.title='taken over'</script>"


@pytest.fixture(scope="module")
def inbox(masterji_owner: Owner) -> Iterator[tuple[str, int]]:
    web, smtp = ports.pick(), ports.pick()
    command = [sys.executable, "-m", "devstack.inbox", "--web-port", str(web), "--smtp-port", str(smtp)]
    child = masterji_owner.spawn("inbox", command)
    waiting.until(lambda: ports.accepts(web) and ports.accepts(smtp), 20, lambda: "the inbox did not start")
    yield f"http://127.0.0.1:{web}", smtp
    child.stop()


def _send(smtp: int, to: str, subject: str) -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "hello@example.com", to, subject
    message.set_content("Your course <is> ready.")
    message.add_alternative(f"<p>Your course is <b>ready</b>.</p>{SCRIPT}", subtype="html")
    with smtplib.SMTP("127.0.0.1", smtp, timeout=10) as client:
        client.send_message(message)


def test_a_mail_is_listed_and_all_its_parts_can_be_read(inbox: tuple[str, int]) -> None:
    web, smtp = inbox
    _send(smtp, "asha@example.com", "Ready")
    listed = loopback.get(f"{web}/api/messages", params={"to": "asha@example.com"}).json()
    assert listed["total"] == 1
    mail = loopback.get(f"{web}/api/messages/{listed['messages'][0]['id']}").json()
    assert (mail["subject"], mail["to"], mail["from"]) == ("Ready", ["asha@example.com"], "hello@example.com")
    assert "Your course <is> ready." in mail["text"]
    assert "<b>ready</b>" in mail["html"]
    assert ["Subject", "Ready"] in mail["headers"]


def test_the_pages_escape_the_content_of_a_mail(inbox: tuple[str, int]) -> None:
    web, smtp = inbox
    _send(smtp, "ben@example.com", "<img src=x onerror=alert(1)>")
    mail_id = loopback.get(f"{web}/api/messages").json()["messages"][0]["id"]
    for page in (loopback.get(f"{web}/"), loopback.get(f"{web}/messages/{mail_id}")):
        assert "<img src=x" not in page.text
        assert "unsafe-inline" not in page.headers["content-security-policy"]
    assert "&lt;is&gt;" in loopback.get(f"{web}/messages/{mail_id}").text


def test_pages_of_other_origins_can_neither_read_nor_delete(inbox: tuple[str, int]) -> None:
    web, smtp = inbox
    _send(smtp, "cleo@example.com", "Ready")
    for path in ("/", "/api/messages", "/health/ready"):
        assert loopback.get(f"{web}{path}", headers={"Host": "evil.example"}).status_code == 403
    foreign = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    assert loopback.post(f"{web}/delete", headers=foreign).status_code == 403
    assert (
        loopback.delete(f"{web}/api/messages", headers={"Origin": "https://evil.example"}).status_code == 403
    )
    assert loopback.get(f"{web}/api/messages", params={"to": "cleo@example.com"}).json()["total"] == 1
    for name in ("localhost", "inbox", "[::1]:8025"):
        assert loopback.get(f"{web}/api/messages", headers={"Host": name}).status_code == 200


def test_the_html_of_a_mail_cannot_run_scripts(inbox: tuple[str, int]) -> None:
    web, smtp = inbox
    _send(smtp, "noor@example.com", "HTML")
    mail_id = loopback.get(f"{web}/api/messages").json()["messages"][0]["id"]
    html = loopback.get(f"{web}/messages/{mail_id}/html")
    policy = html.headers["content-security-policy"]
    assert SCRIPT in html.text
    assert policy.startswith("sandbox;")
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert '<iframe sandbox title="The mail"' in loopback.get(f"{web}/messages/{mail_id}").text
    assert loopback.get(f"{web}/messages/{mail_id}/raw").headers["content-type"].startswith("text/plain")


def test_delete_removes_every_mail(inbox: tuple[str, int]) -> None:
    web, smtp = inbox
    _send(smtp, "asha@example.com", "Soon gone")
    assert loopback.delete(f"{web}/api/messages").status_code == 204
    assert loopback.get(f"{web}/api/messages").json() == {"total": 0, "messages": []}
    assert "No mail yet" in loopback.get(f"{web}/").text
