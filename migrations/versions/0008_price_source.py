"""Where the unit prices of an attempt stood: in config.yaml, or in a price book of some name and date."""

import sqlalchemy as sa
from alembic import op

revision = "0008_price_source"
down_revision = "0007_stages"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add a column to attempts; of rows written before, only config.yaml can have said it, and nothing says which."""
    op.add_column("attempts", sa.Column("price_source", sa.Text, nullable=False, server_default=""))


def downgrade() -> None:
    """Take it away."""
    with op.batch_alter_table("attempts") as attempts:
        attempts.drop_column("price_source")
