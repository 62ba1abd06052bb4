"""Authentication: turns a bearer token of the configured issuer into a Principal, or refuses the call."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import jwt
from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from servicekit.jwks import JwksCache, JwksUnavailableError
from servicekit.problem import Problem
from servicekit.settings import JwtSettings

MAX_TOKEN = 8 * 1024
"""In characters. A longer token is refused before it is decoded."""

_LEEWAY_SECONDS = 30
_KEY_TYPES = {"RS": "RSA", "PS": "RSA", "ES": "EC", "Ed": "OKP"}


@dataclass(frozen=True, slots=True)
class Principal:
    """The caller: `sub`, `email` (None if the token has none) and `roles` of the token."""

    user_id: str
    email: str | None = None
    roles: frozenset[str] = frozenset()


def unauthorized(detail: str) -> Problem:
    """Return a 401 with the WWW-Authenticate header that HTTP requires."""
    return Problem(
        401, "unauthorized", "Sign in first", detail, headers={"WWW-Authenticate": 'Bearer realm="masterji"'}
    )


class Authenticator:
    """Verifies tokens. Keep one per process, in `app.state.authenticator`."""

    def __init__(self, settings: JwtSettings, keys: JwksCache | None = None) -> None:
        self._settings = settings
        self._types = {kind.lower() for kind in settings.jwt_types}
        self._keys = keys or JwksCache(settings.jwt_jwks_url)

    async def verify(self, token: str) -> Principal:
        """Return the token's principal. Raises Problem 401, or 503 while the issuer's keys are
        unavailable."""
        if len(token) > MAX_TOKEN:
            raise unauthorized("The token is too long to be one of ours. Sign in again.")
        try:
            header = jwt.get_unverified_header(token)
            self._check_type(header)
            key = await self._key(header)
            claims = jwt.decode(
                token,
                jwt.PyJWK(dict(key), algorithm=header["alg"]),
                algorithms=list(self._settings.jwt_algorithms),
                audience=self._settings.jwt_audience,
                issuer=self._settings.jwt_issuer,
                leeway=_LEEWAY_SECONDS,
                options={"require": ["exp", "iss", "aud", "sub"], "strict_aud": False},
            )
            self._check_lifetime(claims)
            return _principal(claims)
        except jwt.ExpiredSignatureError as error:
            raise unauthorized("The token has expired. Sign in again.") from error
        except JwksUnavailableError as error:
            raise Problem(
                503,
                "issuer-unavailable",
                "Your sign-in cannot be verified now",
                "The issuer of the tokens cannot be reached. Try again in a few seconds.",
                headers={"Retry-After": "5"},
            ) from error
        # PyJWT does not catch what json, base64 and cryptography raise on hostile input.
        except (jwt.PyJWTError, ValueError, TypeError, KeyError, OverflowError, RecursionError) as error:
            raise unauthorized("The token is not valid here. Sign in again.") from error

    def _check_type(self, header: Mapping[str, Any]) -> None:
        """Refuse tokens that the issuer made for something else, such as the end of a session."""
        # RFC 7515: the prefix application/ may be left out, and letters count alike.
        kind = str(header.get("typ", "JWT")).lower().removeprefix("application/")
        if kind not in self._types:
            raise jwt.InvalidTokenError("a token of this kind is not accepted")

    def _check_lifetime(self, claims: Mapping[str, Any]) -> None:
        lifetime = claims["exp"] - claims.get("iat", time.time())
        if lifetime > self._settings.jwt_max_hours * 3600 + _LEEWAY_SECONDS:
            raise jwt.InvalidTokenError("the token is valid for too long")

    async def _key(self, header: Mapping[str, Any]) -> Mapping[str, Any]:
        algorithm, kid = header.get("alg"), header.get("kid")
        # Checked before any key is looked up, so that no key is used with an algorithm that is not pinned.
        if algorithm not in self._settings.jwt_algorithms:
            raise jwt.InvalidAlgorithmError("this algorithm is not accepted")
        if kid is not None and not isinstance(kid, str):
            raise jwt.InvalidTokenError("the key id is not a string")
        key = await self._keys.key(kid)
        if key is None:
            raise jwt.InvalidKeyError("the issuer does not have this key")
        if key.get("alg", algorithm) != algorithm or key["kty"] != _KEY_TYPES[algorithm[:2]]:
            raise jwt.InvalidAlgorithmError("the key is for another algorithm")
        return key


def _principal(claims: Mapping[str, Any]) -> Principal:
    user_id, email, roles = claims["sub"], claims.get("email"), claims.get("roles") or []
    if not isinstance(user_id, str) or not 0 < len(user_id) <= 255 or not user_id.isprintable():
        raise jwt.InvalidTokenError("sub is not a usable id")
    if email is not None and not (isinstance(email, str) and len(email) <= 320 and email.isprintable()):
        raise jwt.InvalidTokenError("email is not a string")
    if not isinstance(roles, list) or not all(isinstance(role, str) for role in roles):
        raise jwt.InvalidTokenError("roles is not a list of strings")
    return Principal(user_id, email or None, frozenset(roles))


_bearer = HTTPBearer(auto_error=False, description="A token of the configured issuer")


async def current_principal(
    request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
) -> Principal:
    """FastAPI dependency: return the caller or raise 401. Uses `app.state.authenticator`."""
    if credentials is None:
        raise unauthorized("Send `Authorization: Bearer <token>`.")
    authenticator: Authenticator = request.app.state.authenticator
    return await authenticator.verify(credentials.credentials)


def require_role(*roles: str) -> Callable[..., Awaitable[Principal]]:
    """FastAPI dependency: return the caller if it has one of `roles`, else raise 403 (401 without a
    token)."""

    async def dependency(principal: Annotated[Principal, Depends(current_principal)]) -> Principal:
        if principal.roles.isdisjoint(roles):
            raise Problem(
                403,
                "forbidden",
                "Access denied",
                f"This request requires the role {' or '.join(roles)}. Ask an administrator for it.",
            )
        return principal

    return dependency
