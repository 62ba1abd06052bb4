"""Tokens: which are accepted, and above all which are not."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from typing import Annotated

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from fastapi import Depends
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from servicekit.auth import Authenticator, Principal, current_principal, require_role
from servicekit.jwks import COOLDOWN, FRESH, STALE, JwksCache
from servicekit.problem import Problem


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def authenticator(issuer, jwt_settings, clock):
    return Authenticator(jwt_settings, JwksCache("x", issuer.fetch, clock))


def verify(authenticator, token: str) -> Principal:
    return asyncio.run(authenticator.verify(token))


def refusal(authenticator, token: str) -> int:
    with pytest.raises(Problem) as refused:
        verify(authenticator, token)
    return refused.value.status_code


@pytest.mark.parametrize(("kid", "alg"), [("rsa-1", "RS256"), ("ec-1", "ES256")])
def test_a_valid_token_gives_its_principal(authenticator, issuer, kid, alg):
    principal = verify(authenticator, issuer.token(kid, alg))
    assert principal == Principal("usr_1", "a@example.com", frozenset(["analyst"]))


def test_email_and_roles_may_be_missing(authenticator, issuer):
    assert verify(authenticator, issuer.token(email=None, roles=None)) == Principal(
        "usr_1", None, frozenset()
    )


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": 1},
        {"exp": None},
        {"exp": "soon"},
        {"iss": None},
        {"iss": "https://other.test"},
        {"aud": None},
        {"aud": "other"},
        {"sub": None},
        {"sub": ""},
        {"sub": "a\x00b"},
        {"sub": "x" * 256},
        {"nbf": 9_999_999_999},
        {"email": 5},
        {"roles": "admin"},
        {"roles": [1]},
    ],
)
def test_wrong_claims_are_401(authenticator, issuer, claims):
    assert refusal(authenticator, issuer.token(**claims)) == 401


@pytest.mark.parametrize("typ", ["JWT", "jwt", "at+jwt", "application/at+jwt", None])
def test_access_tokens_of_each_common_kind_are_accepted(authenticator, issuer, typ):
    assert verify(authenticator, issuer.token(typ=typ)).user_id == "usr_1"


@pytest.mark.parametrize("typ", ["logout+jwt", "dpop+jwt", "id+jwt", "secevent+jwt", "", "JWE", 5, ["JWT"]])
def test_a_token_that_was_made_for_something_else_is_401(authenticator, issuer, typ):
    _, payload, _ = issuer.token().split(".")
    made = json.dumps({"alg": "RS256", "kid": "rsa-1", "typ": typ}).encode()
    signed = base64.urlsafe_b64encode(made).rstrip(b"=").decode() + "." + payload
    key = issuer.keys["rsa-1"]
    proof = jwt.get_algorithm_by_name("RS256").sign(signed.encode(), key)
    assert refusal(authenticator, f"{signed}.{base64.urlsafe_b64encode(proof).rstrip(b'=').decode()}") == 401


def test_an_issuer_may_allow_marked_access_tokens_alone(issuer, jwt_settings, clock):
    marked = jwt_settings.model_copy(update={"jwt_types": ("at+jwt",)})
    strict = Authenticator(marked, JwksCache("x", issuer.fetch, clock))
    assert verify(strict, issuer.token(typ="at+jwt")).user_id == "usr_1"
    assert refusal(strict, issuer.token()) == 401


@pytest.mark.parametrize(("issued", "hours", "accepted"), [(0, 24, True), (0, 25, False), (None, 25, False)])
def test_a_token_that_is_valid_for_too_long_is_401(authenticator, issuer, issued, hours, accepted):
    now = int(time.time())
    claims = {"exp": now + hours * 3600, "iat": None if issued is None else now}
    if accepted:
        assert verify(authenticator, issuer.token(**claims)).user_id == "usr_1"
    else:
        assert refusal(authenticator, issuer.token(**claims)) == 401


def test_another_key_under_a_known_id_is_401(authenticator, issuer):
    assert refusal(authenticator, issuer.token(key=rsa.generate_private_key(65537, 2048))) == 401


def test_the_public_key_as_a_shared_secret_is_401(authenticator, issuer):
    pem = (
        issuer.keys["rsa-1"]
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    # PyJWT refuses to sign like this; an attacker would not use it.
    head, payload, _ = issuer.token().split(".")
    head = base64.urlsafe_b64encode(b'{"alg":"HS256","kid":"rsa-1"}').rstrip(b"=").decode()
    import hashlib
    import hmac

    digest = hmac.new(pem, f"{head}.{payload}".encode(), hashlib.sha256).digest()
    forged = f"{head}.{payload}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"
    assert refusal(authenticator, forged) == 401


@pytest.mark.parametrize("alg", ["none", "None", "", None, ["RS256"], {}])
def test_a_missing_or_unknown_algorithm_is_401(authenticator, issuer, alg):
    _, payload, _ = issuer.token().split(".")
    head = base64.urlsafe_b64encode(json.dumps({"alg": alg, "kid": "rsa-1"}).encode()).rstrip(b"=").decode()
    for signature in ("", "AAAA"):
        assert refusal(authenticator, f"{head}.{payload}.{signature}") == 401


def test_an_algorithm_that_is_not_pinned_is_401(authenticator, issuer):
    assert refusal(authenticator, issuer.token(alg="RS512")) == 401


def test_a_key_of_another_kind_is_401(authenticator, issuer):
    assert refusal(authenticator, issuer.token("ec-1", "RS256", issuer.keys["rsa-1"])) == 401


def test_a_symmetric_key_in_the_published_set_is_ignored(issuer, jwt_settings, clock):
    oct_key = {"kty": "oct", "kid": "shared", "k": "AAAA"}
    cache = JwksCache("x", lambda url: {"keys": [*issuer.fetch(url)["keys"], oct_key]}, clock)
    assert asyncio.run(cache.key("shared")) is None
    assert asyncio.run(cache.key("rsa-1")) is not None


@pytest.mark.parametrize(
    "token", ["", "x", "a.b.c", "..", "a" * 9000, "ü.ü.ü", "\x00.\x00.\x00", "e30.e30.", "W10.W10.x"]
)
def test_garbage_is_401(authenticator, token):
    assert refusal(authenticator, token) == 401


def test_deep_json_in_a_header_is_401(authenticator):
    deep = base64.urlsafe_b64encode(b"[" * 5000).rstrip(b"=").decode()
    assert refusal(authenticator, f"{deep}.e30.x") == 401


@given(text=st.text(max_size=60), part=st.integers(0, 2))
def test_a_token_with_one_part_replaced_is_always_401(shared_issuer, text, part):
    from servicekit.settings import JwtSettings

    settings = JwtSettings(
        jwt_issuer="https://issuer.test", jwt_audience="masterji", jwt_jwks_url="https://x"
    )
    parts = shared_issuer.token().split(".")
    if text == parts[part]:
        return
    parts[part] = text
    assert refusal(Authenticator(settings, JwksCache("x", shared_issuer.fetch)), ".".join(parts)) == 401


def test_keys_are_fetched_once(authenticator, issuer):
    for _ in range(5):
        verify(authenticator, issuer.token())
    assert issuer.fetches == 1


def test_forged_key_ids_cause_one_fetch_per_cooldown_and_lock_no_caller_out(authenticator, issuer, clock):
    verify(authenticator, issuer.token())
    for number in range(200):
        assert refusal(authenticator, issuer.token(f"forged-{number}", key=issuer.keys["rsa-1"])) == 401
    assert issuer.fetches == 1
    clock.now += COOLDOWN + 1
    for number in range(200):
        assert refusal(authenticator, issuer.token(f"forged-{number}", key=issuer.keys["rsa-1"])) == 401
    assert issuer.fetches == 2
    assert verify(authenticator, issuer.token()).user_id == "usr_1"


def test_simultaneous_callers_share_one_fetch(authenticator, issuer):
    async def all_at_once() -> list[Principal]:
        return await asyncio.gather(*(authenticator.verify(issuer.token()) for _ in range(30)))

    assert len(asyncio.run(all_at_once())) == 30
    assert issuer.fetches == 1


def test_a_new_key_of_the_issuer_is_accepted(authenticator, issuer, clock):
    verify(authenticator, issuer.token())
    issuer.add("rsa-2", rsa.generate_private_key(65537, 2048))
    clock.now += COOLDOWN + 1
    assert verify(authenticator, issuer.token("rsa-2")).user_id == "usr_1"


def test_a_withdrawn_key_expires(authenticator, issuer, clock):
    token = issuer.token()
    verify(authenticator, token)
    del issuer.keys["rsa-1"]
    clock.now += FRESH + 1
    assert refusal(authenticator, token) == 401


def test_known_keys_stay_valid_for_a_day_while_the_issuer_is_unavailable(authenticator, issuer, clock):
    verify(authenticator, issuer.token())
    issuer.error = httpx.ConnectError("away")
    clock.now += FRESH + 1
    assert verify(authenticator, issuer.token()).user_id == "usr_1"
    clock.now += STALE
    assert refusal(authenticator, issuer.token()) == 503


@pytest.mark.parametrize(
    "answer", [[], {}, {"keys": {}}, {"keys": []}, {"keys": [1, {"kty": "oct"}]}, "x", None]
)
def test_an_invalid_answer_of_the_issuer_is_503(jwt_settings, issuer, answer):
    authenticator = Authenticator(jwt_settings, JwksCache("x", lambda _: answer))
    assert refusal(authenticator, issuer.token()) == 503


def test_an_unavailable_issuer_is_503_with_retry_after(authenticator, issuer):
    issuer.error = httpx.ConnectError("away")
    with pytest.raises(Problem) as refused:
        verify(authenticator, issuer.token())
    assert refused.value.status_code == 503
    assert refused.value.headers["Retry-After"]


def test_without_a_key_id_the_only_key_is_used(jwt_settings, issuer):
    token = jwt.encode(
        jwt.decode(issuer.token(), options={"verify_signature": False}), issuer.keys["rsa-1"], "RS256"
    )
    two_keys = Authenticator(jwt_settings, JwksCache("x", issuer.fetch))
    assert refusal(two_keys, token) == 401
    del issuer.keys["ec-1"]
    one_key = Authenticator(jwt_settings, JwksCache("x", issuer.fetch))
    assert verify(one_key, token).user_id == "usr_1"


@pytest.fixture
def client(make_app, authenticator):
    app = make_app()
    app.state.authenticator = authenticator

    @app.get("/me")
    async def me(principal: Annotated[Principal, Depends(current_principal)]) -> str:
        return principal.user_id

    @app.get("/admin")
    async def admin(principal: Annotated[Principal, Depends(require_role("admin", "service"))]) -> str:
        return principal.user_id

    return TestClient(app)


def test_the_dependencies_answer_401_403_or_the_principal(client, issuer):
    def status(path: str, token: str | None) -> int:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return client.get(path, headers=headers).status_code

    assert status("/me", None) == 401
    assert status("/me", "rubbish") == 401
    assert status("/me", issuer.token()) == 200
    assert status("/admin", None) == 401
    assert status("/admin", issuer.token()) == 403
    assert status("/admin", issuer.token(roles=["service"])) == 200


def test_a_401_names_the_authentication_scheme(client):
    answer = client.get("/me", headers={"Authorization": "Basic abc"})
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == "https://masterji.dev/problems/unauthorized"
