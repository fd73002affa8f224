"""What was changed in a body for its upstream, and whether a client sent the request again."""

import sqlalchemy as sa
from alembic import op

revision = "0002_capabilities"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add a column to attempts and one to exchanges."""
    op.add_column("attempts", sa.Column("changes", sa.JSON, nullable=False, server_default="[]"))
    op.add_column("exchanges", sa.Column("client_retry", sa.Integer, nullable=False, server_default="0"))


def downgrade() -> None:
    """Take them away."""
    with op.batch_alter_table("exchanges") as exchanges:
        exchanges.drop_column("client_retry")
    with op.batch_alter_table("attempts") as attempts:
        attempts.drop_column("changes")
