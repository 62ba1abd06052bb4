"""The services and the sandbox count amounts in the same minor units: each has Stripe's table of its own."""

import pytest

from schemas import money
from stripe_sandbox.core import money as sandbox


@pytest.mark.parametrize("currency", sorted(sandbox.CURRENCIES))
def test_an_amount_has_the_same_decimals_in_the_services_and_in_the_sandbox(currency: str) -> None:
    assert money.exponent(currency) == sandbox.exponent(currency)
