"""The catalog, orders and what they are derived from."""

from alembic import op

from checkout.handlers import derivation
from checkout.store.tables import FIRST
from processkit.clock import utc_now

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    for statement in (*FIRST, *derivation(utc_now).ddl()):
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("Restore the backup instead: checkout is a source of truth.")
