"""The questions a report may ask the ledger; grouping happens in SQL, so no report receives its rows."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from sqlalchemy import Select

from router.store.aggregates import capacity, keys, learning, privacy, quality, requests, savings, shadows

AGGREGATES: Mapping[str, Callable[..., Select[Any]]] = MappingProxyType(
    {
        "keys.live": keys.live,
        "savings.conversations": savings.conversations,
        "savings.calls": savings.calls,
        "savings.baselines": savings.baselines,
        "savings.written": savings.written,
        "savings.outside": savings.outside,
        "privacy.processors": privacy.processors,
        "privacy.left": privacy.left,
        "privacy.strayed": privacy.strayed,
        "privacy.unproven": privacy.unproven,
        "shadows.conversations": shadows.conversations,
        "quality.conversations": quality.conversations,
        "quality.groups": quality.groups,
        "quality.kinds": quality.kinds,
        "capacity.arrivals": capacity.arrivals,
        "capacity.services": capacity.services,
        "capacity.spread": capacity.spread,
        "capacity.asks": capacity.asks,
        "learning.labels": learning.labels,
        "learning.attempts": learning.attempts,
        "learning.weighings": learning.weighings,
        "learning.uses": learning.uses,
        "requests.groups": requests.groups,
        "requests.quantiles": requests.quantiles,
        "requests.errors": requests.errors,
        "requests.recent": requests.recent,
        "requests.begins": requests.begins,
    }
)
