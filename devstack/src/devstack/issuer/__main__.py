"""python -m devstack.issuer --port PORT --key FILE --storefront URL [--host 127.0.0.1] [--issuer URL]"""

import argparse
from pathlib import Path

from devstack.issuer.web import create_app
from devstack.ports import LOOPBACK
from devstack.serving import serve
from devstack.tokens import TokenIssuer


def main() -> None:
    """Serve until a signal stops the process."""
    parser = argparse.ArgumentParser(prog="python -m devstack.issuer", description="Sign development tokens.")
    parser.add_argument("--host", default=LOOPBACK)
    parser.add_argument(
        "--issuer", help="the tokens' `iss` (default: the address that the issuer listens on)"
    )
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--key", type=Path, required=True)
    parser.add_argument("--storefront", required=True)
    arguments = parser.parse_args()
    name = arguments.issuer or f"http://{LOOPBACK}:{arguments.port}"
    issuer = TokenIssuer.with_key_in(arguments.key, name)
    serve(create_app(issuer, arguments.storefront), arguments.host, arguments.port)


if __name__ == "__main__":
    main()
