"""Waiting orders: when they are read again from Stripe, and whether an operator reviewed the wait. Refunds:
the reason that was stated, if the request was named by an Idempotency-Key."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_STATEMENTS = (
    # next_reread_at: null until the order was read again for the first time.
    """
alter table orders
    add column next_reread_at timestamptz,
    add column wait_reviewed_at timestamptz""",
    """
create index orders_waiting on orders (next_reread_at)
    where state in ('open', 'processing') or dispute is not null""",
    # refunds.reason stays the key of a request, which the running release relies on.
    "alter table refunds add column stated_reason text",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("Restore the backup instead: checkout is a source of truth.")
