"""Runs a token issuer inside the test process, with its JWKS on loopback."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from devstack.ports import LOOPBACK
from devstack.tokens import TokenIssuer


@contextmanager
def serve() -> Iterator[TokenIssuer]:
    """Create an issuer and serve its JWKS at `jwks_url` until the block ends."""
    documents: dict[str, bytes] = {}

    class Documents(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = documents.get(self.path)
            self.send_response(404 if body is None else 200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, format: str, *args: object) -> None:
            """Log nothing: requests for the key set would clutter the tests' output."""

    server = ThreadingHTTPServer((LOOPBACK, 0), Documents)
    issuer = TokenIssuer.with_new_key(f"http://{LOOPBACK}:{server.server_port}")
    documents["/.well-known/jwks.json"] = json.dumps(issuer.jwks()).encode()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield issuer
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
