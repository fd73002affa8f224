"""The ledger's tables as the code sees them; the migrations hold their history.

Times are integer microseconds since 1970, UTC (`datetime(started_at / 1000000, 'unixepoch')` in sqlite3). `day` repeats
the UTC date as text, so that grouping by day is plain SQL in any database. Money is integer nano-dollars, NULL if
unknown. There are no foreign keys: an attempt has a row before its exchange does, and a label may come years later.
"""

from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    text,
)

METADATA = MetaData()
OPEN = text("ended_at IS NULL")  # rows are looked up by writer only while they are open


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False, default="", server_default="")


def _flag(name: str) -> Column[bool]:
    return Column(name, Boolean, nullable=False, default=False)


EXCHANGES = Table(
    "exchanges",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("started_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger),
    _text("day"),
    _text("key"),
    _text("dialect"),
    _text("entrypoint"),
    _flag("stream"),
    _text("session"),
    Column("tags", JSON, nullable=False, default=dict),
    _text("user"),
    Column("traceparent", Text),
    _text("policy"),
    _text("policy_digest"),
    _text("rule"),
    Column("plan", JSON, nullable=False, default=list),
    _text("mode"),
    _flag("explored"),
    Column("allowed_plans", Integer, nullable=False, default=1),
    Column("propensity", Float, nullable=False, default=1.0),
    _flag("pinned"),
    _flag("holdout"),
    _flag("paused"),
    Column("audit_p", Float, nullable=False, default=0.0),
    _flag("audited"),
    Column("strictness", Float),
    _flag("local_only"),
    _flag("named"),
    Column("p_good", Float),
    Column("cut", Float),
    Column("p_kept", Float),
    Column("keep_cut", Float),
    Column("certificate", Text),
    Column("signals", JSON, nullable=False, default=dict),
    Column("reasons", JSON, nullable=False, default=list),
    Column("features", LargeBinary, nullable=False, default=b""),
    _text("feature_set"),
    Column("task", JSON, nullable=False, default=list),
    _text("task_key"),
    _text("question"),
    _text("config_digest"),
    _text("artifact_digest"),
    _text("subject"),
    Column("task_terms", JSON, nullable=False, default=list),
    _text("baseline"),
    Column("baseline_cost", BigInteger),
    _text("baseline_source"),
    Column("outcome", Text),
    Column("status", Integer),
    Column("error", Text),
    _text("upstream"),
    _text("reply_id"),
    Column("escalated", Text),
    Column("fallback", Text),
    _flag("degraded"),
    Column("ttft_ms", Float),
    Column("overhead_ms", Float),
    Column("total_ms", Float),
    Column("cost", BigInteger),
    _text("price_state"),
    Column("client_retry", Integer, nullable=False, default=0, server_default="0"),
    _text("retry_of"),
    _text("shadow"),
    _text("writer"),
    Index("exchanges_started_at", "started_at"),
    Index("exchanges_reply_id", "reply_id"),
    Index("exchanges_writer", "writer", sqlite_where=OPEN, postgresql_where=OPEN),
    Index("exchanges_retry_of", "retry_of"),
)

ATTEMPTS = Table(
    "attempts",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("exchange", Text, nullable=False),
    Column("step", Integer, nullable=False),
    Column("origin", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("upstream", Text, nullable=False),
    Column("model", Text, nullable=False),
    _flag("local"),
    _flag("local_only"),
    _text("egress"),
    _text("host"),
    _text("peer"),
    Column("tags", JSON, nullable=False, default=dict),
    Column("started_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger),
    _text("day"),
    Column("status", Integer),
    Column("error", Text),
    Column("input", BigInteger),
    Column("cached", BigInteger),
    Column("cache_write", BigInteger),
    Column("output", BigInteger),
    Column("reasoning", BigInteger),
    Column("usage_source", Text),
    Column("unit_prices", JSON, nullable=False, default=dict),
    _text("price_source"),
    Column("price_state", Text, nullable=False),
    Column("cost", BigInteger),
    Column("ttft_ms", Float),
    Column("total_ms", Float),
    Column("changes", JSON, nullable=False, default=list, server_default="[]"),
    _text("machine"),
    _text("key"),
    _text("policy"),
    _text("rule"),
    _text("writer"),
    Index("attempts_exchange", "exchange"),
    Index("attempts_started_at", "started_at"),
    Index("attempts_writer", "writer", sqlite_where=OPEN, postgresql_where=OPEN),
)

VERDICTS = Table(
    "verdicts",
    METADATA,
    Column("exchange", Text, primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    _text("attempt"),
    Column("judge", Text, nullable=False),
    Column("action", Text, nullable=False),
    _text("reason"),
    Column("score", Float),
    Column("cut", Float),
    Column("stage", Integer, nullable=False, default=0),
    Column("support", Integer, nullable=False, default=0),
    Column("evidence", LargeBinary, nullable=False, default=b""),
    Column("heard", JSON, nullable=False, default=list, server_default="[]"),
)

LABELS = Table(
    "labels",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("created_at", BigInteger, nullable=False),
    Column("exchange", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("label_kind", Text, nullable=False),
    _text("small"),
    Column("small_quality", Float),
    Column("big_quality", Float),
    _text("use"),
    Column("inclusion_p", Float, nullable=False, default=1.0),
    Column("gold_p", Float),
    _text("judge"),
    _text("order"),
    Column("trust", Float, nullable=False, default=1.0),
    _text("comment"),
    Index("labels_exchange", "exchange"),
)

CERTIFICATES = Table(
    "certificates",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger),
    _text("policy"),
    _text("slice"),
    Column("state", Text, nullable=False),
    _text("policy_digest"),
    _text("artifact_digest"),
    _text("config_digest"),
    Column("strictness", Float),
    Column("cut", Float),
    Column("keep_cut", Float),
    Column("max_loss", Float),
    Column("max_harm", Float),
    Column("confidence", Float),
    _text("label_kind"),
    Column("labels", Integer),
    Column("detail", JSON, nullable=False, default=dict),
)

KEYS = Table(
    "keys",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("created_at", BigInteger, nullable=False),
    Column("name", Text, nullable=False),
    Column("digest", Text, nullable=False, unique=True),
    _text("prefix"),
    Column("policy", Text),
    _flag("local_only"),
    Column("scopes", JSON, nullable=False, default=list, server_default="[]"),
    _flag("revoked"),
    Column("revoked_at", BigInteger),
)

AUDIT_LOG = Table(
    "audit_log",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("created_at", BigInteger, nullable=False),
    _text("who"),
    Column("action", Text, nullable=False),
    _text("subject"),
    Column("detail", JSON, nullable=False, default=dict),
)


def blank(table: Table) -> dict[str, Any]:
    """A row of `table` with the default of every column; None for a column without one."""
    return {str(column.name): _default(column) for column in table.columns}


def _default(column: Column[Any]) -> Any:
    default: Any = column.default
    if default is None:
        return None
    return default.arg(None) if default.is_callable else default.arg
