"""Record when a mail failed, and who reviewed it."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_REVIEWS = """
alter table deliveries
    add column failed_at timestamptz,
    add column reviewed_at timestamptz,
    add column reviewed_by text,
    add column review_note text;
update deliveries set failed_at = next_attempt_at where state = 'failed';
create index deliveries_given_up on deliveries (failed_at, delivery_id) where state = 'failed';
drop index deliveries_failed;
"""


def upgrade() -> None:
    op.execute(_REVIEWS)


def downgrade() -> None:
    raise NotImplementedError("Restore the backup from before the migration.")
