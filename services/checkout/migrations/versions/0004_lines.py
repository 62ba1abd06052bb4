"""Lines: the bundle's title, what was paid and refunded for each line, and one open order per plan."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_STATEMENTS = (
    # amount_paid: the total of the session that pays the order, with tax; null until it is paid.
    """
alter table orders
    add column amount_paid bigint check (amount_paid >= 0),
    add column amount_tax bigint not null default 0 check (amount_tax >= 0)""",
    # paid_amount: the line's share of orders.amount_paid. refunded_at: nothing is left of it since then.
    """
alter table order_lines
    add column bundle_title text,
    add column paid_amount bigint check (paid_amount >= 0),
    add column amount_refunded bigint not null default 0 check (amount_refunded >= 0),
    add column refunded_at timestamptz,
    add constraint order_lines_position check (position between 1 and 200),
    add constraint order_lines_names check (
        case kind
            when 'course' then course_id is not null and bundle_id is null and plan_id is null
            when 'bundle' then course_id is not null and bundle_id is not null and plan_id is null
            else plan_id is not null and bundle_id is null
        end)""",
    """
create unique index order_lines_one_plan_holds on order_lines (user_id, plan_id)
    where holds and plan_id is not null""",
    # Until now every order had one line, and only a session over exactly its amount paid it.
    "update orders set amount_paid = amount_total where paid_at is not null",
    """
update order_lines l
   set paid_amount = l.list_amount - l.discount_amount, amount_refunded = o.amount_refunded,
       refunded_at = case when o.state = 'refunded' then o.refunded_at end
  from orders o where o.order_id = l.order_id and o.amount_paid is not null""",
    # The clock worker derives every order again, by the rules of this release. It announces changes only.
    """
insert into owners (owner_id, next_change_at) select order_id, now() from orders
on conflict (owner_id) do update set next_change_at = excluded.next_change_at""",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("Restore the backup instead: checkout is a source of truth.")
