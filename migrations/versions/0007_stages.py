"""What a verdict's score was held against, and how many answers had been heard by then."""

import sqlalchemy as sa
from alembic import op

revision = "0007_stages"
down_revision = "0006_machine"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add two columns to verdicts."""
    op.add_column("verdicts", sa.Column("cut", sa.Float))
    op.add_column("verdicts", sa.Column("stage", sa.Integer, nullable=False, server_default="0"))


def downgrade() -> None:
    """Take them away."""
    with op.batch_alter_table("verdicts") as verdicts:
        verdicts.drop_column("stage")
        verdicts.drop_column("cut")
