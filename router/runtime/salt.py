"""The store's salt, which keeps others from guessing what its hashes are of. Made once, kept beside the store."""

import os
import secrets
from pathlib import Path


def salt_of(path: Path) -> bytes:
    """The 32 bytes in `path`, made on first use and readable by its owner alone.

    As long as the file stays, conversations keep their draws (hold-out, exploration) and tasks keep their hashes.
    """
    try:
        return path.read_bytes()
    except FileNotFoundError:
        pass
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(secrets.token_bytes(32))
    try:
        os.link(fresh, path)  # atomic: nobody reads half a salt, and the first one made stays
    except FileExistsError:
        pass
    finally:
        fresh.unlink()
    return path.read_bytes()
