"""What a client writes in `model`, where it names no upstream."""

from msgspec import Struct


class Entrypoint(Struct, frozen=True):
    """A name that clients write in `model`: which policy decides, and what they would have used."""

    policy: str
    baseline: str
