"""Reviews of paid orders without a grant: one that is settled in another way leaves list and alert."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "alter table unfulfilled add column reviewed_reason text, add column reviewed_at timestamptz,"
        " add column reviewed_by text, add column review_note text"
    )


def downgrade() -> None:
    raise NotImplementedError("Not needed: older code does not read the columns.")
