"""When an upstream is passed over, as its row of config.yaml says."""

from router.config.section import Section
from router.core.breaker import USUAL, Limits

RULES = ("share", "least", "window_s", "open_s")


def read_breaker(section: Section) -> Limits:
    """Return the limits under `breaker:`, the usual ones for what is left out."""
    limits = Limits(
        failures=section.integer("failures", USUAL.failures, most=10_000),
        share=section.number("share", USUAL.share, most=1),
        least=section.integer("least", USUAL.least, least=1, most=100_000),
        window_s=section.number("window_s", USUAL.window_s, most=3600),
        open_s=section.number("open_s", USUAL.open_s, most=3600),
    )
    section.close()
    for key in RULES if not limits.failures else ():
        if section.has(key):
            section.warn(
                key, "does nothing: `failures: 0` switches the breaker off", "leave it out, or raise `failures`"
            )
    return limits
