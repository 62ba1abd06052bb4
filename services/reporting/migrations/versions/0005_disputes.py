"""Disputes in the ledger: money withdrawn and reinstated, and Stripe's fees."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# The reports also sum the new columns: their index-only scans need them in the index.
_DISPUTES = """
alter table money_lines
    add column disputed bigint not null default 0,
    add column fee bigint not null default 0,
    drop constraint money_lines_kind_check,
    add constraint money_lines_kind_check check (kind in (
        'sale', 'refund', 'refund_reversal', 'dispute_withdrawn', 'dispute_reinstated', 'dispute_fee'));

create index money_lines_report_disputes on money_lines (currency, occurred_at)
    include (orders, units, gross, discount, refunded, tax, disputed, fee);
drop index money_lines_report;
alter index money_lines_report_disputes rename to money_lines_report;

create or replace view sales_lines as
select order_id, line_id, kind, reference as session_or_refund_id, occurred_at, currency, orders, units,
       gross, discount, refunded, gross - discount - refunded - disputed as net,
       course_id, bundle_id, plan_id, category, title, country, user_id, payment_id, tax, disputed, fee
from money_lines;

comment on view sales_lines is
'Sold, refunded and disputed order lines. Amounts are integers in the minor unit of currency: never add two
currencies. Sum orders, units, gross, discount, refunded, disputed, net, tax or fee of any selection;
count(distinct) is not needed. Refunds are dated when they succeeded; one that failed afterwards is reversed
by a row of kind refund_reversal. Disputes are dated when the money was withdrawn (dispute_withdrawn) and
when it came back (dispute_reinstated). tax is the tax that was added on top of prices: positive on a sale,
negative on a refund or dispute, and 0 if prices include it. The other amounts are without it, so net + tax is
the money that buyers paid less what was returned. fee is what Stripe charged for a dispute, in rows of
kind dispute_fee that may be in another currency than the sale; it is no part of net.';
"""


def upgrade() -> None:
    op.execute(_DISPUTES)


def downgrade() -> None:
    raise NotImplementedError("Restore the backup from before the migration.")
