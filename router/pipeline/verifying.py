"""Puts answers before the judges of a step: each answer by itself, then all answers together."""

from collections.abc import Mapping

from msgspec.structs import replace

from policies.policy import Step
from router.core.dialects.chat import ChatRequest
from router.core.exchange import ACCEPT, ASK, ESCALATE, TOO_LATE, WAIT, Exchange, Verdict
from router.core.moves import Judged, Verify
from router.core.ports import Hearing, MemberAnswer
from router.pipeline.calls import OpenCall
from router.pipeline.dependencies import Dependencies
from router.pipeline.staying import allowed

VERIFIER = "verifier"
NOT_JUDGED = Verdict("none", ACCEPT, "not judged")
FLAGS: Mapping[str, str] = {"structure": "clean", "refusal": "refused", "loops": "looped"}


class Verifying:
    """The judges of one exchange, and what they have found so far: each judges an answer by itself only once."""

    def __init__(
        self, deps: Dependencies, exchange: Exchange, request: ChatRequest, calls: Mapping[int, OpenCall]
    ) -> None:
        self.deps = deps
        self.exchange = exchange
        self.request = request
        self.calls = calls
        self._found: dict[tuple[int, str], Verdict] = {}
        self._asked: set[tuple[int, str]] = set()

    def verify(self, look: Verify, step: Step) -> Judged:
        """The verdict on a call. Judges are asked in the policy's order, up to the first that objects.

        In a panel, an objection to one answer alone only rules that answer out.
        """
        if look.early:
            return Judged(look.call, self._early(look, step), early=True)
        alone = self._alone(look, step)
        together = [name for name in step.judges if self._together(name)]
        if alone.action == ASK or not together or (alone.action != ACCEPT and not step.confers):
            return self._by_itself(look, step, alone)
        for name in together:
            verdict = self._ask_together(look, step, name)
            if verdict.action != ACCEPT:
                break
        best = look.call if verdict.best is None else look.given[verdict.best]
        if verdict.action == ACCEPT and not self._clean(best, step):
            reason = f"{verdict.reason}, but its best text fails another judge"
            verdict = replace(verdict, action=WAIT, reason=reason)
        return Judged(look.call, verdict, best)

    def _by_itself(self, look: Verify, step: Step, verdict: Verdict) -> Judged:
        """The verdict of judges that look at one answer alone; in a panel an objection makes the next member answer."""
        if verdict.action != ESCALATE or not step.confers:
            return Judged(look.call, verdict)
        clean = [call for call in look.given if self._clean(call, step)]
        return Judged(look.call, replace(verdict, action=WAIT), clean[0] if clean else None)

    def _early(self, look: Verify, step: Step) -> Verdict:
        """The verdict on a prefix, by the judges that need no whole answer. An objection is final, and recorded."""
        for name in step.judges:
            judge = self.deps.judges[name]
            if self._together(name) or getattr(judge, "late", False):
                continue
            verdict = self._hear(look, step, name)
            if verdict.action == ESCALATE:
                self._record(verdict)
            if verdict.action != ACCEPT:
                return verdict
        return NOT_JUDGED

    def _alone(self, look: Verify, step: Step) -> Verdict:
        verdict = replace(NOT_JUDGED, attempt=self.calls[look.call].attempt.id)
        for name in step.judges:
            if self._together(name):
                continue
            known = self._found.get((look.call, name))
            if known is not None and known.action != ASK:
                verdict = known
            else:
                verdict = self._found[look.call, name] = self._hear(look, step, name)
                self._record(verdict, late=look.late)
            if verdict.action != ACCEPT and not look.late:
                break
        return verdict

    def _ask_together(self, look: Verify, step: Step, name: str) -> Verdict:
        verdict = self._hear(look, step, name)
        if verdict.best is not None:
            heard = tuple(replace(one, attempts=self._attempts(look, *one.by)) for one in verdict.heard)
            verdict = replace(verdict, attempt=self._attempts(look, verdict.best)[0], heard=heard)
        if name == VERIFIER:
            self.exchange.p_kept = verdict.score
            self.exchange.keep_cut = self.exchange.keep_cut if verdict.cut is None else verdict.cut
        self._record(verdict, late=look.late)
        return verdict

    def _attempts(self, look: Verify, *places: int) -> tuple[str, ...]:
        return tuple(self.calls[look.given[place]].attempt.id for place in places)

    def _hear(self, look: Verify, step: Step, name: str) -> Verdict:
        """One judge's verdict on the call, given its answer and the hearing."""
        call = self.calls[look.call]
        answer = replace(call.answer(), hearing=self._hearing(look, step, name))
        verdict = self.deps.judges[name].judge(self.request.body, answer, self.exchange.verdicts)
        if verdict.action == ASK:
            self._asked.add((look.call, name))
        return replace(verdict, attempt=call.attempt.id)

    def _hearing(self, look: Verify, step: Step, name: str) -> Hearing:
        own = [self.calls[call] for call in look.opinions if self._asked_by(call) == name]
        repaired = any(call.planned.question and call.planned.question.kind == "repair" for call in self.calls.values())
        return Hearing(
            given=tuple(self._member_answer(call, step) for call in look.given),
            members=tuple(
                self.deps.digests.get(member, member) for member in step.members for _ in range(step.samples)
            ),
            opinions=tuple(call.answer() if call.attempt.error is None else None for call in own),
            asked=(look.call, name) in self._asked,
            keep_cut=self.exchange.keep_cut,
            by_hand=self._by_hand(),
            strictness=self.exchange.strictness,
            may_repair=step.repair and not repaired and not look.late,
            opinion=step.opinion if self._may_ask(step.opinion) else "",
            sure=step.sure,
            agree=step.agree,
        )

    def _member_answer(self, number: int, step: Step) -> MemberAnswer:
        call = self.calls[number]
        name, usage = call.planned.upstream, call.attempt.usage
        flags = {}
        for judge in step.judges:
            found = self._found.get((number, judge))
            if judge in FLAGS and found is not None:
                fine = 0.0 if found.action == ESCALATE else 1.0
                flags[FLAGS[judge]] = fine if FLAGS[judge] == "clean" else 1.0 - fine
        tokens = usage.output if usage is not None and usage.source == "upstream" else None
        return MemberAnswer(name, self.deps.digests.get(name, name), call.answer(), tokens, flags)

    def _clean(self, call: int, step: Step) -> bool:
        """Whether no judge has objected to this answer alone."""
        found = [self._found.get((call, name)) for name in step.judges]
        return not any(verdict is not None and verdict.action == ESCALATE for verdict in found)

    def _by_hand(self) -> bool:
        """Whether the policy's author set the `keep_cut` that is in force."""
        policy = self.deps.policies.get(self.exchange.policy)
        return policy is not None and policy.keep_cut is not None and policy.keep_cut == self.exchange.keep_cut

    def _may_ask(self, name: str) -> bool:
        """Whether a judge may have this upstream asked.

        It must be allowed to see the request, and its breaker must not be open: the client would only wait for it."""
        if name not in self.deps.upstreams or (self.exchange.local_only and not self.deps.stays(name)):
            return False
        if self.deps.breakers.is_open(name, self.deps.clock_us()):
            return False
        seen_by = allowed(self.deps, self.exchange.tags) if self.deps.settings.egress else None
        return seen_by is None or name in seen_by

    def _asked_by(self, number: int) -> str:
        question = self.calls[number].planned.question
        return question.judge if question else ""

    def _together(self, name: str) -> bool:
        return bool(getattr(self.deps.judges[name], "together", False))

    def _record(self, verdict: Verdict, *, late: bool = False) -> None:
        """Add the verdict to the exchange, unless it only asks. One that came after its answer went out says so."""
        if verdict.action == ASK:
            return
        late_reason = f"{TOO_LATE}{verdict.reason}"
        self.exchange.verdicts.append(replace(verdict, reason=late_reason) if late else verdict)
