"""Facts are stored as JSON and decoded into the struct that belongs to the event's type."""

from dataclasses import dataclass, field

import msgspec
import pytest

from messaging.eventset.event import Event, has_facts
from messaging.eventset.facts import Facts, FactsOf


class Weight(Facts):
    grams: int
    remark: str | None = None


class Stamp(Facts):
    country: str = msgspec.field(name="land")


KINDS: dict[str, type[Facts]] = {"weighed.v1": Weight, "weighed.v2": Weight, "stamped.v1": Stamp}


@pytest.fixture
def codec() -> FactsOf:
    return FactsOf(KINDS.__getitem__)


@pytest.mark.parametrize(
    ("event_type", "facts", "stored"),
    [
        ("weighed.v1", Weight(3), '{"grams":3}'),
        ("weighed.v2", Weight(3, "é"), '{"grams":3,"remark":"é"}'),
        ("stamped.v1", Stamp("in"), '{"land":"in"}'),
    ],
)
def test_facts_are_decoded_as_they_were_encoded(
    codec: FactsOf, event_type: str, facts: Facts, stored: str
) -> None:
    assert codec.encode(facts) == stored
    assert codec.decode(event_type, stored) == facts


def test_unknown_stored_fields_are_ignored_and_missing_ones_get_their_default(codec: FactsOf) -> None:
    assert codec.decode("weighed.v1", '{"grams": 3, "colour": "red"}') == Weight(3, None)


def test_facts_that_do_not_fit_the_struct_are_refused_with_the_field(codec: FactsOf) -> None:
    with pytest.raises(msgspec.ValidationError, match=r"Expected `int`, got `str` - at `\$.grams`"):
        codec.decode("weighed.v1", '{"grams": "3"}')


def test_the_struct_of_an_event_type_is_asked_for_once() -> None:
    asked: list[str] = []

    def kind_of(event_type: str) -> type[Facts]:
        asked.append(event_type)
        return Weight

    codec = FactsOf(kind_of)
    assert [codec.decode("weighed.v1", f'{{"grams": {n}}}') for n in (1, 2)] == [Weight(1), Weight(2)]
    assert asked == ["weighed.v1"]


def test_has_facts_distinguishes_events_by_their_struct() -> None:
    weighed = Event("e", "weighed.v1", 0, facts=Weight(3))
    assert has_facts(weighed, Weight)
    assert has_facts(weighed, Facts)
    assert not has_facts(weighed, Stamp)
    assert not has_facts(Event("e", "t", 0, {}), Weight)


@dataclass(frozen=True)
class Letter:
    land: str = "in"
    country: str = "np"


@dataclass(frozen=True)
class Parcel:
    grams: int | str
    letters: list[Letter] = field(default_factory=list)
    sender: str = "not needed"


class Post(Facts, frozen=True):
    grams: int
    letters: tuple[Stamp, ...] = ()
    remark: str = "none"


def test_facts_are_copied_from_an_object_by_name_whatever_name_is_stored() -> None:
    assert Post.of(Parcel(3, [Letter()])) == Post(3, (Stamp("np"),), "none")


def test_an_object_whose_values_do_not_fit_the_facts_is_refused() -> None:
    with pytest.raises(ValueError, match=r"Expected `int`, got `str` - at `\$.grams`"):
        Post.of(Parcel("heavy"))


def test_facts_are_taken_from_an_object_by_name_except_those_that_are_given() -> None:
    assert Stamp.taken_from(Letter()) == Stamp("np")
    assert Post.taken_from(Parcel(3), remark="wet", letters=()) == Post(3, (), "wet")


def test_facts_that_an_object_lacks_must_be_given() -> None:
    with pytest.raises(AttributeError, match="remark"):
        Post.taken_from(Parcel(3))
