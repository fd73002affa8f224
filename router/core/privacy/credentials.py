"""Secrets: the shapes that their makers gave them, and words that announce one."""

import math
from base64 import b64decode, urlsafe_b64decode
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import orjson


@dataclass(frozen=True, slots=True)
class Credential:
    """One kind of secret. `hint` is what must stand somewhere before any secret is looked for closely."""

    name: str
    hint: str
    pattern: str
    holds: Callable[[str], bool] = lambda found: True


def mixed(found: str) -> bool:
    """Whether the last word of `found` looks drawn: letters and digits, and at least 3 bits a character."""
    word = found.replace('"', " ").replace("'", " ").split()[-1]
    counts = Counter(word)
    bits = -sum(n / len(word) * math.log2(n / len(word)) for n in counts.values())
    return any(map(str.isdigit, word)) and any(map(str.isalpha, word)) and bits >= 3.0


def mixed_below(found: str) -> bool:
    """Whether a long word of `found` looks drawn."""
    words = [word.strip("\"'") for word in found.split()]
    return any(mixed(word) for word in words if len(word) >= 16)


def is_jwt(found: str) -> bool:
    """Whether the first part is a JSON header that names an algorithm (RFC 7519)."""
    head = found.partition(".")[0]
    try:
        header = orjson.loads(urlsafe_b64decode(head + "=" * (-len(head) % 4)))
    except ValueError:
        return False
    return isinstance(header, dict) and "alg" in header


def is_password(found: str) -> bool:
    """Whether the password of an address is one, and no placeholder."""
    word = found.rpartition("@")[0].rpartition(":")[2]
    return word.strip("*x.").lower() not in ("", "password", "pass", "secret") and not word.startswith(("$", "<", "{"))


def is_basic(found: str) -> bool:
    """Whether the last word is NAME:PASSWORD in base64 (RFC 7617), and no placeholder."""
    try:
        said = b64decode(found.split()[-1] + "==").decode()
    except ValueError:
        return False
    return ":" in said and said.isprintable() and is_password(f"{said}@")


W = r"[0-9A-Za-z_-]"
SAID = r"(?i)(?:key|secret|token|passw(?:or)?d|passphrase|pwd|bearer)"
GAP = r"[\"']?(?: (?:is|was|ist|est|es))?[ \t]{0,3}[:= ][>=]?[ \t]{0,3}[\"']?"
LONG = r"[0-9A-Za-z+/_.=~-]{16,}"
BELOW = (
    r"(?i)(?:[a-z][_ -]?key|secret|token|passw(?:or)?d|passphrase)[\"']?:[ \t]*(?:[>|][+-]?)?[ \t]*(?:#[^\n]*)?"
    r"(?:\r?\n){0,2}[ \t]*(?:- )?[\"']?[0-9A-Za-z+/_=-]{16,}(?:[\"' \t}\]]*(?:\r?\n|$)|[\"']?[ \t]+[0-9A-Za-z_-]+:)"
)
"""As YAML announces one on the line above, also inside JSON, where lines are spaces by now: it has its line for
itself, and a bare `key:` announces none."""
BASIC = r"(?i)authorization[\"' ]{0,2}[:=][\"' ]{0,3}basic +[0-9A-Za-z+/]{6,}"
PART = r"[\"'\s,][dk][\"' ]{0,2}:[\"'\s]{0,3}[0-9A-Za-z_-]{20,}"
KTY = r"\bkty[\"' ]{0,2}:"
CREDENTIALS = (
    Credential("private_key", "PRIVATE KEY", r"-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----"),
    Credential("aws", r"A(?:KIA|SIA|BIA|CCA)[A-Z2-7]{4}", r"\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}\b"),
    Credential("github", r"gh[pousr]_\w", r"\bgh[pousr]_[0-9A-Za-z]{36,}"),
    Credential("github", "github_pat_", r"\bgithub_pat_\w{30,}"),
    Credential("gitlab", "glpat-", rf"\bglpat-{W}{{20,}}"),
    Credential("slack", "xox[abeoprs]-|xapp-", rf"\b(?:xox[abeoprs]-|xapp-\d-){W}{{10,}}"),
    Credential("slack", r"hooks\.slack\.com", r"hooks\.slack\.com/services/T\w{6,}/B\w{6,}/\w{16,}"),
    Credential("anthropic", "sk-ant-", rf"\bsk-ant-{W}{{20,}}"),
    Credential("openai", r"\bsk-\w", rf"\bsk-(?:proj-|svcacct-|admin-|or-v1-)?{W}{{20,}}", mixed),
    Credential("google", "AIza", rf"\bAIza{W}{{35}}"),
    Credential("google", "GOCSPX-", rf"\bGOCSPX-{W}{{20,}}"),
    Credential("stripe", "k_live_|k_test_|whsec_", r"\b(?:[rs]k_(?:live|test)_|whsec_)[0-9A-Za-z]{16,}"),
    Credential("hugging_face", r"\bhf_\w{8}", r"\bhf_[A-Za-z0-9]{30,}"),
    Credential("npm", r"\bnpm_\w{8}", r"\bnpm_[0-9A-Za-z]{36}"),
    Credential("pypi", "pypi-Ag", rf"\bpypi-Ag{W}{{50,}}"),
    Credential("sendgrid", r"\bSG\.", rf"\bSG\.{W}{{16,}}\.{W}{{16,}}"),
    Credential("digitalocean", "do[opr]_v1_", r"\bdo[opr]_v1_[0-9a-f]{64}"),
    Credential("jwt", r"\beyJ", rf"\beyJ{W}{{8,}}\.eyJ{W}{{4,}}\.{W}{{8,}}", is_jwt),
    Credential(
        "address",
        r"://[^\s/:@]*:[^\s/@]*@",
        r"\b[a-z][a-z0-9+.-]{1,20}://[^\s/:@\"'<>]{0,64}:[^\s/@\"'<>]{3,128}@",
        is_password,
    ),
    Credential("azure", "AccountKey=|SharedAccessKey=", r"(?:Account|SharedAccess)Key=[0-9A-Za-z+/]{40,88}={0,2}"),
    Credential("jwk", KTY, rf"{KTY}[^{{}}]*{PART}|{PART}[^{{}}]*{KTY}"),
    Credential("basic", BASIC, BASIC, is_basic),
    Credential("announced", rf"{SAID}{GAP}{LONG}", rf"{SAID}{GAP}{LONG}", mixed),
    Credential("announced", BELOW, BELOW, mixed_below),
)
