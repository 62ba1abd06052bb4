"""Make foreign what earlier releases stored as events of our orders: other applications name orders, too.

An order that checkout announced is ours, whatever the form of its id. The users of the others are derived
again: their gaps end.
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_FOREIGN = """
create temporary table foreign_events on commit drop as
select event_id, user_id from events e
 where order_id is not null and order_id !~ '^ord_[0-9A-Za-z_-]+$' and type not like 'masterji.%'
   and not exists (
    select from events o where o.order_id = e.order_id and o.type = 'masterji.order.placed.v1');

update owners set next_change_at = now() where owner_id in (select user_id from foreign_events);

update events set order_id = null, user_id = null where event_id in (select event_id from foreign_events);
"""


def upgrade() -> None:
    op.execute(_FOREIGN)


def downgrade() -> None:
    raise NotImplementedError("Restore the backup from before the migration.")
