"""The event set, the sales ledger, and the views that analysts may read by SQL."""

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
    money_key text,
    payment_intent_id text,
    facts jsonb not null,
    recorded_at timestamptz not null default now()
);
create index events_money_key on events (money_key) where money_key is not null;
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

_LEDGER = """
create table money_lines (
    order_id text not null,
    line_id text not null,
    kind text not null check (kind in ('sale', 'refund', 'refund_reversal')),
    reference text not null,
    step smallint not null,
    occurred_at timestamptz not null,
    currency text not null,
    orders smallint not null,
    units smallint not null,
    gross bigint not null,
    discount bigint not null,
    refunded bigint not null,
    course_id text,
    bundle_id text,
    plan_id text,
    category text,
    title text,
    country text,
    user_id text not null,
    payment_id text not null,
    primary key (order_id, line_id, kind, reference, step)
);
create index money_lines_report on money_lines (currency, occurred_at)
    include (orders, units, gross, discount, refunded);

create table unattributed_payments (
    owner_id text not null,
    payment_id text not null,
    reason text not null,
    order_id text,
    received_at timestamptz not null,
    currency text not null,
    amount bigint not null,
    refunded bigint not null,
    expected_currency text,
    expected_amount bigint,
    primary key (owner_id, payment_id)
);
create index unattributed_payments_newest on unattributed_payments (received_at desc, payment_id desc);

create table progress (slot smallint primary key, as_of timestamptz not null);

-- The index-only scans of the reports need a recent visibility map, and this table grows all day.
alter table money_lines set (autovacuum_vacuum_insert_scale_factor = 0.02, autovacuum_analyze_scale_factor =
0.02);
"""

_VIEWS = """
create view sales_lines as
select order_id, line_id, kind, reference as session_or_refund_id, occurred_at, currency, orders, units,
       gross, discount, refunded, gross - discount - refunded as net,
       course_id, bundle_id, plan_id, category, title, country, user_id, payment_id
from money_lines;

comment on view sales_lines is
'Sold and refunded order lines. Amounts are integers in the minor unit of currency: never add two currencies.
Sum orders, units, gross, discount, refunded or net of any selection; nothing has to be counted distinct. A
refund stands on its own day; one that failed after it had succeeded is taken back by a row of kind
refund_reversal.';

create view payments_unattributed as
select payment_id, reason, order_id, received_at, currency, amount, refunded, expected_currency,
expected_amount from unattributed_payments;

comment on view payments_unattributed is
'Money that was received and stands on no order line, with the reason.';
"""

# A role belongs to the whole server: it may exist because of another database, and a hosted Postgres may not
# allow to create it.
_ANALYST = """
do $$
begin
    create role reporting_analyst nologin;
exception
    when duplicate_object or unique_violation then null;
    when insufficient_privilege then
        raise warning 'reporting_analyst was not created: run "create role reporting_analyst nologin" as an
        administrator and grant it select on sales_lines and payments_unattributed';
end $$;
do $$
begin
    if exists (select from pg_roles where rolname = 'reporting_analyst') then
        grant usage on schema public to reporting_analyst;
        grant select on sales_lines, payments_unattributed to reporting_analyst;
    end if;
end $$;
"""


def upgrade() -> None:
    for statement in (_EVENTS, _LEDGER, _VIEWS, _ANALYST):
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("Restore the backup from before the migration.")
