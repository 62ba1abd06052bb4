"""python -m devstack.inbox [--host 127.0.0.1] [--web-port 8025] [--smtp-port 1025]"""

import argparse

import uvicorn

from devstack.inbox.web import create_app
from devstack.ports import LOOPBACK


def main() -> None:
    """Serve until a signal stops the process."""
    parser = argparse.ArgumentParser(prog="python -m devstack.inbox", description="Catch mail and show it.")
    parser.add_argument("--host", default=LOOPBACK)
    parser.add_argument("--web-port", type=int, default=8025)
    parser.add_argument("--smtp-port", type=int, default=1025)
    arguments = parser.parse_args()
    app = create_app(arguments.smtp_port, arguments.host)
    uvicorn.run(
        app,
        host=arguments.host,
        port=arguments.web_port,
        log_level="warning",
        timeout_graceful_shutdown=2,
        timeout_keep_alive=75,
    )


if __name__ == "__main__":
    main()
