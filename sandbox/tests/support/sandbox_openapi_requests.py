"""Validates requests with Stripe's OpenAPI document: unknown names at any depth, and wrong values.

`check_all` checks all requests in a sandbox's request log.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from sandbox_openapi import document, template_of
from sandbox_openapi_differences import PARAMETERS_ADDED, PARAMETERS_REMOVED

from devstack import loopback

Asked = set[tuple[str, str]]


def check_all(base_url: str) -> Asked:
    """Assert that Stripe accepts every request in the sandbox's log; returns the operations.

    Requests of pages are skipped: the document does not describe Stripe.js's own requests.
    """
    answer = loopback.get(f"{base_url}/_sandbox/requests", params={"limit": 1000}, timeout=30)
    asked: Asked = set()
    found: list[str] = []
    for entry in answer.raise_for_status().json()["data"]:
        method, path = entry["method"], entry["path"]
        if entry["publishable"]:
            continue
        found += problems(method, path, entry["params"])
        asked.add((method, template_of(method, path) or path))
    assert not found, "\n".join(sorted(set(found)))
    return asked


def problems(method: str, path: str, form: dict[str, Any]) -> list[str]:
    """The errors of these parameters: unknown or missing names at any depth, and wrong values.

    `form` is nested, with texts as values and decimal keys for lists, as a form is decoded.
    """
    template = template_of(method, path)
    if template is None:
        return [f"{method} {path} is unknown"]
    added = PARAMETERS_ADDED.get((method, template), "").split()
    removed = PARAMETERS_REMOVED.get((method, template), "").split()
    found = list(_wrong(form, _request_schema(method, template), "", added))
    found += [f"{name} was removed" for name in removed if _has(form, name.split("."))]
    return [f"{method} {template}: {text}" for text in found]


def _request_schema(method: str, template: str) -> dict[str, Any]:
    operation = document()["paths"][template][method.lower()]
    properties: dict[str, Any] = {}
    required: list[str] = []
    for content in operation.get("requestBody", {}).get("content", {}).values():
        properties |= content["schema"].get("properties", {})
        required += content["schema"].get("required", [])
    for one in operation.get("parameters", []):
        if one["in"] == "query":
            properties[one["name"]] = one["schema"]
    return {"type": "object", "properties": properties, "required": required}


def _has(form: Any, path: list[str]) -> bool:
    if not path:
        return True
    if not isinstance(form, dict):
        return False
    if path[0] in form:
        return _has(form[path[0]], path[1:])
    return any(key.isdigit() and _has(item, path) for key, item in form.items())


def _wrong(value: Any, schema: dict[str, Any], path: str, added: list[str]) -> Iterator[str]:
    """The errors of a parameter; if several schemas are allowed, the errors of the nearest."""
    options = schema.get("anyOf")
    if options:
        tried = [list(_wrong(value, option, path, added)) for option in options]
        yield from min(tried, key=len)
    elif schema.get("type") == "object":
        yield from _wrong_object(value, schema, path, added)
    elif schema.get("type") == "array":
        if not isinstance(value, dict) or not all(key.isdigit() for key in value):
            yield f"{path} is no list"
        else:
            for item in value.values():
                yield from _wrong(item, schema["items"], path, added)
    elif isinstance(value, dict) and any(name.startswith(f"{path}.") for name in added):
        # Newer versions accept an object where the document has a string.
        yield from (f"{path}.{name} is unknown" for name in value if f"{path}.{name}" not in added)
    elif not isinstance(value, str):
        yield f"{path} is no single value"
    elif not _fits(value, schema):
        yield f"{path}: {value[:60]!r} is not valid for {schema.get('enum') or schema['type']}"


def _wrong_object(value: Any, schema: dict[str, Any], path: str, added: list[str]) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{path} is no object"
        return
    properties = schema.get("properties", {})
    for name, below in value.items():
        full = f"{path}.{name}" if path else name
        if name in properties:
            yield from _wrong(below, properties[name], full, added)
        elif isinstance(schema.get("additionalProperties"), dict):
            yield from _wrong(below, schema["additionalProperties"], full, added)
        elif full not in added:
            yield f"{full} is unknown"
    for name in schema.get("required", []):
        if name not in value:
            yield f"{path}.{name} is missing" if path else f"{name} is missing"


def _fits(value: str, schema: dict[str, Any]) -> bool:
    if "enum" in schema:
        return value in schema["enum"]
    kind = schema.get("type")
    if kind == "integer":
        return re.fullmatch(r"-?[0-9]+", value) is not None
    if kind == "number":
        return re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", value) is not None
    if kind == "boolean":
        return value in ("true", "false")
    return len(value) <= schema.get("maxLength", len(value))
