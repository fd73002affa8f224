"""Reads a document's entries by type: returns the value, or notes a problem and returns a default."""

import re
from collections.abc import Collection, Mapping
from decimal import Decimal, InvalidOperation
from typing import TypeVar

from policies.document import Entry, Notes
from policies.problems import nearest

Word = TypeVar("Word", bound=str)
NAME = r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}"


class Fields:
    """The keys of one mapping; every problem goes to the notes.

    A missing key gives the default. So does a wrong one, after its problem is noted, so
    that one reading finds every mistake in a file.
    """

    def __init__(self, entry: Entry, known: Collection[str], notes: Notes) -> None:
        self.entry = entry
        self.notes = notes
        self.entries: Mapping[str, Entry] = {}
        if not isinstance(entry.value, Mapping):
            notes.add(entry, f"must be a mapping{_not(entry)}", _keys(known))
            return
        self.entries = entry.value
        for key, value in self.entries.items():
            if key not in known:
                notes.add(value, f"no key is called '{key}' here", nearest(key, known, _keys(known)))

    def get(self, key: str) -> Entry | None:
        """Return the entry of *key*, None if it is left out or empty."""
        entry = self.entries.get(key)
        return None if entry is None or entry.value is None else entry

    def need(self, key: str, remedy: str) -> Entry | None:
        """Return the entry of *key*; if it is missing, note that and return None."""
        entry = self.get(key)
        if entry is None and isinstance(self.entry.value, Mapping):
            path = f"{self.entry.path}.{key}" if self.entry.path else key
            place = Entry(None, self.entry.line, path)
            self.notes.add(place, f"'{key}' is missing", remedy)
        return entry

    def share(self, key: str) -> float | None:
        """Return a number in [0, 1]."""
        entry = self.get(key)
        if entry is None:
            return None
        value = entry.value
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 1:
            self.notes.add(entry, f"must be a number from 0 to 1{_not(entry)}", "write a share, like 0.05")
            return None
        return float(value)

    def count(self, key: str) -> int | None:
        """Return a whole number above zero."""
        entry = self.get(key)
        if entry is None:
            return None
        if isinstance(entry.value, bool) or not isinstance(entry.value, int) or entry.value < 1:
            self.notes.add(entry, f"must be a whole number above 0{_not(entry)}", "write 1 or more")
            return None
        return entry.value

    def money(self, key: str) -> Decimal | None:
        """Return an amount in USD, exactly as written and not negative."""
        entry = self.get(key)
        if entry is None:
            return None
        try:
            amount = Decimal(entry.text)
        except InvalidOperation:
            self.notes.add(entry, f"must be an amount in USD{_not(entry)}", "write digits, like 2.50")
            return None
        if not amount.is_finite() or amount < 0:
            self.notes.add(entry, f"must be an amount in USD{_not(entry)}", "write 0 or more")
            return None
        return amount

    def flag(self, key: str) -> bool:
        """Return true or false; left out is false."""
        entry = self.get(key)
        if entry is None:
            return False
        if not isinstance(entry.value, bool):
            self.notes.add(entry, f"must be true or false{_not(entry)}", "the default is false")
            return True  # the stricter value, so that what depends on it is checked too
        return entry.value

    def word(self, key: str, choices: Collection[Word]) -> Word | None:
        """Return one of *choices*."""
        entry = self.get(key)
        if entry is None:
            return None
        for choice in choices:
            if entry.value == choice:
                return choice
        written = entry.text or "this"
        self.notes.add(entry, f"'{written}' is not a valid {key}", nearest(written, choices, _keys(choices)))
        return None

    def text(self, key: str) -> str:
        """Return a text; left out is the empty one."""
        entry = self.get(key)
        if entry is None:
            return ""
        if isinstance(entry.value, (Mapping, tuple)):
            self.notes.add(entry, "must be text", "write one line of text")
        return entry.text

    def name(self, entry: Entry | None) -> str:
        """Return a name that fits a header and a ledger column."""
        if entry is None:
            return ""
        if isinstance(entry.value, (Mapping, tuple)) or not re.fullmatch(NAME, entry.text):
            self.notes.add(entry, f"'{entry.text}' is not a valid name", "use letters, digits, - and _, at most 64")
        return entry.text

    def items(self, key: str, remedy: str) -> tuple[Entry, ...]:
        """Return the entries of a list; left out is the empty one."""
        entry = self.get(key)
        if entry is None:
            return ()
        if not isinstance(entry.value, tuple):
            self.notes.add(entry, "must be a list", remedy)
            return ()
        return entry.value


def _not(entry: Entry) -> str:
    """Return ", not '…'" with what is written, "" if that is not a single value."""
    return f", not '{entry.text}'" if entry.text else ""


def _keys(known: Collection[str]) -> str:
    return f"write one of: {', '.join(sorted(known))}"
