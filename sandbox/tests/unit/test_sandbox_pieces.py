"""Money, cards, signatures, settings, clock."""

import re

import pytest
import stripe

from stripe_sandbox.__main__ import main
from stripe_sandbox.control.dispatcher import signature
from stripe_sandbox.core import money
from stripe_sandbox.core.clock import Clock
from stripe_sandbox.core.ids import Ids
from stripe_sandbox.errors import CardDeclined
from stripe_sandbox.payments.cards import ACCOUNTS, ALIASES, BY_NAME, CARDS, by_number
from stripe_sandbox.settings import RetrySchedule, SettingsError, WebhookTarget, webhooks_from


@pytest.mark.parametrize(
    ("amount", "currency", "shown", "fee"),
    [
        (1990, "usd", "19.90 USD", 88),
        (1500, "jpy", "1,500 JPY", 74),
        (19905, "kwd", "19.905 KWD", 877),
        (-500, "eur", "-5.00 EUR", -500),
        (10, "usd", "0.10 USD", 10),
    ],
)
def test_money(amount: int, currency: str, shown: str, fee: int) -> None:
    assert money.show(amount, currency) == shown
    assert money.fee(amount, currency) == fee


def test_every_test_card_has_a_valid_number_and_its_own_name() -> None:
    assert len(BY_NAME) == len(CARDS) + len(ACCOUNTS)
    assert set(ALIASES.values()) <= set(BY_NAME)
    for number, card in CARDS.items():
        assert by_number(f" {number[:4]}-{number[4:]} ") is card
        assert number.endswith(card.last4)


@pytest.mark.parametrize(
    "number", ["", "4242", "4242424242424241", "x" * 16, "٤٢٤٢٤٢٤٢٤٢٤٢٤٢٤٢", "4111111111111111"]
)
def test_any_other_number_is_refused_without_being_repeated(number: str) -> None:
    with pytest.raises(CardDeclined) as caught:
        by_number(number)
    assert not number or number not in caught.value.message


def test_a_signature_holds_one_part_for_each_secret() -> None:
    payload = b'{"id": "evt_1"}'
    header = signature(["whsec_a", "whsec_b"], payload, 1_800_000_000)
    assert re.fullmatch(r"t=1800000000(,v1=[0-9a-f]{64}){2}", header)
    for secret in ("whsec_a", "whsec_b"):
        assert stripe.WebhookSignature.verify_header(payload.decode(), header, secret)


def test_retry_waits_grow_up_to_the_ceiling() -> None:
    schedule = RetrySchedule(base=0.5, ceiling=30)
    assert [schedule.wait(tries) for tries in (1, 2, 3, 7, 50, 5000)] == [0.5, 1, 2, 30, 30, 30]


def test_webhook_targets() -> None:
    target = WebhookTarget.parse("http://127.0.0.1:1/x?a=b=whsec_1")
    assert (target.url, target.secret) == ("http://127.0.0.1:1/x?a=b", "whsec_1")
    env = {"STRIPE_SANDBOX_WEBHOOKS": "http://a/=whsec_1, http://b/=whsec_2"}
    assert [one.url for one in webhooks_from([], env)] == ["http://a/", "http://b/"]
    assert [one.url for one in webhooks_from(["http://c/=whsec_3"], env)] == ["http://c/"]
    for wrong in ("http://a/", "ftp://a/=whsec_1", "whsec_1", "http://a/=whsec_"):
        with pytest.raises(SettingsError, match="--webhook must be"):
            WebhookTarget.parse(wrong)


def test_invalid_setting_stops_the_start_with_an_explanation(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", "--webhook", "nonsense"]) == 2
    assert "--webhook must be" in capsys.readouterr().err


def test_clock_has_an_offset_or_is_frozen() -> None:
    frozen = Clock(1000.0)
    frozen.advance(5)
    assert (frozen.now(), frozen.frozen) == (1005, True)
    frozen.set_offset(0)
    assert frozen.now() == 1000
    running = Clock()
    before = running.now()
    running.advance(3600)
    assert running.now() - before >= 3600


def test_ids_have_stripe_s_format_and_are_reproducible() -> None:
    assert Ids("a").new("pi") == Ids("a").new("pi") != Ids("b").new("pi")
    assert re.fullmatch(r"cs_test_[A-Za-z0-9]{60}", Ids().new("cs_test"))
    assert len({Ids("x").new("evt") for _ in range(3)}) == 1
