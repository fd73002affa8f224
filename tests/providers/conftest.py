"""The configurations of docs/providers, running, each upstream before a stand-in that speaks its format."""

import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from router.config import load_config
from router.core.families import family_of
from router.core.upstream import UpstreamSpec
from tests.standins.acts import Received, json_act
from tests.standins.house import House
from tests.standins.providers import ENVIRON, PROVIDERS, Provider
from tests.standins.scripted import ScriptedUpstream
from tests.standins.wires import Answer

DOCS = Path(__file__).parents[2] / "docs" / "providers"
SERVICE_ACCOUNT = "service-account.json"
WITHOUT_LITELLM = "the extra [litellm] is not installed: `make providers` installs it and runs these"


@dataclass(frozen=True)
class Page:
    """One page's configuration, served: the proxy, and a stand-in for each of its upstreams."""

    house: House
    servers: Mapping[str, ScriptedUpstream]
    rows: Mapping[str, Any]


@dataclass(frozen=True)
class Staged:
    """One provider on its stage."""

    provider: Provider
    page: Page

    @cached_property
    def server(self) -> ScriptedUpstream:
        """Its stand-in."""
        return self.page.servers[self.provider.upstream]

    @property
    def sent(self) -> Received:
        """What its server was asked last."""
        return self.server.requests[-1]

    def tells(self, answer: Answer) -> None:
        """Its server says `answer` from now on, in its own format."""
        self.server.does(self.provider.wire.script(answer))

    def ask(self, messages: Any = "6 times 7?", **body: Any) -> httpx.Response:
        """A chat request to it by name."""
        said = [{"role": "user", "content": messages}] if isinstance(messages, str) else messages
        whole = {"model": self.provider.upstream, "messages": said, **body}
        return self.page.house.http.post("/v1/chat/completions", json=whole)

    def attempt(self, answer: httpx.Response) -> dict[str, Any]:
        """The ledger's row of the call behind `answer`."""
        exchange = answer.headers["x-router-exchange"]
        return self.page.house.ledger("attempts", exchange=exchange)[-1]


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Page]]:
    """A maker of running pages, one for the whole run each."""
    made: dict[str, Page] = {}
    logins = ScriptedUpstream()
    logins.does(lambda _: json_act({"access_token": "ya29.own", "expires_in": 3600, "token_type": "Bearer"}))

    def page(name: str) -> Page:
        if name not in made:
            made[name] = _opened(name, tmp_path_factory.mktemp(name) / "docs", logins)
        return made[name]

    yield page
    for opened in made.values():
        opened.house.close()
        for server in opened.servers.values():
            server.close()
    logins.close()


@pytest.fixture(params=PROVIDERS)
def staged(request: pytest.FixtureRequest, pages: Callable[[str], Page]) -> Staged:
    """One provider, whose server says "six times seven"."""
    provider = PROVIDERS[request.param]
    if find_spec("litellm") is None and "litellm" in _kinds(provider.page):
        pytest.skip(WITHOUT_LITELLM)
    stage = Staged(provider, pages(provider.page))
    stage.tells(Answer("six times seven", counts=provider.counts))
    return stage


def _kinds(page: str) -> set[str]:
    return {provider.kind for provider in PROVIDERS.values() if provider.page == page}


def _opened(name: str, folder: Path, logins: ScriptedUpstream) -> Page:
    """The page's configuration with nothing changed but where its upstreams are.

    What an upstream's address tells of its family goes with the address, so it is written out.
    """
    shutil.copytree(DOCS, folder)
    path = folder / f"{name}.yaml"
    written = yaml.safe_load(path.read_text(encoding="utf-8"))
    if SERVICE_ACCOUNT in path.read_text(encoding="utf-8"):
        (folder / SERVICE_ACCOUNT).write_text(_service_account(f"http://127.0.0.1:{logins.port}/token"))
    specs = load_config(path, environ=ENVIRON).upstreams
    servers = {upstream: ScriptedUpstream(spec.model) for upstream, spec in specs.items()}
    for upstream, row in written["upstreams"].items():
        _move(row, specs[upstream], servers[upstream], PROVIDERS.get(_row(name, upstream)))
    path.write_text(yaml.safe_dump(written))
    return Page(House(path, ENVIRON), servers, written["upstreams"])


def _move(row: dict[str, Any], spec: UpstreamSpec, server: ScriptedUpstream, provider: Provider | None) -> None:
    base = provider.base if provider else "/v1"
    row["url"] = f"http://127.0.0.1:{server.port}{base}"
    if spec.kind == "openai" and (family := family_of(spec, None)):
        row["quirks"] = {**row.get("quirks", {}), "family": family}


def _row(page: str, upstream: str) -> str:
    return page if upstream == "big" else f"{page}-{upstream}"


def _service_account(token_uri: str) -> str:
    """The key file of a service account, as Google writes it, with a key of our own."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(65537, 2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    account = {"type": "service_account", "project_id": "my-project", "private_key_id": "1", "client_id": "1",
               "client_email": "router@my-project.iam.gserviceaccount.com", "private_key": key.decode(),
               "token_uri": token_uri}  # fmt: skip
    return json.dumps(account)
