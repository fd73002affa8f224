"""Indexes that every row paid for and no question used: conversations are grouped, never looked up one by one."""

import sqlalchemy as sa
from alembic import op

revision = "0012_indexes"
down_revision = "0011_learning"
branch_labels = None
depends_on = None

OPEN = sa.text("ended_at IS NULL")


def upgrade() -> None:
    """Drop the index of sessions; keep of the writers only what is open, the one thing that is asked of them."""
    op.drop_index("exchanges_session", "exchanges")
    for table in ("exchanges", "attempts"):
        op.drop_index(f"{table}_writer", table)
        op.create_index(f"{table}_writer", table, ["writer"], sqlite_where=OPEN, postgresql_where=OPEN)


def downgrade() -> None:
    """Put both back."""
    for table in ("attempts", "exchanges"):
        op.drop_index(f"{table}_writer", table)
        op.create_index(f"{table}_writer", table, ["writer"])
    op.create_index("exchanges_session", "exchanges", ["session"])
