"""python -m devstack.inbox [--host 127.0.0.1] [--web-port 8025] [--smtp-port 1025]"""

import argparse

from devstack.inbox.web import create_app
from devstack.ports import LOOPBACK
from devstack.serving import serve


def main() -> None:
    """Serve until a signal stops the process."""
    parser = argparse.ArgumentParser(prog="python -m devstack.inbox", description="Catch mail and show it.")
    parser.add_argument("--host", default=LOOPBACK)
    parser.add_argument("--web-port", type=int, default=8025)
    parser.add_argument("--smtp-port", type=int, default=1025)
    arguments = parser.parse_args()
    serve(create_app(arguments.smtp_port, arguments.host), arguments.host, arguments.web_port)


if __name__ == "__main__":
    main()
