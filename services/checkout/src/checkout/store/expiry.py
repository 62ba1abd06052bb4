"""Closes orders whose payment page was never created."""

from datetime import datetime

from processkit.postgres.database import Session

_CLOSE = """
with due as (
    select order_id from orders
     where state = 'open' and session_id is null and created_at < %(before)s
     order by created_at limit %(limit)s for update skip locked)
update orders o set state = 'expired', closed_at = %(now)s, closed_reason = 'session_never_created',
                    expired_at = %(now)s
  from due where o.order_id = due.order_id returning o.order_id, o.user_id"""


def close_without_page(tx: Session, before: datetime, now: datetime, limit: int) -> list[tuple[str, str]]:
    """Close open orders that were made before the given time and have no page; at most `limit`.

    Skips orders that others have locked. Returns the ids of each order and its user.
    """
    rows = tx.execute(_CLOSE, {"before": before, "now": now, "limit": limit}).fetchall()
    order_ids = [row[0] for row in rows]
    tx.execute("update order_lines set holds = false where order_id = any(%s)", (order_ids,))
    return [(row[0], row[1]) for row in rows]
