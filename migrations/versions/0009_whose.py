"""Whose call it was, on the call's own row: what is left of an exchange whose process died."""

import sqlalchemy as sa
from alembic import op

revision = "0009_whose"
down_revision = "0008_price_source"
branch_labels = None
depends_on = None

COLUMNS = ("key", "policy", "rule")


def upgrade() -> None:
    """Add three columns to attempts; rows written before do not say it, and their exchanges do."""
    for name in COLUMNS:
        op.add_column("attempts", sa.Column(name, sa.Text, nullable=False, server_default=""))


def downgrade() -> None:
    """Take them away."""
    with op.batch_alter_table("attempts") as attempts:
        for name in COLUMNS:
            attempts.drop_column(name)
