"""`stripe-sandbox serve`: start the sandbox on one port."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

import uvicorn

from stripe_sandbox.app import create_app
from stripe_sandbox.settings import (
    KEEP_ALIVE_SECONDS,
    RetrySchedule,
    Settings,
    SettingsError,
    hosts_from,
    webhooks_from,
)


def _parser() -> argparse.ArgumentParser:
    env = os.environ.get
    parser = argparse.ArgumentParser(prog="stripe-sandbox", description="Stripe on your own machine.")
    serve = parser.add_subparsers(dest="command", required=True).add_parser(
        "serve", help="serve until interrupted"
    )
    add = serve.add_argument
    add("--host", default=env("STRIPE_SANDBOX_HOST", "127.0.0.1"), help="address to bind")
    add("--port", type=int, default=env("STRIPE_SANDBOX_PORT", "8010"), help="port to bind")
    add(
        "--public-url",
        default=env("STRIPE_SANDBOX_PUBLIC_URL"),
        help="the sandbox's address in browsers, if not http://HOST:PORT",
    )
    add(
        "--allow-host",
        action="append",
        default=[],
        metavar="NAME",
        help="another host name that requests may use; repeatable",
    )
    add("--secret-key", default=None, help="accepted for convenience; any sk_test_ key works")
    add(
        "--webhook",
        action="append",
        default=[],
        metavar="URL=whsec_…",
        help="a webhook endpoint and its signing secret; repeatable",
    )
    add(
        "--state",
        default=env("STRIPE_SANDBOX_STATE", "memory"),
        metavar="FILE",
        help="SQLite file, or `memory`",
    )
    add("--seed", default=env("STRIPE_SANDBOX_SEED"), help="make ids reproducible")
    add("--now", type=int, default=env("STRIPE_SANDBOX_NOW"), help="stop the clock at this Unix time")
    for flag, variable, seconds, about in (
        ("--retry-base", "STRIPE_SANDBOX_RETRY_BASE", "0.5", "seconds before the first retry"),
        ("--retry-ceiling", "STRIPE_SANDBOX_RETRY_CEILING", "30", "longest wait between retries, seconds"),
        ("--retry-for", "STRIPE_SANDBOX_RETRY_FOR", "259200", "stop retrying after, seconds"),
        (
            "--redirect-wait",
            "STRIPE_SANDBOX_REDIRECT_WAIT",
            "10",
            "seconds to wait for the webhook before the buyer is redirected",
        ),
    ):
        add(flag, type=float, default=env(variable, seconds), help=about)
    add("--log-level", default=env("LOG_LEVEL", "warning").lower(), help="uvicorn's log level")
    return parser


def settings_from(arguments: argparse.Namespace) -> Settings:
    """The settings of a command line; raises SettingsError."""
    return Settings(
        host=arguments.host,
        port=arguments.port,
        public_url=arguments.public_url,
        allow_hosts=hosts_from(arguments.allow_host),
        state=":memory:" if arguments.state == "memory" else arguments.state,
        seed=arguments.seed,
        now=arguments.now,
        webhooks=webhooks_from(arguments.webhook),
        retry=RetrySchedule(arguments.retry_base, arguments.retry_ceiling, arguments.retry_for),
        redirect_wait=arguments.redirect_wait,
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Serve until a signal arrives; 2 if a setting is wrong."""
    arguments = _parser().parse_args(argv)
    try:
        settings = settings_from(arguments)
    except SettingsError as error:
        print(f"stripe-sandbox: {error}", file=sys.stderr)
        return 2
    print(f"Stripe sandbox on {settings.base_url} (API base, pages and /_sandbox/ controls)", flush=True)
    uvicorn.run(
        create_app(settings),
        host=settings.host,
        port=settings.port,
        log_level=arguments.log_level,
        access_log=False,
        timeout_graceful_shutdown=5,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        date_header=False,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
