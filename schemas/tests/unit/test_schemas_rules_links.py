"""Which payment an event is about, also if it names only the charge."""

from schemas.rules import intent_of, intents_of_charges


def test_a_refund_that_names_only_its_charge_is_of_the_charges_payment_intent() -> None:
    charge = {"charge_id": "ch_1", "payment_intent_id": "pi_1"}
    refund = {"charge_id": "ch_1"}
    for links in ([charge, refund], [refund, charge]):
        assert intent_of(refund, intents_of_charges(links)) == "pi_1"


def test_what_an_event_says_itself_comes_first() -> None:
    assert intent_of({"payment_intent_id": "pi_2", "charge_id": "ch_1"}, {"ch_1": "pi_1"}) == "pi_2"


def test_a_charge_that_no_event_ties_to_a_payment_intent_has_none() -> None:
    assert intents_of_charges([{"charge_id": "ch_1"}, {"payment_intent_id": "pi_1"}]) == {}
    assert intent_of({"charge_id": "ch_1"}, {}) is None
    assert intent_of({}, {"ch_1": "pi_1"}) is None
