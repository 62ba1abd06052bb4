"""The AsyncAPI 3 document: every topic, what travels on it, who sends and who receives."""

from typing import Any

import msgspec
from pydantic.json_schema import models_json_schema

from schemas.contracts.jsonschema import Schema, stripe_envelope
from schemas.events import EVENTS
from schemas.stripe.parse import KINDS, kind_of
from schemas.topics import CONSUMER_SERVICES, STRIPE_REREADS, TOPICS, Topic, dead_letter_topic, stripe_topic

_COMPONENTS = "#/components/schemas/{model}"
_DEAD_LETTERS = frozenset(dead_letter_topic(service) for service in CONSUMER_SERVICES)

_HEADERS: Schema = {
    "type": "object",
    "description": "CloudEvents 1.0, Kafka binary mode. Header values are UTF-8 texts.",
    "required": ["ce_specversion", "ce_id", "ce_source", "ce_type", "ce_time", "content-type"],
    "properties": {
        "ce_specversion": {"const": "1.0"},
        "ce_id": {
            "type": "string",
            "description": "Unique for the source. A redelivery carries the same id.",
        },
        "ce_source": {"type": "string"},
        "ce_type": {"type": "string"},
        "ce_time": {"type": "string", "format": "date-time"},
        "content-type": {"const": "application/json"},
        "traceparent": {"type": "string", "description": "W3C Trace Context."},
    },
}
_STRIPE_HEADERS: Schema = {
    "allOf": [
        {"$ref": "#/components/schemas/CloudEventHeaders"},
        {
            "type": "object",
            "properties": {
                "ce_source": {"const": "stripe"},
                "stripe-api-version": {"type": "string"},
            },
        },
    ]
}

# One event type of each kind that we read, to find the topic on which objects of the kind travel.
_SAMPLE_TYPES = {
    "checkout.session": ("checkout.session.completed",),
    "payment_intent": ("payment_intent.succeeded",),
    "charge": ("charge.succeeded", "charge.refunded"),
    "refund": ("refund.created",),
    "dispute": ("charge.dispute.created",),
    "radar.early_fraud_warning": ("radar.early_fraud_warning.created",),
    "subscription": ("customer.subscription.created",),
    "invoice": ("invoice.paid",),
    "invoice_payment": ("invoice_payment.paid",),
    "customer": ("customer.created",),
    "payment_method": ("payment_method.attached",),
    "promotion_code": ("promotion_code.created",),
}


def document(version: str) -> dict[str, Any]:
    """The whole document, deterministic: the same models and topics give the same bytes."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Masterji Payments",
            "version": version,
            "description": "Messages between the services. Generated from the package `schemas`.",
        },
        "defaultContentType": "application/json",
        "channels": {topic.name: _channel(topic) for topic in TOPICS.values()},
        "operations": {name: body for topic in TOPICS.values() for name, body in _operations(topic)},
        "components": {"messages": _messages(), "schemas": _schemas()},
    }


def _message_names(topic: Topic) -> list[str]:
    own = [event_type for event_type, model in EVENTS.items() if topic.name == model.TOPIC]
    if own:
        return own
    if topic.name in _DEAD_LETTERS:
        return ["dead-letter"]
    names = [
        f"stripe.{kind}"
        for kind, types in _SAMPLE_TYPES.items()
        if topic.name == STRIPE_REREADS or topic.name in {stripe_topic(sample) for sample in types}
    ]
    return [*names, "stripe.any"]


def _channel(topic: Topic) -> dict[str, Any]:
    names = _message_names(topic)
    return {
        "address": topic.name,
        "description": f"{topic.description} Key: {topic.key}.",
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in names},
        "bindings": {
            "kafka": {
                "topic": topic.name,
                "partitions": topic.partitions,
                "topicConfiguration": {
                    "cleanup.policy": topic.cleanup.split(","),
                    "max.message.bytes": topic.max_message_bytes,
                    **({} if topic.cleanup == "compact" else {"retention.ms": topic.retention_ms}),
                },
                "bindingVersion": "0.5.0",
            }
        },
    }


def _operations(topic: Topic) -> list[tuple[str, dict[str, Any]]]:
    messages = [{"$ref": f"#/channels/{topic.name}/messages/{name}"} for name in _message_names(topic)]
    channel = {"$ref": f"#/channels/{topic.name}"}
    sends = [
        (f"{service}.send.{topic.name}", {"action": "send", "channel": channel, "messages": messages})
        for service in topic.producers
    ]
    receives = [
        (
            f"{service}.receive.{topic.name}",
            {
                "action": "receive",
                "channel": channel,
                "messages": messages,
                "bindings": {
                    "kafka": {
                        "groupId": {"type": "string", "enum": [service]},
                        "bindingVersion": "0.5.0",
                    }
                },
            },
        )
        for service in topic.consumers
        if service in CONSUMER_SERVICES
    ]
    return sends + receives


def _messages() -> dict[str, Any]:
    headers = {"$ref": "#/components/schemas/CloudEventHeaders"}
    own = {
        event_type: {
            "name": event_type,
            "title": model.__name__,
            "summary": (model.__doc__ or "").split("\n\n")[0].replace("\n", " ").strip(),
            "contentType": "application/json",
            "headers": headers,
            "payload": {"$ref": f"#/components/schemas/{model.__name__}"},
        }
        for event_type, model in EVENTS.items()
    }
    stripe = {
        f"stripe.{kind}": {
            "name": f"stripe.{kind}",
            "title": f"A Stripe event about a {kind}",
            "contentType": "application/json",
            "headers": _STRIPE_HEADERS,
            "payload": stripe_envelope({"$ref": _COMPONENTS.format(model=struct.__name__)}),
        }
        for kind, struct in KINDS.items()
    }
    anything = {
        "name": "stripe.any",
        "title": "A Stripe event about any other object",
        "contentType": "application/json",
        "headers": _STRIPE_HEADERS,
        "payload": stripe_envelope({"type": "object"}),
    }
    dead = {
        "name": "dead-letter",
        "title": "A message that could not be accepted",
        "summary": "The original's value and headers, with reason, origin and attempts as more headers.",
        "headers": {"type": "object"},
        "payload": {},
    }
    return {**own, **stripe, "stripe.any": anything, "dead-letter": dead}


def _schemas() -> dict[str, Schema]:
    _, ours = models_json_schema(
        [(model, "validation") for model in EVENTS.values()], ref_template=_COMPONENTS
    )
    _, stripe = msgspec.json.schema_components(
        list(KINDS.values()), ref_template=_COMPONENTS.replace("model", "name")
    )
    assert not set(ours["$defs"]) & set(stripe), "two schemas share a name"
    assert all(kind_of(sample) == kind for kind, types in _SAMPLE_TYPES.items() for sample in types)
    return {"CloudEventHeaders": _HEADERS, **ours["$defs"], **dict(sorted(stripe.items()))}
