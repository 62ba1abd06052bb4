"""The order lines that a refund is for, in its metadata at Stripe.

`line_ids` holds the ids, separated by commas. Stripe limits a value to 500 characters; more ids continue in
`line_ids_2`, `line_ids_3` and so on. An id is never split.
"""

from collections.abc import Mapping, Sequence

KEY = "line_ids"

MAX_VALUE = 500
"""Characters that Stripe accepts in a value of metadata."""

MAX_KEYS = 40
"""Of the 50 keys that Stripe accepts; the others are for what else a refund carries."""

_KEYS = (KEY, *(f"{KEY}_{number}" for number in range(2, MAX_KEYS + 1)))


def line_ids_metadata(line_ids: Sequence[str]) -> dict[str, str]:
    """Return the metadata that names these lines; empty for no lines. A repeated id is written once.

    Raises ValueError for an id that could not be read back (empty, with a comma, with spaces around it, or
    longer than a value), and for more ids than fit.
    """
    values: list[str] = []
    for line_id in dict.fromkeys(line_ids):
        if not line_id or line_id != line_id.strip() or "," in line_id or len(line_id) > MAX_VALUE:
            raise ValueError(f"{line_id!r} cannot be written into a refund's metadata as the id of a line")
        if values and len(values[-1]) + 1 + len(line_id) <= MAX_VALUE:
            values[-1] += f",{line_id}"
        else:
            values.append(line_id)
    if len(values) > MAX_KEYS:
        raise ValueError(f"the ids of {len(line_ids)} lines do not fit into a refund's metadata")
    return dict(zip(_KEYS, values, strict=False))


def line_ids_of(metadata: Mapping[str, str]) -> tuple[str, ...]:
    """Return the ids of the lines that this metadata names, in order and each once; empty if it names none.

    Spaces and superfluous commas do not matter: operators type metadata in Stripe's dashboard.
    """
    parts = (part.strip() for key in _KEYS if key in metadata for part in metadata[key].split(","))
    return tuple(dict.fromkeys(part for part in parts if part))
