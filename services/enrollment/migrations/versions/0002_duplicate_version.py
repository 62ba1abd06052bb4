"""Add the version of the last announcement of a duplicate."""

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
    raise NotImplementedError("Not needed: older code does not read the column.")
