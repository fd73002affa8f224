"""Which exchange a request was before its client sent it again: so that reports count it once."""

import sqlalchemy as sa
from alembic import op

revision = "0005_retries"
down_revision = "0004_egress"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add a column and its index."""
    op.add_column("exchanges", sa.Column("retry_of", sa.Text, nullable=False, server_default=""))
    op.create_index("exchanges_retry_of", "exchanges", ["retry_of"])


def downgrade() -> None:
    """Take them away."""
    op.drop_index("exchanges_retry_of", "exchanges")
    with op.batch_alter_table("exchanges") as exchanges:
        exchanges.drop_column("retry_of")
