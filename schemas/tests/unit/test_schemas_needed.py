"""Which event types an endpoint must send depends on its API version."""

import pytest

from schemas.stripe.needed import NEEDED_TYPES, needed_types
from schemas.topics import TOPICS, stripe_topic


@pytest.mark.parametrize("event_type", NEEDED_TYPES)
def test_a_needed_type_travels_on_a_topic_that_a_service_reads(event_type: str) -> None:
    assert TOPICS[stripe_topic(event_type)].consumers


def test_no_type_is_listed_twice() -> None:
    assert len(set(NEEDED_TYPES)) == len(NEEDED_TYPES)


@pytest.mark.parametrize("version", [None, "2025-03-31.basil", "2026-10-28.endive"])
def test_a_new_endpoint_must_send_all_needed_types(version: str | None) -> None:
    assert needed_types(version) == set(NEEDED_TYPES)


@pytest.mark.parametrize("version", ["2023-10-16", "2024-10-28.acacia", "2025-02-24.acacia"])
def test_an_endpoint_whose_invoices_name_their_payment_need_not_report_it(version: str) -> None:
    assert needed_types(version) == set(NEEDED_TYPES) - {"invoice_payment.paid"}
