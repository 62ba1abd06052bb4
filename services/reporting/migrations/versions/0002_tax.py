"""Tax that Stripe adds on top of the prices, on each row of the ledger.

Existing rows have none: a session with tax on top was an unattributed payment before this revision.
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# The reports also sum `tax`: their index-only scans need it in the index.
_TAX = """
alter table money_lines add column tax bigint not null default 0;

create index money_lines_report_tax on money_lines (currency, occurred_at)
    include (orders, units, gross, discount, refunded, tax);
drop index money_lines_report;
alter index money_lines_report_tax rename to money_lines_report;

create or replace view sales_lines as
select order_id, line_id, kind, reference as session_or_refund_id, occurred_at, currency, orders, units,
       gross, discount, refunded, gross - discount - refunded as net,
       course_id, bundle_id, plan_id, category, title, country, user_id, payment_id, tax
from money_lines;

comment on view sales_lines is
'Sold and refunded order lines. Amounts are integers in the minor unit of currency: never add two currencies.
Sum orders, units, gross, discount, refunded, net or tax of any selection; count(distinct) is not needed.
Refunds are dated when they succeeded; one that failed afterwards is reversed by a row of kind
refund_reversal. tax is the tax that was added on top of prices: positive on a sale, negative on a refund, and
0 if prices include it. The other amounts are without it, so net + tax is the money received less the money
refunded.';

comment on view payments_unattributed is
'Money that was received and is booked on no order line, with the reason.';
"""


def upgrade() -> None:
    op.execute(_TAX)


def downgrade() -> None:
    raise NotImplementedError("Restore the backup from before the migration.")
