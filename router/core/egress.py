"""How far the bytes of a call go: within this process, this machine, the premises, or out."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from router.core.addresses import is_loopback, is_on_premises, is_private, split_url
from router.core.upstream import UpstreamSpec

BY_KIND = {"llamacpp": "loopback", "recorded": "process"}


class Egress(StrEnum):
    """How far a call goes. `unchecked`: to code of the operator's own that names no address."""

    PROCESS = "process"
    LOOPBACK = "loopback"
    PRIVATE = "private"
    PREMISES = "premises"
    REMOTE = "remote"
    UNCHECKED = "unchecked"

    @property
    def stays(self) -> bool:
        """Whether it does not leave the premises."""
        return self not in (Egress.REMOTE, Egress.UNCHECKED)


@dataclass(frozen=True, slots=True)
class Reach:
    """How far calls of one upstream go according to its row, and the host and port they are sent to."""

    egress: Egress
    host: str = ""


def reach_of(spec: UpstreamSpec) -> Reach:
    """The reach of an upstream, read off its row."""
    if spec.kind in BY_KIND:
        return Reach(Egress(BY_KIND[spec.kind]))
    parts = split_url(spec.url)
    if parts is None or not parts.hostname:
        return Reach(Egress.UNCHECKED)
    return Reach(egress_of(parts.hostname, spec.premises), parts.netloc.rpartition("@")[2])


def egress_of(host: str, premises: Collection[str] = ()) -> Egress:
    """How far `host`, a name or an address, is from here. Names are not looked up."""
    if is_loopback(host):
        return Egress.LOOPBACK
    if is_private(host):
        return Egress.PRIVATE
    return Egress.PREMISES if is_on_premises(host, premises) else Egress.REMOTE
