"""Create the event set and the deliveries."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_EVENTS = """
create table events (
    event_id text primary key,
    type text not null,
    created bigint not null,
    rank smallint not null,
    object_id text,
    status text,
    previous_status text,
    order_id text,
    payment_intent_id text,
    facts jsonb not null,
    recorded_at timestamptz not null default now()
);
create index events_order_id on events (order_id) where order_id is not null;
create index events_payment_intent_id on events (payment_intent_id) where payment_intent_id is not null;

create table owners (
    owner_id text primary key,
    next_change_at timestamptz,
    needs_derivation boolean not null default false,
    failure text,
    failed_at timestamptz,
    attempts integer not null default 0
);
create index owners_due on owners (next_change_at) where next_change_at is not null;
create index owners_failed on owners (failed_at) where needs_derivation;
"""

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
    for statement in (_EVENTS, _DELIVERIES):
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("Restore the backup from before the migration.")
