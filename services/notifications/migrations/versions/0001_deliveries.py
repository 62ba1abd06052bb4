"""Create the event set and the deliveries."""

from datetime import timedelta

from alembic import op

from notifications.domain.mails import Policy
from notifications.store.outgoing import derivation, event_set
from processkit.clock import utc_now

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_DELIVERIES = """
create table deliveries (
    delivery_id uuid primary key,
    template text not null,
    about text not null,
    order_id text not null,
    user_id text not null,
    recipient text not null,
    locale text not null,
    happened_at timestamptz not null,
    context jsonb not null,
    state text not null check (state in ('pending', 'sent', 'failed', 'skipped')),
    reason text,
    attempts integer not null default 0,
    resends integer not null default 0,
    resent_by text,
    next_attempt_at timestamptz not null,
    created_at timestamptz not null,
    sent_at timestamptz,
    last_error text,
    unique (template, about)
);
create index deliveries_due on deliveries (next_attempt_at, delivery_id) where state = 'pending';
create index deliveries_failed on deliveries (created_at) where state = 'failed';
create index deliveries_newest on deliveries (created_at desc, delivery_id desc);
create index deliveries_order on deliveries (order_id);
create index deliveries_user on deliveries (user_id);
comment on column deliveries.recipient is
'Personal data, as are the events of type masterji.order.placed.v1: erase both when a person asks for it.';
"""


def upgrade() -> None:
    anchors = derivation(Policy(timedelta(hours=72)), utc_now).ddl()
    for statement in (*event_set().ddl(), *anchors, _DELIVERIES):
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("Restore the backup from before the migration.")
