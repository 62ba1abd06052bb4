"""Objects and parameters according to stripe-python, which is generated for the sandbox's API version.

The SDK is generated from a newer OpenAPI document than the one available. This module reads the names from
the SDK: fields of an object and parameters of an operation, as dotted paths.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import sys
from functools import lru_cache
from pathlib import Path
from typing import Any

import stripe
from stripe._object_classes import get_object_class
from stripe._request_options import RequestOptions

#: Dotted names as a tree: {"recovery": {"enabled": {}}}.
Tree = dict[str, Any]

#: Arguments of a call that are not parameters of the operation.
_OPTIONS = set(RequestOptions.__annotations__)
#: Attributes of the SDK that are not fields of Stripe's.
_OWN_FIELDS = {"OBJECT_NAME", "deleted"}
_ROOT = Path(stripe.__file__).parent


def fields(kind: str) -> Tree:
    """The fields of one kind of object."""
    found = _fields(get_object_class("V1", kind))
    return {name: below for name, below in found.items() if name not in _OWN_FIELDS}


def _fields(cls: type) -> Tree:
    inner = getattr(cls, "_inner_class_types", {})
    names = {
        name
        for base in cls.__mro__
        if base.__module__.startswith("stripe.") and base.__name__ != "StripeObject"
        for name in inspect.get_annotations(base)
        if not name.startswith("_")
    }
    # The SDK appends an underscore to Python keywords.
    return {name.rstrip("_"): _fields(inner[name]) if name in inner else {} for name in names}


def parameters(method: str, template: str) -> Tree | None:
    """The parameters of an operation; None when the SDK does not have the operation."""
    found = _operations().get((method, re.sub(r"\{[^}]*\}", "{}", template)))
    if found is None:
        return None
    name, module = found
    return _parameters(getattr(importlib.import_module(module), name))


def _parameters(cls: Any) -> Tree:
    names = vars(sys.modules[cls.__module__])
    tree: Tree = {}
    for name, annotation in inspect.get_annotations(cls).items():
        if name in _OPTIONS:
            continue
        below: Tree = {}
        for word in re.findall(r"\w+", repr(annotation)):
            nested = names.get(word)
            if isinstance(nested, type) and hasattr(nested, "__total__") and nested is not cls:
                merge(below, _parameters(nested))
        tree[name.rstrip("_")] = below
    return tree


@lru_cache
def _operations() -> dict[tuple[str, str], tuple[str, str]]:
    """Method and path (with empty braces) -> the class of its parameters and that class's module."""
    found: dict[tuple[str, str], tuple[str, str]] = {}
    for file in sorted(_ROOT.rglob("_*service.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        modules = {
            alias.name: str(node.module)
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("stripe.params")
            for alias in node.names
        }
        for function in ast.walk(tree):
            if not isinstance(function, ast.FunctionDef):
                continue
            texts = [n.value for n in ast.walk(function) if isinstance(n, ast.Constant)]
            paths = [text for text in texts if isinstance(text, str) and text.startswith("/v1/")]
            methods = [text for text in texts if text in ("get", "post", "delete")]
            classes = [text for text in texts if isinstance(text, str) and text in modules]
            if paths and methods and classes:
                key = (str(methods[0]).upper(), re.sub(r"\{[^}]*\}", "{}", paths[0]))
                found[key] = (classes[0], modules[classes[0]])
    return found


def merge(into: Tree, other: Tree) -> None:
    """Add the names of another tree."""
    for name, below in other.items():
        merge(into.setdefault(name, {}), below)


def difference(mine: Tree, theirs: Tree, path: str = "", *, leaves: bool = True) -> set[str]:
    """Dotted names that are in `mine` and not in `theirs`.

    Where `theirs` is open (a hash, another object), nothing is reported; without `leaves`,
    nor where it has no names below at all (in the SDK also a list).
    """
    found: set[str] = set()
    for name, below in mine.items():
        if name == "...":
            continue
        if name not in theirs:
            found.add(path + name)
        elif "..." not in theirs[name] and (leaves or theirs[name]):
            found |= difference(below, theirs[name], f"{path}{name}.", leaves=leaves)
    return found
