"""Behaviour of all resources: keys, versions, errors, metadata, lists, expansion, idempotency."""

import uuid
from typing import Any

import pytest
import stripe
from conformance import Account, ids


def test_an_answer_names_its_request_and_version(account: Account) -> None:
    answered = account.v1.customers.list({"limit": 1}).last_response
    assert answered is not None
    headers = {name.lower(): value for name, value in dict(answered.headers).items()}
    assert headers["request-id"].startswith("req_")
    assert headers["stripe-version"] == "2026-10-28.endive"


def test_an_error_names_its_request_type_code_and_parameter(account: Account) -> None:
    with pytest.raises(stripe.InvalidRequestError) as caught:
        account.v1.customers.retrieve("cus_nobody")
    error = caught.value
    assert (error.http_status, error.code, error.param) == (404, "resource_missing", "id")
    assert error.request_id is not None
    assert error.request_id.startswith("req_")
    assert str(error.user_message) == "No such customer: 'cus_nobody'"
    assert error.error is not None
    assert error.error.type == "invalid_request_error"


def test_unknown_key_is_refused(account: Account) -> None:
    with pytest.raises(stripe.AuthenticationError) as caught:
        account.v1.customers.list({}, {"api_key": "nonsense"})
    assert caught.value.http_status == 401
    assert "nonsense" not in str(caught.value).replace("Invalid API Key provided: nonsense", "")


def test_a_version_that_does_not_exist_is_refused(account: Account) -> None:
    with pytest.raises(stripe.InvalidRequestError) as caught:
        account.v1.customers.list({}, {"stripe_version": "1999-12-31"})
    assert caught.value.http_status == 400
    assert "Invalid Stripe API version" in str(caught.value)


@pytest.mark.parametrize(
    ("params", "param", "code"),
    [
        ({"nam": "A"}, "nam", "parameter_unknown"),
        ({"address": {"street": "B"}}, "address[street]", "parameter_unknown"),
        ({"email": "invalid"}, "email", "email_invalid"),
        ({"invoice_settings": {"default_payment_method": "pm_nothing"}}, None, "resource_missing"),
    ],
)
def test_a_wrong_parameter_is_named(
    account: Account, params: dict[str, Any], param: str | None, code: str
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as caught:
        account.v1.customers.create(params)  # type: ignore[arg-type]
    assert (caught.value.http_status, caught.value.code) == (400, code)
    if param is not None:
        assert caught.value.param == param


def test_a_missing_parameter_is_named(account: Account) -> None:
    with pytest.raises(stripe.InvalidRequestError) as caught:
        account.v1.payment_intents.create({"currency": "usd"})  # type: ignore[typeddict-item]
    assert (caught.value.param, caught.value.code) == ("amount", "parameter_missing")


def test_metadata_is_merged_key_by_key_and_emptied(account: Account) -> None:
    customer = account.customer(metadata={"a": "1", "b": "2"})
    merged = account.v1.customers.update(customer.id, {"metadata": {"b": "", "c": "3"}})
    assert merged.metadata.to_dict() == {"a": "1", "c": "3"}
    assert account.v1.customers.update(customer.id, {"metadata": ""}).metadata.to_dict() == {}


def test_cursors_page_through_a_list_in_both_directions(account: Account) -> None:
    email = f"{uuid.uuid4().hex}@example.com"
    made = [account.customer(email=email).id for _ in range(5)]
    newest_first = made[::-1]

    def page(**params: Any) -> stripe.ListObject[stripe.Customer]:
        return account.v1.customers.list({"email": email, **params})  # type: ignore[typeddict-item]

    account.eventually("the list", lambda: len(page().data) == 5)
    first = page(limit=2)
    assert (ids(first.data), first.has_more) == (newest_first[:2], True)
    assert ids(first.auto_paging_iter()) == newest_first
    last = page(limit=2, starting_after=newest_first[3])
    assert (ids(last.data), last.has_more) == (newest_first[4:], False)
    before = page(limit=2, ending_before=newest_first[3])
    assert (ids(before.data), before.has_more) == (newest_first[1:3], True)
    for wrong in ({"limit": 0}, {"limit": 101}, {"starting_after": "cus_nobody"}):
        with pytest.raises(stripe.InvalidRequestError):
            page(**wrong)


def test_an_id_is_expanded_into_its_object(account: Account) -> None:
    price = account.price()
    found = account.v1.prices.retrieve(price.id, {"expand": ["product"]})
    assert isinstance(found.product, stripe.Product)
    assert found.product.id == price.product
    for wrong in ("unit_amount", "nothing"):
        with pytest.raises(stripe.InvalidRequestError, match="cannot be expanded"):
            account.v1.prices.retrieve(price.id, {"expand": [wrong]})


def test_the_same_key_gives_the_same_answer(account: Account) -> None:
    options: Any = {"idempotency_key": uuid.uuid4().hex}
    first = account.v1.customers.create({"name": "Once"}, options)
    account.later(lambda: account.v1.customers.delete(first.id))
    again = account.v1.customers.create({"name": "Once"}, options)
    assert again.id == first.id
    assert again.last_response is not None
    headers = {name.lower(): value for name, value in dict(again.last_response.headers).items()}
    assert headers["idempotent-replayed"] == "true"
    with pytest.raises(stripe.IdempotencyError) as caught:
        account.v1.customers.create({"name": "Twice"}, options)
    assert caught.value.http_status == 400


def test_the_same_key_gives_the_same_refusal(account: Account) -> None:
    options: Any = {"idempotency_key": uuid.uuid4().hex}
    for _ in range(2):
        with pytest.raises(stripe.CardError) as caught:
            account.v1.payment_intents.create(
                {
                    "amount": 2000,
                    "currency": "usd",
                    "payment_method": "pm_card_chargeDeclined",
                    "confirm": True,
                    "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
                },
                options,
            )
    assert caught.value.headers is not None
    headers = {name.lower(): value for name, value in dict(caught.value.headers).items()}
    assert headers["idempotent-replayed"] == "true"
