"""Reading an event of Stripe's: bytes in, a typed event with its links and rank out."""

from typing import Any, Literal, TypeVar, get_args

import msgspec
from msgspec import Raw, Struct

from schemas.stripe.base import Wire
from schemas.stripe.checkout import SessionView, SessionWire
from schemas.stripe.customers import (
    CustomerView,
    CustomerWire,
    PaymentMethodView,
    PaymentMethodWire,
    UnknownView,
    UnknownWire,
)
from schemas.stripe.discounts import PromotionCodeView, PromotionCodeWire
from schemas.stripe.fields import Id, Timestamp, Word
from schemas.stripe.invoices import InvoicePaymentView, InvoicePaymentWire, InvoiceView, InvoiceWire
from schemas.stripe.payments import ChargeView, ChargeWire, PaymentIntentView, PaymentIntentWire
from schemas.stripe.ranks import rank
from schemas.stripe.returns import (
    DisputeView,
    DisputeWire,
    EarlyFraudWarningView,
    EarlyFraudWarningWire,
    RefundView,
    RefundWire,
)
from schemas.stripe.subscriptions import SubscriptionView, SubscriptionWire

StripeObject = (
    SessionView
    | PaymentIntentView
    | ChargeView
    | RefundView
    | DisputeView
    | EarlyFraudWarningView
    | SubscriptionView
    | InvoiceView
    | InvoicePaymentView
    | CustomerView
    | PaymentMethodView
    | PromotionCodeView
    | UnknownView
)

_AnyWire = (
    SessionWire
    | PaymentIntentWire
    | ChargeWire
    | RefundWire
    | DisputeWire
    | EarlyFraudWarningWire
    | SubscriptionWire
    | InvoiceWire
    | InvoicePaymentWire
    | CustomerWire
    | PaymentMethodWire
    | PromotionCodeWire
    | UnknownWire
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
    """The API version that `data.object` was rendered in."""
    object: StripeObject
    object_id: str | None
    status: str | None
    """The object's status at this event, where it has one."""
    previous_status: str | None
    """The status before this event, where `previous_attributes` proves it."""
    changed: frozenset[str]
    """The names in `previous_attributes`: what this event changed."""
    links: dict[str, str]
    rank: int

    @property
    def created_us(self) -> int:
        """`created` in microseconds, the unit of messaging.eventset.event."""
        return self.created * 1_000_000


class _Data(Wire):
    object: Raw
    previous_attributes: dict[str, Raw] | None = None


class Envelope(Wire):
    """Stripe's event around its object."""

    id: Id
    type: Id
    created: Timestamp
    data: _Data
    livemode: bool = False
    api_version: Word | None = None
    object: Literal["event"] = "event"


class _Kind(Wire):
    object: Word = ""
    id: Word | None = None


WIRES: dict[str, type[Any]] = {
    wire.__struct_config__.tag: wire for wire in get_args(_AnyWire) if wire is not UnknownWire
}
"""The struct that decodes each kind of object; every other kind becomes an UnknownView."""

_KIND_OF_TYPE = {
    **{kind: kind for kind in WIRES},
    "charge.refund": "refund",
    "charge.dispute": "dispute",
    "customer.subscription": "subscription",
}
del _KIND_OF_TYPE["subscription"], _KIND_OF_TYPE["dispute"]

_DECODERS = {kind: msgspec.json.Decoder(wire) for kind, wire in WIRES.items()}
_UNKNOWN = msgspec.json.Decoder(UnknownWire)
_KIND = msgspec.json.Decoder(_Kind)
_ENVELOPE = msgspec.json.Decoder(Envelope)
_STRING = msgspec.json.Decoder(str)

_T = TypeVar("_T")


def kind_of(event_type: str) -> str | None:
    """The kind of object that events of this type are about; None for types that have no view here."""
    return _KIND_OF_TYPE.get(event_type.rpartition(".")[0])


def parse(value: bytes) -> StripeEvent:
    """Read an event as it stands in a Stripe topic.

    Raises ValueError, with a sentence that names the event and the field, when the value breaks the
    contract: no JSON object, an id missing, a wrong type, a time out of range, a text too long, NUL in a
    text that we keep, an object that is not of the event's type, nesting without end. An event type or
    object that is not known here is no violation: its `object` is an UnknownView.
    """
    if len(value) > MAX_EVENT_BYTES:
        raise ValueError(f"A Stripe event of {len(value)} bytes; at most {MAX_EVENT_BYTES} are read.")
    envelope = _decode(_ENVELOPE, value, "A Stripe event cannot be read")
    where = f"Stripe's {envelope.type} {envelope.id} cannot be read"
    raw = envelope.data.object
    kind = kind_of(envelope.type)
    if kind is None or kind == "invoice":
        probe = _decode(_KIND, raw, where)
        # A preview of an invoice that does not exist yet has no id, so it cannot be an InvoiceView.
        kind = probe.object if probe.id or kind is None else ""
    wire: _AnyWire = _decode(_DECODERS.get(kind, _UNKNOWN), raw, where)
    view: StripeObject = wire.view()
    previous = envelope.data.previous_attributes or {}
    links = view.links()
    status = getattr(view, "status", None)
    event = StripeEvent(
        id=envelope.id,
        type=envelope.type,
        created=envelope.created,
        livemode=envelope.livemode,
        api_version=envelope.api_version,
        object=view,
        object_id=view.id,
        status=status,
        previous_status=_text(previous.get("status")),
        changed=frozenset(previous),
        links=links,
        rank=rank(envelope.type, kind, status),
    )
    # PostgreSQL stores no NUL. In valid JSON it can only be escaped, so most events pay for one byte search.
    if b"\\u0000" in value and _has_nul(msgspec.to_builtins(event)):
        raise ValueError(f"{where}: a text that would be stored holds a NUL character.")
    return event


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


def _has_nul(value: Any) -> bool:
    if isinstance(value, str):
        return "\x00" in value
    if isinstance(value, dict):
        return any(_has_nul(name) or _has_nul(item) for name, item in value.items())
    return isinstance(value, list | tuple | set | frozenset) and any(_has_nul(item) for item in value)
