"""Texts with a number or key of known kind, and texts without: made again from one seed, never collected.

Nothing here belongs to anybody: numbers are drawn and given a right check digit, keys are drawn letters.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from random import Random
from uuid import UUID

from router.core.privacy.accounts import LENGTHS, is_iban
from router.core.privacy.cards import is_card
from router.core.privacy.lettered import LETTERED
from router.core.privacy.people import NUMBERS
from router.reports.disguises import DISGUISES

NAME = "specimens-1"
SEED = 20260101
EACH = 24
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
DRAWN = LETTERS + LETTERS.lower() + "0123456789"
# D a digit, L a letter, y m d the two digits of a date; the last two places are tried until the check is right.
SHAPES = {
    "us_ssn": "DDDDDDDDD", "us_itin": "9DD7DDDDD", "uk_nhs": "4DDDDDDDDD", "de_tax": "DDDDDDDDDDD",
    "fr_nir": "1ymDDDDDDDDDD", "nl_bsn": "DDDDDDDDD", "br_cpf": "DDDDDDDDDDD", "in_aadhaar": "DDDDDDDDDDDD",
    "pl_pesel": "ymdDDDDD", "ch_ahv": "756DDDDDDDDDD", "se_person": "ymdDDDD", "no_person": "dmyDDDDD",
    "dk_person": "dmyDDDD", "be_person": "ymdDDDDD", "pt_tax": "1DDDDDDDD", "ca_sin": "1DDDDDDDD",
    "au_tax": "DDDDDDDDD", "jp_number": "DDDDDDDDDDDD", "kr_resident": "ymd1DDDDDD", "za_person": "ymdDDDD08D",
    "tr_person": "1DDDDDDDDDD", "ro_person": "1ymdDDDDDD", "cz_person": "ymdDDDD",
    "uk_nino": "ABDDDDDDC", "es_dni": "DDDDDDDDL", "it_fiscal": "RSSMRAyAdHDDDL", "cn_resident": "11010519ymdDDDD",
    "fi_person": "dmy-DDDD", "fr_corsica": "1ym2ADDDDDDDD", "ie_pps": "DDDDDDDL", "sg_nric": "SDDDDDDDL",
    "cl_rut": "DD.DDD.DDD-D", "mx_curp": "HEGGymdMVZRRLDD", "in_pan": "LLLPLDDDDL",
}  # fmt: skip
CUES = {
    "us_ssn": "SSN", "us_itin": "ITIN", "uk_nhs": "NHS number", "nl_bsn": "BSN", "se_person": "personnummer",
    "dk_person": "CPR", "pt_tax": "NIF", "ca_sin": "SIN", "au_tax": "TFN", "jp_number": "My Number",
    "cz_person": "rodné číslo", "kr_resident": "RRN", "ie_pps": "PPS", "in_pan": "PAN", "in_aadhaar": "Aadhaar",
}  # fmt: skip
SENTENCES = (
    "My {cue} is {it}, please check it.", "{cue}: {it}", "Customer wrote: «{cue} {it}». Summarise.",
    "Use {it} as the {cue}.", '{{"{cue}": "{it}"}}',
)  # fmt: skip
KEYS = (
    ("AKIA", LETTERS + "234567", 16), ("ghp_", DRAWN, 36), ("glpat-", DRAWN, 20), ("xoxb-", DRAWN, 40),
    ("sk-ant-api03-", DRAWN, 60), ("sk-proj-", DRAWN, 48), ("AIza", DRAWN, 35), ("sk_live_", DRAWN, 24),
    ("hf_", DRAWN, 34), ("npm_", DRAWN, 36), ("dop_v1_", "0123456789abcdef", 64), ("", DRAWN, 32),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Specimen:
    """`text` holds something of `kind` (by the detector `by`), in the `form` it was given; "" is nothing."""

    text: str
    kind: str = ""
    by: str = ""
    form: str = ""
    disguised: bool = False


def specimens() -> tuple[Specimen, ...]:
    """The whole set: every kind as people write it and in every disguise, and as many texts that hold nothing."""
    rng = Random(SEED)  # noqa: S311 - the same texts every time, that is the point
    found = [*_plain(rng)]
    found += [*_disguised(rng, found)]
    return (*found, *(Specimen(_ordinary(rng)) for _ in range(len(found) // 2)))


def digest(texts: tuple[Specimen, ...]) -> str:
    """Twelve hex digits that name the set: the same program and seed make the same texts."""
    return sha256("\x00".join(one.text for one in texts).encode("utf-8", "replace")).hexdigest()[:12]


def _plain(rng: Random) -> Iterator[Specimen]:
    for _ in range(2 * EACH):
        yield _said(rng, "card", "card", rng.choice(("card", "Visa")), _card(rng))
        yield _said(rng, "iban", "iban", "account", _iban(rng))
        yield _said(rng, "email", "email", "address", _email(rng))
        yield _said(rng, "phone", "phone", "phone number", _phone(rng))
    for prefix, letters, length in KEYS:
        for _ in range(EACH // 4):
            yield _said(rng, "secret", "secret", "API key", prefix + _drawn(rng, letters, length))
    for name in SHAPES:
        for _ in range(EACH // 2):
            yield _said(rng, "national_id", name, CUES.get(name, "number"), _national(rng, name))


def _disguised(rng: Random, plain: list[Specimen]) -> Iterator[Specimen]:
    for form, disguise in DISGUISES.items():
        for kind in ("card", "iban", "email", "phone", "secret", "national_id"):
            for one in rng.sample([s for s in plain if s.kind == kind], EACH // 3):
                yield Specimen(disguise(one.form, rng), kind, one.by, form, disguised=True)


def _said(rng: Random, kind: str, by: str, cue: str, it: str) -> Specimen:
    """A sentence with `it`; its form is the bare thing, which a disguise then takes."""
    return Specimen(rng.choice(SENTENCES).format(cue=cue, it=it), kind, by, f"{cue} {it}")


def _drawn(rng: Random, letters: str, length: int) -> str:
    return "".join(rng.choice(letters) for _ in range(length))


def _card(rng: Random) -> str:
    prefix, length = rng.choice((("4", 16), ("51", 16), ("2221", 16), ("37", 15), ("6011", 16), ("3528", 16)))
    body = prefix + _drawn(rng, "0123456789", length - len(prefix) - 1)
    digits = next(body + last for last in "0123456789" if is_card(body + last))
    cuts = (4, 10) if length == 15 else (4, 8, 12)
    joint = rng.choice(("", " ", "-"))
    return joint.join(digits[a:b] for a, b in zip((0, *cuts), (*cuts, length), strict=True))


def _iban(rng: Random) -> str:
    country = rng.choice(sorted(LENGTHS))
    body = _drawn(rng, "0123456789", LENGTHS[country] - 4)
    found = next(f"{country}{n:02d}{body}" for n in range(2, 99) if is_iban(f"{country}{n:02d}{body}"))
    return found if rng.random() < 0.5 else " ".join(found[at : at + 4] for at in range(0, len(found), 4))


def _email(rng: Random) -> str:
    who = rng.choice(("ada", "bob.smith", "li_wei", "o'neil", "zoë", "x+tag"))
    where = f"{rng.choice(('mail.', ''))}{_drawn(rng, LETTERS.lower(), 8)}.{rng.choice(('com', 'de', 'co.uk', 'io'))}"
    return f"{who}{rng.randrange(100)}@{where}"


def _phone(rng: Random) -> str:
    plans = (
        "+49 30 {:06d}", "+44 20 7946 {:04d}", "+33 1 42 {:02d} 38 51", "+1 212-736-{:04d}", "(212) 736-{:04d}",
        "+41 44 668 {:02d} 00", "+91 98765 4{:04d}", "+81 3-5321-{:04d}", "030 90{:04d}", "020 7946 {:04d}",
    )  # fmt: skip
    plan = rng.choice(plans)
    width = int(plan.partition(":0")[2][0])
    return plan.format(rng.randrange(10 ** (width - 1), 10**width))


def _national(rng: Random, name: str) -> str:
    holds = _holders()[name]
    while True:
        text = "".join(_piece(rng, letter) for letter in SHAPES[name])
        for tail in _tails(text):
            if holds(text[: -len(tail)] + tail):
                return _written(rng, name, text[: -len(tail)] + tail)


def _piece(rng: Random, letter: str) -> str:
    if letter in "DL":
        return rng.choice("0123456789" if letter == "D" else LETTERS)
    if letter in "ymd":
        return f"{rng.randrange(*{'y': (40, 99), 'm': (1, 13), 'd': (1, 29)}[letter]):02d}"
    return letter


def _tails(text: str) -> Iterator[str]:
    if text[-1].isalpha():
        yield from LETTERS
    else:
        yield from (f"{n:02d}" for n in range(100)) if text[-2].isdigit() else "0123456789"


def _holders() -> dict[str, Callable[[str], bool]]:
    return {one.name: one.holds for one in NUMBERS} | {
        one.name: one.holds if one.name == "fi_person" else partial(_stripped, one.holds) for one in LETTERED
    }


def _stripped(holds: Callable[[str], bool], text: str) -> bool:
    return holds("".join(letter for letter in text if letter.isalnum()))


def _written(rng: Random, name: str, digits: str) -> str:
    """In pieces, where the number is usually written so, or plain."""
    ways = [(one.groups, one.between) for one in NUMBERS if one.name == name and one.length == len(digits)]
    if not ways or not ways[0][0] or rng.random() < 0.5:
        return digits
    groups, between = ways[0]
    joint, at, pieces = rng.choice(between), 0, []
    for size in rng.choice(groups):
        pieces.append(digits[at : at + size])
        at += size
    return joint.join(pieces)


def _ordinary(rng: Random) -> str:
    """A text that resembles personal numbers but holds none: logs, orders, hashes, tables, code."""
    n, day = rng.randrange, f"2026-{rng.randrange(1, 13):02d}-{rng.randrange(1, 29):02d}"
    years = " ".join(str(n(2000, 2030)) for _ in range(4))
    made = (
        lambda: f"{day} {n(24):02d}:{n(60):02d}:{n(60):02d},{n(1000):03d} INFO [req-{n(10**8)}] 200 {n(9999)} ms",
        lambda: f"Order {n(10**9, 10**11)} was shipped on {n(1, 29)}.{n(1, 13)}.2026.",
        lambda: f"id {UUID(int=rng.getrandbits(128))} sha {rng.getrandbits(256):064x}",
        lambda: f"values: {', '.join(f'{rng.random():.16f}' for _ in range(4))}",
        lambda: f"ISBN 978-3-16-{n(10**6):06d}-{n(10)}; version {n(9)}.{n(20)}.{n(9)}",
        lambda: f"host 10.{n(255)}.{n(255)}.{n(255)}:{n(65535)} since {day}",
        lambda: f"{n(1, 999):,} of {n(10**6, 10**9):,} rows at {n(10**9, 2 * 10**9)} and {n(10**12, 2 * 10**12)}",
        lambda: "for row in table: total += row.amount * rate  # see https://docs.test/a/b?c=1#d",
        lambda: f"Table 4 lists {years} and {n(9)} {n(9)} {n(9)} {n(9)}.",
        lambda: f"ticket {n(10**15, 10**16)} tracking {_drawn(rng, DRAWN, 18)} part AB-{n(10**6)}",
        lambda: "Call the function with 3 arguments; number 12 of 40 failed, contact the owner @team in #ops.",
    )
    return rng.choice(made)()
