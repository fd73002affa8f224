"""The store's salt: what makes its hashes say nothing to others. Made once, kept beside the store."""

import os
import secrets
from pathlib import Path


def salt_of(path: Path) -> bytes:
    """The 32 bytes in `path`, made on first use and readable by its owner alone.

    Conversations keep their draws (hold-out, exploration) and their task hashes as long as it stays.
    """
    try:
        return path.read_bytes()
    except FileNotFoundError:
        pass
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_bytes()
    salt = secrets.token_bytes(32)
    with os.fdopen(handle, "wb") as file:
        file.write(salt)
    return salt
