"""In live mode each service refuses what is meant for development, and names the variable."""

import pytest
from pydantic_settings import BaseSettings

import checkout.settings
import enrollment.settings
import notifications.settings
import reporting.settings
import webhook_ingest.settings
from messaging.settings import KafkaSettings
from servicekit.settings import JwtSettings, load

DATABASE = {"DATABASE_URL": "postgresql://service@db.internal/service"}
JWT = {
    "JWT_ISSUER": "https://id.example.com",
    "JWT_AUDIENCE": "shop",
    "JWT_JWKS_URL": "https://id.example.com/k",
}
LIVE: dict[type[BaseSettings], dict[str, str]] = {
    checkout.settings.ApiSettings: {
        **DATABASE,
        **JWT,
        "STRIPE_SECRET_KEY": "sk_live_1",
        "APP_URL": "https://shop.example.com",
        "SIGN_IN_URL": "https://id.example.com/sign-in",
        "RETURN_ORIGINS": "https://app.example.com",
        "CORS_ORIGINS": "https://app.example.com",
        "TERMS_VERSION": "2026-01",
    },
    webhook_ingest.settings.Settings: {"STRIPE_WEBHOOK_SECRET": "whsec_" + "a" * 32},
    enrollment.settings.Settings: {**DATABASE, "STRIPE_READ_KEY": "rk_live_1"},
    notifications.settings.Settings: {
        **DATABASE,
        "SMTP_URL": "smtps://mail.example.com",
        "MAIL_FROM": "hello@example.com",
        "APP_URL": "https://shop.example.com",
    },
    reporting.settings.Settings: DATABASE,
    JwtSettings: JWT,
    KafkaSettings: {"KAFKA_BOOTSTRAP_SERVERS": "kafka.internal:9093", "KAFKA_SECURITY_PROTOCOL": "SSL"},
}
"""The settings of a live deployment."""

REFUSED = [
    (checkout.settings.ApiSettings, "APP_URL", "http://shop.example.com"),
    (checkout.settings.ApiSettings, "SIGN_IN_URL", "http://id.example.com/sign-in"),
    (checkout.settings.ApiSettings, "RETURN_ORIGINS", "https://app.example.com,http://old.example.com"),
    (checkout.settings.ApiSettings, "CORS_ORIGINS", "http://app.example.com"),
    (checkout.settings.ApiSettings, "JWT_JWKS_URL", "http://id.example.com/k"),
    (checkout.settings.ApiSettings, "STRIPE_API_BASE", "https://sandbox.example.com"),
    (checkout.settings.ApiSettings, "STRIPE_SECRET_KEY", "sk_test_1"),
    (webhook_ingest.settings.Settings, "STRIPE_WEBHOOK_SECRET", "whsec_sandbox"),
    (webhook_ingest.settings.Settings, "STRIPE_WEBHOOK_SECRET", "whsec_" + "a" * 32 + ",whsec_sandbox"),
    (enrollment.settings.Settings, "STRIPE_READ_KEY", "sk_live_1"),
    (enrollment.settings.Settings, "STRIPE_READ_KEY", "rk_test_1"),
    (enrollment.settings.Settings, "STRIPE_API_BASE", "https://sandbox.example.com"),
    (notifications.settings.Settings, "APP_URL", "http://shop.example.com"),
    (reporting.settings.Settings, "CORS_ORIGINS", "http://app.example.com"),
    (JwtSettings, "JWT_JWKS_URL", "http://id.example.com/k"),
    (KafkaSettings, "KAFKA_SECURITY_PROTOCOL", "PLAINTEXT"),
    (KafkaSettings, "KAFKA_SECURITY_PROTOCOL", "SASL_PLAINTEXT"),
]


@pytest.fixture
def live(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setenv("STRIPE_LIVEMODE", "true")
    return monkeypatch


@pytest.mark.parametrize("settings", LIVE)
def test_the_settings_of_a_live_deployment_are_accepted(
    live: pytest.MonkeyPatch, settings: type[BaseSettings]
) -> None:
    for name, value in LIVE[settings].items():
        live.setenv(name, value)
    load(settings)


@pytest.mark.parametrize(("settings", "name", "value"), REFUSED)
def test_what_is_meant_for_development_is_refused_in_live_mode(
    live: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    settings: type[BaseSettings],
    name: str,
    value: str,
) -> None:
    for each, given in (LIVE[settings] | {name: value}).items():
        live.setenv(each, given)
    if value.startswith("SASL"):
        for each in ("MECHANISM", "USERNAME", "PASSWORD"):
            live.setenv(f"KAFKA_SASL_{each}", "PLAIN")
    with pytest.raises(SystemExit) as ended:
        load(settings)
    said = capsys.readouterr().err
    assert ended.value.code == 2
    assert said.count("\n") == 1
    assert name in said
    assert "sandbox" not in said.replace("STRIPE_API_BASE", "")


def test_kafka_without_tls_is_allowed_explicitly(live: pytest.MonkeyPatch) -> None:
    live.setenv("KAFKA_BOOTSTRAP_SERVERS", "kafka.internal:9092")
    live.setenv("KAFKA_ALLOW_PLAINTEXT", "true")
    assert load(KafkaSettings).security_protocol == "PLAINTEXT"
