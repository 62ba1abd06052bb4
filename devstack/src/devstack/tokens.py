"""The key of the development issuer, and the tokens that it signs. Production code does not use it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from jwt.algorithms import RSAAlgorithm

AUDIENCE = "masterji"
KEY_ID = "masterji-development"


@dataclass(frozen=True)
class TokenIssuer:
    """Signs bearer tokens for one issuer URL with one RSA key."""

    url: str
    key: RSAPrivateKey

    @classmethod
    def with_new_key(cls, url: str) -> "TokenIssuer":
        """Create an issuer whose key exists only in memory."""
        return cls(url, generate_private_key(public_exponent=65537, key_size=2048))

    @classmethod
    def with_key_in(cls, path: Path, url: str) -> "TokenIssuer":
        """Create an issuer whose key is in a private file, so that tokens stay valid after a restart."""
        if not path.exists():
            issuer = cls.with_new_key(url)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)
            path.write_bytes(
                issuer.key.private_bytes(
                    serialization.Encoding.PEM,
                    serialization.PrivateFormat.PKCS8,
                    serialization.NoEncryption(),
                )
            )
            return issuer
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
        assert isinstance(key, RSAPrivateKey)
        return cls(url, key)

    @property
    def jwks_url(self) -> str:
        """The address of the public key."""
        return f"{self.url}/.well-known/jwks.json"

    @property
    def settings_env(self) -> dict[str, str]:
        """The environment variables of a service that trusts this issuer."""
        return {"JWT_ISSUER": self.url, "JWT_AUDIENCE": AUDIENCE, "JWT_JWKS_URL": self.jwks_url}

    def jwks(self) -> dict[str, Any]:
        """Return the public key as a JWK set."""
        public = json.loads(RSAAlgorithm.to_jwk(self.key.public_key()))
        return {"keys": [{**public, "kid": KEY_ID, "use": "sig", "alg": "RS256"}]}

    def token(
        self,
        user: str,
        email: str,
        roles: Sequence[str] = (),
        *,
        lifetime: timedelta = timedelta(hours=12),
        now: datetime | None = None,
        **claims: Any,
    ) -> str:
        """Sign a bearer token. `claims` override the usual ones, so that a test can set a wrong audience."""
        issued = now or datetime.now(UTC)
        usual = {
            "iss": self.url,
            "aud": AUDIENCE,
            "sub": user,
            "email": email,
            "roles": list(roles),
            "iat": issued,
            "exp": issued + lifetime,
        }
        return jwt.encode(usual | claims, self.key, algorithm="RS256", headers={"kid": KEY_ID})
