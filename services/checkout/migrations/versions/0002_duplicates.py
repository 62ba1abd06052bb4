"""Refunds of duplicate purchases, and what an operator has looked at."""

from alembic import op

from checkout.store.tables import DUPLICATES

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for statement in DUPLICATES:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("Restore the backup instead: checkout is a source of truth.")
