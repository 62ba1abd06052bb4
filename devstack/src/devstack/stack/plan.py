"""Plans a stack: the address, environment and command of each process. It starts nothing."""

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from devstack.errors import DevstackError
from devstack.ports import LOOPBACK, Reservations
from devstack.tokens import TokenIssuer

TERMS_VERSION = "2026-01"
USUAL_PORTS = {
    "checkout": 8001,
    "webhook-ingest": 8002,
    "enrollment": 8003,
    "notifications": 8004,
    "reporting": 8005,
    "sandbox": 8010,
    "issuer": 8020,
    "inbox": 8025,
    "smtp": 1025,
    "kafka": 9092,
    "postgres": 5432,
}
SERVICES = ("checkout", "webhook-ingest", "enrollment", "notifications", "reporting")
WITH_DATABASE = ("checkout", "enrollment", "notifications", "reporting")
CONSUMERS = ("checkout", "enrollment", "notifications", "reporting")


@dataclass(frozen=True)
class Options:
    """What the command line asks for."""

    state: Path
    fresh: bool = False
    sandbox: bool = True
    scale: Mapping[str, int] = field(default_factory=dict)
    only: tuple[str, ...] = ()


@dataclass(frozen=True)
class Spec:
    """One process of the stack."""

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str]
    url: str | None = None
    """The base of /health/ready; None for a server whose readiness is checked in another way."""


@dataclass(frozen=True)
class Plan:
    """All decisions that are made before the first process starts."""

    options: Options
    ports: Mapping[str, int]
    stripe: Mapping[str, str]
    own_sandbox: bool
    issuer: TokenIssuer
    databases: Mapping[str, str]
    given_databases: frozenset[str]
    admin_dsn: str | None
    given_kafka: str | None
    reservations: Reservations

    def url(self, name: str) -> str:
        """Return the address of a process."""
        return f"http://{LOOPBACK}:{self.ports[name]}"

    @property
    def own_postgres(self) -> bool:
        """Whether this stack runs its own PostgreSQL server."""
        return self.admin_dsn is None and any(name not in self.given_databases for name in WITH_DATABASE)

    def superuser_dsn(self) -> str:
        """Return a superuser's DSN for the server with the services' databases."""
        return self.admin_dsn or f"postgresql://postgres@{LOOPBACK}:{self.ports['postgres']}/postgres"

    def moved(self) -> list[str]:
        """Return a message for each process that does not get its usual port."""
        return [
            f"port {usual} is taken: {name} uses {self.ports[name]}"
            for name, usual in USUAL_PORTS.items()
            if self.ports[name] != usual
        ]

    def status(self, kafka: str, broker: str) -> dict[str, Any]:
        """Return what `masterji status --json` prints. `broker` is the kind of the broker at `kafka`."""
        return {
            "kafka": kafka,
            "broker": broker,
            "stripe_api_base": self.stripe["STRIPE_API_BASE"],
            "webhook_secret": self.stripe["STRIPE_WEBHOOK_SECRET"],
            "inbox": self.url("inbox"),
            "services": {
                name: {"url": self.url(name), "database_url": self.databases.get(name)} for name in SERVICES
            },
        }


def make(options: Options, webhook_secret: str, environ: Mapping[str, str] = os.environ) -> Plan:
    """Choose ports, secrets and databases. Raises DevstackError if the environment is inconsistent."""
    reservations = Reservations()
    chosen = {name: reservations.pick(usual) for name, usual in USUAL_PORTS.items()}
    stripe, own_sandbox = _stripe(options, webhook_secret, chosen, environ)
    admin_dsn = _dsn("DATABASE_URL", environ)
    addresses = {name: _dsn(_database_variable(name), environ) for name in WITH_DATABASE}
    given = {name: address for name, address in addresses.items() if address}
    server = admin_dsn or f"postgresql://postgres@{LOOPBACK}:{chosen['postgres']}/postgres"
    key = options.state / "issuer.pem"
    return Plan(
        options,
        chosen,
        stripe,
        own_sandbox,
        TokenIssuer.with_key_in(key, f"http://{LOOPBACK}:{chosen['issuer']}"),
        {name: given.get(name) or _own_dsn(server, name) for name in WITH_DATABASE},
        frozenset(given),
        admin_dsn,
        environ.get("KAFKA_BOOTSTRAP_SERVERS") or None,
        reservations,
    )


def _database_variable(service: str) -> str:
    return f"{service.upper().replace('-', '_')}_DATABASE_URL"


def _dsn(variable: str, environ: Mapping[str, str]) -> str | None:
    address = environ.get(variable) or None
    if address and not address.startswith(("postgresql://", "postgres://")):
        # The message does not repeat the value, because it may contain a password.
        raise DevstackError(f"{variable} is invalid: it must start with postgresql://.")
    return address


def _own_dsn(server: str, service: str) -> str:
    parts = urlsplit(server)
    place = parts.netloc.rpartition("@")[2]
    password = f":{parts.password}" if parts.password else ""
    return urlunsplit(parts._replace(netloc=f"{service}{password}@{place}", path=f"/{service}"))


