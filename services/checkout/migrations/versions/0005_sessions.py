"""Link events by session too: the events of a session may not name its order."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_STATEMENTS = (
    "alter table events add column session_id text",
    "update events set session_id = object_id where type like 'checkout.session.%'",
    "create index events_session_id on events (session_id) where session_id is not null",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("Restore the backup instead: checkout is a source of truth.")
