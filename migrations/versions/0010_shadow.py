"""What became of the plan that was tried out in the shadow of the baseline, and how many answers agreed."""

import sqlalchemy as sa
from alembic import op

revision = "0010_shadow"
down_revision = "0009_whose"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add a column to exchanges and one to verdicts."""
    op.add_column("exchanges", sa.Column("shadow", sa.Text, nullable=False, server_default=""))
    op.add_column("verdicts", sa.Column("support", sa.Integer, nullable=False, server_default="0"))


def downgrade() -> None:
    """Take them away."""
    with op.batch_alter_table("verdicts") as verdicts:
        verdicts.drop_column("support")
    with op.batch_alter_table("exchanges") as exchanges:
        exchanges.drop_column("shadow")
