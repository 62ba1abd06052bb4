"""What Stripe may write into an event, and whose event it is."""

import json

import pytest
from prometheus_client import REGISTRY

from schemas.stripe import parse
from webhook_ingest.domain.accepting import accept
from webhook_ingest.errors import Rejected


def foreign_count() -> float:
    return REGISTRY.get_sample_value("ingest_foreign_total") or 0.0


@pytest.mark.parametrize("own", [None, "acct_ours"])
@pytest.mark.parametrize(
    "named",
    [
        {"account": "acct_other"},
        {"context": "acct_other"},
        {"context": "org_1/acct_other"},
        {"context": {"type": "account", "id": "acct_ours"}},
        {"account": "acct_other", "context": "acct_ours"},
        {"account": "acct_ours2"},
        {"account": ""},
    ],
    ids=str,
)
def test_an_event_of_another_account_is_published_where_no_service_reads(
    endpoint, signed, event, named, own
) -> None:
    endpoint.account, before = own, foreign_count()
    body = json.dumps(event | named).encode()
    assert endpoint.call(body, signed(body)).status == 200
    [(published, _)] = endpoint.published
    assert published.topic == "stripe.other"
    assert json.loads(published.value) == event | named
    assert foreign_count() == before + 1


@pytest.mark.parametrize(
    "named",
    [
        {},
        {"account": None, "context": None},
        {"account": "acct_ours"},
        {"context": "org_1/acct_ours"},
        {"account": "acct_ours", "context": "acct_ours"},
    ],
    ids=str,
)
def test_an_event_of_our_own_account_is_published_without_its_name(endpoint, signed, event, named) -> None:
    endpoint.account, before = "acct_ours", foreign_count()
    body = json.dumps(event | named).encode()
    assert endpoint.call(body, signed(body)).status == 200
    [(published, _)] = endpoint.published
    assert published.topic == "stripe.checkout"
    assert foreign_count() == before
    kept = {name: value for name, value in json.loads(published.value).items() if value is not None}
    assert kept == event
    assert parse(published.value).links["order_id"] == "ord_1"


@pytest.mark.parametrize(
    "version",
    [None, "2025-03-31.basil", "2025-03-31.basil; checkout_server_update_beta=v1", "x" * 5000],
    ids=lambda version: str(version)[:40],
)
def test_every_api_version_that_stripe_writes_is_taken(endpoint, signed, event, version) -> None:
    body = json.dumps(event | {"api_version": version}).encode()
    assert endpoint.call(body, signed(body)).status == 200
    [(published, _)] = endpoint.published
    assert published.api_version == (version or "")
    assert parse(published.value).api_version == version


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("id", None),
        ("id", "evt 1"),
        ("object", "v2.core.event"),
        ("type", ""),
        ("created", "1790000000"),
        ("created", -1),
        ("livemode", None),
        ("api_version", 20250331),
        ("api_version", "2025\n03"),
        ("api_version", "x" * 5001),
        ("data", []),
        ("data.object", "cs_1"),
        ("data.object", {"id": "x" * 300}),
    ],
)
def test_an_error_names_the_field_that_is_wrong(event, name, value) -> None:
    changed = {"data": {"object": value}} if name == "data.object" else {name: value}
    with pytest.raises(Rejected) as caught:
        accept(json.dumps(event | changed).encode(), livemode=False)
    assert f": {name} is missing or not what Stripe sends." in str(caught.value)


@pytest.mark.parametrize("broken", ["\x00", chr(0xD800), chr(0xDC00)], ids=ascii)
def test_a_text_that_is_no_character_costs_no_event(endpoint, signed, event, broken) -> None:
    event["data"]["object"]["customer_details"] = {"name": f"Asha {broken}\U0001f600"}
    body = json.dumps(event).encode()
    assert endpoint.call(body, signed(body)).status == 200
    [(published, _)] = endpoint.published
    assert (
        json.loads(published.value)["data"]["object"]["customer_details"]["name"] == "Asha \ufffd\U0001f600"
    )
