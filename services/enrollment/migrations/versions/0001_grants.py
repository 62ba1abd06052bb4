"""Create the event set and the tables derived from it: grants, access, gaps."""

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
    user_id text,
    order_id text,
    session_id text,
    payment_intent_id text,
    charge_id text,
    invoice_id text,
    subscription_id text,
    customer_id text,
    facts jsonb not null,
    recorded_at timestamptz not null default now()
);
create index events_user_id on events (user_id) where user_id is not null;
create index events_order_id on events (order_id) where order_id is not null;
create index events_session_id on events (session_id) where session_id is not null;
create index events_payment_intent_id on events (payment_intent_id) where payment_intent_id is not null;
create index events_charge_id on events (charge_id) where charge_id is not null;
create index events_invoice_id on events (invoice_id) where invoice_id is not null;
create index events_subscription_id on events (subscription_id) where subscription_id is not null;
create index events_customer_id on events (customer_id) where customer_id is not null;
create index events_order_id_loose on events (order_id) where order_id is not null and user_id is null;
create index events_session_id_loose on events (session_id) where session_id is not null and user_id is null;
create index events_payment_intent_id_loose on events (payment_intent_id)
    where payment_intent_id is not null and user_id is null;
create index events_charge_id_loose on events (charge_id) where charge_id is not null and user_id is null;
create index events_invoice_id_loose on events (invoice_id) where invoice_id is not null and user_id is null;
create index events_subscription_id_loose on events (subscription_id)
    where subscription_id is not null and user_id is null;
create index events_customer_id_loose on events (customer_id)
    where customer_id is not null and user_id is null;

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

_OUTBOX = """
create table outbox (
    id bigint generated always as identity primary key,
    topic text not null,
    key text not null,
    event_id text not null,
    type text not null,
    source text not null,
    time timestamptz not null,
    value bytea not null,
    traceparent text,
    headers jsonb not null default '{}',
    created_at timestamptz not null default now()
);
"""

_GRANTS = """
create table grants (
    user_id text not null,
    kind text not null check (kind in ('order', 'subscription', 'admin')),
    source_id text not null,
    line_id text not null,
    course_id text not null,
    state text not null,
    reason text not null,
    since timestamptz,
    until timestamptz,
    payment_intent_id text,
    flagged boolean not null,
    duplicate_of text,
    changed_at timestamptz not null,
    primary key (user_id, kind, source_id, line_id)
);
create index grants_source on grants (source_id);

create table access (
    user_id text not null,
    course_id text not null,
    access boolean not null,
    state text not null,
    kind text,
    source_id text,
    since timestamptz,
    until timestamptz,
    cause_event_id text,
    version bigint not null,
    changed_at timestamptz not null,
    primary key (user_id, course_id)
);

create table unfulfilled (
    order_id text primary key,
    user_id text not null,
    session_id text,
    payment_intent_id text,
    paid_at timestamptz not null,
    reason text not null,
    read_at timestamptz,
    reads integer not null default 0
);
create index unfulfilled_user on unfulfilled (user_id);
create index unfulfilled_paid on unfulfilled (paid_at);

create table rereads (
    object_id text primary key,
    created bigint not null,
    requested_at timestamptz not null,
    read_at timestamptz,
    failure text
);
create index rereads_waiting on rereads (requested_at) where read_at is null;
"""


def upgrade() -> None:
    for statements in (_EVENTS, _OUTBOX, _GRANTS):
        op.execute(statements)


def downgrade() -> None:
    raise NotImplementedError("The event set must not be dropped by a command: restore a backup instead.")
