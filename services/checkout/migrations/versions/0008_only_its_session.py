"""Orders that only their own session pays: all that are placed from now on."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

# The default is for new orders, also of the release before while both run; those before keep the value false.
_STATEMENTS = (
    "alter table orders add column only_its_session boolean not null default false",
    "alter table orders alter column only_its_session set default true",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("Restore the backup instead: checkout is a source of truth.")
