"""Ways in which a number or a key reaches a prompt without looking like one, for the trial of the detectors."""

import json
from base64 import b64encode
from collections.abc import Callable, Mapping
from random import Random
from types import MappingProxyType
from urllib.parse import quote

Disguise = Callable[[str, Random], str]
WORDS = "zero one two three four five six seven eight nine".split()


def _full_width(text: str, rng: Random) -> str:
    return "".join(chr(ord(letter) + 0xFEE0) if letter.isascii() and letter.isalnum() else letter for letter in text)


def _arabic(text: str, rng: Random) -> str:
    return "".join(chr(0x660 + int(letter)) if letter.isdigit() else letter for letter in text)


def _hidden(text: str, rng: Random) -> str:
    return "".join(letter + rng.choice("\u200b\u200d\u2060\u00ad") for letter in text)


def _odd_joints(text: str, rng: Random) -> str:
    swapped = {" ": rng.choice("\u00a0\u2009\u202f"), "-": rng.choice("\u2011\u2013\u2212")}
    return "".join(swapped.get(letter, letter) for letter in text)


def _spaced(text: str, rng: Random) -> str:
    return " ".join(letter for letter in text if letter.isalnum()) if text.replace(" ", "").isalnum() else text


def _escaped(text: str, rng: Random) -> str:
    return "".join(f"\\u{ord(letter):04x}" for letter in text)


def _in_json(text: str, rng: Random) -> str:
    return json.dumps({"note": f"\n{text}\t"})


def _in_url(text: str, rng: Random) -> str:
    return f"https://shop.test/pay?ref={rng.randrange(100)}&value={quote(text, safe='')}&x=1"


def _lower(text: str, rng: Random) -> str:
    return text.lower()


def _broken(text: str, rng: Random) -> str:
    half = len(text) // 2
    return f"{text[:half]}\n{text[half:]}"


def _in_base64(text: str, rng: Random) -> str:
    return b64encode(text.encode()).decode()


def _in_words(text: str, rng: Random) -> str:
    return " ".join(WORDS[int(letter)] if letter.isdigit() else letter for letter in text)


DISGUISES: Mapping[str, Disguise] = MappingProxyType(
    {
        "full-width letters and digits": _full_width,
        "Arabic-Indic digits": _arabic,
        "invisible characters between": _hidden,
        "unusual spaces and dashes": _odd_joints,
        "a space after every character": _spaced,
        "escapes of JSON": _escaped,
        "inside JSON inside JSON": _in_json,
        "in an address of the web": _in_url,
        "lower case": _lower,
        "broken over two lines": _broken,
        "base64": _in_base64,
        "digits as words": _in_words,
    }
)
