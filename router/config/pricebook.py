"""Price books: providers' list prices, in a file with a name and a date. One is shipped."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from router.config.document import MAX_BYTES, read_document
from router.config.price import figures
from router.config.section import Findings, Section
from router.core.errors import Problem, SetupError
from router.core.prices import Price

DEFAULT, NONE = "default", "none"
SHIPPED = "prices.yaml"
DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,39}")
BY_HOST = ("openai", "anthropic")
ROUTES = ("converse/", "invoke/")  # how litellm asks Bedrock, and no part of a model's name


@dataclass(frozen=True, slots=True)
class Listed:
    """One provider of a book: the hosts where its prices hold, its name in litellm, and its models."""

    hosts: frozenset[str] = frozenset()
    litellm: str = ""
    models: Mapping[str, Price] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Book:
    """One price book. `name` includes its date; every row charged by it records it."""

    name: str
    providers: tuple[Listed, ...] = ()

    @property
    def count(self) -> int:
        """How many prices it holds."""
        return sum(len(provider.models) for provider in self.providers)

    def price(self, kind: str, model: str, host: str) -> Price | None:
        """The list price of *model*, None where the book has none for it at *host*.

        *host* "" is where the kind goes by itself. At any other host than the provider's own somebody else may ask
        something else, so there a name alone tells nothing.
        """
        if kind in BY_HOST:
            return self._at(model, [one for one in self.providers if host in one.hosts])
        if kind != "litellm":
            return None
        prefix, _, name = model.partition("/")
        for route in ROUTES:
            name = name.removeprefix(route)
        return self._at(name, [one for one in self.providers if one.litellm == prefix and _holds(one, host)])

    @staticmethod
    def _at(model: str, providers: Collection[Listed]) -> Price | None:
        return next((one.models[model] for one in providers if model in one.models), None)


def _holds(provider: Listed, host: str) -> bool:
    return not host or host in provider.hosts


@lru_cache(maxsize=1)
def shipped() -> Book:
    """The book that ships with smallfirst."""
    data = (files("router.config") / SHIPPED).read_bytes()
    return read_book(data, SHIPPED)


@dataclass(frozen=True, slots=True)
class Books:
    """The books that a row without a price is looked up in: one of the operator's own, then the shipped one.

    The shipped one is read when somebody asks for what the other does not list: that takes a quarter of a second.
    """

    own: Book | None = None
    ships: bool = True

    def price(self, kind: str, model: str, host: str) -> Price | None:
        """As `Book.price`."""
        found = self.own.price(kind, model, host) if self.own else None
        return shipped().price(kind, model, host) if found is None and self.ships else found

    def __iter__(self) -> Iterator[Book]:
        if self.own:
            yield self.own
        if self.ships:
            yield shipped()


def read_books(word: str, path: Path) -> Books:
    """Return the books that `prices: WORD` means; *path* is that of a file.

    Raises SetupError with everything wrong with the file.
    """
    if word in (DEFAULT, NONE):
        return Books(ships=word == DEFAULT)
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        remedy = "write `default`, `none`, or the path of a price book, which counts from config.yaml's folder"
        raise SetupError([Problem(word, None, "", "there is no such file", remedy)]) from error
    return Books(read_book(data, word))


def read_book(data: bytes, file: str) -> Book:
    """Return the book in *data*. Raises SetupError with every mistake in it, each with line, key path and remedy."""
    findings = Findings(file)
    top = Section(read_document(data, file), "", findings)
    name, day = top.required("book", "write a short name"), top.required("date", "write the day as 2026-11-12")
    if name and not NAME.fullmatch(name):
        top.problem("book", "is not a valid name", "use up to 40 letters, digits, - _ and .")
    if day and not DATE.fullmatch(day):
        top.problem("date", f"{top.shown('date')} is not a date", "write it as 2026-11-12")
    source = f"{name} {day}"
    listed = top.section("prices")
    providers = tuple(_provider(listed.section(key), source) for key in listed.pairs)
    top.close("a book has `book`, `date` and `prices`")
    if findings.problems:
        raise SetupError(findings.problems)
    return Book(source, providers)


def _provider(section: Section, source: str) -> Listed:
    hosts = frozenset(host.text.lower() for host in section.entries("hosts"))
    prefix = section.text("litellm", "") or ""
    if not hosts and not prefix:
        section.problem("hosts", "is missing", "write the hosts where these prices hold, or litellm's name for them")
    section.text("source")
    models = section.section("models")
    prices = {model: _model(models.section(model), source) for model in models.pairs}
    section.close("a provider has `hosts`, `litellm`, `source` and `models`")
    return Listed(hosts, prefix, prices)


def _model(section: Section, source: str) -> Price:
    section.text("source")  # for people: where the figures were read
    return figures(section, source)
