"""python -m devstack.issuer --port PORT --key FILE --storefront URL"""

import argparse
from pathlib import Path

import uvicorn

from devstack.issuer.web import create_app
from devstack.ports import LOOPBACK
from devstack.tokens import TokenIssuer


def main() -> None:
    """Serve until told to stop."""
    parser = argparse.ArgumentParser(prog="python -m devstack.issuer", description="Sign development tokens.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--key", type=Path, required=True)
    parser.add_argument("--storefront", required=True)
    arguments = parser.parse_args()
    issuer = TokenIssuer.with_key_in(arguments.key, f"http://{LOOPBACK}:{arguments.port}")
    app = create_app(issuer, arguments.storefront)
    uvicorn.run(app, host=LOOPBACK, port=arguments.port, log_level="warning", timeout_graceful_shutdown=2)


if __name__ == "__main__":
    main()
