"""Loads a policy file: returns a checked `Policy`, or raises every mistake in it at once."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from policies.conditions import Condition, ConditionError, parse_condition
from policies.document import Entry, Notes, read_document
from policies.fields import Fields
from policies.names import Names, keys_of
from policies.plans import read_plan
from policies.policy import OTHERWISE, Audit, Case, Mode, Plan, Policy, Promise, Rule, Shadow
from policies.problems import Mistake, PolicyErrors, nearest
from policies.resorts import read_degrade, read_spill
from policies.terms import Value

KEYS = (
    "policy", "about", "mode", "promise", "cut", "keep_cut", "rules", "otherwise",
    "explore", "holdout", "audit", "shadow", "session", "degrade", "spill", "tests",
)  # fmt: skip
WITHOUT_EFFECT = ("about", "tests")


def load_policy(text: str, *, source: str, names: Names) -> Policy:
    """Return the policy in *text*; *source* is what problems call the file.

    Raises `PolicyErrors` with every mistake, each with line, key path and remedy.
    *names* are those of this installation, so a policy that loads can be carried out.
    """
    notes = Notes(source)
    document = read_document(text, notes)
    policy = _Loader(names, notes).policy(document)
    if notes.problems:
        raise PolicyErrors(notes.problems)
    return policy


@dataclass(frozen=True, slots=True)
class _Draft:
    """A rule whose plan has been read but not its condition: `p_good` in it depends on all plans."""

    entry: Entry
    fields: Fields
    name: str
    plan: Plan


class _Loader:
    """Reads the parts of one document; every mistake goes to the notes."""

    def __init__(self, names: Names, notes: Notes) -> None:
        self.names = names
        self.notes = notes

    def policy(self, document: Entry) -> Policy:
        """Return the whole policy, with defaults in place of what is wrong."""
        fields = Fields(document, KEYS, self.notes)
        rules, mode = self.rules(fields), self.mode(fields.get("mode"))
        degrade = read_degrade(fields, self.names, self.notes)
        return Policy(
            name=fields.name(fields.need("policy", "name it: `policy: balanced`")),
            about=fields.text("about"),
            mode=mode,
            promise=self.promise(fields.get("promise")),
            cut=fields.share("cut"),
            keep_cut=fields.share("keep_cut"),
            rules=rules[:-1],
            otherwise=rules[-1],
            explore=fields.share("explore") or 0.0,
            holdout=fields.share("holdout") or 0.0,
            audit=self.audit(fields.get("audit")),
            shadow=self.shadow(fields.get("shadow"), mode),
            session=fields.word("session", ("upgrade_only", "none")) or "upgrade_only",
            degrade=degrade,
            spill=read_spill(fields.get("spill"), degrade, self.notes),
            tests=self.tests(fields, {rule.name for rule in rules}),
            at_home=frozenset(name for name, local in self.names.upstreams.items() if local),
            candidates=tuple(dict.fromkeys(rule.plan for rule in rules if not rule.plan.local_only)),
            digest=_digest(document),
            source=self.notes.source,
        )

    def rules(self, fields: Fields) -> tuple[Rule, ...]:
        """Return the rules in order, `otherwise` last."""
        entries = fields.items("rules", "write a list of `- {name: …, when: …, plan: […]}`")
        drafts = [self.draft(entry, ("name", "when", "plan", "local_only")) for entry in entries]
        last = fields.need(OTHERWISE, "say who answers when no rule does: `otherwise: {plan: [big]}`")
        if last is not None:
            drafts.append(self.draft(last, ("plan", "local_only"), OTHERWISE))
        self.name_each_once(drafts)
        locals_ = [name for draft in drafts for name in draft.plan.upstreams if self.names.upstreams.get(name)]
        rules = [self.rule(draft, locals_[0] if locals_ else None) for draft in drafts]
        return tuple(rules) if last is not None else (*rules, Rule(OTHERWISE, None, Plan(())))

    def draft(self, entry: Entry, keys: tuple[str, ...], name: str = "") -> _Draft:
        """Return one rule with its plan read."""
        fields = Fields(entry, keys, self.notes)
        named = name or fields.name(fields.need("name", "name the rule, as ledger and headers will"))
        return _Draft(entry, fields, named, read_plan(fields, self.names, self.notes))

    def name_each_once(self, drafts: list[_Draft]) -> None:
        """Note names that two rules share, as the ledger could not tell those apart."""
        seen = {OTHERWISE}
        for draft in drafts:
            written = draft.fields.get("name")
            if written is not None and draft.name in seen:
                self.notes.add(written, f"a second rule '{draft.name}'", "rename one")
            seen.add(draft.name)

    def rule(self, draft: _Draft, of_policy: str | None) -> Rule:
        """Return the finished rule; *of_policy* is the subject of `p_good` if the plan has none."""
        own = (name for name in draft.plan.upstreams if self.names.upstreams.get(name))
        subject = next(own, of_policy)
        when = None
        if draft.name != OTHERWISE:
            entry = draft.fields.need("when", "say when, or `when: true` for always")
            when = self.condition(entry, subject) if entry else None
        return Rule(draft.name, when, draft.plan, subject)

    def condition(self, entry: Entry, subject: str | None) -> Condition | None:
        """Return the compiled `when`, None if it is wrong."""
        if isinstance(entry.value, (Mapping, tuple)):
            self.notes.add(entry, "a condition is one line of text", "quote it: when: 'p_good >= cut'")
            return None
        try:
            return parse_condition(entry.text, partial(keys_of, names=self.names, subject=subject))
        except ConditionError as error:
            for mistake in error.mistakes:
                self.notes.mistake(entry, mistake)
            return None

    def mode(self, entry: Entry | None) -> Mode:
        """Return the mode: a word, or `{canary: share, by: conversation}`."""
        if entry is None:
            return Mode()
        if not isinstance(entry.value, Mapping):
            if entry.value == "act" or entry.value == "observe":
                return Mode("act" if entry.value == "act" else "observe")
            remedy = nearest(entry.text, ("act", "observe"), "write act, observe or {canary: 0.1}")
            self.notes.add(entry, f"'{entry.text}' is not a valid mode", remedy)
            return Mode()
        fields = Fields(entry, ("canary", "by"), self.notes)
        fields.need("canary", "write the share of conversations: {canary: 0.1}")
        fields.word("by", ("conversation",))
        return Mode("canary", fields.share("canary") or 0.0)

    def promise(self, entry: Entry | None) -> Promise | None:
        """Return the promise. Only a certificate says whether it is kept."""
        if entry is None:
            return None
        fields = Fields(entry, ("max_loss", "max_harm", "confidence"), self.notes)
        fields.need("max_loss", "say how much may be lost: max_loss: 0.02")
        confidence = fields.share("confidence")
        if confidence in (0.0, 1.0):
            self.notes.add(fields.entries["confidence"], "must be above 0 and below 1", "write 0.9, 0.95 or 0.99")
        return Promise(fields.share("max_loss") or 0.0, fields.share("max_harm"), confidence or 0.95)

    def audit(self, entry: Entry | None) -> Audit:
        """Return the audit: the share that is graded, by whom, and the budget a day."""
        if entry is None:
            return Audit()
        fields = Fields(entry, ("share", "floor", "judge", "usd_per_day"), self.notes)
        share, floor = fields.share("share") or 0.0, fields.share("floor") or 0.0
        if floor > share:
            self.notes.add(fields.entries["floor"], "the floor is above the share", "lower it or raise the share")
        judge = fields.word("judge", tuple(self.names.upstreams))
        usd = fields.money("usd_per_day")
        return Audit(share, floor, judge, usd) if usd is not None else Audit(share, floor, judge)

    def shadow(self, entry: Entry | None, mode: Mode) -> Shadow:
        """Return how much is tried out in the shadow: by default everything if the mode is `observe`, else nothing."""
        if entry is None:
            return Shadow(1.0 if mode.name == "observe" else 0.0)
        fields = Fields(entry, ("share", "usd_per_day"), self.notes)
        fields.need("share", "say how often: share: 0.2")
        share, usd = fields.share("share") or 0.0, fields.money("usd_per_day")
        return Shadow(share) if usd is None else Shadow(share, usd)

    def tests(self, fields: Fields, rules: set[str]) -> tuple[Case, ...]:
        """Return the policy's own tests."""
        entries = fields.items("tests", "write a list of `- {request: {…}, rule: NAME}`")
        return tuple(self.case(entry, rules) for entry in entries)

    def case(self, entry: Entry, rules: set[str]) -> Case:
        """Return one test of the policy."""
        fields = Fields(entry, ("request", "rule", "signals"), self.notes)
        fields.need("rule", "name the rule that must be met")
        request = fields.get("request")
        body = request.plain() if request else {}
        if request is not None and not isinstance(body, dict):
            self.notes.add(request, "a request is a mapping", "write a chat body: {messages: [...]}")
        return Case(
            request=body if isinstance(body, dict) else {},
            rule=fields.word("rule", tuple(rules)) or "",
            signals=self.overrides(fields.get("signals")),
            line=entry.line,
        )

    def overrides(self, entry: Entry | None) -> dict[str, Value | None]:
        """Return the signals that a test sets, by the keys under which they are looked up."""
        found: dict[str, Value | None] = {}
        if entry is None:
            return found
        given = Fields(entry, tuple(entry.value) if isinstance(entry.value, Mapping) else (), self.notes)
        for name, signal in given.entries.items():
            keys = keys_of(name, self.names, None)
            value = signal.plain()
            if isinstance(keys, Mistake):
                self.notes.mistake(signal, keys)
            elif value is None or isinstance(value, (bool, int, float, str)):
                found[keys[0]] = value
            else:
                self.notes.add(signal, f"the signal '{name}' must be a single value", "write a number, a text or true")
        return found


def _digest(document: Entry) -> str:
    """Return the sha256 of what affects decisions, as canonical JSON. Layout and comments do not count."""
    plain = document.plain()
    decides = (
        {key: value for key, value in plain.items() if key not in WITHOUT_EFFECT} if isinstance(plain, dict) else {}
    )
    canonical = json.dumps(decides, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(canonical.encode()).hexdigest()
