"""What one stack consists of: addresses, environment and command of each process. Nothing is started here."""

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
    """What the person asked for."""

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
    """Where /health/ready answers; None for a server with another way to be asked."""


@dataclass(frozen=True)
class Plan:
    """Everything that is decided before the first process starts."""

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
        """The address of a process on this machine."""
        return f"http://{LOOPBACK}:{self.ports[name]}"

    @property
    def own_postgres(self) -> bool:
        """Whether this stack runs its own PostgreSQL."""
        return self.admin_dsn is None and any(name not in self.given_databases for name in WITH_DATABASE)

    def superuser_dsn(self) -> str:
        """A superuser's DSN on the server that holds the services' databases."""
        return self.admin_dsn or f"postgresql://postgres@{LOOPBACK}:{self.ports['postgres']}/postgres"

    def moved(self) -> list[str]:
        """A line for each process that could not have its usual port."""
        return [
            f"port {usual} is taken: {name} uses {self.ports[name]}"
            for name, usual in USUAL_PORTS.items()
            if self.ports[name] != usual
        ]

    def status(self, kafka: str, broker: str) -> dict[str, Any]:
        """What `masterji status --json` prints; `broker` says of what kind the one at `kafka` is."""
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
    """Decide on ports, secrets and databases; DevstackError where the environment contradicts itself."""
    reservations = Reservations()
    chosen = {name: reservations.pick(usual) for name, usual in USUAL_PORTS.items()}
    stripe, own_sandbox = _stripe(options, webhook_secret, chosen["sandbox"], environ)
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
        # Not repeated: it may hold a password.
        raise DevstackError(f"{variable} is wrong: it must start with postgresql://.")
    return address


def _own_dsn(server: str, service: str) -> str:
    parts = urlsplit(server)
    place = parts.netloc.rpartition("@")[2]
    password = f":{parts.password}" if parts.password else ""
    return urlunsplit(parts._replace(netloc=f"{service}{password}@{place}", path=f"/{service}"))


def _stripe(
    options: Options, webhook_secret: str, sandbox_port: int, environ: Mapping[str, str]
) -> tuple[dict[str, str], bool]:
    key = environ.get("STRIPE_SECRET_KEY", "")
    if options.sandbox and not key:
        return {
            "STRIPE_SECRET_KEY": "sk_test_masterji",
            "STRIPE_READ_KEY": "rk_test_masterji",
            "STRIPE_WEBHOOK_SECRET": webhook_secret,
            "STRIPE_LIVEMODE": "false",
            "STRIPE_API_BASE": f"http://{LOOPBACK}:{sandbox_port}",
        }, True
    if not key:
        raise DevstackError(
            "--no-sandbox needs a Stripe account: set STRIPE_SECRET_KEY to its test key (sk_test_…)."
        )
    if "_live_" in key:
        raise DevstackError(
            "STRIPE_SECRET_KEY is a live key. The development stack takes test keys only (sk_test_…)."
        )
    if not key.startswith(("sk_test_", "rk_test_")):
        raise DevstackError("STRIPE_SECRET_KEY is no secret key of Stripe: set it to a test key (sk_test_…).")
    secret = environ.get("STRIPE_WEBHOOK_SECRET", "")
    if not secret.startswith("whsec_"):
        reason = "does not start with whsec_" if secret else "is not"
        raise DevstackError(
            f"STRIPE_SECRET_KEY is set but STRIPE_WEBHOOK_SECRET {reason}: run `stripe listen --forward-to "
            "127.0.0.1:8002/webhooks/stripe` and set it to the whsec_… which that prints."
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
    """The environment that all services share; the person's own settings win where they do not clash."""
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
    """The stand-ins of the outside world: mail, tokens, Stripe."""
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
    """The five services, and the further consumers of --scale."""
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
    """The version of the terms that buyers of this stack accept."""
    return environ.get("TERMS_VERSION", TERMS_VERSION)


def module(service: str) -> str:
    """The Python module of a service."""
    return service.replace("-", "_")
