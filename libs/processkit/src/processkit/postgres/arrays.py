"""Fast dumping of lists as query parameters: a batch of events is one list of strings per column.

psycopg dumps a list item by item in Python. Here, a few calls join all strings of a list.
"""

from typing import Any

from psycopg import errors
from psycopg.abc import Buffer
from psycopg.adapt import Dumper, PyFormat
from psycopg.types.array import BaseListDumper, ListBinaryDumper
from psycopg.types.string import StrDumper

_TEXT_ARRAY_OID = 1009  # text[] in every PostgreSQL
# Two control characters serve as placeholders until the items are joined. A list that contains one of them is
# dumped item by item.
_BETWEEN = "\x1f"
_NULL = "\x1e"
_QUOTED_NULL = f'"{_NULL}"'


class FastListDumper(ListBinaryDumper):
    """Dumps a list of strings as the text form of an array, and every other list as psycopg does."""

    def upgrade(self, obj: list[Any], format: PyFormat) -> "BaseListDumper":
        """Return the dumper for lists like this one."""
        item = self._find_list_element(obj, format)
        if type(item) is str:
            return _TextsDumper(self.cls, self._tx)  # type: ignore[return-value]  # any Dumper will do here
        return super().upgrade(obj, format)


class _TextsDumper(Dumper):
    oid = _TEXT_ARRAY_OID

    def __init__(self, cls: type, context: Any = None) -> None:
        super().__init__(cls, context)
        self._encoding = StrDumper(str, context)._encoding

    def dump(self, obj: list[str | None]) -> Buffer:
        return text_array(obj).encode(self._encoding)


def text_array(items: list[str | None]) -> str:
    """Return the items in PostgreSQL's text form of an array.

    Raises CharacterNotInRepertoire for a NUL, as the server does: in this form it would end the string.
    """
    if not items:
        return "{}"
    nulls = items.count(None)
    joined = _BETWEEN.join([_NULL if item is None else item for item in items] if nulls else items)  # type: ignore[arg-type]
    if "\x00" in joined:
        raise errors.CharacterNotInRepertoire("a text for PostgreSQL holds a NUL character")
    if joined.count(_BETWEEN) != len(items) - 1 or joined.count(_NULL) != nulls:
        return "{" + ",".join(["NULL" if item is None else f'"{_escaped(item)}"' for item in items]) + "}"
    text = '{"' + _escaped(joined).replace(_BETWEEN, '","') + '"}'
    return text.replace(_QUOTED_NULL, "NULL") if nulls else text


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
