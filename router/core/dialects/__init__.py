"""The shapes clients speak: bytes to a request, errors to a body."""
