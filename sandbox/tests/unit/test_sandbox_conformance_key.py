"""The conformance tests never move real money."""

import pytest
from conformance import Refused, key_from


@pytest.mark.parametrize("key", ["sk_live_123", "rk_live_123"])
def test_a_live_key_is_refused(key: str) -> None:
    with pytest.raises(Refused, match="live key") as caught:
        key_from({"STRIPE_CONFORMANCE_KEY": key})
    assert key not in str(caught.value)


@pytest.mark.parametrize("key", ["pk_test_123", "secret", "whsec_1"])
def test_other_keys_are_refused(key: str) -> None:
    with pytest.raises(Refused, match="begins with sk_test_"):
        key_from({"STRIPE_CONFORMANCE_KEY": key})


def test_test_key_is_accepted_and_none_selects_the_sandbox() -> None:
    assert key_from({"STRIPE_CONFORMANCE_KEY": " sk_test_1 "}) == "sk_test_1"
    assert key_from({}) is None
    assert key_from({"STRIPE_CONFORMANCE_KEY": ""}) is None
