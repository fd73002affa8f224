"""What a reload cannot change: where the server listens, and its ledger."""

from router.config.records import Config
from router.core.errors import Problem, SetupError


def refuse_what_needs_a_restart(running: Config, fresh: Config) -> None:
    """Nothing where `fresh` can take the place of `running`. Raises SetupError naming what it cannot change.

    Taken silently it would leave the server where it was, while the commands that read the file looked elsewhere.
    """
    kept = {
        "listen.host": (running.listen.host, fresh.listen.host),
        "listen.port": (running.listen.port, fresh.listen.port),
        "store.url": (running.store.url, fresh.store.url),
        "store.sync": (running.store.sync, fresh.store.sync),
    }
    problems = [
        Problem(
            fresh.path.name, None, key, "cannot change while the server runs", "restart it, or put the old value back"
        )
        for key, (before, after) in kept.items()
        if before != after
    ]
    if problems:
        raise SetupError(problems)
