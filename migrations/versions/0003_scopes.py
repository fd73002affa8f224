"""What a key may do beyond asking models."""

import sqlalchemy as sa
from alembic import op

revision = "0003_scopes"
down_revision = "0002_capabilities"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add a column to keys."""
    op.add_column("keys", sa.Column("scopes", sa.JSON, nullable=False, server_default="[]"))


def downgrade() -> None:
    """Take it away."""
    with op.batch_alter_table("keys") as keys:
        keys.drop_column("scopes")
