"""Generated files are current, a breaking change is caught, and the AsyncAPI document holds together."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, ValidationError

from schemas.contracts import files
from schemas.contracts.compatibility import breaks
from schemas.contracts.jsonschema import event_schema
from schemas.events import EVENTS
from schemas.topics import TOPICS

ORDER = event_schema("masterji.order.placed.v1")
LINE = ("$defs", "OrderLine", "properties")


def test_the_committed_files_are_what_the_models_say() -> None:
    assert files.drift() == []


def test_a_stale_missing_or_left_over_file_is_drift(tmp_path: Path) -> None:
    files.write(tmp_path)
    assert files.drift(tmp_path) == []
    (tmp_path / "masterji.order.placed.v1.schema.json").write_text("{}")
    (tmp_path / "asyncapi.json").unlink()
    (tmp_path / "masterji.gone.v1.schema.json").write_text("{}")
    expected = ["asyncapi.json", "masterji.gone.v1.schema.json", "masterji.order.placed.v1.schema.json"]
    assert files.drift(tmp_path) == expected
    assert files.write(tmp_path) == expected
    assert files.drift(tmp_path) == []


def test_nothing_breaks_what_is_released_and_every_event_is() -> None:
    assert files.broken() == []
    released = {path.name.removesuffix(".schema.json") for path in files.RELEASED.glob("*.json")}
    assert released == set(EVENTS)


def test_a_breaking_change_cannot_be_released(tmp_path: Path) -> None:
    files.release(tmp_path)
    path = tmp_path / "masterji.order.placed.v1.schema.json"
    old = json.loads(path.read_text())
    old["properties"]["gift"] = {"type": "boolean"}
    path.write_text(json.dumps(old))
    with pytest.raises(ValueError, match=r"masterji\.order\.placed\.v1: \$\.gift: the field is gone"):
        files.release(tmp_path)
    (tmp_path / "masterji.order.shipped.v1.schema.json").write_text("{}")
    assert any("order.shipped.v1: the type is gone" in sentence for sentence in files.broken(tmp_path))


def field(schema: Any, *path: str) -> Any:
    for step in path:
        schema = schema[step]
    return schema


def rename(schema: Any) -> None:
    schema["properties"]["promotion"] = schema["properties"].pop("promo_code")


BREAKING: dict[str, tuple[Callable[[Any], Any], str]] = {
    "a field removed": (lambda s: s["properties"].pop("locale"), "$.locale: the field is gone"),
    "a field renamed": (rename, "$.promo_code: the field is gone"),
    "a nested field removed": (lambda s: field(s, *LINE).pop("title"), "$.lines[].title: the field is gone"),
    "an optional field made required": (
        lambda s: s["required"].append("country"),
        "$.country: is now required",
    ),
    "a new required field": (
        lambda s: (s["properties"].update(tax={"type": "integer"}), s["required"].append("tax")),
        "$.tax: is now required",
    ),
    "null no longer allowed": (
        lambda s: s["properties"].update(session_id={"type": "string", "minLength": 1, "maxLength": 255}),
        "$.session_id: no longer accepts null",
    ),
    "a type narrowed": (
        lambda s: s["properties"]["amount_total"].update(type="boolean"),
        "$.amount_total: no longer accepts integer",
    ),
    "an enum value removed": (
        lambda s: field(s, *LINE, "kind").update(enum=["course", "plan"]),
        "$.lines[].kind: no longer accepts the values ['bundle']",
    ),
    "an enum where any text was allowed": (
        lambda s: field(s, *LINE, "title").update(enum=["Sitar"]),
        "$.lines[].title: now accepts only ['Sitar']",
    ),
    "a shorter text": (
        lambda s: s["properties"]["order_id"].update(maxLength=20),
        "$.order_id: maxLength fell from 255 to 20",
    ),
    "a longer minimum": (
        lambda s: s["properties"]["order_id"].update(minLength=5),
        "$.order_id: minLength rose from 1 to 5",
    ),
    "a smaller maximum": (
        lambda s: s["properties"]["amount_total"].update(maximum=5),
        "$.amount_total: maximum fell",
    ),
    "another pattern": (
        lambda s: s["properties"]["currency"].update(pattern="^[A-Z]{3}$"),
        "$.currency: pattern changed",
    ),
    "a format where there was none": (
        lambda s: s["properties"]["order_id"].update(format="uuid"),
        "$.order_id: format changed",
    ),
    "unknown fields refused": (
        lambda s: s.update(additionalProperties=False),
        "$: additionalProperties are no longer allowed",
    ),
    "fewer items": (
        lambda s: s["properties"]["lines"].update(maxItems=1),
        "$.lines: maxItems fell from 200 to 1",
    ),
}


@pytest.mark.parametrize("change", BREAKING)
def test_a_breaking_change_is_caught(change: str) -> None:
    alter, sentence = BREAKING[change]
    current = copy.deepcopy(ORDER)
    alter(current)
    found = breaks(ORDER, current)
    assert len(found) == 1, found
    assert found[0].startswith(sentence)


COMPATIBLE: dict[str, Callable[[Any], Any]] = {
    "nothing": lambda s: None,
    "a new optional field": lambda s: s["properties"].update(gift={"type": "boolean", "default": False}),
    "one more enum value": lambda s: field(s, *LINE, "kind").update(
        enum=["course", "bundle", "plan", "gift"]
    ),
    "null allowed too": lambda s: s["properties"].update(
        amount_total={"anyOf": [s["properties"]["amount_total"], {"type": "null"}]}
    ),
    "a longer text": lambda s: s["properties"]["order_id"].update(maxLength=500),
    "a field no longer required": lambda s: s["required"].remove("email"),
    "another description": lambda s: s.update(description="Other words."),
    "a definition moved inline": lambda s: s["properties"].update(terms=s["$defs"].pop("Terms")),
}


@pytest.mark.parametrize("change", COMPATIBLE)
def test_a_compatible_change_passes(change: str) -> None:
    current = copy.deepcopy(ORDER)
    COMPATIBLE[change](current)
    assert breaks(ORDER, current) == []


@pytest.fixture(scope="module")
def asyncapi() -> dict[str, Any]:
    document: dict[str, Any] = json.loads((files.GENERATED / "asyncapi.json").read_text(encoding="utf-8"))
    return document


def references(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
        return own + [found for inner in value.values() for found in references(inner)]
    return [found for inner in value for found in references(inner)] if isinstance(value, list) else []


def resolve(document: Any, reference: str) -> Any:
    assert reference.startswith("#/"), reference
    for step in reference[2:].split("/"):
        document = document[step.replace("~1", "/").replace("~0", "~")]
    return document


def test_every_reference_of_the_asyncapi_document_leads_somewhere(asyncapi: dict[str, Any]) -> None:
    found = references(asyncapi)
    assert len(found) > 100
    for reference in found:
        assert isinstance(resolve(asyncapi, reference), dict)


def test_the_asyncapi_document_names_every_topic_event_sender_and_receiver(asyncapi: dict[str, Any]) -> None:
    assert asyncapi["asyncapi"] == "3.0.0"
    assert {channel["address"] for channel in asyncapi["channels"].values()} == set(TOPICS)
    assert set(EVENTS) <= set(asyncapi["components"]["messages"])
    for topic in TOPICS.values():
        channel = asyncapi["channels"][topic.name]
        assert channel["bindings"]["kafka"]["partitions"] == topic.partitions
        senders = {
            name for name, op in asyncapi["operations"].items() if resolves_to(asyncapi, op, channel, "send")
        }
        assert senders == {f"{service}.send.{topic.name}" for service in topic.producers}
    assert "enrollment.receive.orders" in asyncapi["operations"]
    for operation in asyncapi["operations"].values():
        channel_name = operation["channel"]["$ref"].removeprefix("#/channels/")
        for message in operation["messages"]:
            assert message["$ref"].startswith(f"#/channels/{channel_name}/messages/")


def resolves_to(document: dict[str, Any], operation: dict[str, Any], channel: Any, action: str) -> bool:
    return operation["action"] == action and resolve(document, operation["channel"]["$ref"]) is channel


def test_examples_validate_against_the_payloads_of_the_asyncapi_document(asyncapi: dict[str, Any]) -> None:
    def validator(message: str) -> Draft202012Validator:
        payload = asyncapi["components"]["messages"][message]["payload"]
        return Draft202012Validator({**payload, "components": asyncapi["components"]})

    for event_type in EVENTS:
        validator(event_type).validate(json.loads((files.EXAMPLES / f"{event_type}.json").read_bytes()))
    for path in (files.EXAMPLES / "stripe").glob("*.json"):
        body = json.loads(path.read_bytes())
        validator(f"stripe.{body['data']['object']['object']}").validate(body)
        validator("stripe.any").validate(body)
    with pytest.raises(ValidationError, match=r"is a required property"):
        validator("stripe.refund").validate(
            {"id": "evt_1", "type": "refund.created", "created": 1, "data": {}}
        )
