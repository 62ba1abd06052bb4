"""Which payment an event is about, also if it names only the charge.

The links of an event are decided in `schemas.stripe`. Stripe sends refunds and disputes that name a charge
and no payment intent; other events of the same payment name both.
"""

from collections.abc import Iterable, Mapping

Links = Mapping[str, str]
"""Link column -> id, such as `charge_id`."""


def intents_of_charges(links: Iterable[Links]) -> dict[str, str]:
    """Return the payment intent of each charge, from the links of events in chronological order."""
    found: dict[str, str] = {}
    for each in links:
        if "charge_id" in each and "payment_intent_id" in each:
            found.setdefault(each["charge_id"], each["payment_intent_id"])
    return found


def intent_of(links: Links, intents: Mapping[str, str]) -> str | None:
    """Return the payment intent that an event with these links is about; None if no event tells.

    `intents` has the payment intent of each charge.
    """
    return links.get("payment_intent_id") or intents.get(links.get("charge_id", ""))
