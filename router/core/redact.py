"""Keeping an upstream's secrets out of what it says."""

from router.core.upstream import UpstreamSpec

SECRET_WORDS = ("key", "auth", "token", "secret")


def redacted(spec: UpstreamSpec, text: bytes) -> bytes:
    """`text` with `[key]` in the place of every secret of this upstream's row."""
    for secret in secrets(spec):
        text = text.replace(secret.encode(), b"[key]")
    return text


def secrets(spec: UpstreamSpec) -> list[str]:
    """The key, and headers, parameters and options whose name says that they hold one (Azure's `api-key`)."""
    options = ((name, value) for name, value in spec.options.items() if isinstance(value, str))
    named = [*spec.headers.items(), *spec.query.items(), *options]
    found = [value for name, value in named if any(word in name.lower() for word in SECRET_WORDS)]
    return [secret for secret in (spec.key, *found) if secret]
