"""What the log keeps of a failed call of Stripe."""

import asyncio
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from structlog.testing import capture_logs

from checkout import errors
from checkout.clients.stripe import Stripe

REFUSAL = {
    "error": {
        "type": "invalid_request_error",
        "code": "email_invalid",
        "param": "customer_email",
        "message": "Invalid email address: asha.rao+7@example.com. Give another one.",
    }
}


class Refuser(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = json.dumps(REFUSAL).encode()
        self.send_response(400)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Request-Id", "req_1")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def refusing() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Refuser) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join(5)


def test_the_buyer_s_address_is_not_logged_when_stripe_refuses_it(refusing: str) -> None:
    async def ask() -> None:
        stripe = Stripe("sk_test_1", refusing)
        with pytest.raises(errors.EmailRefused):
            await stripe.page("ord_1", "cs_test_1")
        await stripe.close()

    with capture_logs() as logs:
        asyncio.run(ask())
    [entry] = [entry for entry in logs if entry["event"] == "stripe call failed"]
    assert (entry["stripe_request_id"], entry["stripe_code"]) == ("req_1", "email_invalid")
    assert entry["detail"].startswith("Invalid email address: [address]")
    assert "asha" not in json.dumps(logs, default=str)
