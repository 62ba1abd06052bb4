"""Link events by session and charge too: a session may name its order by its id only, a refund its charge."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_LINKS = """
alter table events add column session_id text, add column charge_id text;
update events set session_id = object_id where type like 'checkout.session.%';
create index events_session_id on events (session_id) where session_id is not null;
create index events_charge_id on events (charge_id) where charge_id is not null;
"""


def upgrade() -> None:
    op.execute(_LINKS)


def downgrade() -> None:
    raise NotImplementedError("Restore the backup from before the migration.")
