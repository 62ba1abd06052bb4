"""A valid token is verified once per interval, an invalid one every time."""

import asyncio
import time

import pytest

from enrollment.api.tokens import RememberingAuthenticator
from servicekit.jwks import JwksCache
from servicekit.problem import Problem
from servicekit.settings import JwtSettings


class CountingKeys(JwksCache):
    """The issuer's keys; counts how often a signature was verified."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.lookups = 0

    async def key(self, kid):
        self.lookups += 1
        return await super().key(kid)


@pytest.fixture
def settings(jwt_issuer, monkeypatch):
    for name, value in jwt_issuer.settings_env.items():
        monkeypatch.setenv(name, value)
    return JwtSettings()


def test_a_verified_token_is_accepted_for_some_seconds_and_then_verified_again(jwt_issuer, settings):
    now = time.monotonic()
    times = iter([now, now + 9.9, now + 10.1])
    keys = CountingKeys(settings.jwt_jwks_url)
    authenticator = RememberingAuthenticator(settings, keys, clock=lambda: next(times))
    token = jwt_issuer.token("user_1", "user_1@example.com", roles=("service",))

    async def three_times():
        return [((await authenticator.verify(token)).user_id, keys.lookups) for _ in range(3)]

    assert asyncio.run(three_times()) == [("user_1", 1), ("user_1", 1), ("user_1", 2)]


def test_users_are_not_mixed_up_and_forged_tokens_are_never_accepted(jwt_issuer, settings):
    authenticator = RememberingAuthenticator(settings, size=2)
    tokens = {name: jwt_issuer.token(name, f"{name}@example.com") for name in ("a", "b", "c")}

    async def ask():
        for _ in range(2):
            for name, token in tokens.items():
                assert (await authenticator.verify(token)).user_id == name
        forged = tokens["a"][:-4] + ("AAAA" if not tokens["a"].endswith("AAAA") else "BBBB")
        for _ in range(2):
            with pytest.raises(Problem, match="not valid"):
                await authenticator.verify(forged)

    asyncio.run(ask())
