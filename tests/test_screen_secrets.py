"""Secrets are found where runbooks hold them, and what only looks like one stays."""

from __future__ import annotations

import random
import string

import pytest
from growth import assert_time_follows_length
from hypothesis import given, settings
from hypothesis import strategies as st
from screening import makers
from screening.fixtures import secret_cases_of
from screening.ordinary import ordinary_pages
from screening.secret_cases import KINDS

from skillgen.screen import scan_text
from skillgen.screen.secrets import find_secrets

PASSWORD = "Granite" + "4711" + "falcon"
TOKEN = "Zq7" + "Rk2Vt9" + "Xb4Lm8" + "Wd3Hn6Pf"


def found(text: str) -> list[str]:
    return [text[removal.start : removal.end] for removal in find_secrets(text)]


@pytest.mark.parametrize(
    "text",
    [
        "password: @",
        "DB_PASSWORD=@",
        'export DB_PASSWORD="@"',
        '{"password": "@"}',
        "The password is @ on all nodes.",
        "The password for `root` on db-1.acme.example is `@`.",
        "log in with admin / @ and wait",
        "| User | Password |\n|---|---|\n| root | @ |\n",
        "curl -u admin:@ https://acme.example",
        "mysql -u root -p@ app",
        "postgresql://app:@@db.acme.example/app",
        "**Password:** `@`",
        "Password:\n\n```\n@\n```\n",
        "jdbc:postgresql://db/app?user=app&password=@",
    ],
)
def test_a_password_is_found_in_its_place(text: str) -> None:
    filled = text.replace("@", PASSWORD, 1) if "://app" not in text else text.replace(":@@", f":{PASSWORD}@")
    assert found(filled) == [PASSWORD]


@pytest.mark.parametrize(
    "text",
    [
        "token: @",
        "curl -H 'Authorization: Bearer @' https://acme.example",
        "https://acme.example/hook?token=@&x=1",
        "client_secret=@",
        "helm upgrade x --set auth.apiToken=@",
        "vault login @",
        "| Token |\n|---|\n| @ |\n",
        "- name: API_TOKEN\n  value: @\n",
    ],
)
def test_a_token_is_found_in_its_place(text: str) -> None:
    assert found(text.replace("@", TOKEN)) == [TOKEN]


@pytest.mark.parametrize(
    "text",
    [
        "password: changeme",
        "password: ${DB_PASSWORD}",
        "password: <your password>",
        "token: YOUR_TOKEN",
        "api_key=abc123",
        "secret = true",
        "token_ttl=3600",
        "partition_key=ds",
        "key=customer_id",
        "password: see Vault",
        "The password is stored in 1Password.",
        "The token expires after 90 days.",
        "docker login --password-stdin",
        "password_file=/run/secrets/db",
        "secretKeyRef:\n  name: portal-db-v2\n  key: password\n",
        "SECRET_NAME=prod/portal/db2",
        "SHA256:nThbg6kXUpJWGl7E1IGOCspRomTxdCARLviKw6E5SY8",
        "commit 9fceb02d0ae598e95dc970b74767f19372d61af8",
        "arn:aws:iam::123456789012:role/portal-deploy2",
        "You can pass `orders_2024` and `as_df=True`.",
        "https://user:password@example.com/",
        "amqp://guest:guest@localhost:5672/",
        "Authorization: Bearer $TOKEN",
        "password: ENC[AES256_GCM,data:CwE4O1s=,iv:2k=,tag:w==,type:str]",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert found(text) == []


def test_a_value_that_was_found_once_is_removed_everywhere() -> None:
    text = f"password: {PASSWORD}\n\nType {PASSWORD} when asked.\n"
    assert found(text) == [PASSWORD, PASSWORD]


def test_a_public_key_stays_and_a_private_one_goes() -> None:
    rng = random.Random(1)
    public = makers.pem("PUBLIC KEY")(rng)
    private = makers.pem("EC PRIVATE " + "KEY")(rng)
    assert found(public) == []
    assert found(f"{public}\n\n{private}\n") == [private]


def test_the_kind_tells_nothing_of_the_value() -> None:
    for removal in find_secrets(f"password: {PASSWORD}\ntoken: {TOKEN}\n"):
        assert removal.kind in {"password", "access token"}
        assert PASSWORD not in repr(removal)
        assert TOKEN not in repr(removal)


ONE_LINERS = [
    (kind, context)
    for kind in KINDS
    for context in kind.contexts
    if "\n" not in context and "\n" not in kind.make(random.Random(0))
]


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_a_secret_is_found_anywhere_in_ordinary_markdown(seed: int) -> None:
    rng = random.Random(seed)
    page = next(ordinary_pages(seed % 50, 1))
    kind, context = rng.choice(ONE_LINERS)
    value = kind.make(rng)
    lines = page.split("\n\n")
    at = rng.randrange(1, len(lines) + 1)
    line = context.replace("@H@", "db.acme.example").replace("@U@", "portal").replace("@S@", value)
    text = "\n\n".join([*lines[:at], line, *lines[at:]])
    start = text.index(value)
    covered = {i for removal in find_secrets(text) for i in range(removal.start, removal.end)}
    assert covered.issuperset(range(start, start + len(value)))


ADVERSARIAL = [
    "a" * 200_000,
    "token=" * 33_000,
    "password " * 22_000,
    "password is " * 16_000,
    "eyJ" * 66_000,
    "://" * 66_000,
    "://a:" * 40_000,
    "-----BEGIN PRIVATE " + "KEY-----" * 20_000,
    ("-----BEGIN PRIVATE " + "KEY-----\n") * 7_000,
    "curl -u " * 25_000,
    "docker -p " * 20_000,
    "| " * 100_000,
    "|---" * 50_000,
    "A1b2" * 50_000,
    "<!-- " * 40_000,
    "<a hidden>" * 20_000,
    "[x](" * 50_000,
    "ignore the " * 18_000,
    "reveal your " * 16_000,
    "AI " * 66_000,
    "i g n o r e " * 16_000,
    "2fa JBSW " * 22_000,
    "recovery codes ab3k9-x8f2p " * 7_000,
    "data:text/html," * 13_000,
    "\u200bx" * 100_000,
    "\u202e" * 200_000,
    "kind: Secret\n" * 15_000,
    "{" * 200_000,
    "`" * 200_000,
    " " * 200_000,
    "login a:b" * 22_000,
    "licence key ABCD-" * 11_000,
]


@pytest.mark.parametrize("text", ADVERSARIAL, ids=range(len(ADVERSARIAL)))
def test_no_input_makes_the_scan_slow(text: str) -> None:
    assert_time_follows_length(scan_text, text)


def test_random_characters_never_raise() -> None:
    rng = random.Random(3)
    alphabet = string.printable + "\u200b\u202e\u0130\u00df\ud7ff\U000e0041`<>|:=[](){}\"'"
    for _ in range(200):
        scan_text("".join(rng.choice(alphabet) for _ in range(300)))


def test_every_fixture_value_differs_with_the_seed() -> None:
    first, second = secret_cases_of(1), secret_cases_of(2)
    assert len(first) >= 150
    assert len({case.kind for case in first}) >= 25
    assert all(a.value != b.value for a, b in zip(first, second, strict=True))
