"""All state, in SQLite: in memory by default, or in a file.

Objects are JSON documents as the API returns them. Data that Stripe does not show (the test card, the session
it belongs to) is under the key `_`, which `public` removes. Lookups by a field use partial expression
indexes, so that one statement writes an object.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import msgspec

Object = dict[str, Any]

#: A filter value of `find`: anything but null.
ANY = object()

#: The fields by which each kind can be filtered.
INDEXED: Mapping[str, tuple[str, ...]] = {
    "charge": ("payment_intent", "customer"),
    "checkout.session": ("payment_intent", "customer", "subscription", "status", "client_reference_id"),
    "event": ("type", "data.object.id"),
    "payment_intent": ("customer", "status"),
    "payment_method": ("customer",),
    "setup_intent": ("customer",),
    "price": ("product", "lookup_key"),
    "refund": ("charge", "payment_intent", "status"),
    "balance_transaction": ("source", "type", "status"),
    "customer": ("email",),
    "discount": ("subscription",),
    "dispute": ("charge", "payment_intent", "status"),
    "invoice": ("customer", "status"),
    "invoice_payment": ("invoice",),
    "subscription": ("customer", "status"),
    "promotion_code": ("code", "customer"),
}

_SCHEMA = """
create table if not exists objects (
    seq integer primary key, id text not null unique, kind text not null, created integer not null, body
    text not null ); create index if not exists objects_kind on objects (kind, seq); create table if not
    exists timers ( id text primary key, due_at integer not null, action text not null, clock text ) without
    rowid; create index if not exists timers_due on timers (clock, due_at); create table if not exists
    idempotency ( key text primary key, fingerprint text not null, status integer not null, body blob not
    null, request_id text not null, created integer not null ) without rowid; create table if not exists
    deliveries ( id text primary key, event text not null, endpoint text not null, state text not null,
    due_at real not null, tries text not null, seq integer not null ) without rowid; create index if not
    exists deliveries_state on deliveries (state, due_at); create index if not exists deliveries_event_seq
    on deliveries (event, seq); create index if not exists deliveries_seq on deliveries (seq); create index
    if not exists deliveries_state_seq on deliveries (state, seq);
