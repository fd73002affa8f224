"""What each upstream takes and lacks, as the runtime found and as its refusals have taught since."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from router.core.families import Traits
from router.core.lessons import Lesson
from router.core.sanitise.target import Target

MAX_LESSONS = 16
MAX_VALUES = 16
NOTHING: frozenset[str] = frozenset()


@dataclass(slots=True)
class KnownTraits:
    """The traits of every upstream and the lessons learnt from its refusals. A reload forgets both."""

    _found: dict[str, Traits] = field(default_factory=dict)
    _lessons: dict[str, tuple[Lesson, ...]] = field(default_factory=dict)
    _targets: dict[str, Target] = field(default_factory=dict)

    def tell(self, upstream: str, traits: Traits) -> None:
        """Note what `upstream` was found to be."""
        if self._found.get(upstream) != traits:
            self._found[upstream] = traits
            self._combine(upstream)

    def learn(self, upstream: str, lesson: Lesson) -> None:
        """Apply `lesson` from now on: a request that was refused without it went through with it."""
        known = self._lessons.get(upstream, ())
        if lesson in known or not lesson.lasting:
            return
        fields, values = (tuple(one for one in known if (one.value is not None) is valued) for valued in (False, True))
        if lesson.value is not None:
            values = (*values, lesson)[-MAX_VALUES:]  # clients may send any number of values: the oldest is forgotten
        elif len(fields) < MAX_LESSONS:
            fields = (*fields, lesson)
        self._lessons[upstream] = (*fields, *values)
        self._combine(upstream)

    def lessons(self, upstream: str) -> tuple[str, ...]:
        """What was learnt of `upstream`, in words. A lesson about a dialect other than chat names the dialect."""
        notes = [lesson.note for lesson in self._lessons.get(upstream, ())]
        for learner, lessons in self._lessons.items():
            name, _, dialect = learner.partition(" ")
            notes += [f"{dialect}: {lesson.note}" for lesson in lessons if dialect and name == upstream]
        return tuple(notes)

    def target(self, upstream: str) -> Target | None:
        """What `upstream` takes; None if it takes anything."""
        return self._targets.get(upstream)

    def lacks(self, upstream: str) -> frozenset[str]:
        """The capabilities that `upstream` is known to lack."""
        traits = self._found.get(upstream)
        return traits.lacks if traits else NOTHING

    def about(self) -> Mapping[str, Traits]:
        """What was found of each upstream."""
        return dict(self._found)

    def _combine(self, upstream: str) -> None:
        traits = self._found.get(upstream)
        target = traits.target if traits else None
        for lesson in self._lessons.get(upstream, ()):
            target = lesson.applied(target)
        if target is not None:
            self._targets[upstream] = target
        else:
            self._targets.pop(upstream, None)
