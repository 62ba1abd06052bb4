"""Whether a changed contract still reads everything that was written under the released one.

Messages stay in the log for weeks (the catalog for ever) and in dead-letter topics for longer, so a new
contract must accept what the old one accepted, and keep every field that a consumer may read. What widens
a contract passes: a new optional field, a longer text, one more enum value. Consumers are deployed before
the producer that uses it.
"""

from collections.abc import Iterator
from typing import Any

Schema = dict[str, Any]

_LOWER_BOUNDS = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_UPPER_BOUNDS = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
_SHAPES = ("pattern", "format", "multipleOf", "uniqueItems")
_TYPES = frozenset({"null", "boolean", "integer", "number", "string", "array", "object"})


def breaks(released: Schema, current: Schema) -> list[str]:
    """What in `current` breaks readers or old messages, one sentence each; empty when it is compatible.

    Both are whole JSON Schema documents, with their `$defs`.
    """
    return list(_compare("$", released, current, released, current))


def _resolve(schema: Schema, root: Schema) -> Schema:
    while "$ref" in schema:
        target: Any = root
        for step in schema["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        schema = {**target, **{name: value for name, value in schema.items() if name != "$ref"}}
    return schema


def _branches(schema: Schema, root: Schema) -> list[Schema]:
    """The alternatives that a value may match."""
    schema = _resolve(schema, root)
    options = schema.get("anyOf") or schema.get("oneOf")
    if not options:
        return [schema]
    return [branch for option in options for branch in _branches(option, root)]


def _types(branches: list[Schema]) -> frozenset[str]:
    found: set[str] = set()
    for branch in branches:
        named = branch.get("type", _TYPES)
        found |= {named} if isinstance(named, str) else set(named)
    return frozenset(found | {"integer"} if "number" in found else found)


def _values(schema: Schema) -> list[Any] | None:
    return [schema["const"]] if "const" in schema else schema.get("enum")


def _compare(path: str, old: Schema, new: Schema, old_root: Schema, new_root: Schema) -> Iterator[str]:
    old_branches, new_branches = _branches(old, old_root), _branches(new, new_root)
    lost = _types(old_branches) - _types(new_branches)
    if lost:
        yield f"{path}: no longer accepts {', '.join(sorted(lost))}"
        return
    for old_branch in old_branches:
        candidates = [branch for branch in new_branches if _types([branch]) & _types([old_branch])]
        problems = [list(_narrowed(path, old_branch, branch, old_root, new_root)) for branch in candidates]
        # One alternative that accepts all of the old one is enough.
        yield from min(problems, key=len)


def _narrowed(path: str, old: Schema, new: Schema, old_root: Schema, new_root: Schema) -> Iterator[str]:
    yield from _fewer_values(path, old, new)
    for name in _LOWER_BOUNDS:
        if name in new and (name not in old or new[name] > old[name]):
            yield f"{path}: {name} rose from {old.get(name, 'none')} to {new[name]}"
    for name in _UPPER_BOUNDS:
        if name in new and (name not in old or new[name] < old[name]):
            yield f"{path}: {name} fell from {old.get(name, 'none')} to {new[name]}"
    for name in _SHAPES:
        if name in new and new[name] != old.get(name):
            yield f"{path}: {name} changed from {old.get(name, 'none')} to {new[name]}"
    yield from _properties(path, old, new, old_root, new_root)
    for name in ("items", "additionalProperties"):
        old_part, new_part = old.get(name), new.get(name)
        if isinstance(old_part, dict) and isinstance(new_part, dict):
            yield from _compare(f"{path}[]", old_part, new_part, old_root, new_root)
        elif new_part is False and old_part is not False:
            yield f"{path}: {name} are no longer allowed"
        elif isinstance(new_part, dict) and new_part and old_part in (None, True):
            yield f"{path}: {name} are now restricted"


def _fewer_values(path: str, old: Schema, new: Schema) -> Iterator[str]:
    old_values, new_values = _values(old), _values(new)
    if new_values is None:
        return
    if old_values is None:
        yield f"{path}: now accepts only {new_values}"
        return
    removed = [value for value in old_values if value not in new_values]
    if removed:
        yield f"{path}: no longer accepts the values {removed}"


def _properties(path: str, old: Schema, new: Schema, old_root: Schema, new_root: Schema) -> Iterator[str]:
    old_fields, new_fields = old.get("properties", {}), new.get("properties", {})
    for name, field in old_fields.items():
        if name not in new_fields:
            yield f"{path}.{name}: the field is gone; readers still expect it"
        else:
            yield from _compare(f"{path}.{name}", field, new_fields[name], old_root, new_root)
    for name in new.get("required", ()):
        if name not in old.get("required", ()):
            yield f"{path}.{name}: is now required; older messages do not have it"
