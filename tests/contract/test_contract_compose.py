"""Every setting of every service can be set under `docker compose` and arrives there unchanged."""

import importlib
import os
import pkgutil
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic_settings import BaseSettings

from checkout.settings import ApiSettings
from enrollment.settings import Settings as EnrollmentSettings
from messaging.settings import KafkaSettings
from notifications.settings import Settings as NotificationsSettings
from servicekit.settings import JwtSettings

ROOT = Path(__file__).resolve().parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
PACKAGES = {
    "checkout": "checkout",
    "webhook-ingest": "webhook_ingest",
    "enrollment": "enrollment",
    "notifications": "notifications",
    "reporting": "reporting",
}
DATABASELESS = {"webhook-ingest"}
EXCEPTIONS = {
    "HOST": "0.0.0.0 in the image; published ports are bound to the loopback address",
    "PORT": "fixed inside the container; the published ports are variables (CHECKOUT_PORT, …)",
    "DATABASE_URL": "the Postgres of compose",
    "DATABASE_DIRECT_URL": "compose has no pooler",
    "KAFKA_BOOTSTRAP_SERVERS": "the broker of compose",
    "KAFKA_SECURITY_PROTOCOL": "the broker of compose uses plain text",
    "KAFKA_SASL_MECHANISM": "the broker of compose has no users",
    "KAFKA_SASL_USERNAME": "the broker of compose has no users",
    "KAFKA_SASL_PASSWORD": "the broker of compose has no users",
    "KAFKA_SSL_CA_LOCATION": "the broker of compose uses plain text",
    "KAFKA_EXACT_ENDS": "the broker of compose reports the exact end of a partition",
    "APP_URL": "derived from CHECKOUT_PORT",
    "SIGN_IN_URL": "derived from ISSUER_PORT",
    "JWT_ISSUER": "derived from ISSUER_PORT",
    "JWT_AUDIENCE": "the development issuer has a single audience",
    "JWT_JWKS_URL": "the address of the development issuer",
    "STRIPE_LIVEMODE": "compose never uses a live account",
}
"""Settings that cannot be set under compose, with the reason."""


def settings_of(package: str) -> Iterator[type[BaseSettings]]:
    """The settings classes that a service's own package defines."""
    module = importlib.import_module(f"{package}.settings")
    for found in vars(module).values():
        if (
            isinstance(found, type)
            and issubclass(found, BaseSettings)
            and found.__module__ == module.__name__
        ):
            yield found


def variables(service: str) -> set[str]:
    """The environment variables that the service reads."""
    classes = {*settings_of(PACKAGES[service]), KafkaSettings}
    if service not in DATABASELESS:
        classes.add(JwtSettings)
    return {
        f"{each.model_config.get('env_prefix', '')}{name}".upper()
        for each in classes
        for name in each.model_fields
    }


def environment(service: str, given: Mapping[str, str]) -> dict[str, str]:
    """The container's environment if .env contains `given`."""

    def value(match: re.Match[str]) -> str:
        name, operator, default = match.groups()
        known = given.get(name)
        return known if known is not None and (known or operator == "-") else default

    written: dict[str, Any] = COMPOSE["services"][service]["environment"]
    return {name: re.sub(r"\$\{([A-Z_]+)(:?-)([^}]*)\}", value, str(text)) for name, text in written.items()}


@pytest.fixture
def under_compose(monkeypatch: pytest.MonkeyPatch) -> Any:
    """`under_compose(service, cls, NAME=value)`: the settings as the container reads them."""

    def load(service: str, settings: type[BaseSettings], **given: str) -> Any:
        for name in os.environ:
            monkeypatch.delenv(name)
        for name, value in environment(service, given).items():
            monkeypatch.setenv(name, value)
        return settings()

    return load


def test_only_settings_packages_define_settings() -> None:
    """Otherwise the tests below would miss a setting."""
    for package in PACKAGES.values():
        folder = Path(str(importlib.import_module(package).__file__)).parent
        for module in pkgutil.walk_packages([str(folder)]):
            page = folder / f"{module.name}.py"
            if page.exists() and module.name != "settings":
                assert "BaseSettings" not in page.read_text(encoding="utf-8"), page


