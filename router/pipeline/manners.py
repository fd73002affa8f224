"""How each upstream must be spoken to: what the runtime found, and what refusals have taught since."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from router.core.families import Manner
from router.core.lessons import Lesson
from router.core.sanitise.target import Target

MAX_LESSONS = 16
MAX_VALUES = 16
NOTHING: frozenset[str] = frozenset()


@dataclass(slots=True)
class Manners:
    """By upstream. A reload begins again, so what a server was taught to be is found out again."""

    _found: dict[str, Manner] = field(default_factory=dict)
    _lessons: dict[str, tuple[Lesson, ...]] = field(default_factory=dict)
    _targets: dict[str, Target] = field(default_factory=dict)

    def tell(self, upstream: str, manner: Manner) -> None:
        """`upstream` was found to be so."""
        if self._found.get(upstream) != manner:
            self._found[upstream] = manner
            self._combine(upstream)

    def learn(self, upstream: str, lesson: Lesson) -> None:
        """A request went through once `lesson` was heeded: heed it from now on."""
        known = self._lessons.get(upstream, ())
        if lesson in known or not lesson.lasting:
            return
        fields, values = (tuple(one for one in known if (one.value is not None) is valued) for valued in (False, True))
        if lesson.value is not None:
            values = (*values, lesson)[-MAX_VALUES:]  # a client may write any number of them: the oldest is forgotten
        elif len(fields) < MAX_LESSONS:
            fields = (*fields, lesson)
        self._lessons[upstream] = (*fields, *values)
        self._combine(upstream)

    def lessons(self, upstream: str) -> tuple[str, ...]:
        """What was learnt of `upstream`, in words; of a dialect that it speaks beside chat, with the dialect's name."""
        notes = [lesson.note for lesson in self._lessons.get(upstream, ())]
        for pupil, lessons in self._lessons.items():
            name, _, dialect = pupil.partition(" ")
            notes += [f"{dialect}: {lesson.note}" for lesson in lessons if dialect and name == upstream]
        return tuple(notes)

    def target(self, upstream: str) -> Target | None:
        """What it takes; None where it takes what comes."""
        return self._targets.get(upstream)

    def lacks(self, upstream: str) -> frozenset[str]:
        """The capabilities it is known to lack."""
        manner = self._found.get(upstream)
        return manner.lacks if manner else NOTHING

    def about(self) -> Mapping[str, Manner]:
        """What was found of each."""
        return dict(self._found)

    def _combine(self, upstream: str) -> None:
        manner = self._found.get(upstream)
        target = manner.target if manner else None
        for lesson in self._lessons.get(upstream, ()):
            target = lesson.applied(target)
        if target is not None:
            self._targets[upstream] = target
        else:
            self._targets.pop(upstream, None)
