"""Where an address leads: to this machine, to these premises, or out."""

import ipaddress
from collections.abc import Collection, Iterator
from urllib.parse import SplitResult, urlsplit

PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")


def is_loopback(host: str) -> bool:
    """Return whether *host* can only mean this machine; names other than localhost are not looked up."""
    address = _address(host)
    return host.lower() == "localhost" if address is None else address.is_loopback


def is_private(host: str) -> bool:
    """Return whether *host* is an address of a private network, or loopback; a name is neither."""
    address = _address(host)
    return is_loopback(host) or (address is not None and any(address in network for network in _networks(PRIVATE)))


def is_on_premises(host: str, premises: Collection[str] = ()) -> bool:
    """Return whether *host* is loopback, a private address, or listed in *premises*.

    An entry of *premises* is a host, `.domain` for every host below it, or a network in CIDR form.
    Names are not looked up: an answer of the DNS may change after it was checked. Link-local
    addresses are not private: clouds keep their metadata there.
    """
    if is_loopback(host):
        return True
    address = _address(host)
    if address is not None:
        return any(address in network for network in _networks((*PRIVATE, *premises)))
    name = host.lower()
    return any(name == entry.lower() or (entry[:1] == "." and name.endswith(entry.lower())) for entry in premises)


def split_url(url: str) -> SplitResult | None:
    """Return the parts of an http or https *url* that has a host and a sound port, else None."""
    try:
        parts = urlsplit(url)
        sound = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return None
    return parts if sound and url.isprintable() and " " not in url else None


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def _networks(entries: Collection[str]) -> Iterator[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    return (network for network in map(_network, entries) if network)


def _network(entry: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(entry, strict=False)
    except ValueError:
        return None
