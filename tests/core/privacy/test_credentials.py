"""Shapes of secrets. Every key here is made up, and put together so that no scanner takes it for one."""

import base64
import json

import pytest

from router.core.privacy.credentials import is_basic, is_jwt, is_password, mixed
from router.core.privacy.detect import detect

BODY = "".join(f"aB{n}cDe" for n in range(20))
JWT = ".".join(
    base64.urlsafe_b64encode(part).decode().rstrip("=") for part in (b'{"alg":"HS256"}', b'{"sub":"1"}', b"0123456789")
)
QUOTE = "'"
SECRETS = {
    "private_key": "-----BEGIN " + "OPENSSH PRIVATE KEY-----\nAAAA",
    "aws": "AKIA" + "ABCDEFGHIJKLMNOP",
    "github": "ghp_" + BODY[:36],
    "gitlab": "glpat-" + BODY[:20],
    "slack": "xoxb-" + "1234567890-" + BODY[:20],
    "anthropic": "sk-ant-api03-" + BODY[:40],
    "openai": "sk-proj-" + BODY[:40],
    "google": "AIza" + BODY[:35],
    "stripe": "sk_live_" + BODY[:24],
    "hugging_face": "hf_" + BODY[:34],
    "npm": "npm_" + BODY[:36],
    "pypi": "pypi-AgEIcHlwaS5vcmc" + BODY[:60],
    "sendgrid": "SG." + BODY[:22] + "." + BODY[:43],
    "digitalocean": "dop_v1_" + "0123456789abcdef" * 4,
    "jwt": JWT,
    "address": "postgres://app:" + "tr0ub4dor@db.internal/app",
    "azure": "AccountKey=" + BODY[:86] + "==",
    "announced": "API_KEY = '" + "a8Fk2Lq9Zx4" + "Wn7BvT3'",
    "basic": "curl -H 'Authorization: Basic " + base64.b64encode(b"ada:tr0ub4dor").decode() + "'",
    "jwk": '{"kty": "EC", "crv": "P-256", "d": "' + BODY[:43] + '"}',
}


def found(text: str) -> frozenset[str]:
    return detect({"messages": [{"role": "user", "content": text}]}).by


@pytest.mark.parametrize("name", SECRETS)
def test_every_shape_is_found_inside_a_sentence(name: str) -> None:
    assert name in found(f"here it is: {SECRETS[name]} - keep it")


@pytest.mark.parametrize(
    "head",
    ["api_key:\n  ", "api_key: >-\n    ", "token: |\r\n\t'", "My API key:\n", "secret: # old\n - ", "passwd:\n\n"],
)
def test_a_secret_is_announced_on_the_line_above(head: str) -> None:
    text = f"a: 1\n{head}a8Fk2Lq9Zx4{BODY[:9]}{QUOTE if head.endswith(QUOTE) else ''}\nb: 2"
    assert found(text) == {"announced"}
    assert found(json.dumps(text)) == {"announced"}


@pytest.mark.parametrize(
    "text",
    [
        '{\n "d" : "' + BODY[:43] + '",\n "kty" : "OKP"\n}',
        '{"kty":"oct","k":"' + BODY[:22] + '"}',
        "kty: EC\nd: " + BODY[:43],
        r"{\"kty\": \"RSA\", \"n\": \"0vx7\", \"d\": \"" + BODY * 3 + r"\"}",
    ],
)
def test_a_private_web_key_is_one_in_any_order_and_writing(text: str) -> None:
    assert found(text) == {"jwk"}


@pytest.mark.parametrize(
    "text",
    [
        '{"kty": "EC", "x": "' + BODY[:43] + '", "y": "' + BODY[:43] + '"}',
        "Authorization: Basic understanding of tokens",
        "Authorization: Basic " + base64.b64encode(b"user:password").decode(),
        "cache:\n  key:\n    linux-python-3-deps-v12\n",
        "token:\n  this is a sentence with 1 digit, and no secret at all\n",
        "the api key:\n  secrets/service/production-1.yaml\n",
        "see https://example.com:8080/path and git@github.com:me/it.git",
        "the token count is 1234567890123456",
        "password: str | None = None",
        "secret = os.environ['THE_SECRET_OF_THE_APPLICATION']",
        "sk-learn-is-a-library-that-many-people-use-a-lot",
        "postgres://app:${DB_PASSWORD}@db/app",
        "eyJhIjoxfQ.not.one",
        "the keyboard is-a-rather-long-word-with-dashes",
    ],
)
def test_what_only_looks_like_one_is_none(text: str) -> None:
    assert found(text) == frozenset()


def test_a_word_looks_drawn_when_it_mixes_letters_and_digits_without_a_pattern() -> None:
    assert mixed("key = 'a8Fk2Lq9Zx4Wn7Bv'")
    assert not mixed("key = 'aaaaaaaaaaaaaaa1'")
    assert not mixed("key = 'abcdefghijklmnop'")


def test_a_web_token_names_its_algorithm() -> None:
    assert is_jwt(JWT)
    assert not is_jwt("bm90IGpzb24.x.y")


def test_a_placeholder_is_no_password() -> None:
    assert is_password("https://me:hunter2@host")
    assert not is_password("https://me:****@host")
    assert not is_password("https://me:<password>@host")


def test_what_no_base64_of_a_name_and_a_password_is_no_basic_authorization() -> None:
    assert is_basic("basic " + base64.b64encode(b"ada:hunter2").decode())
    assert not is_basic("basic auth")
    assert not is_basic("basic " + base64.b64encode(b"no colon here").decode())
    assert not is_basic("basic " + base64.b64encode(b"\xff\xfe:\x00\x01").decode())
