"""Reads one step of a plan: who is asked, who judges, and how the answer is streamed."""

from policies.document import Entry, Notes
from policies.fields import Fields
from policies.names import Names
from policies.policy import Step
from policies.problems import nearest

KEYS = (
    "upstream", "judges", "stream", "first_token_ms", "panel", "ask", "samples", "member_ms",
    "prefix", "hedge_ms", "band", "repair", "opinion", "sure", "agree",
)  # fmt: skip
MAX_MEMBERS, MAX_SAMPLES = 8, 8
MAX_PREFIX = 1_000
SENTENCE, LOCAL = "sentence", "local"


class StepFields:
    """The keys of one step that is written as a mapping; every mistake goes to the notes."""

    def __init__(self, entry: Entry, names: Names, notes: Notes) -> None:
        self.names = names
        self.notes = notes
        self.fields = Fields(entry, KEYS, notes)

    def step(self) -> Step | None:
        """Return the step, None if it names no upstream."""
        fields = self.fields
        panel = self.panel()
        has_panel = fields.get("panel") is not None
        alone = fields.get("upstream") if has_panel else fields.need("upstream", "name who is asked: {upstream: small}")
        if has_panel and alone is not None:
            self.notes.add(alone, "a step has an upstream or a panel, not both", "take one of them out")
        if not panel and alone is None:
            return None
        step = Step(
            upstream=panel[0] if panel else upstream(alone, self.names, self.notes),
            judges=tuple(self.judge(judge) for judge in fields.items("judges", "write [structure, refusal]")),
            stream=fields.word("stream", ("hold", "prefix", "race")) or "hold",
            panel=panel,
            ask=fields.word("ask", ("in_order", "at_once")) or "in_order",
            samples=self.few("samples", MAX_SAMPLES) or 1,
            member_ms=fields.count("member_ms"),
            prefix=self.prefix(),
            first_token_ms=fields.count("first_token_ms"),
            hedge_ms=fields.count("hedge_ms"),
            band=self.band(),
            repair=fields.flag("repair"),
            opinion=self.opinion(),
            sure=fields.share("sure"),
            agree=self.few("agree", MAX_MEMBERS) or 2,
        )
        self.without_effect(step)
        return step

    def panel(self) -> tuple[str, ...]:
        """Return the members, each once and in order; `local` is every local upstream there is."""
        entry = self.fields.get("panel")
        if entry is not None and entry.value == LOCAL:
            every_local = tuple(name for name, local in self.names.upstreams.items() if local)
            if not every_local:
                self.notes.add(entry, "there is no local upstream", "mark one `local: true` in config.yaml")
            return every_local[:MAX_MEMBERS]
        entries = self.fields.items("panel", "write a list of upstreams: [small, second]")
        if entry is not None and entry.value == ():
            self.notes.add(entry, "a panel has at least one member", "write a list of upstreams: [small, second]")
        if len(entries) > MAX_MEMBERS:
            self.notes.add(entries[MAX_MEMBERS], f"a panel has at most {MAX_MEMBERS} members", "drop the rest")
        found: list[str] = []
        for place in entries:
            name = upstream(place, self.names, self.notes)
            if name in found:
                self.notes.add(place, f"'{name}' is in the panel twice", "write `samples: 2` to ask it twice")
            found.append(name)
        return tuple(found)

    def judge(self, entry: Entry) -> str:
        """Return a judge's name."""
        known = self.names.judges
        if entry.text not in known:
            remedy = nearest(entry.text, known, f"this release has: {', '.join(sorted(known))}")
            self.notes.add(entry, f"no judge is called '{entry.text}'", remedy)
        return entry.text

    def few(self, key: str, most: int) -> int | None:
        """Return a count up to *most*."""
        count = self.fields.count(key)
        if count is not None and count > most:
            self.notes.add(self.fields.entries[key], f"'{key}' is at most {most}", f"write {most} or less")
        return count

    def prefix(self) -> int | None:
        """Return after how many tokens judges look at a prefix, 0 for the first sentence; None if not written."""
        entry = self.fields.get("prefix")
        if entry is None:
            return None
        if entry.value == SENTENCE:
            return 0
        count = self.fields.count("prefix")
        if count is not None and count > MAX_PREFIX:
            self.notes.add(entry, f"'prefix' is at most {MAX_PREFIX} tokens", "write `sentence`, or fewer tokens")
        return count

    def band(self) -> tuple[float, float] | None:
        """Return the two shares between which `p_good` starts a race at once."""
        entry = self.fields.get("band")
        entries = self.fields.items("band", "write [0.2, 0.6]")
        if entry is None:
            return None
        ends = [end.value for end in entries if isinstance(end.value, (int, float)) and not isinstance(end.value, bool)]
        if len(ends) != 2 or len(entries) != 2 or not 0 <= ends[0] < ends[1] <= 1:
            self.notes.add(entry, "must be [low, high] from 0 to 1", "write [0.2, 0.6]")
            return None
        return float(ends[0]), float(ends[1])

    def opinion(self) -> str:
        """Return who the judge `llm` asks."""
        entry = self.fields.get("opinion")
        return "" if entry is None else upstream(entry, self.names, self.notes)

    def without_effect(self, step: Step) -> None:
        """Note keys that have no effect in this step."""
        entries = self.fields.entries
        late = {
            "band": step.stream != "race",
            "prefix": step.stream == "hold",
            "member_ms": not step.confers,
            "ask": not step.confers,
            "opinion": "llm" not in step.judges,
            "sure": "confidence" not in step.judges,
            "agree": "agreement" not in step.judges,
            "repair": "structure" not in step.judges,
            "stream": not step.judges and not step.confers and step.stream != "hold",
            "hedge_ms": step.confers,
        }
        needs = {
            "band": "`stream: race`", "prefix": "`stream: prefix` or `race`",
            "member_ms": "a panel or samples", "ask": "a panel or samples", "opinion": "the judge `llm`",
            "sure": "the judge `confidence`", "agree": "the judge `agreement`", "repair": "the judge `structure`",
            "stream": "judges: an answer without judges is passed through",
            "hedge_ms": "one upstream asked once: this step makes several calls anyway",
        }  # fmt: skip
        for key, idle in late.items():
            if idle and key in entries:
                self.notes.add(
                    entries[key], f"'{key}' does nothing without {needs[key]}", "add it, or take the key out"
                )
        if "llm" in step.judges and not step.opinion:
            self.notes.add(entries["judges"], "the judge `llm` needs a model to ask", "write `opinion: big`")
        if step.stream == "race" and not ({"first_token_ms", "band"} & entries.keys()):
            self.notes.add(
                entries["stream"], "nothing starts this race", "write `first_token_ms: 800` or `band: [0.2, 0.6]`"
            )


def upstream(entry: Entry | None, names: Names, notes: Notes) -> str:
    """Return the name of an upstream; if there is no such upstream, note that."""
    if entry is None:
        return ""
    if entry.text not in names.upstreams:
        remedy = nearest(entry.text, names.upstreams, "add it under `upstreams:` in config.yaml")
        notes.add(entry, f"no upstream is called '{entry.text}'", remedy)
    return entry.text
