"""Orders whose payment is disputed or charged back, and how much of it."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
alter table orders
    drop constraint orders_state_check,
    add constraint orders_state_check check (state in (
        'open', 'processing', 'paid', 'partially_refunded', 'refunded', 'disputed', 'charged_back', 'failed',
        'expired')),
    add column amount_disputed bigint not null default 0
        constraint orders_amount_disputed_check check (amount_disputed >= 0)""",
    # The clock derives the orders of which a dispute is known already.
    """
update owners set next_change_at = now()
 where owner_id in (select order_id from orders where dispute is not null)""",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("Restore the backup instead: checkout is a source of truth.")
