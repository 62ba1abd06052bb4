"""Create the event set and the tables derived from it: grants, access, gaps."""

from alembic import op

from enrollment.store.grants import SCHEMA

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    for statement in SCHEMA:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("The event set must not be dropped by a command: restore a backup instead.")
