"""The courses of the catalog, so that an administrator cannot grant one that does not exist."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("create table courses (course_id text primary key, version bigint not null)")


def downgrade() -> None:
    raise NotImplementedError("Not needed: older code does not read the table.")
