"""What the built-in world needs to run, and what to do on a machine that lacks it."""

from importlib.util import find_spec

from router.core.errors import Problem, SetupError

RUNNER = "xllamacpp"
INSTALL = 'run `pip install "smallfirst[local]"`'
UNSERVED = Problem(
    "",
    None,
    "",
    "no model server answers on this machine, and llama.cpp, which runs the built-in models, is not installed",
    f"{INSTALL}, or start a model server (Ollama, LM Studio, llama.cpp, vLLM), or name upstreams in config.yaml",
)
UNPLAYED = Problem("", None, "", "llama.cpp, which runs the demo's models, is not installed", INSTALL)


def refuse_without_llama(problem: Problem) -> None:
    """Raise SetupError with `problem` where nothing here can run the built-in models."""
    if find_spec(RUNNER) is None:
        raise SetupError([problem])