@pytest.mark.parametrize("service", PACKAGES)
def test_every_setting_is_passed_on_or_named_as_an_exception(service: str) -> None:
    known = variables(service)
    assert len(known) >= 8
    written = COMPOSE["services"][service]["environment"]
    passed = {
        name for name, text in written.items() if f"${{{name}:-" in str(text) or f"${{{name}-" in str(text)
    }
    assert known - passed - EXCEPTIONS.keys() == set(), "compose ignores these settings"


def test_every_exception_is_needed() -> None:
    read = set().union(*(variables(service) for service in PACKAGES))
    assert read >= EXCEPTIONS.keys()
    passed = COMPOSE["services"]["checkout"]["environment"]
    assert not [name for name in EXCEPTIONS if f"${{{name}" in str(passed.get(name, ""))]


def test_compose_sets_only_variables_that_a_service_reads() -> None:
    read = set().union(*(variables(service) for service in PACKAGES))
    for service in PACKAGES:
        named = set(COMPOSE["services"][service]["environment"])
        assert named - read == {"OTEL_EXPORTER_OTLP_ENDPOINT"}, service


@pytest.mark.parametrize("service", PACKAGES)
def test_a_service_stops_before_the_servers_that_it_needs(service: str) -> None:
    servers = {"kafka"} if service in DATABASELESS else {"kafka", "postgres"}
    assert servers <= set(COMPOSE["services"][service]["depends_on"])


def test_an_unset_variable_has_the_default_of_the_service(under_compose: Any) -> None:
    for service, settings in (
        ("checkout", ApiSettings),
        ("enrollment", EnrollmentSettings),
        ("notifications", NotificationsSettings),
        ("checkout", KafkaSettings),
        ("checkout", JwtSettings),
    ):
        loaded = under_compose(service, settings)
        passed = environment(service, {})
        prefix = str(settings.model_config.get("env_prefix", ""))
        empty = [name for name in settings.model_fields if passed.get(f"{prefix}{name}".upper()) == ""]
        assert empty
        for name in empty:
            if name not in ("stripe_api_base", "database_direct_url"):
                field = settings.model_fields[name]
                assert getattr(loaded, name) == field.get_default(call_default_factory=True), name


def test_emergency_settings_reach_their_service(under_compose: Any) -> None:
    assert under_compose("checkout", ApiSettings).refund_duplicates is True
    assert under_compose("checkout", ApiSettings, REFUND_DUPLICATES="false").refund_duplicates is False
    late = under_compose("notifications", NotificationsSettings, MAIL_NOT_BEFORE="2026-03-01T12:00:00Z")
    assert late.mail_not_before.isoformat() == "2026-03-01T12:00:00+00:00"
    assert under_compose("enrollment", EnrollmentSettings, GRACE_DAYS="30").grace_days == 30
    assert under_compose("reporting", KafkaSettings, KAFKA_CONSUMER_CONFIG='{"session.timeout.ms": 6000}')


def test_the_settings_in_the_header_connect_to_the_real_stripe(under_compose: Any) -> None:
    header = (ROOT / "docker-compose.yml").read_text(encoding="utf-8").partition("\nx-image:")[0]
    wanted = {
        "STRIPE_API_BASE": "",
        "STRIPE_PAGE_ORIGINS": "",
        "STRIPE_SECRET_KEY": "sk_test_mine",
        "STRIPE_WEBHOOK_SECRET": "whsec_mine",
        "STRIPE_READ_KEY": "",
    }
    assert all(name in header for name in wanted)
    checkout = under_compose("checkout", ApiSettings, **wanted)
    assert (checkout.stripe_api_base, checkout.stripe_page_origins) == ("", ())
    assert under_compose("enrollment", EnrollmentSettings, **wanted).stripe_read_key == ""


def test_long_running_services_restart_after_a_reboot() -> None:
    services = COMPOSE["services"]
    jobs = {
        name
        for service in services.values()
        for name, wanted in service.get("depends_on", {}).items()
        if wanted["condition"] == "service_completed_successfully"
    }
    assert len(jobs) >= 5
    kept = {name for name, service in services.items() if service.get("restart") == "unless-stopped"}
    assert kept == services.keys() - jobs
