"""`docker compose` runs the same stack as `make up`, and .env can set every setting of every service."""

import importlib
import os
import pkgutil
import re
import shlex
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic_settings import BaseSettings

from checkout.settings import ApiSettings
from devstack import commands
from devstack.__main__ import main
from devstack.kafka.broker import GROUP_SETTINGS
from devstack.reference.settings import fields_of
from devstack.tokens import TokenIssuer
from enrollment.settings import Settings as EnrollmentSettings
from messaging.settings import KafkaSettings
from notifications.settings import Settings as NotificationsSettings
from servicekit.settings import JwtSettings

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
HEADER = TEXT.partition("\nx-image:")[0]
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
UnderCompose = Callable[..., Any]
PACKAGES = {
    "checkout": "checkout",
    "webhook-ingest": "webhook_ingest",
    "enrollment": "enrollment",
    "notifications": "notifications",
    "reporting": "reporting",
}
DATABASELESS = {"webhook-ingest"}
EXCEPTIONS = {
    "HOST": "0.0.0.0 in the image; the published ports are bound to the loopback address",
    "PORT": "fixed inside the container; variables set the published ports (CHECKOUT_PORT, …)",
    "DATABASE_URL": "the Postgres server of compose",
    "DATABASE_DIRECT_URL": "there is no connection pooler",
    "KAFKA_BOOTSTRAP_SERVERS": "the broker of compose",
    "KAFKA_SECURITY_PROTOCOL": "the broker of compose uses plain text",
    "KAFKA_SASL_MECHANISM": "the broker of compose has no users",
    "KAFKA_SASL_USERNAME": "the broker of compose has no users",
    "KAFKA_SASL_PASSWORD": "the broker of compose has no users",
    "KAFKA_SSL_CA_LOCATION": "the broker of compose uses plain text",
    "KAFKA_EXACT_ENDS": "the broker of compose reports exact ends of partitions",
    "APP_URL": "derived from CHECKOUT_PORT",
    "SIGN_IN_URL": "derived from ISSUER_PORT",
    "BRAND_LOGO": "a file, which a volume would have to bring into the container",
    "JWT_ISSUER": "derived from ISSUER_PORT",
    "JWT_AUDIENCE": "the audience of the development issuer",
    "JWT_JWKS_URL": "the address of the development issuer",
    "STRIPE_ACCOUNT": "an account for tests is no part of an organization",
    "STRIPE_LIVEMODE": "compose does not use live accounts",
    "KAFKA_ALLOW_PLAINTEXT": "needed with live accounts only",
}
"""Settings that cannot be changed under compose, and why."""


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
    """Return the environment variables that the service reads."""
    classes = {*settings_of(PACKAGES[service]), KafkaSettings}
    if service not in DATABASELESS:
        classes.add(JwtSettings)
    return {name for each in classes for name, _ in fields_of(each)}


def environment(service: str, given: Mapping[str, str]) -> dict[str, str]:
    """Return the container's environment if .env contains `given`."""

    def value(match: re.Match[str]) -> str:
        name, operator, default = match.groups()
        known = given.get(name)
        return known if known is not None and (known or operator == "-") else default

    written: dict[str, Any] = COMPOSE["services"][service]["environment"]
    return {name: re.sub(r"\$\{([A-Z_]+)(:?-)([^}]*)\}", value, str(text)) for name, text in written.items()}


@pytest.fixture
def under_compose(monkeypatch: pytest.MonkeyPatch) -> UnderCompose:
    """`under_compose(service, cls, NAME=value)` returns the settings that the container reads."""

    def load(service: str, settings: type[BaseSettings], **given: str) -> Any:
        for name in os.environ:
            monkeypatch.delenv(name)
        for name, value in environment(service, given).items():
            monkeypatch.setenv(name, value)
        return settings()

    return load


def test_only_settings_modules_define_settings() -> None:
    """Otherwise the tests below would not see every setting."""
    for package in PACKAGES.values():
        folder = Path(str(importlib.import_module(package).__file__)).parent
        for module in pkgutil.walk_packages([str(folder)]):
            page = folder / f"{module.name}.py"
            if page.exists() and module.name != "settings":
                assert "BaseSettings" not in page.read_text(encoding="utf-8"), page


@pytest.mark.parametrize("service", PACKAGES)
def test_every_setting_is_passed_on_or_listed_as_an_exception(service: str) -> None:
    known = variables(service)
    assert len(known) >= 8
    written = COMPOSE["services"][service]["environment"]
    passed = {
        name for name, text in written.items() if f"${{{name}:-" in str(text) or f"${{{name}-" in str(text)
    }
    assert known - passed - EXCEPTIONS.keys() == set(), "setting these in .env has no effect"


def test_every_exception_is_needed() -> None:
    read = set().union(*(variables(service) for service in PACKAGES))
    assert read >= EXCEPTIONS.keys()
    passed = COMPOSE["services"]["checkout"]["environment"]
    assert not [name for name in EXCEPTIONS if f"${{{name}" in str(passed.get(name, ""))]


def test_every_variable_of_compose_is_read_by_its_service() -> None:
    read = set().union(*(variables(service) for service in PACKAGES))
    for service in PACKAGES:
        named = set(COMPOSE["services"][service]["environment"])
        assert named - read == {"OTEL_EXPORTER_OTLP_ENDPOINT"}, service


