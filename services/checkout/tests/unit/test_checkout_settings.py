"""A wrong setting stops the start with one sentence that names the variable and the fix."""

import pytest

from checkout.settings import ApiSettings, StripeSettings
from servicekit.settings import load

GOOD = {
    "DATABASE_URL": "postgresql://checkout@127.0.0.1/checkout",
    "JWT_ISSUER": "https://id.example",
    "JWT_AUDIENCE": "masterji",
    "JWT_JWKS_URL": "https://id.example/jwks.json",
    "STRIPE_SECRET_KEY": "sk_test_123",
    "APP_URL": "https://shop.example/",
    "SIGN_IN_URL": "https://id.example/sign-in",
    "TERMS_VERSION": "2026-01",
    "RETURN_ORIGINS": "https://app.example, http://localhost:3000",
}


def loaded(monkeypatch: pytest.MonkeyPatch, **changes: str | None) -> ApiSettings:
    for name in (*GOOD, "STRIPE_LIVEMODE", "STRIPE_API_BASE", "REFUND_DUPLICATES", "PORT", "HOST"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {**GOOD, **changes}.items():
        if value is not None:
            monkeypatch.setenv(name, value)
    return load(ApiSettings)


def test_good_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = loaded(monkeypatch)
    assert settings.port == 8001
    assert settings.app_url == "https://shop.example"
    assert settings.all_return_origins == {
        "https://app.example",
        "http://localhost:3000",
        "https://shop.example",
    }
    assert settings.payment_page_origins == ("https://checkout.stripe.com",)
    assert "sk_test" not in repr(settings)


@pytest.mark.parametrize(("said", "meant"), [(None, True), ("false", False), ("0", False), ("true", True)])
def test_the_role_that_gives_money_back_needs_no_more_than_stripe_and_the_database(
    monkeypatch: pytest.MonkeyPatch, said: str | None, meant: bool
) -> None:
    for name in (*GOOD, "STRIPE_LIVEMODE", "STRIPE_API_BASE", "REFUND_DUPLICATES"):
        monkeypatch.delenv(name, raising=False)
    for name in ("DATABASE_URL", "STRIPE_SECRET_KEY"):
        monkeypatch.setenv(name, GOOD[name])
    if said is not None:
        monkeypatch.setenv("REFUND_DUPLICATES", said)
    assert load(StripeSettings).refund_duplicates is meant


def test_the_sandbox_is_where_forms_may_lead_too(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = loaded(monkeypatch, STRIPE_API_BASE="http://127.0.0.1:8010/")
    assert settings.payment_page_origins == ("http://127.0.0.1:8010",)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"STRIPE_SECRET_KEY": None}, "STRIPE_SECRET_KEY is not set"),
        ({"STRIPE_SECRET_KEY": "pk_test_1"}, "STRIPE_SECRET_KEY is wrong: it must be a secret key"),
        ({"STRIPE_SECRET_KEY": "sk_live_1"}, "STRIPE_SECRET_KEY is a live key, but STRIPE_LIVEMODE is false"),
        ({"STRIPE_LIVEMODE": "true"}, "STRIPE_SECRET_KEY is a test key, but STRIPE_LIVEMODE is true"),
        (
            {
                "STRIPE_SECRET_KEY": "sk_live_1",
                "STRIPE_LIVEMODE": "true",
                "STRIPE_API_BASE": "http://127.0.0.1:8010",
            },
            "STRIPE_API_BASE is set while STRIPE_SECRET_KEY is a live key",
        ),
        ({"STRIPE_API_BASE": "127.0.0.1:8010"}, "STRIPE_API_BASE is wrong"),
        ({"APP_URL": "shop.example"}, "APP_URL is wrong: it must be scheme and host only"),
        ({"APP_URL": "https://shop.example/shop"}, "APP_URL is wrong"),
        ({"SIGN_IN_URL": "javascript:x"}, "SIGN_IN_URL is wrong"),
        ({"SIGN_IN_URL": None}, "SIGN_IN_URL is not set"),
        ({"RETURN_ORIGINS": "*"}, "RETURN_ORIGINS is wrong: '*' is no origin"),
        ({"RETURN_ORIGINS": "https://app.example/path"}, "RETURN_ORIGINS is wrong"),
        ({"TERMS_VERSION": "a b"}, "TERMS_VERSION is wrong"),
        ({"DEFAULT_CURRENCY": "EURO"}, "DEFAULT_CURRENCY is wrong"),
        ({"SESSION_MINUTES": "10"}, "SESSION_MINUTES is wrong"),
        ({"REFUND_DUPLICATES": "perhaps"}, "REFUND_DUPLICATES is wrong"),
        ({"DATABASE_URL": "mysql://x"}, "DATABASE_URL is wrong"),
        ({"JWT_ALGORITHMS": "HS256"}, "JWT_ALGORITHMS is wrong"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_wrong_setting_is_named(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    changes: dict[str, str | None],
    sentence: str,
) -> None:
    with pytest.raises(SystemExit) as stop:
        loaded(monkeypatch, **changes)
    assert stop.value.code == 2
    said = capsys.readouterr().err
    assert sentence in said
    assert "sk_live_1" not in said
