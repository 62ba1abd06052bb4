"""An issuer with real keys, and applications that tests call in memory."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from fastapi import FastAPI

from processkit.health import Health
from servicekit.app import create_app
from servicekit.settings import JwtSettings, ServiceSettings

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
ISSUER, AUDIENCE = "https://issuer.test", "masterji"


class Issuer:
    """Signs tokens and publishes its keys; counts how often they were fetched."""

    def __init__(self) -> None:
        self.keys: dict[str, PrivateKey] = {}
        self.fetches = 0
        self.error: Exception | None = None
        self.add("rsa-1", rsa.generate_private_key(65537, 2048))
        self.add("ec-1", ec.generate_private_key(ec.SECP256R1()))

    def add(self, kid: str, key: PrivateKey) -> None:
        self.keys[kid] = key

    def fetch(self, url: str) -> dict[str, Any]:
        self.fetches += 1
        if self.error:
            raise self.error
        return {"keys": [self._public(kid, key) for kid, key in self.keys.items()]}

    def _public(self, kid: str, key: PrivateKey) -> dict[str, Any]:
        maker = (
            jwt.algorithms.RSAAlgorithm if isinstance(key, rsa.RSAPrivateKey) else jwt.algorithms.ECAlgorithm
        )
        return {**maker.to_jwk(key.public_key(), as_dict=True), "kid": kid, "use": "sig"}

    def token(
        self, kid: str = "rsa-1", alg: str = "RS256", key: Any = None, *, typ: Any = "JWT", **claims: Any
    ) -> str:
        """Return a token that is valid except for the given claims; a claim of None is left out."""
        payload = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": "usr_1",
            "exp": int(time.time()) + 600,
            "email": "a@example.com",
            "roles": ["analyst"],
            **claims,
        }
        payload = {name: value for name, value in payload.items() if value is not None}
        headers = {"typ": typ, **({"kid": kid} if kid else {})}
        return jwt.encode(payload, self.keys[kid] if key is None else key, algorithm=alg, headers=headers)


@pytest.fixture(scope="session")
def shared_issuer() -> Issuer:
    return Issuer()


@pytest.fixture
def issuer(shared_issuer: Issuer) -> Issuer:
    fresh = Issuer.__new__(Issuer)
    fresh.keys, fresh.fetches, fresh.error = dict(shared_issuer.keys), 0, None
    return fresh


@pytest.fixture
def jwt_settings() -> JwtSettings:
    return JwtSettings(jwt_issuer=ISSUER, jwt_audience=AUDIENCE, jwt_jwks_url=f"{ISSUER}/jwks")


@pytest.fixture
def health() -> Health:
    return Health()


@pytest.fixture
def make_app(health: Health) -> Callable[..., FastAPI]:
    def make(**settings: Any) -> FastAPI:
        return create_app("Test", ServiceSettings(**settings), health, version="1")

    return make
