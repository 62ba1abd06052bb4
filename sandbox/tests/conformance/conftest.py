"""The account under test: the sandbox, or a Stripe test account named by STRIPE_CONFORMANCE_KEY."""

import os
import time
from collections.abc import Callable, Iterator

import pytest
import stripe
from conformance import BASE, Account, Refused, Subscriber, key_from
from sandbox_server import Running


@pytest.fixture(scope="session")
def stripe_client() -> Iterator[stripe.StripeClient]:
    try:
        key = key_from(os.environ)
    except Refused as refused:
        pytest.exit(str(refused), returncode=2)
    if key is not None:
        base = os.environ.get(BASE)
        addresses: stripe.BaseAddresses = {"api": base} if base else {}
        yield stripe.StripeClient(key, base_addresses=addresses, max_network_retries=5)
        return
    running = Running(webhooks=())
    yield running.client
    running.stop()


@pytest.fixture
def account(stripe_client: stripe.StripeClient) -> Iterator[Account]:
    account = Account(stripe_client)
    yield account
    account.clean()


@pytest.fixture
def subscriber(account: Account) -> Callable[..., Subscriber]:
    """Creates subscribers whose test clocks are set to noon today."""
    noon = int(time.time()) // 86_400 * 86_400 + 43_200
    return lambda card="pm_card_visa": Subscriber(account, card, now=noon)
