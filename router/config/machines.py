"""The machines of one upstream: `url`, or `urls` where the same model runs on several."""

from router.config.section import Section
from router.core.addresses import split_url

EXAMPLE = "write it like http://127.0.0.1:8000/v1"
MAX_MACHINES = 64


def read_urls(row: Section) -> tuple[str, ...]:
    """Return the addresses under `urls`, checked; none where the row has no such key."""
    found = tuple(node.text.rstrip("/") for node in row.entries("urls"))
    if found and row.has("url"):
        row.problem("urls", "stands beside `url`", "write one of them: `urls` where the model runs on several machines")
    if len(set(found)) < len(found):
        row.problem("urls", "names a machine twice", "write each address once")
    if len(found) > MAX_MACHINES:
        row.problem("urls", f"names more than {MAX_MACHINES} machines", "put a load balancer before them")
    for url in found:
        check_url(row, "urls", url)
    return found


def check_url(row: Section, key: str, url: str) -> None:
    """Note what is wrong with a base URL."""
    parts = split_url(url)
    if parts is None:
        row.problem(key, "no http(s) URL with a host", EXAMPLE)
    elif parts.username or parts.password:
        row.problem(key, "a URL with a user or password in it would end up in logs", "write the key as `key: ${NAME}`")
    elif parts.query or parts.fragment:
        row.problem(key, "a base URL ends with its path", "write parameters under `query:`")
