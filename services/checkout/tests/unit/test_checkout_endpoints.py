"""What is wrong with the webhook endpoints at Stripe."""

import pytest

from checkout.domain.endpoints import Endpoint, EndpointReview, review_endpoints
from schemas.stripe.needed import NEEDED_TYPES, needed_types

PATH = "/webhooks/stripe"
NEW = "2026-10-28.endive"
FINE = EndpointReview((), (), ())


def endpoint(
    *types: str,
    name: str = "we_1",
    host: str = "shop.example",
    version: str | None = NEW,
    enabled: bool = True,
) -> Endpoint:
    return Endpoint(name, f"https://{host}{PATH}", enabled, version, frozenset(types or ("*",)))


def review(*endpoints: Endpoint) -> EndpointReview:
    return review_endpoints(endpoints, PATH)


@pytest.mark.parametrize("types", [("*",), NEEDED_TYPES], ids=["every type", "the needed types"])
def test_an_endpoint_that_sends_every_needed_type_is_fine(types: tuple[str, ...]) -> None:
    assert review(endpoint(*types)) == FINE


def test_a_type_that_no_endpoint_sends_is_missing() -> None:
    types = sorted({*NEEDED_TYPES} - {"refund.failed", "invoice.paid"})
    assert review(endpoint(*types)) == EndpointReview(("invoice.paid", "refund.failed"), (), ())


def test_endpoints_may_share_the_needed_types() -> None:
    assert review(endpoint(*NEEDED_TYPES[:9]), endpoint(*NEEDED_TYPES[9:], name="we_2")) == FINE


def test_without_an_enabled_endpoint_every_needed_type_is_missing() -> None:
    assert review() == EndpointReview(tuple(sorted(NEEDED_TYPES)), (), ())
    assert review(endpoint(enabled=False)) == EndpointReview(tuple(sorted(NEEDED_TYPES)), (), ("we_1",))


def test_a_disabled_endpoint_beside_an_enabled_one_is_reported() -> None:
    assert review(endpoint(), endpoint(name="we_2", enabled=False)) == EndpointReview((), (), ("we_2",))


def test_endpoints_of_other_applications_are_not_reviewed() -> None:
    other = Endpoint("we_2", "https://crm.example/hook", True, "2019-03-14", frozenset({"*"}))
    assert review(endpoint(), other) == FINE
    assert review(other).missing == tuple(sorted(NEEDED_TYPES))


def test_an_endpoint_behind_a_prefix_is_ours() -> None:
    assert review(endpoint(host="shop.example/pay")) == FINE


@pytest.mark.parametrize(
    ("version", "is_too_old"),
    [("2024-09-30.acacia", True), ("2023-10-16", True), ("2024-10-28.acacia", False), (None, False)],
)
def test_an_api_version_before_the_oldest_is_too_old(version: str | None, is_too_old: bool) -> None:
    assert review(endpoint(version=version)) == EndpointReview((), ("we_1",) if is_too_old else (), ())


def test_the_version_of_a_disabled_endpoint_does_not_matter() -> None:
    old = endpoint(name="we_2", version="2020-08-27", enabled=False)
    assert review(endpoint(), old).too_old == ()


def test_types_that_came_with_a_later_version_are_not_missing() -> None:
    version = "2024-10-28.acacia"
    older = endpoint(*needed_types(version), version=version)
    assert review(older) == FINE
    # An endpoint on a newer version can send them.
    newer = endpoint("invoice.paid", name="we_2")
    assert review(older, newer).missing == ("invoice_payment.paid",)
