"""Refunds of duplicate purchases, and what an operator has looked at."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
create table duplicates (
    order_id text not null,
    course_id text not null,
    first_order_id text not null,
    user_id text not null,
    version bigint not null,
    detected_at timestamptz not null,
    primary key (order_id, course_id)
)""",
    # `automatic`: checkout makes the refund automatically; `note`: what it waits for, or Stripe's code.
    # `reviewed_at`: a person has looked at it as it stands; null again when that changes. `reviewed_by`,
    # `review_note`: who did last, and what came of it.
    """
alter table refunds
    add column automatic boolean not null default false,
    add column line_ids text[] not null default '{}',
    add column note text,
    add column tries integer not null default 0,
    add column next_try_at timestamptz,
    add column reviewed_at timestamptz,
    add column reviewed_by text,
    add column review_note text""",
    "create index refunds_due on refunds (next_try_at) where automatic and next_try_at is not null",
    "create index refunds_open on refunds (requested_at)"
    " where status not in ('succeeded', 'canceled', 'dropped')",
    """
alter table orders
    add column reviewed_mismatch text,
    add column reviewed_at timestamptz,
    add column reviewed_by text,
    add column review_note text""",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("Restore the backup instead: checkout is a source of truth.")