"""

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode
_COMPARE = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<=", "eq": "="}


#: How many of its lines an invoice shows. All are at the URL of the list.
LINES_SHOWN = 10


def public(obj: Object) -> Object:
    """The object without the data that Stripe does not show."""
    if "_" in obj:
        obj = {key: value for key, value in obj.items() if key != "_"}
    lines = obj.get("lines")
    if lines is not None and len(lines["data"]) > LINES_SHOWN:
        obj = {**obj, "lines": {**lines, "data": lines["data"][:LINES_SHOWN], "has_more": True}}
    return obj


class Store:
    """One SQLite connection, used from one thread. Every change is made inside `transaction`."""

    def __init__(self, path: str = ":memory:") -> None:
        self.db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        if path != ":memory:":
            self.db.execute("pragma journal_mode = wal")
        # This is a development server: losing the last second after a power cut is acceptable, slow commits
        # are not.
        self.db.execute("pragma synchronous = off")
        self.db.executescript(_SCHEMA)
        for kind, fields in INDEXED.items():
            for name in fields:
                index = f"by_{kind}_{name}".replace(".", "_")
                self.db.execute(
                    f"create index if not exists {index} on objects (json_extract(body, '$.{name}'), seq) "
                    f"where kind = '{kind}'"
                )

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit at the end, roll back on an exception; nested use joins the outer transaction."""
        if self.db.in_transaction:
            yield
            return
        self.db.execute("begin")
        try:
            yield
        except BaseException:
            self.db.execute("rollback")
            raise
        self.db.execute("commit")

    def close(self) -> None:
        """Close the file."""
        self.db.close()

    def clear(self, keep: tuple[str, ...] = ()) -> None:
        """Delete everything except objects of the kinds to keep."""
        with self.transaction():
            marks = ",".join("?" * len(keep))
            self.db.execute(f"delete from objects where kind not in ({marks})", keep)  # noqa: S608
            for table in ("timers", "idempotency", "deliveries"):
                self.db.execute(f"delete from {table}")  # noqa: S608

    # -- objects -----------------------------------------------------------------------------------

    def insert(self, obj: Object) -> Object:
        """Store a new object."""
        self.db.execute(
            "insert into objects (id, kind, created, body) values (?, ?, ?, ?)",
            (obj["id"], obj["object"], obj.get("created", 0), _encode(obj).decode()),
        )
        return obj

    def update(self, obj: Object) -> Object:
        """Store the object's current state."""
        self.db.execute("update objects set body = ? where id = ?", (_encode(obj).decode(), obj["id"]))
        return obj

    def delete(self, id_: str) -> None:
        """Delete an object."""
        self.db.execute("delete from objects where id = ?", (id_,))

    def delete_keeping_id(self, obj: Object) -> Object:
        """Delete an object except for its id, as Stripe does with customers; returns what remains."""
        left: Object = {"id": obj["id"], "object": obj["object"], "deleted": True}
        self.db.execute(
            "update objects set kind = 'deleted', body = ? where id = ?", (_encode(left).decode(), obj["id"])
        )
        return left

    def get(self, id_: str, kind: str | None = None) -> Object | None:
        """The object with this id, if it has this kind."""
        row = self.db.execute("select kind, body from objects where id = ?", (id_,)).fetchone()
        if row is None or (kind is not None and row[0] != kind):
            return None
        found: Object = _decode(row[1])
        return found

    def find(
        self,
        kind: str,
        where: Mapping[str, Any] | None = None,
        created: Mapping[str, int] | None = None,
        *,
        limit: int = 100,
        after: str | None = None,
        before: str | None = None,
    ) -> list[Object]:
        """Objects, newest first, after or before the object with a given id; `where` compares top-level
        fields.

        A list in `where` means "one of these", None "null", ANY "not null". With `before`, the objects
        nearest to it are returned.
        """
        # The kind is part of the SQL text, not a parameter: only then can SQLite use the partial indexes.
        sql = [f"select body from objects where kind = '{kind}'"]  # noqa: S608
        args: list[Any] = []
        for name, value in (where or {}).items():
            column = f"json_extract(body, '$.{name}')"
            if value is None or value is ANY:
                sql.append(f"and {column} is {'null' if value is None else 'not null'}")
            elif isinstance(value, (list, tuple)):
                sql.append(f"and {column} in ({','.join('?' * len(value))})")
                args.extend(value)
            else:
                sql.append(f"and {column} = ?")
                args.append(value)
        for comparison, moment in (created or {}).items():
            sql.append(f"and created {_COMPARE[comparison]} ?")
            args.append(moment)
        for comparison, cursor in (("<", after), (">", before)):
            if cursor is not None:
                sql.append(f"and seq {comparison} (select seq from objects where id = ?)")  # noqa: S608
                args.append(cursor)
        sql.append(f"order by seq {'asc' if before is not None else 'desc'} limit ?")
        args.append(limit)
        found = [_decode(row[0]) for row in self.db.execute(" ".join(sql), args)]
        return found[::-1] if before is not None else found

    def containing(self, kind: str, text: str) -> list[Object]:
        """Objects of a kind whose JSON contains this text: finds objects by a part of them."""
        rows = self.db.execute("select body from objects where kind = ? and instr(body, ?)", (kind, text))
        return [_decode(row[0]) for row in rows]

    def find_any(self, kind: str, name: str, values: Iterable[str], *, limit: int = 100) -> list[Object]:
        """Objects whose field has one of these values, newest first.

        One lookup per value: with one query for all values in order, SQLite would read every object of the
        kind.
        """
        sql = (
            f"select seq, body from objects where kind = '{kind}' and "  # noqa: S608
            f"json_extract(body, '$.{name}') = ? order by seq desc limit ?"
        )
        rows = {row for value in values for row in self.db.execute(sql, (value, limit))}
        return [_decode(body) for _, body in sorted(rows, reverse=True)[:limit]]

    def since(self, kind: str, seq: int) -> list[Object]:
        """Objects of a kind stored after the object with this number, oldest first."""
        rows = self.db.execute(
            "select body from objects where kind = ? and seq > ? order by seq", (kind, seq)
        )
        return [_decode(row[0]) for row in rows]

    def count(self, kind: str) -> int:
        """The number of objects of a kind."""
        return int(self.db.execute("select count(*) from objects where kind = ?", (kind,)).fetchone()[0])

    def count_up_to(self, kind: str, most: int) -> int:
        """The number of objects of a kind, counted up to `most`."""
        sql = "select count(*) from (select 1 from objects where kind = ? limit ?)"
        return int(self.db.execute(sql, (kind, most)).fetchone()[0])

    def with_prefix(self, prefix: str, limit: int) -> list[Object]:
        """Objects whose ids start with this text."""
        rows = self.db.execute(
            "select body from objects where id >= ? and id < ? order by id limit ?",
            (prefix, f"{prefix}\U0010ffff", limit),
        )
        return [_decode(row[0]) for row in rows]

    def total(self) -> int:
        """The highest number given to an object. After a restart with a seed, ids continue from it and do not
        repeat.
        """
        return int(self.db.execute("select coalesce(max(seq), 0) from objects").fetchone()[0])

    # -- the balance -------------------------------------------------------------------------------

    def available_transactions(self, now: int) -> list[Object]:
        """Pending balance transactions that have become available, oldest first."""
        rows = self.db.execute(
            "select body from objects where kind = 'balance_transaction' "
            "and json_extract(body, '$.status') = 'pending' and json_extract(body, '$.available_on') <= ? "
            "order by seq",
            (now,),
        )
        return [_decode(row[0]) for row in rows]

    def balance(self) -> dict[tuple[str, str], int]:
        """Net amounts of the balance transactions by (status, currency)."""
        rows = self.db.execute(
            "select json_extract(body, '$.status'), json_extract(body, '$.currency'), "
            "sum(json_extract(body, '$.net')) from objects where kind = 'balance_transaction' group by 1, 2"
        )
        return {(status, currency): int(net) for status, currency, net in rows}

    # -- timers ------------------------------------------------------------------------------------

    def schedule(self, action: str, subject: str, due_at: int, clock: str | None = None) -> None:
        """Run `action` on `subject` at this time; a second call moves it. `clock` names a test clock."""
        self.db.execute(
            "insert or replace into timers values (?, ?, ?, ?)",
            (f"{action}:{subject}", due_at, action, clock),
        )

    def unschedule(self, action: str, subject: str) -> None:
        """Delete a timer."""
        self.db.execute("delete from timers where id = ?", (f"{action}:{subject}",))

    def forget_timers(self, clock: str) -> None:
        """Delete all timers of a test clock."""
        self.db.execute("delete from timers where clock = ?", (clock,))

    def due(self, now: int, clock: str | None = None, limit: int = 100) -> list[tuple[str, str, int]]:
        """Timers that are due, oldest first: (action, subject, due_at)."""
        rows = self.db.execute(
            "select id, action, due_at from timers where clock is ? and due_at <= ? order by due_at, id "
            "limit ?",
            (clock, now, limit),
        )
        return [(action, id_[len(action) + 1 :], due_at) for id_, action, due_at in rows]
