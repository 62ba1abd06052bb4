"""Reading an event of Stripe's: bytes in, a typed event with its links and rank out."""

from typing import Any, Literal, TypeVar, get_args

import msgspec
from msgspec import Raw, Struct

from schemas.stripe.base import Part, Resource
from schemas.stripe.checkout import Session
from schemas.stripe.customers import Customer, PaymentMethod, Unknown
from schemas.stripe.discounts import PromotionCode
from schemas.stripe.fields import Id, Text, Timestamp, Word
from schemas.stripe.invoices import Invoice, InvoicePayment
from schemas.stripe.payments import Charge, PaymentIntent
from schemas.stripe.ranks import rank
from schemas.stripe.returns import Dispute, EarlyFraudWarning, Refund
from schemas.stripe.subscriptions import Subscription
from schemas.stripe.texts import REPLACEMENT, readable

StripeObject = (
    Session
    | PaymentIntent
    | Charge
    | Refund
    | Dispute
    | EarlyFraudWarning
    | Subscription
    | Invoice
    | InvoicePayment
    | Customer
    | PaymentMethod
    | PromotionCode
    | Unknown
)

MAX_EVENT_BYTES = 2 * 1024 * 1024


class StripeEvent(Struct, frozen=True, kw_only=True):
    """One event, as services see it."""

    id: str
    type: str
    created: int
    """Seconds since the epoch, by Stripe's clock. Many events share one second."""
    livemode: bool
    api_version: str | None
    """The API version that `data.object` was rendered in, with the flags of betas."""
    account: str | None
    """The account that the event is of; None: our own. webhook-ingest removes the name of our own."""
    object: StripeObject
    object_id: str | None
    status: str | None
    """The object's status at this event, where it has one."""
    previous_status: str | None
    """The status before this event, where `previous_attributes` proves it."""
    changed: frozenset[str]
    """The names in `previous_attributes`: what this event changed."""
    links: dict[str, str]
    """The ids that tie the event to others, by link column. Those of our metadata are there only if they are
    ours (`schemas.rules.origin`). Empty for an event of another account: nothing of ours follows from it."""
    rank: int

    @property
    def created_us(self) -> int:
        """`created` in microseconds, the unit of messaging.eventset.event."""
        return self.created * 1_000_000


class _Data(Part):
    object: Raw
    previous_attributes: dict[str, Raw] | None = None


class Envelope(Part):
    """Stripe's event around its object."""

    id: Id
    type: Id
    created: Timestamp
    data: _Data
    livemode: bool = False
    api_version: Text | None = None
    account: Word | None = None
    """The connected account that the event is of."""
    context: Word | None = None
    """The same, in events of an organization: the path to the account."""
    object: Literal["event"] = "event"


class _Kind(Part):
    object: Word = ""
    id: Word | None = None


KINDS: dict[str, type[Resource]] = {
    kind.__struct_config__.tag: kind for kind in get_args(StripeObject) if kind is not Unknown
}
"""The struct of each kind of object by Stripe's name of it; every other kind becomes an Unknown."""

_KIND_OF_TYPE = {
    **{kind: kind for kind in KINDS},
    "charge.refund": "refund",
    "charge.dispute": "dispute",
    "customer.subscription": "subscription",
}
del _KIND_OF_TYPE["subscription"], _KIND_OF_TYPE["dispute"]

_DECODERS: dict[str, msgspec.json.Decoder[Any]] = {
    kind: msgspec.json.Decoder(struct) for kind, struct in KINDS.items()
}
_UNKNOWN = msgspec.json.Decoder(Unknown)
_KIND = msgspec.json.Decoder(_Kind)
_ENVELOPE = msgspec.json.Decoder(Envelope)
_STRING = msgspec.json.Decoder(str)

_T = TypeVar("_T")


def kind_of(event_type: str) -> str | None:
    """The kind of object that events of this type are about; None for types that are unknown here."""
    return _KIND_OF_TYPE.get(event_type.rpartition(".")[0])


def parse(value: bytes) -> StripeEvent:
    """Read an event as it stands in a Stripe topic.

    Raises ValueError, with a sentence that names the event and the field, when the value breaks the
    contract: no JSON object, an id missing, a wrong type, a time out of range, a text too long, NUL or a
    lone surrogate in an id, an object that is not of the event's type, nesting without end. In other texts
    U+FFFD stands for these (`schemas.stripe.texts`). An event type or object that is not known here is no
    violation: its `object` is an Unknown.
    """
    if len(value) > MAX_EVENT_BYTES:
        raise ValueError(f"A Stripe event of {len(value)} bytes; at most {MAX_EVENT_BYTES} are read.")
    text = readable(value)
    envelope = _decode(_ENVELOPE, text, "A Stripe event cannot be read")
    where = f"Stripe's {envelope.type} {envelope.id} cannot be read"
    raw = envelope.data.object
    kind = kind_of(envelope.type)
    if kind is None or kind == "invoice":
        probe = _decode(_KIND, raw, where)
        # A preview of an invoice that does not exist yet has no id, so it cannot be an Invoice.
        kind = probe.object if probe.id or kind is None else ""
    found: StripeObject = _decode(_DECODERS.get(kind, _UNKNOWN), raw, where)
    previous = envelope.data.previous_attributes or {}
    status = getattr(found, "status", None)
    account = envelope.context if envelope.account is None else envelope.account
    links = found.links()
    ids = (envelope.id, envelope.type, found.id, status, *links.values())
    if text is not value and any(REPLACEMENT in each for each in ids if each):
        raise ValueError(f"{where}: an id or a status holds a NUL character or a lone surrogate.")
    return StripeEvent(
        id=envelope.id,
        type=envelope.type,
        created=envelope.created,
        livemode=envelope.livemode,
        api_version=envelope.api_version,
        account=account,
        object=found,
        object_id=found.id,
        status=status,
        previous_status=_text(previous.get("status")),
        changed=frozenset(previous),
        links=links if account is None else {},
        rank=rank(envelope.type, kind, status),
    )


def _decode(decoder: msgspec.json.Decoder[_T], value: bytes | Raw, what: str) -> _T:
    try:
        return decoder.decode(value)
    except msgspec.DecodeError as error:
        raise ValueError(f"{what}: {error}") from None
    except UnicodeDecodeError as error:
        raise ValueError(f"{what}: it is not UTF-8 ({error.reason} at byte {error.start}).") from None
    except RecursionError:
        raise ValueError(f"{what}: it is nested too deeply.") from None


def _text(raw: Raw | None) -> str | None:
    if raw is None:
        return None
    try:
        return _STRING.decode(raw)[:255]
    except msgspec.DecodeError:
        return None
