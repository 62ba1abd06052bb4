"""Invalid requests return Stripe's errors."""

import base64
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import pytest
import stripe
from sandbox_server import Running, line

AUTH = {"Authorization": "Bearer sk_test_x"}


def post(
    sandbox: Running, path: str, form: dict[str, str], headers: dict[str, str] | None = None
) -> httpx.Response:
    return sandbox.http.post(path, data=form, headers=AUTH | (headers or {}))


@pytest.mark.parametrize(
    ("changes", "param", "code"),
    [
        ({"line_itemz": "x"}, "line_itemz", "parameter_unknown"),
        ({"line_items": [{**line(), "pricee": "x"}]}, "line_items[0][pricee]", "parameter_unknown"),
        ({"payment_method_types": ["card"]}, "payment_method_types", "parameter_unknown"),
        ({"automatic_tax": {"enabled": "true"}}, "automatic_tax", "sandbox_not_modelled"),
        ({"mode": None}, "mode", "parameter_missing"),
        ({"line_items": None}, "line_items", "parameter_missing"),
        ({"success_url": None}, "success_url", "parameter_missing"),
        ({"success_url": "not a url"}, "success_url", "url_invalid"),
        ({"customer_email": "invalid"}, "customer_email", "email_invalid"),
        ({"client_reference_id": ""}, "client_reference_id", "parameter_invalid_empty"),
        ({"expires_at": "soon"}, "expires_at", "parameter_invalid_integer"),
        ({"expires_at": 1}, "expires_at", None),
        ({"mode": "gift"}, "mode", None),
        ({"ui_mode": "hosted"}, "ui_mode", None),
        ({"ui_mode": "embedded_page"}, "return_url", "parameter_missing"),
        ({"line_items": [line(-5)]}, "line_items[0][price_data][unit_amount]", "parameter_invalid_integer"),
        ({"line_items": [line(10, "xyz")]}, "line_items[0][price_data][currency]", None),
        ({"line_items": [line(10)]}, None, "amount_too_small"),
        ({"line_items": [line(99_999_999, quantity=2)]}, "line_items[0]", "amount_too_large"),
        ({"line_items": [line(), line(900, "eur")]}, "line_items", None),
        (
            {"line_items": [{"price": "price_none", "quantity": 1}]},
            "line_items[0][price]",
            "resource_missing",
        ),
        ({"line_items": "x"}, "line_items", None),
        ({"customer": "cus_none"}, "customer", "resource_missing"),
        ({"metadata": {"k" * 41: "v"}}, "metadata[" + "k" * 40 + "]", None),
    ],
)
def test_a_wrong_parameter_is_named(
    sandbox: Running, changes: dict[str, Any], param: str | None, code: str | None
) -> None:
    params = {name: value for name, value in {**_good(), **changes}.items() if value is not None}
    with pytest.raises(stripe.InvalidRequestError) as caught:
        sandbox.client.v1.checkout.sessions.create(params)  # type: ignore[arg-type]
    assert (caught.value.http_status, caught.value.param, caught.value.code) == (400, param, code)
    assert sandbox.client.v1.checkout.sessions.list().data == [], "nothing was created"


def _good() -> dict[str, Any]:
    return {"mode": "payment", "success_url": "https://a.example/s", "line_items": [line()]}


def test_unknown_objects_and_paths_are_404(sandbox: Running) -> None:
    for path in (
        "checkout/sessions/cs_x",
        "customers/cus_x",
        "payment_intents/pi_x",
        "events/evt_x",
        "refunds/re_x",
    ):
        answer = sandbox.http.get(f"/v1/{path}", headers=AUTH)
        error = answer.json()["error"]
        assert (answer.status_code, error["code"], error["param"]) == (404, "resource_missing", "id")
        assert error["message"].startswith("No such ")
    answer = sandbox.http.get("/v1/unicorns", headers=AUTH)
    assert answer.status_code == 404
    assert answer.json()["error"]["message"].startswith("Unrecognized request URL (GET: /v1/unicorns)")
    assert sandbox.http.put("/v1/customers", headers=AUTH).status_code == 404


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Bearer",
        "Bearer nonsense",
        "Bearer pk_test_123",
        "Bearer sk_live_123",
        "Digest sk_test_x",
        "Basic %%%",
        "Basic " + base64.b64encode(b"\xff\xfe").decode(),
    ],
)
def test_without_a_secret_test_key_it_is_401(sandbox: Running, header: str | None) -> None:
    answer = sandbox.http.get("/v1/customers", headers={} if header is None else {"Authorization": header})
    assert answer.status_code == 401
    assert answer.json()["error"]["type"] == "invalid_request_error"


def test_errors_never_contain_the_whole_key(sandbox: Running) -> None:
    answer = sandbox.http.get("/v1/customers", headers={"Authorization": "Bearer something_secret_12345"})
    assert "something_secret_12345" not in answer.text


def test_basic_authentication_takes_the_key_as_user(sandbox: Running) -> None:
    assert sandbox.http.get("/v1/customers", auth=("sk_test_x", "")).status_code == 200


def test_every_answer_has_a_request_id_and_the_version(sandbox: Running) -> None:
    ok = sandbox.http.get("/v1/customers", headers=AUTH | {"Stripe-Version": "2026-10-28.endive"})
    wrong = sandbox.http.get("/v1/customers/cus_x", headers=AUTH)
    assert ok.headers["stripe-version"] == "2026-10-28.endive"
    assert ok.headers["request-id"].startswith("req_")
    assert wrong.headers["request-id"] != ok.headers["request-id"]