@pytest.mark.parametrize("service", PACKAGES)
def test_a_service_stops_before_its_broker_and_database(service: str) -> None:
    servers = {"kafka"} if service in DATABASELESS else {"kafka", "postgres"}
    assert servers <= set(COMPOSE["services"][service]["depends_on"])


def test_an_unset_variable_means_the_default_of_the_service(under_compose: UnderCompose) -> None:
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


def test_emergency_switches_reach_the_service(under_compose: UnderCompose) -> None:
    assert under_compose("checkout", ApiSettings).refund_duplicates is True
    assert under_compose("checkout", ApiSettings, REFUND_DUPLICATES="false").refund_duplicates is False
    late = under_compose("notifications", NotificationsSettings, MAIL_NOT_BEFORE="2026-03-01T12:00:00Z")
    assert late.mail_not_before.isoformat() == "2026-03-01T12:00:00+00:00"
    assert under_compose("enrollment", EnrollmentSettings, GRACE_DAYS="30").grace_days == 30
    assert under_compose("reporting", KafkaSettings, KAFKA_CONSUMER_CONFIG='{"session.timeout.ms": 6000}')


def test_a_stripe_account_is_used_with_the_settings_of_the_header(under_compose: UnderCompose) -> None:
    wanted = {
        "STRIPE_API_BASE": "",
        "STRIPE_PAGE_ORIGINS": "",
        "STRIPE_SECRET_KEY": "sk_test_mine",
        "STRIPE_WEBHOOK_SECRET": "whsec_mine",
        "STRIPE_READ_KEY": "",
    }
    assert all(name in HEADER for name in wanted)
    checkout = under_compose("checkout", ApiSettings, **wanted)
    assert (checkout.stripe_api_base, checkout.stripe_page_origins) == ("", ())
    assert under_compose("enrollment", EnrollmentSettings, **wanted).stripe_read_key == ""


def test_every_server_restarts_after_a_reboot_and_no_job_does() -> None:
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


@pytest.mark.parametrize("target", ["services", "devstack"])
def test_the_first_service_with_an_image_builds_it(target: str) -> None:
    """A second build would replace the first one's image, and the next `up` would recreate every container.

    Compose 1 prepares the images in the order of the services, so a later builder would be too late.
    """
    services = COMPOSE["services"].values()
    builders = [service for service in services if service.get("build", {}).get("target") == target]
    assert len(builders) == 1
    (builder,) = builders
    users = [service for service in services if service["image"] == builder["image"]]
    assert len(users) > 1
    assert users[0] is builder


def test_the_broker_has_the_group_settings_of_the_development_stack() -> None:
    """With Kafka's defaults the partitions of a killed consumer would be blocked for 45 s."""
    written = COMPOSE["services"]["kafka"]["environment"]
    named = {name: f"KAFKA_{name.upper().replace('.', '_')}" for name in GROUP_SETTINGS}
    assert {name: written[variable] for name, variable in named.items()} == GROUP_SETTINGS
    groups = {name for name in written if name.startswith("KAFKA_GROUP_CONSUMER_")}
    assert groups == set(named.values())


@pytest.mark.parametrize(("service", "option"), [("sandbox", "--state"), ("issuer", "--key")])
def test_files_that_must_survive_a_restart_are_on_a_volume(service: str, option: str) -> None:
    """A sandbox without its state would answer 404 to the refund of an earlier payment."""
    command = COMPOSE["services"][service]["command"]
    folder = str(Path(command[command.index(option) + 1]).parent)
    volumes = dict(volume.split(":")[:2][::-1] for volume in COMPOSE["services"][service]["volumes"])
    assert volumes[folder] in COMPOSE["volumes"]
    # The process is not root: a new volume takes the owner of the folder in the image.
    image = (ROOT / "deploy" / "Dockerfile").read_text(encoding="utf-8")
    created = re.search(r"install -d -o masterji (.+)", image)
    assert created is not None
    assert folder in created[1].split()


def test_the_commands_of_the_header_run_in_their_container(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    documented = re.findall(r"docker compose exec (\S+) python -m devstack (.+)", HEADER)
    assert {shlex.split(arguments)[0] for _, arguments in documented} == {"catalog", "token"}
    assert {service for service, _ in documented} == {"issuer"}
    issuer = COMPOSE["services"]["issuer"]
    options = dict(zip(issuer["command"][1::2], issuer["command"][2::2], strict=True))
    written = issuer["environment"]
    assert (written["MASTERJI_ISSUER"], written["MASTERJI_ISSUER_KEY"]) == (
        options["--issuer"],
        options["--key"],
    )
    assert (
        written["MASTERJI_CHECKOUT"]
        == f"http://checkout:{COMPOSE['services']['checkout']['environment']['PORT']}"
    )
    for name, value in environment("issuer", {}).items():
        monkeypatch.setenv(name, value)
    key = tmp_path / "key.pem"
    TokenIssuer.with_key_in(key, "")
    monkeypatch.setenv("MASTERJI_ISSUER_KEY", str(key))
    filled: list[str] = []

    def put(client: object, course_id: str, body: object) -> None:
        filled.append(course_id)

    monkeypatch.setattr(commands.catalog.StackClient, "put_course", put)
    for _, arguments in documented:
        assert main(shlex.split(arguments)) == 0
    assert len(filled) >= 1
    printed = capsys.readouterr().out.splitlines()
    assert f"{len(filled)} courses are on sale" in printed[0]
    assert printed[1].count(".") == 2
