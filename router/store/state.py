"""How a ledger is doing, for an operator and the metrics."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StoreState:
    """What an operator wants to know of a ledger, and the metrics count.

    `ready`: rows are being written. `waiting_bytes`: journalled, not yet rows. `lost`: records the
    journal could not take. `skipped`, `refused`, `interrupted`: see WriterState.
    """

    ready: bool = True
    detail: str = ""
    waiting_bytes: int = 0
    lost: int = 0
    skipped: int = 0
    refused: int = 0
    interrupted: int = 0
