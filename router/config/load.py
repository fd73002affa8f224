"""config.yaml read whole and checked whole."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from router.config.digest import digest_of
from router.config.document import MAX_BYTES, Node, read_doubtful
from router.config.files import named_by
from router.config.foreign import refuse_foreign
from router.config.options import Shared
from router.config.pricebook import DEFAULT, NONE, Books, read_books
from router.config.records import Config, Cors, Hold, Hub, Limits, Listen, PolicySettings, Sessions, Telemetry
from router.config.references import Outside, environment, resolve
from router.config.section import LATER, Findings, Section, nearest, quoted
from router.config.settings import read_classifier, read_egress, read_policies, read_premises, read_store
from router.config.upstreams import read_upstream
from router.config.usage import Usage, usage_of
from router.core.addresses import is_loopback, split_url
from router.core.entrypoint import Entrypoint
from router.core.errors import Problem, SetupError
from router.core.upstream import UpstreamSpec

DISCOVER = "discover"
DEFAULT_PATH = Path("config.yaml")
DEFAULT_TEXT = b"upstreams: discover\n"


def load_config(path: Path, *, environ: Mapping[str, str] | None = None, asks: bool = True) -> Config:
    """Return the configuration that *path* holds, with every `${…}` resolved from *environ*.

    The process's own environment is read only if *environ* is None. Where nobody named a file and the
    working folder has no config.yaml, the defaults hold and the upstreams are discovered.
    Raises `SetupError` with every mistake in the file at once, each with file, line, key path and
    remedy; no problem and no warning ever quotes a value that came from outside. `asks`: whether upstreams will be
    asked; who only reads the ledger needs none of the variables that their rows name.
    """
    outside = Outside(environment() if environ is None else environ, path.absolute().parent)
    findings = Findings(str(path))
    document, findings.problems = read_doubtful(written(path), str(path))
    refuse_foreign(document, str(path))
    root = resolve(document, outside)
    config = _Reading(Section(root, "", findings), outside.folder).config(path.absolute())
    problems = sorted(
        {*findings.problems, *(findings.unset if asks else ())}, key=lambda problem: (problem.line or 0, problem.path)
    )
    files = frozenset({*named_by(config), *outside.files})
    if problems:
        raise SetupError(problems, files)
    warned = replace(
        config, files=files, warnings=tuple(sorted(findings.warnings, key=lambda warning: warning.line or 0))
    )
    return replace(warned, digest=digest_of(warned))


def written(path: Path) -> bytes:
    """What stands in *path*, the default text where nobody named a file. Raises `SetupError`."""
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        if path == DEFAULT_PATH and isinstance(error, FileNotFoundError):
            return DEFAULT_TEXT
        reason = (error.strerror if isinstance(error, OSError) else None) or "it cannot be read"
        remedy = "run `smallfirst init` to write one, or name another with --config"
        raise SetupError([Problem(str(path), None, "", reason, remedy)]) from None


class _Reading:
    """One reading of the file, section by section; what is wrong gathers in the findings."""

    def __init__(self, top: Section, folder: Path) -> None:
        self.top = top
        self.findings = top.findings
        self.folder = folder

    def config(self, path: Path) -> Config:
        """Return the configuration; only to be used if nothing was found wrong."""
        top = self.top
        prices = top.text("prices", DEFAULT) or DEFAULT
        shared = Shared(self.folder, read_premises(top), self._books(prices))
        policies = read_policies(top.section("policies"), self.folder)
        usage = usage_of(policies.folder)
        baseline = top.text("baseline", "big") or "big"
        entrypoints = self._entrypoints(policies, usage, baseline)
        named = usage.upstreams | {baseline} | {entry.baseline for entry in entrypoints.values()}
        discover = self._discovers()
        config = Config(
            path=path,
            listen=self._listen(),
            store=read_store(top.section("store"), self.folder),
            policies=policies,
            upstreams={} if discover else self._upstreams(shared, named, usage.every_local),
            discover=discover,
            auth=top.choice("auth", ("open", "required"), "open"),
            classifier=read_classifier(top.section("classifier"), self.folder),
            reply_model=top.choice("reply_model", ("served", "requested"), "served"),
            hold=self._hold(),
            sessions=self._sessions(),
            entrypoints=entrypoints,
            baseline=baseline,
            telemetry=self._telemetry(),
            limits=self._limits(),
            cors=self._cors(),
            hub=self._hub(),
            premises=shared.premises,
            prices=prices if prices in (DEFAULT, NONE) else str(self.folder / prices),
            egress=read_egress(top, None if discover else top.section("upstreams").pairs),
            admin_key=self._admin_key(),
        )
        self._counters()
        top.close()
        self._check_policy(top.section("policies"), "default", policies.default, usage)
        if not discover:
            self._check_baselines(config)
        self._check_door(config)
        return config

    def _books(self, word: str) -> Books:
        try:
            return read_books(word, self.folder / word)
        except SetupError as error:
            self.findings.problems.extend(error.problems)
            return Books(ships=False)

    def _discovers(self) -> bool:
        node = self.top.node("upstreams")
        if node is None:
            self.top.problem("upstreams", "is missing", "write `upstreams: discover`, or name them under it")
            return False
        return node.scalar and node.text == DISCOVER

    def _upstreams(self, shared: Shared, named: frozenset[str], every_local: bool) -> dict[str, UpstreamSpec]:
        specs = {}
        for name, node in self.top.section("upstreams").pairs.items():
            local = node.pairs.get("local")
            seated = every_local and local is not None and local.plain is True  # it sits in every `panel: local`
            spec = self._upstream(name, node, shared, seated or name in named)
            if spec is not None:
                specs[name] = spec
        self._check_spellings(specs)
        self._check_tokens(specs)
        return specs

    def _upstream(self, name: str, node: Node, shared: Shared, named: bool) -> UpstreamSpec | None:
        own = Findings(self.findings.file)
        spec = read_upstream(name, node, own, shared)
        self.findings.problems.extend(own.problems)
        self.findings.warnings.extend(own.warnings)
        path = f"upstreams.{name}"
        if named:
            self.findings.unset.extend(own.unset)
            return spec
        if not own.unset:
            self.findings.warn(
                node.line, path, "no rule, entrypoint or baseline names it", "ask for it by its own name, or remove it"
            )
            return spec
        for lacking in own.unset:
            self.findings.warn(
                lacking.line,
                lacking.path,
                f"{lacking.message}; nothing names '{name}', so it is left out",
                lacking.remedy,
            )
        return None

    def _check_tokens(self, specs: Mapping[str, UpstreamSpec]) -> None:
        # A token is the secret of one provider: any other that is sent it could use it there.
        asked = [spec for spec in specs.values() if spec.passes_key]
        houses = {
            (parts.hostname if (parts := split_url(spec.url)) else spec.model.partition("/")[0]) for spec in asked
        }
        if len(houses) > 1:
            last = asked[-1].name
            self.findings.warn(
                self.top.section("upstreams").line_of(last),
                f"upstreams.{last}.key",
                f"{len(houses)} hosts are sent the caller's own token, each the same one",
                "let only one be asked with it",
            )

    def _check_spellings(self, specs: Mapping[str, UpstreamSpec]) -> None:
        # A condition writes `tiny-a.context` as `tiny_a.context`, so the two may not both exist.
        spelt: dict[str, str] = {}
        for name in specs:
            plain = name.replace("-", "_").replace(".", "_")
            if plain in spelt:
                line = self.top.section("upstreams").line_of(name)
                message = f"a rule cannot tell '{name}' from '{spelt[plain]}'"
                self.findings.problem(line, f"upstreams.{name}", message, "rename one: - . and _ count as the same")
            spelt.setdefault(plain, name)

    def _entrypoints(self, policies: PolicySettings, usage: Usage, baseline: str) -> dict[str, Entrypoint]:
        section = self.top.section("entrypoints")
        entrypoints = {}
        for name in section.pairs:
            row = section.section(name)
            policy = row.text("policy", policies.default) or policies.default
            entrypoints[name] = Entrypoint(policy, row.text("baseline", baseline) or baseline)
            self._check_policy(row, "policy", policy, usage)
            row.close()
            if name == "auto" or name.startswith("auto/"):
                section.problem(name, "`auto` always means a policy", "choose another name")
        return entrypoints

    def _check_policy(self, section: Section, key: str, name: str, usage: Usage) -> None:
        if (section.has(key) or key == "default") and name not in usage.policies:
            remedy = nearest(name, usage.policies, "put a file of that name into the policies folder")
            section.problem(key, f"no policy is called {section.shown(key, name)}", remedy)

    def _check_baselines(self, config: Config) -> None:
        upstreams = self.top.section("upstreams").pairs
        otherwise = "name one of: " + ", ".join(upstreams) if upstreams else "add it under `upstreams:`"
        if config.baseline not in upstreams:
            remedy = nearest(config.baseline, upstreams, otherwise)
            self.top.problem("baseline", f"no upstream is called {self.top.shown('baseline', config.baseline)}", remedy)
        section = self.top.section("entrypoints")
        for name, entry in config.entrypoints.items():
            if entry.baseline not in upstreams and entry.baseline != config.baseline:
                row = section.section(name)
                message = f"no upstream is called {row.shown('baseline')}"
                row.problem("baseline", message, nearest(entry.baseline, upstreams, otherwise))

    def _listen(self) -> Listen:
        section = self.top.section("listen")
        listen = Listen(section.text("host", "127.0.0.1") or "127.0.0.1", section.integer("port", 4000, most=65535))
        section.close()
        return listen

    def _check_door(self, config: Config) -> None:
        if config.auth == "open" and not is_loopback(config.listen.host):
            message = f"without keys it listens only on this machine, not on {self.top.section('listen').shown('host')}"
            self.top.problem("auth", message, "write `auth: required`, or `listen: {host: 127.0.0.1}`")

    def _hold(self) -> Hold:
        section = self.top.section("hold")
        hold = Hold(section.number("commit_s", Hold().commit_s, most=600))
        section.close()
        return hold

    def _sessions(self) -> Sessions:
        section, default = self.top.section("sessions"), Sessions()
        expire_s = section.number("expire_s", default.expire_s, most=2_592_000)
        sessions = Sessions(expire_s, section.number("cache_s", default.cache_s, most=86_400))
        section.close()
        return sessions

    def _hub(self) -> Hub:
        section = self.top.section("hub")
        endpoint = section.text("endpoint")
        if endpoint and split_url(endpoint) is None:
            section.problem("endpoint", "no http(s) URL with a host", "write it like https://hub.example.org")
        folder = self.folder / (section.text("folder") or Hub().folder)
        section.close()
        return Hub(endpoint.rstrip("/") if endpoint else None, folder)

    def _limits(self) -> Limits:
        section = self.top.section("limits")
        limits = Limits(section.integer("body_mb", Limits().body_mb, least=1, most=1024))
        section.close()
        return limits

    def _cors(self) -> Cors:
        section = self.top.section("cors")
        if section.node("origins") is None:
            section.close()
            return Cors()
        entries = section.entries("origins")
        for entry in entries:
            parts = split_url(entry.text)
            if entry.text != "*" and (parts is None or parts.path or parts.query):
                message, remedy = (
                    f"{quoted(entry)} is not an origin",
                    "write https://app.example.org, without a path, or `*`",
                )
                section.problem("origins", message, remedy)
        section.close()
        return Cors(tuple(entry.text for entry in entries))

    def _telemetry(self) -> Telemetry:
        section = self.top.section("telemetry")
        telemetry = Telemetry(section.text("otlp"), section.truth("metrics", True), section.truth("content", False))
        section.close()
        if telemetry.otlp:
            section.warn("otlp", f"sending spans {LATER}", "nothing is sent until then; /metrics works")
        if telemetry.content:
            section.problem("content", f"content in telemetry {LATER}", "write `content: false`")
        return telemetry

    def _counters(self) -> None:
        if self.top.has("counters") and (self.top.text("counters") or "memory") != "memory":
            self.top.problem("counters", f"counters elsewhere than in memory {LATER}", "write `counters: memory`")

    def _admin_key(self) -> str | None:
        key = self.top.text("admin_key") or None
        if key:
            self.top.warn("admin_key", f"the admin API {LATER}", "the key is kept and opens nothing until then")
        return key
