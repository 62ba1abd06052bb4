"""Decodes `application/x-www-form-urlencoded` with nested keys: `a[b][0][c]=1` becomes {"a": {"b": {"0":
{"c": "1"}}}}.

Lists stay dictionaries of decimal keys (`a[]=x` gets the next free number): only the parameter schema knows
whether a list or an object is meant.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise
from typing import Any
from urllib.parse import unquote_to_bytes

from stripe_sandbox.errors import InvalidRequest

MAX_PAIRS = 5_000
MAX_DEPTH = 12
LONGEST_NAME = 200
_KEY = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)\Z")
_PART = re.compile(r"\[([^\[\]]*)\]")

Form = dict[str, Any]


def _text(raw: str) -> str:
    if "%" not in raw and "+" not in raw:
        return raw
    try:
        return unquote_to_bytes(raw.replace("+", " ")).decode("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidRequest("Invalid UTF-8 in the request's parameters.") from error


def _path(raw: str) -> tuple[str, ...]:
    key = _text(raw)
    if "[" not in key and "]" not in key and key:
        return (key,)
    match = _KEY.match(key)
    if match is None:
        raise InvalidRequest(f"Invalid parameter name: {key[:100]}", param=key[:100])
    path = (match[1], *_PART.findall(match[2]))
    if len(path) > MAX_DEPTH:
        raise InvalidRequest(f"Parameters are nested more than {MAX_DEPTH} levels deep.", param=match[1])
    return path


#: Clients send the same few names repeatedly; long names are not cached.
_known_path = lru_cache(4096)(_path)


def parse(body: bytes) -> Form:
    """The nested form; raises InvalidRequest if it is malformed. Of two equal scalar keys, the last wins."""
    try:
        raw = body.decode("ascii")
    except UnicodeDecodeError:
        try:
            raw = body.decode("utf-8")
        except UnicodeDecodeError as error:
            raise InvalidRequest("Invalid UTF-8 in the request's parameters.") from error
    form: Form = {}
    if not raw:
        return form
    pairs = raw.split("&")
    if len(pairs) > MAX_PAIRS:
        raise InvalidRequest(f"More than {MAX_PAIRS} parameters were sent.")
    for pair in pairs:
        if not pair:
            continue
        key, _, value = pair.partition("=")
        path = _known_path(key) if len(key) <= LONGEST_NAME else _path(key)
        _insert(form, path, _text(value))
    return form


def _insert(form: Form, path: tuple[str, ...], value: str) -> None:
    if len(path) == 1 and not isinstance(form.get(path[0]), dict):
        form[path[0]] = value
        return
    node = form
    for part, following in pairwise(path):
        name = part or _append_to(node, following, path[0])
        child = node.setdefault(name, {})
        if not isinstance(child, dict):
            raise InvalidRequest("A parameter was sent both as a value and as an object.", param=path[0])
        node = child
    name = path[-1] or _free(node, path[0])
    if isinstance(node.get(name), dict):
        raise InvalidRequest("A parameter was sent both as a value and as an object.", param=path[0])
    node[name] = value


def _append_to(node: Form, following: str, param: str) -> str:
    """The element that `a[][following]` belongs to: the last one, until a field repeats, as Rack does."""
    last = str(len(node) - 1)
    element = node.get(last)
    if following and isinstance(element, dict) and following not in element:
        return last
    return _free(node, param)


def _free(node: Form, param: str) -> str:
    # Searching for a gap would let a small body take seconds.
    number = str(len(node))
    if number in node:
        raise InvalidRequest("An array was sent both with numbers that have gaps and without.", param=param)
    return number
