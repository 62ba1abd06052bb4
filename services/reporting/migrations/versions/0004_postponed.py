"""Add the marks of owners whose derivation waits for another session's lock."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
create table postponed_owners (
    id bigint generated always as identity primary key,
    owner_id text not null,
    postponed_at timestamptz not null default now());
create index postponed_owners_owner on postponed_owners (owner_id);
""")


def downgrade() -> None:
    raise NotImplementedError("Not needed: older code does not read the table.")
