"""The keys that a server must know."""

from typing import Any

from sqlalchemy import Select, select

from router.store.tables import KEYS


def live() -> Select[Any]:
    """Every key that is not revoked: all of them, however many, for a server looks them up in memory."""
    return select(KEYS).where(KEYS.c.revoked.is_(False)).order_by(KEYS.c.created_at)
