"""A hostile page in the developer's browser cannot control the sandbox."""

import pytest
from sandbox_server import Running

from stripe_sandbox.rest.guard import host_of

EVIL = {"Origin": "https://evil.example"}


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8010",
        "127.0.0.1.evil.example",
        "127.0.0.1@evil.example",
        "",
        "[::1",
        "a b",
    ],
)
@pytest.mark.parametrize("path", ["/", "/_sandbox/health", "/v1/events", "/endive/stripe.js"])
def test_unknown_host_names_are_refused(sandbox: Running, host: str, path: str) -> None:
    answer = sandbox.http.get(path, headers={"Host": host, "Authorization": "Bearer sk_test_x"})
    assert answer.status_code == 403
    assert "--allow-host" in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    "host", ["localhost:1", "shop.localhost", "sandbox:8010", "192.168.1.7:8010", "[::1]:8010"]
)
def test_own_host_names_are_accepted(sandbox: Running, host: str) -> None:
    assert sandbox.http.get("/_sandbox/health", headers={"Host": host}).status_code == 200


def test_allowed_host_names_are_accepted() -> None:
    running = Running(allow_hosts=("stripe.test",), public_url="https://sandbox.shop.example/")
    try:
        for host, status in (("stripe.test", 200), ("sandbox.shop.example", 200), ("shop.example", 403)):
            assert running.http.get("/_sandbox/health", headers={"Host": host}).status_code == status, host
    finally:
        running.stop()


@pytest.mark.parametrize(
    "headers",
    [
        EVIL,
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1"},
        {"Origin": "http://127.0.0.1:1"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "null"},
    ],
)
def test_posts_of_other_origins_change_nothing(sandbox: Running, headers: dict[str, str]) -> None:
    session = sandbox.session()
    for path in (
        "/_sandbox/reset",
        f"/_sandbox/checkout/sessions/{session.id}/pay",
        f"/c/pay/{session.id}",
        "/_sandbox/webhooks/pause",
    ):
        # Plain text, which a form of another page can send without a preflight request.
        answer = sandbox.http.post(path, content="{}", headers={**headers, "Content-Type": "text/plain"})
        assert answer.status_code == 403, path
        assert "another origin" in answer.json()["error"]["message"]
    assert sandbox.client.v1.checkout.sessions.retrieve(session.id).status == "open"
    answer = sandbox.http.post(
        "/v1/customers", headers={**headers, "Authorization": "Bearer sk_test_x"}, data={"name": "x"}
    )
    assert answer.status_code == 403, "a secret key in a page"
    assert sandbox.http.post("/v1/customers", headers=headers, data={"name": "x"}).status_code == 401
    assert sandbox.http.get("/_sandbox/webhooks").json()["paused"] is False


def test_own_pages_and_programs_may_post(sandbox: Running) -> None:
    for headers in (
        {},
        {"Origin": sandbox.url},
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
    ):
        assert sandbox.http.post("/_sandbox/reset", headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("netloc", "host"),
    [
        ("Example.COM:80", "example.com"),
        ("example.com.", "example.com"),
        ("[::1]:8010", "::1"),
        ("[", ""),
        ("", ""),
    ],
)
def test_host_of(netloc: str, host: str) -> None:
    assert host_of(netloc) == host
