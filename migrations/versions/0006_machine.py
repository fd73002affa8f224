"""Which of an upstream's machines answered."""

import sqlalchemy as sa
from alembic import op

revision = "0006_machine"
down_revision = "0005_retries"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add a column to attempts."""
    op.add_column("attempts", sa.Column("machine", sa.Text, nullable=False, server_default=""))


def downgrade() -> None:
    """Take it away."""
    with op.batch_alter_table("attempts") as attempts:
        attempts.drop_column("machine")
