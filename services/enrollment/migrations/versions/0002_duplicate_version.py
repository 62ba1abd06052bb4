"""The version in which a duplicate was announced last."""

from alembic import op

from enrollment.store.grants import SECOND

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for statement in SECOND:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("Nothing would be gained: the older code does not look at the column.")
