"""The table of docs/providers/README.md, made from the tests themselves: a column is a test, a row is a provider.

`python -m tests.standins.table` prints it.
"""

from collections.abc import Iterator

from tests.providers import test_providers as checks
from tests.standins.providers import PROVIDERS, Provider

HOME = "tests/providers/test_providers.py"
COLUMNS = {
    "whole": checks.test_it_answers_whole,
    "streamed": checks.test_it_streams_the_same_answer,
    "tools": checks.test_its_tools_are_called,
    "their results": checks.test_a_tools_result_goes_back,
    "images": checks.test_an_image_reaches_it,
    "429": checks.test_a_client_that_is_too_fast_is_told_so,
    "too long": checks.test_a_prompt_that_is_too_long_is_known_for_one,
    "wrong key": checks.test_a_wrong_key_is_the_operators_and_never_shown,
    "left out": checks.test_what_is_left_out_stands_in_the_ledger,
    "tokens": checks.test_its_tokens_are_counted_and_the_cached_ones_apart,
    "price": checks.test_its_price_is_exact,
}


def table() -> str:
    """The legend and the table, in Markdown."""
    return "\n".join((*_legend(), "", *_rows()))


def _legend() -> Iterator[str]:
    yield "| column | test |"
    yield "|---|---|"
    for name, test in COLUMNS.items():
        yield f"| {name} | `{test.__name__}` |"


def _rows() -> Iterator[str]:
    yield "| upstream | kind | " + " | ".join(COLUMNS) + " |"
    yield "|---" * (len(COLUMNS) + 2) + "|"
    for name, provider in PROVIDERS.items():
        cells = (_cell(name, column, provider) for column in COLUMNS)
        link = f"[{name}]({provider.page}.md)"
        yield f"| {link} | `{provider.kind}` | " + " | ".join(cells) + " |"


def _cell(name: str, column: str, provider: Provider) -> str:
    """The parameter that the column's test has for this provider; what its format has no word for is said."""
    cell = f"`[{name}]`"
    if column == "tokens" and not provider.counts[1]:
        return f"{cell}, counts none as cached"
    return cell


if __name__ == "__main__":
    print(table())  # noqa: T201
