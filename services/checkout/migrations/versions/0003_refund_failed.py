"""Whether a bank sent a refund of an order back, also one that was made in Stripe's dashboard."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("alter table orders add column refund_failed boolean not null default false")


def downgrade() -> None:
    raise NotImplementedError("Restore the backup instead: checkout is a source of truth.")
