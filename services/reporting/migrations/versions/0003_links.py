"""Link events by session and charge too: a session may name its order by its id only, a refund its charge.

And make foreign what earlier releases stored as money of our orders, because other applications name orders
too. An order that checkout announced is ours, whatever the form of its id. The ledgers of the others are
derived again.
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_LINKS = """
alter table events add column session_id text, add column charge_id text;
update events set session_id = facts ->> 'session_id' where type like 'checkout.session.%';
update events set charge_id = facts ->> 'payment_id'
 where payment_intent_id is null and facts ->> 'payment_id' ~ '^(ch|py)_';
create index events_session_id on events (session_id) where session_id is not null;
create index events_charge_id on events (charge_id) where charge_id is not null;
"""

_FOREIGN = """
create temporary table foreign_events on commit drop as
select event_id, money_key, facts ->> 'payment_id' as payment_id from events e
 where facts ->> 'order_id' !~ '^ord_[0-9A-Za-z_-]+$' and type not like 'masterji.%'
   and not exists (
    select from events o
     where o.money_key = e.facts ->> 'order_id' and o.type = 'masterji.order.placed.v1');

insert into owners (owner_id, next_change_at)
select name, now()
  from (select money_key as name from foreign_events union select payment_id from foreign_events) owner
on conflict (owner_id) do update set next_change_at = excluded.next_change_at;

update events e set money_key = f.payment_id, facts = jsonb_set(e.facts, '{order_id}', 'null')
  from foreign_events f where f.event_id = e.event_id;
"""


def upgrade() -> None:
    op.execute(_LINKS)
    op.execute(_FOREIGN)


def downgrade() -> None:
    raise NotImplementedError("Restore the backup from before the migration.")
