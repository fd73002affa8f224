"""Where each call went: how far, to which host and address, whether it had to stay, and under which tags."""

import sqlalchemy as sa
from alembic import op

revision = "0004_egress"
down_revision = "0003_scopes"
branch_labels = None
depends_on = None

TEXTS = ("egress", "host", "peer")


def upgrade() -> None:
    """Add five columns to attempts; older rows say nothing in them."""
    for name in TEXTS:
        op.add_column("attempts", sa.Column(name, sa.Text, nullable=False, server_default=""))
    op.add_column("attempts", sa.Column("local_only", sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column("attempts", sa.Column("tags", sa.JSON, nullable=False, server_default="{}"))


def downgrade() -> None:
    """Take them away."""
    with op.batch_alter_table("attempts") as attempts:
        for name in (*TEXTS, "local_only", "tags"):
            attempts.drop_column(name)
