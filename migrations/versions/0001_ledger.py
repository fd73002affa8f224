"""The ledger: exchanges, attempts, verdicts, labels, certificates, keys and the audit log."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def _texts(names: str) -> Iterable[sa.Column[Any]]:
    return [sa.Column(name, sa.Text, nullable=False, server_default="") for name in names.split()]


def _columns(kind: Any, names: str, *, nullable: bool = True) -> Iterable[sa.Column[Any]]:
    return [sa.Column(name, kind, nullable=nullable) for name in names.split()]


def upgrade() -> None:
    """Lay the seven tables."""
    _exchanges()
    _attempts()
    _verdicts_and_labels()
    _certificates()
    _keys_and_audit_log()


def downgrade() -> None:
    """Take them away, rows and all."""
    for table in ("audit_log", "keys", "certificates", "labels", "verdicts", "attempts", "exchanges"):
        op.drop_table(table)


def _exchanges() -> None:
    op.create_table(
        "exchanges",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("started_at", sa.BigInteger, nullable=False),
        *_columns(sa.BigInteger, "ended_at baseline_cost cost"),
        *_texts("day key dialect entrypoint session user policy policy_digest rule mode feature_set task_key"),
        *_texts("config_digest artifact_digest subject baseline baseline_source upstream reply_id price_state writer"),
        *_columns(sa.Text, "traceparent certificate outcome error escalated fallback"),
        *_columns(
            sa.Boolean, "stream explored pinned holdout paused audited local_only named degraded", nullable=False
        ),
        *_columns(sa.JSON, "tags plan signals reasons task task_terms", nullable=False),
        *_columns(sa.Float, "propensity audit_p", nullable=False),
        *_columns(sa.Float, "strictness p_good cut p_kept keep_cut ttft_ms overhead_ms total_ms"),
        sa.Column("allowed_plans", sa.Integer, nullable=False),
        sa.Column("status", sa.Integer),
        sa.Column("features", sa.LargeBinary, nullable=False),
    )
    for column in ("started_at", "session", "reply_id", "writer"):
        op.create_index(f"exchanges_{column}", "exchanges", [column])


def _attempts() -> None:
    op.create_table(
        "attempts",
        sa.Column("id", sa.Text, primary_key=True),
        *_columns(sa.Text, "exchange origin reason upstream model price_state", nullable=False),
        sa.Column("step", sa.Integer, nullable=False),
        sa.Column("local", sa.Boolean, nullable=False),
        sa.Column("started_at", sa.BigInteger, nullable=False),
        *_columns(sa.BigInteger, "ended_at input cached cache_write output reasoning cost"),
        *_texts("day writer"),
        sa.Column("status", sa.Integer),
        *_columns(sa.Text, "error usage_source"),
        sa.Column("unit_prices", sa.JSON, nullable=False),
        *_columns(sa.Float, "ttft_ms total_ms"),
    )
    for column in ("exchange", "started_at", "writer"):
        op.create_index(f"attempts_{column}", "attempts", [column])


def _verdicts_and_labels() -> None:
    op.create_table(
        "verdicts",
        sa.Column("exchange", sa.Text, primary_key=True),
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        *_texts("attempt reason"),
        *_columns(sa.Text, "judge action", nullable=False),
        sa.Column("score", sa.Float),
        sa.Column("evidence", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "labels",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        *_columns(sa.Text, "exchange who label_kind", nullable=False),
        *_columns(sa.Float, "small_quality big_quality gold_p"),
        *_columns(sa.Float, "inclusion_p trust", nullable=False),
        *_texts("use judge order comment"),
    )
    op.create_index("labels_exchange", "labels", ["exchange"])


def _certificates() -> None:
    op.create_table(
        "certificates",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger),
        sa.Column("state", sa.Text, nullable=False),
        *_texts("policy slice policy_digest artifact_digest config_digest label_kind"),
        *_columns(sa.Float, "strictness cut keep_cut max_loss max_harm confidence"),
        sa.Column("labels", sa.Integer),
        sa.Column("detail", sa.JSON, nullable=False),
    )


def _keys_and_audit_log() -> None:
    op.create_table(
        "keys",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("digest", sa.Text, nullable=False, unique=True),
        *_texts("prefix"),
        sa.Column("policy", sa.Text),
        *_columns(sa.Boolean, "local_only revoked", nullable=False),
        sa.Column("revoked_at", sa.BigInteger),
    )
    op.create_table(
        "audit_log",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        *_texts("who subject"),
        sa.Column("detail", sa.JSON, nullable=False),
    )
