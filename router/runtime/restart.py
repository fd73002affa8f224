"""What a reload cannot change: where the server listens, and its ledger."""

from router.config.records import Config
from router.core.errors import Problem, SetupError


def refuse_what_needs_a_restart(running: Config, fresh: Config) -> None:
    """Raise SetupError, naming the keys, if `fresh` differs from `running` in what only a restart can change.

    If such a change were ignored, the server would go on as before, while commands that read the file looked elsewhere.
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
