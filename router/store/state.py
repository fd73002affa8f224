"""The state of a ledger, for operators and metrics."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StoreState:
    """The state of a ledger.

    `ready`: rows are being written. `waiting_bytes`: journalled, not yet rows. `lost`: records that the journal could
    not take. `skipped`, `refused`, `interrupted`: see WriterState.
    """

    ready: bool = True
    detail: str = ""
    waiting_bytes: int = 0
    lost: int = 0
    skipped: int = 0
    refused: int = 0
    interrupted: int = 0