def _stripe(
    options: Options, webhook_secret: str, chosen: Mapping[str, int], environ: Mapping[str, str]
) -> tuple[dict[str, str], bool]:
    key = environ.get("STRIPE_SECRET_KEY", "")
    if options.sandbox and not key:
        return {
            "STRIPE_SECRET_KEY": "sk_test_masterji",
            "STRIPE_READ_KEY": "rk_test_masterji",
            "STRIPE_WEBHOOK_SECRET": webhook_secret,
            "STRIPE_LIVEMODE": "false",
            "STRIPE_API_BASE": f"http://{LOOPBACK}:{chosen['sandbox']}",
        }, True
    if not key:
        raise DevstackError(
            "--no-sandbox needs a Stripe account: set STRIPE_SECRET_KEY to its test key (sk_test_…)."
        )
    if "_live_" in key:
        raise DevstackError(
            "STRIPE_SECRET_KEY is a live key. The development stack accepts only test keys (sk_test_…)."
        )
    if not key.startswith(("sk_test_", "rk_test_")):
        raise DevstackError("STRIPE_SECRET_KEY is not a Stripe secret key: set it to a test key (sk_test_…).")
    secret = environ.get("STRIPE_WEBHOOK_SECRET", "")
    if not secret.startswith("whsec_"):
        reason = "does not start with whsec_" if secret else "is not set"
        raise DevstackError(
            f"STRIPE_SECRET_KEY is set, but STRIPE_WEBHOOK_SECRET {reason}: set it to the output of "
            "`stripe listen --print-secret`."
        )
    return {
        "STRIPE_SECRET_KEY": key,
        "STRIPE_READ_KEY": environ.get("STRIPE_READ_KEY", ""),
        "STRIPE_WEBHOOK_SECRET": secret,
        "STRIPE_LIVEMODE": "false",
        "STRIPE_API_BASE": environ.get("STRIPE_API_BASE", ""),
    }, False


def environment(
    plan: Plan, kafka: Mapping[str, str], environ: Mapping[str, str] = os.environ
) -> dict[str, str]:
    """Return the environment that all services share. It keeps the user's settings where that is possible."""
    ours = {
        "HOST": LOOPBACK,
        "LOG_FORMAT": "console",
        "PYTHONUNBUFFERED": "1",
        "APP_URL": plan.url("checkout"),
        "SMTP_URL": f"smtp://{LOOPBACK}:{plan.ports['smtp']}",
        "SIGN_IN_URL": f"{plan.url('issuer')}/sign-in",
        "RETURN_ORIGINS": plan.url("checkout"),
        **plan.issuer.settings_env,
        **plan.stripe,
        **kafka,
    }
    defaults = {
        "TERMS_VERSION": TERMS_VERSION,
        "MAIL_FROM": "Masterji <hello@masterji.example>",
        "LOG_LEVEL": "info",
        "CORS_ORIGINS": "http://localhost:3000,http://localhost:5173",
    }
    return {**environ, **{name: environ.get(name, value) for name, value in defaults.items()}, **ours}


def helpers(plan: Plan, shared: Mapping[str, str]) -> list[Spec]:
    """Return the processes that replace external systems: mail, identity provider, Stripe."""
    python = (sys.executable, "-m")
    inbox = ("devstack.inbox", "--web-port", str(plan.ports["inbox"]), "--smtp-port", str(plan.ports["smtp"]))
    key = str(plan.options.state / "issuer.pem")
    issuer = ("devstack.issuer", "--port", str(plan.ports["issuer"]), "--key", key)
    specs = [
        Spec("inbox", (*python, *inbox), shared, plan.url("inbox")),
        Spec("issuer", (*python, *issuer, "--storefront", plan.url("checkout")), shared, plan.url("issuer")),
    ]
    if plan.own_sandbox:
        webhook = f"{plan.url('webhook-ingest')}/webhooks/stripe={plan.stripe['STRIPE_WEBHOOK_SECRET']}"
        sandbox: Sequence[str] = (
            *("stripe_sandbox", "serve", "--port", str(plan.ports["sandbox"])),
            *("--secret-key", plan.stripe["STRIPE_SECRET_KEY"], "--webhook", webhook),
            *("--state", str(plan.options.state / "sandbox.sqlite")),
        )
        specs.append(Spec("sandbox", (*python, *sandbox), shared, plan.url("sandbox")))
    return specs


def services(plan: Plan, shared: Mapping[str, str]) -> list[Spec]:
    """Return the five services, and the additional consumers of --scale."""
    specs = []
    for name in SERVICES:
        env = {**shared, "PORT": str(plan.ports[name])}
        if name in plan.databases:
            env["DATABASE_URL"] = plan.databases[name]
        specs.append(Spec(name, (sys.executable, "-m", module(name), "all"), env, plan.url(name)))
        for number in range(2, plan.options.scale.get(name, 1) + 1):
            port = plan.reservations.pick()
            more = (sys.executable, "-m", module(name), "consumer")
            specs.append(
                Spec(f"{name}-{number}", more, {**env, "PORT": str(port)}, f"http://{LOOPBACK}:{port}")
            )
    if plan.options.only:
        return [spec for spec in specs if spec.name in plan.options.only]
    return specs


def terms_version(environ: Mapping[str, str] = os.environ) -> str:
    """Return the version of the terms that buyers accept in this stack."""
    return environ.get("TERMS_VERSION", TERMS_VERSION)


def module(service: str) -> str:
    """Return the Python module of a service."""
    return service.replace("-", "_")
