"""An HTTP endpoint as its row describes it: address, headers, proxy and trusted certificates."""

import ssl
from base64 import b64encode

from multidict import CIMultiDict
from yarl import URL

from router.core.errors import SetupError
from router.core.upstream import UpstreamSpec
from router.upstreams import problem


def base_url(spec: UpstreamSpec) -> URL:
    """The address without credentials, which travel as a header. Raises SetupError when it is none."""
    remedy = "write it like http://127.0.0.1:8000/v1"
    try:
        url = URL(spec.url)
    except ValueError as error:
        raise SetupError([problem(spec, "url", "is not a URL", remedy)]) from error
    if url.scheme not in ("http", "https") or not url.host:
        raise SetupError(
            [
                problem(
                    spec,
                    "url",
                    f"{str(url.with_user(None)) if url.host else spec.url!r} is not an http address",
                    remedy,
                )
            ]
        )
    return url.with_user(None)


def headers_of(spec: UpstreamSpec) -> CIMultiDict[str]:
    """What goes with every request. Raises SetupError for a header that holds a line end."""
    url = URL(spec.url)
    headers: CIMultiDict[str] = CIMultiDict({"accept-encoding": "identity", "content-type": "application/json"})
    headers["user-agent"] = "smallfirst"
    if spec.key:
        headers["authorization"] = f"Bearer {spec.key}"
    elif url.user is not None:
        pair = f"{url.user}:{url.password or ''}".encode()
        headers["authorization"] = f"Basic {b64encode(pair).decode()}"
    for name, value in spec.headers.items():
        if not (name + value).isprintable():
            raise SetupError([problem(spec, f"headers.{name}", "holds what no header can carry", "look for line ends")])
    headers.update(spec.headers)
    return headers


def proxy_of(spec: UpstreamSpec) -> str | None:
    """The configured proxy. Raises SetupError for a local upstream: what passes through a proxy has left."""
    proxy: str | None = spec.options.get("proxy")
    if proxy and spec.local:
        raise SetupError(
            [problem(spec, "proxy", "stands before a local upstream", "reach it directly, or write `local: false`")]
        )
    return proxy


def trust_of(spec: UpstreamSpec) -> ssl.SSLContext | bool:
    """The trusted certificates: the system's, or those of the file `ca`. Raises SetupError for a bad one."""
    ca = spec.options.get("ca")
    if not ca:
        return True
    try:
        return ssl.create_default_context(cafile=ca)
    except OSError as error:  # ssl.SSLError is one
        remedy = "name a PEM file of the certificates to trust"
        raise SetupError([problem(spec, "ca", f"no certificates can be read from {ca}", remedy)]) from error
