"""The catalog, orders and what they are derived from.

Amounts are bigint in the currency's minor unit; every time is a timestamptz.
"""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_CATALOG = (
    """
create table courses (
    course_id text primary key,
    title text not null,
    category text,
    description text not null default '',
    access_days integer check (access_days > 0),
    active boolean not null,
    version bigint not null,
    created_at timestamptz not null,
    updated_at timestamptz not null
)""",
    "create index courses_on_sale on courses (title, course_id) where active",
    """
create table course_prices (
    course_id text not null references courses on delete cascade,
    currency text not null check (currency ~ '^[a-z]{3}$'),
    amount bigint not null check (amount > 0),
    primary key (course_id, currency)
)""",
)

_ORDERS = (
    """
create table orders (
    order_id text primary key,
    user_id text not null,
    email text not null,
    locale text not null,
    country text,
    currency text not null,
    amount_total bigint not null check (amount_total >= 0),
    terms_version text not null,
    terms_accepted_at timestamptz not null,
    promo_code text,
    success_url text not null,
    cancel_url text not null,
    customer_id text,
    attempt integer not null default 1,
    session_expires_at timestamptz not null,
    session_id text unique,
    state text not null default 'open' check (state in
        ('open', 'processing', 'paid', 'partially_refunded', 'refunded', 'failed', 'expired')),
    closed_at timestamptz,
    closed_reason text,
    mismatch text,
    dispute text,
    payment_intent_id text,
    charge_id text,
    receipt_url text,
    amount_refunded bigint not null default 0,
    created_at timestamptz not null,
    paid_at timestamptz,
    failed_at timestamptz,
    expired_at timestamptz,
    refunded_at timestamptz
)""",
    "create index orders_of_user on orders (user_id, created_at desc, order_id desc)",
    "create index orders_without_session on orders (created_at) where state = 'open' and session_id is null",
    "create index orders_mismatched on orders (created_at) where mismatch is not null",
    # A bundle is one line for each of its courses, so that the index below guards these too.
    """
create table order_lines (
    line_id text primary key,
    order_id text not null references orders,
    position smallint not null,
    user_id text not null,
    kind text not null check (kind in ('course', 'bundle', 'plan')),
    course_id text,
    bundle_id text,
    plan_id text,
    category text,
    title text not null,
    description text not null default '',
    list_amount bigint not null check (list_amount >= 0),
    discount_amount bigint not null default 0 check (discount_amount between 0 and list_amount),
    access_days integer,
    holds boolean not null default true,
    unique (order_id, position)
)""",
    # One order in {open, processing, paid} for user and course. `holds` follows the order's state.
    """
create unique index order_lines_one_holds on order_lines (user_id, course_id)
    where holds and course_id is not null""",
    """
create table refunds (
    refund_id text primary key,
    order_id text not null references orders,
    reason text not null,
    amount bigint not null check (amount > 0),
    currency text not null,
    status text not null default 'requested',
    attempt integer not null default 1,
    stripe_refund_id text unique,
    requested_by text not null,
    requested_at timestamptz not null,
    unique (order_id, reason)
)""",
    "create table customers (user_id text primary key, customer_id text not null)",
    """
create table enrollments (
    user_id text not null,
    course_id text not null,
    access boolean not null,
    state text not null,
    until timestamptz,
    version bigint not null,
    primary key (user_id, course_id)
)""",
)

_MESSAGES = (
    # Stripe's events, and the columns that link them to each other.
    """
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
    charge_id text,
    facts jsonb not null,
    recorded_at timestamptz not null default now()
)""",
    "create index events_order_id on events (order_id) where order_id is not null",
    "create index events_payment_intent_id on events (payment_intent_id) where payment_intent_id is not null",
    "create index events_charge_id on events (charge_id) where charge_id is not null",
    # The anchor row of each order: locked while the order is derived.
    """
create table owners (
    owner_id text primary key,
    next_change_at timestamptz,
    needs_derivation boolean not null default false,
    failure text,
    failed_at timestamptz,
    attempts integer not null default 0
)""",
    "create index owners_due on owners (next_change_at) where next_change_at is not null",
    "create index owners_failed on owners (failed_at) where needs_derivation",
    """
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
)""",
)


def upgrade() -> None:
    for statement in (*_CATALOG, *_ORDERS, *_MESSAGES):
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("Restore the backup instead: checkout is a source of truth.")
