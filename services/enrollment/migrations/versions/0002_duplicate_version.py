"""Add the version of the last announcement of a duplicate."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("alter table grants add column duplicate_version bigint")


def downgrade() -> None:
    raise NotImplementedError("Not needed: older code does not read the column.")
