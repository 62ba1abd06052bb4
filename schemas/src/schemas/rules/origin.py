"""Whose an object at Stripe is: our ids in its metadata.

One account at Stripe can serve several applications, and `order_id` and `user_id` are names that others use
too. So our keys have a prefix. Objects that releases before the prefix made have the old keys only: these
count if the order's id has the form of ours.
"""

import re
from collections.abc import Mapping

ORDER_KEY = "masterji_order_id"
USER_KEY = "masterji_user_id"
_OLD_ORDER_KEY = "order_id"
_OLD_USER_KEY = "user_id"

_LONGEST = 255
_ORDER_ID = re.compile(r"ord_[0-9A-Za-z_-]+")


def origin_metadata(order_id: str, user_id: str | None = None) -> dict[str, str]:
    """Return the metadata that marks an object at Stripe as one of this order.

    The old keys are for consumers of the release before, which know only these.
    """
    metadata = {ORDER_KEY: order_id, _OLD_ORDER_KEY: order_id}
    if user_id is not None:
        metadata |= {USER_KEY: user_id, _OLD_USER_KEY: user_id}
    return metadata


def origin_of(metadata: Mapping[str, str]) -> dict[str, str]:
    """Return our ids in this metadata, as `order_id` and `user_id`; empty for an object that is not ours.

    A user's id has no form of its own, since the issuer of tokens chooses it. So the old key of a user counts
    only beside the order of ours.
    """
    order_id, user_id = metadata.get(ORDER_KEY, ""), metadata.get(USER_KEY, "")
    if not order_id and _ORDER_ID.fullmatch(old := metadata.get(_OLD_ORDER_KEY, "")):
        order_id = old
    if order_id and not user_id:
        user_id = metadata.get(_OLD_USER_KEY, "")
    ids = {"order_id": order_id, "user_id": user_id}
    return {name: value for name, value in ids.items() if value and _can_be_an_id(value)}


def _can_be_an_id(value: str) -> bool:
    # U+FFFD stands for what is no character (`schemas.stripe.texts`).
    return len(value) <= _LONGEST and value.isprintable() and "\ufffd" not in value