def test_every_answer_states_the_time_of_the_clock_by_which_objects_are_created(sandbox: Running) -> None:
    sandbox.control("clock", {"advance": 86_400})
    before = sandbox.http.get("/_sandbox/clock").json()["now"]
    answer = sandbox.http.post("/v1/customers", headers=AUTH)
    [stated] = [parsedate_to_datetime(date) for date in answer.headers.get_list("date")]
    assert before <= answer.json()["created"] <= stated.timestamp() <= before + 60


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b'{"email": "a@b.example"}', "application/json", 400),
        (b"\xff\xfe=\xff", "application/x-www-form-urlencoded", 400),
        (b"a=%FF", "application/x-www-form-urlencoded", 400),
        (b"email[=x", "application/x-www-form-urlencoded", 400),
        (b"metadata=x&metadata[a]=y", "application/x-www-form-urlencoded", 400),
        (b"name=a%00b", "application/x-www-form-urlencoded", 400),
        (b"a" + b"[a]" * 50 + b"=1", "application/x-www-form-urlencoded", 400),
        (b"&".join(b"metadata[%d]=x" % n for n in range(6000)), "application/x-www-form-urlencoded", 400),
        (b"name=" + b"x" * 2_000_000, "application/x-www-form-urlencoded", 413),
    ],
)
def test_malformed_bodies_return_4xx(sandbox: Running, body: bytes, content_type: str, status: int) -> None:
    answer = sandbox.http.post("/v1/customers", content=body, headers=AUTH | {"Content-Type": content_type})
    assert answer.status_code == status
    assert answer.json()["error"]["type"] == "invalid_request_error"


def test_impossible_expansions(sandbox: Running) -> None:
    session = sandbox.session()
    for path in ("amount_total", "nothing", "payment_intent.x.y.z.w"):
        with pytest.raises(stripe.InvalidRequestError, match="expand"):
            sandbox.client.v1.checkout.sessions.retrieve(session.id, {"expand": [path]})


def test_idempotent_replay_of_success_and_error(sandbox: Running) -> None:
    options: Any = {"idempotency_key": "order-1"}
    first = sandbox.client.v1.customers.create({"email": "a@b.example"}, options)
    second = sandbox.client.v1.customers.create({"email": "a@b.example"}, options)
    assert first.id == second.id
    assert second.last_response is not None
    assert second.last_response.headers["idempotent-replayed"] == "true"
    assert len(sandbox.client.v1.customers.list().data) == 1

    form = {"payment_intent": "pi_none"}
    headers = {"Idempotency-Key": "refund-1"}
    wrong = post(sandbox, "/v1/refunds", form, headers)
    again = post(sandbox, "/v1/refunds", form, headers)
    assert wrong.status_code == again.status_code == 400
    assert wrong.json() == again.json()
    assert "idempotent-replayed" not in wrong.headers
    assert again.headers["idempotent-replayed"] == "true"


def test_idempotency_key_is_bound_to_its_parameters(sandbox: Running) -> None:
    sandbox.client.v1.customers.create({"name": "A"}, {"idempotency_key": "k"})
    with pytest.raises(stripe.IdempotencyError, match="same parameters"):
        sandbox.client.v1.customers.create({"name": "B"}, {"idempotency_key": "k"})
    too_long = post(sandbox, "/v1/customers", {"name": "A"}, {"Idempotency-Key": "k" * 256})
    assert too_long.status_code == 400


def test_a_request_that_fails_validation_does_not_use_the_key_up(sandbox: Running) -> None:
    headers = {"Idempotency-Key": "k"}
    assert post(sandbox, "/v1/customers", {"nam": "A"}, headers).status_code == 400
    assert post(sandbox, "/v1/customers", {"name": "A"}, headers).status_code == 200


def test_idempotency_key_expires_after_24_hours(sandbox: Running) -> None:
    headers = {"Idempotency-Key": "k"}
    first = post(sandbox, "/v1/customers", {"name": "A"}, headers).json()
    sandbox.control("clock", {"advance": 24 * 3600 + 1})
    assert post(sandbox, "/v1/customers", {"name": "A"}, headers).json()["id"] != first["id"]


def test_metadata_is_merged_and_emptied(sandbox: Running) -> None:
    customers = sandbox.client.v1.customers
    customer = customers.create({"metadata": {"a": "1", "b": "2"}})
    assert customers.update(customer.id, {"metadata": {"b": "", "c": "3"}}).metadata.to_dict() == {
        "a": "1",
        "c": "3",
    }
    assert customers.update(customer.id, {"metadata": ""}).metadata.to_dict() == {}


def test_cursors_page_through_lists_in_both_directions(sandbox: Running) -> None:
    made = [sandbox.client.v1.customers.create({"name": f"C{n}"}).id for n in range(7)]
    newest_first = made[::-1]
    listed = sandbox.client.v1.customers.list({"limit": 3})
    assert [c.id for c in listed.data] == newest_first[:3]
    assert listed.has_more is True
    assert [c.id for c in listed.auto_paging_iter()] == newest_first
    page = sandbox.client.v1.customers.list({"limit": 3, "ending_before": newest_first[5]})
    assert [c.id for c in page.data] == newest_first[2:5]
    assert page.has_more is True
    last = sandbox.client.v1.customers.list({"limit": 3, "starting_after": newest_first[4]})
    assert ([c.id for c in last.data], last.has_more) == (newest_first[5:], False)
    with pytest.raises(stripe.InvalidRequestError, match="No such customer"):
        sandbox.client.v1.customers.list({"starting_after": "cus_x"})
    with pytest.raises(stripe.InvalidRequestError):
        sandbox.client.v1.customers.list({"limit": 101})
