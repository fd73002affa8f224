"""What learning from the ledger needs: which question it was, whose answer a label grades, and every answer weighed."""

import sqlalchemy as sa
from alembic import op

revision = "0011_learning"
down_revision = "0010_shadow"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add a column to exchanges, one to labels and one to verdicts."""
    op.add_column("exchanges", sa.Column("question", sa.Text, nullable=False, server_default=""))
    op.add_column("labels", sa.Column("small", sa.Text, nullable=False, server_default=""))
    op.add_column("verdicts", sa.Column("heard", sa.JSON, nullable=False, server_default="[]"))


def downgrade() -> None:
    """Take them away."""
    with op.batch_alter_table("verdicts") as verdicts:
        verdicts.drop_column("heard")
    with op.batch_alter_table("labels") as labels:
        labels.drop_column("small")
    with op.batch_alter_table("exchanges") as exchanges:
        exchanges.drop_column("question")
