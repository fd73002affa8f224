"""How an upstream differs from OpenAI's API, as its row in config.yaml says."""

from router.config.section import Section, nearest, quoted
from router.core.capabilities import CAPABILITIES
from router.core.families import FAMILIES
from router.core.sanitise.target import BOTH, LIMITS
from router.core.upstream import Quirks

ESSENTIAL = frozenset({"model", "messages", "stream"})


def read_quirks(section: Section) -> Quirks:
    """Return the `quirks:` of a row; what is left out is found out later."""
    quirks = Quirks(
        family=section.choice("family", ("", *FAMILIES), ""),
        limit=section.choice("limit", ("", *LIMITS, BOTH), ""),
        developer=section.choice("developer", ("", "keep", "system"), ""),
        rejects=_rejects(section),
        lacks=capabilities(section, "lacks"),
    )
    section.close()
    return quirks


def _rejects(section: Section) -> frozenset[str]:
    """Fields that may be left out of a request; those that make it what it is may not."""
    names = frozenset(entry.text for entry in section.entries("rejects"))
    for name in sorted(names & ESSENTIAL):
        section.problem("rejects", f"'{name}' cannot be rejected: every request needs it", "take it out of the list")
    return names - ESSENTIAL


def capabilities(section: Section, key: str) -> frozenset[str]:
    """Return the capabilities listed under *key*; unknown ones are noted as problems."""
    entries = section.entries(key)
    for entry in entries:
        if entry.text not in CAPABILITIES:
            remedy = nearest(entry.text, CAPABILITIES, "it knows: " + ", ".join(CAPABILITIES))
            section.problem(key, f"nothing is called {quoted(entry)}", remedy)
    return frozenset(entry.text for entry in entries)
