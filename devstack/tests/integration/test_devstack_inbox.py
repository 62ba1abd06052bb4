"""The inbox receives mail over SMTP and shows it over HTTP."""

import re
import smtplib
from email.message import EmailMessage

from devstack import loopback

SCRIPT = "<script>document.title='taken over'</script>"


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


def test_the_list_is_sent_again_only_if_it_has_changed(inbox: tuple[str, int]) -> None:
    web, smtp = inbox
    htmx = {"Accept": "text/html", "HX-Request": "true", "HX-Request-Type": "partial"}
    _send(smtp, "asha@example.com", "First")
    update = re.search(r'hx-get="([^"]+)"', loopback.get(web).text)
    assert update is not None
    assert loopback.get(f"{web}{update[1]}", headers=htmx).status_code == 204
    _send(smtp, "asha@example.com", "Second")
    changed = loopback.get(f"{web}{update[1]}", headers=htmx)
    assert changed.text.lstrip().startswith("<section")
    assert "Second" in changed.text


def test_a_deleted_mail_has_a_page_for_people_and_a_sentence_for_programs(inbox: tuple[str, int]) -> None:
    web, _ = inbox
    page = loopback.get(f"{web}/messages/9999", headers={"Accept": "text/html"})
    text = loopback.get(f"{web}/api/messages/9999")
    assert (page.status_code, text.status_code) == (404, 404)
    assert "<h1>Not found</h1>" in page.text
    assert text.text.startswith("No such mail.")


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
