"""What the tests of all services' contracts share."""

import pytest

from devstack.tokens import TokenIssuer


@pytest.fixture
def settings_env(jwt_issuer: TokenIssuer) -> dict[str, str]:
    """The environment with which each service starts, without its database and Kafka."""
    return {
        "APP_URL": "https://shop.example",
        "SIGN_IN_URL": "https://id.example/sign-in",
        "TERMS_VERSION": "2026-01",
        "STRIPE_SECRET_KEY": "sk_test_1",
        "STRIPE_API_BASE": "http://127.0.0.1:9",
        "SMTP_URL": "smtp://127.0.0.1:9",
        "MAIL_FROM": "Masterji <hello@example.com>",
        **jwt_issuer.settings_env,
    }
