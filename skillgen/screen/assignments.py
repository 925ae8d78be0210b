"""Secrets that stand behind a name: settings, flags, headers, query parameters, and sentences that give a password."""

# ruff: noqa: E501 - a pattern is easier to read in one line

from __future__ import annotations

import re
from collections.abc import Iterator

from skillgen.screen.records import Removal
from skillgen.screen.values import is_name, is_password, is_placeholder, is_reference, is_token, is_uuid, trimmed_end

# What a name holds when it names a secret; whether it really does is judged on the whole name.
_HIT = re.compile(
    r"pass(?:word|wd|phrase|wort|code|[_-]?key|(?<![a-z]pass)(?![a-z])|(?=[= ][^ ]))|pwd|p[wn](?<![a-z]p[wn])(?![a-z])|kennwort|"
    r"mot de passe|contrase|secret|token|auth(?:orization|(?![a-z]))|credential|psk(?<![a-z]psk)(?![a-z])|key-data|"
    r"(?:api|access|account|shared|routing|integration|service|application|app|licen[sc]e|setup|subscription|storage|"
    r"signing|encryption|master|product|activation|host|admin|private|deploy|unseal|hmac|webhook)[-_ ]?key"
)
_KEY_TAIL = re.compile(r"[\w-]{0,40}")
_NAME_CHARS = re.compile(r"[\w.\-]")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_TAIL = r"_?(?:\d{1,2}|base|value|string|prod|production|dev|staging|main|primary|secondary|old|new|current|default)?$"
_PASSWORD_NAME = re.compile(
    r"(?:password|passwd|passphrase|passwort|kennwort|mot_de_passe|contrase[nñ]a|passcode|pwd|(?:^|_)pass|(?:^|_)pw|"
    r"(?:^|_)psk|pre_?shared_key)" + _TAIL
)
_TOKEN_NAME = re.compile(
    r"(?:secret|token|(?:api|access|account|shared|routing|integration|service|application|app|licen[sc]e|setup|"
    r"subscription|storage|signing|encryption|master|product|activation|host|admin|private|secret|deploy|unseal|hmac|"
    r"auth|webhook)_?key|^tf_token_\w+$|(?:^|_)o?auth|authorization|credentials?|client_key_data|(?:^|_)secret_id)"
    + _TAIL
)
_SHELL_PASS = re.compile(r"-?[A-Z_]{1,40}PASS|-[a-z]{1,20}pass")
_NEVER = re.compile(r"(?:next|page|continuation|cancellation|sync|csrf|public|primary|partition|sort)_?(?:token|key)$")

_VALUE = r"""(?:"(?P<dq>(?:[^"\\\n]|\\.){1,4000})"|'(?P<sq>[^'\n]{1,4000})'|`(?P<bq>[^`\n]{1,4000})`|(?P<un>[^\s"'`<>|;,]{1,8000}))"""
_QUOTED = r"""(?:"(?P<dq>[^"\n]{1,400})"|'(?P<sq>[^'\n]{1,400})'|`(?P<bq>[^`\n]{1,400})`)"""
_ASSIGN = re.compile(
    r"""(?:[ ]\#?\d{1,2}(?=[ \t]?:))?(?P<gap>[ \t]{0,4})\\?["'`\])*_]{0,4}[ \t]{0,4}(?P<sign>=>|:=|={1,2}|:)[ \t]{0,4}(?:\*{1,2}|_{1,2})?[ \t]{0,4}(?:!!?\w+[ \t])?\\?"""
    + _VALUE
)
_FLAG = re.compile(r"[ \t]{1,3}" + _VALUE)
_NAME_VALUE = re.compile(
    r"""["']?[ \t]{0,4}[,{]?\s{0,30}["']?(?:value|default|stringValue|secret_string)["']?\s{0,3}[:=]\s{0,3}""" + _VALUE
)
_XML = re.compile(r">\s{0,4}(?P<un>[^\s<>]{1,400})\s{0,4}<")
_SPACE_QUOTE = re.compile(r"""(?:[ \t]{1,3}|[ \t]{1,3}by[ \t]{1,3})""" + _QUOTED, re.IGNORECASE)
_STATES = r"(?:is|was|are|were|has been|becomes?|ist|lautet|remains|type|enter|use|to)"
_PROSE = re.compile(
    r"""[`"'*_)]{0,3}(?:[ \t]{1,2}\([^()\n]{1,80}\))?(?:[ \t]{1,2}(?:for|of|on|to|in|from|at|für)[ \t](?:[^\n.;|]|\.(?=\S)){1,80}?)??,?\s{1,2}"""
    + _STATES
    + r"(?:\s(?:now|still|currently|always|just|only|simply|changed to|set to|reset to|the same|either)){0,2}:?\s{1,2}(?:\*{1,2})?"
    + _VALUE
)
_OWNED = re.compile(r"""[ \t]{1,2}(?:for|of|on|to)[ \t][^\n.;:|]{1,60}[ \t]{0,1}(?::|=)[ \t]{1,3}""" + _VALUE)
_NEXT_LINE = re.compile(
    r"""[^\n:|]{0,60}(?::|[ \t]is)\*{0,2}[ \t]{0,4}(?:\r?\n[ \t>]{0,12}){1,2}(?:(?:```|~~~)[\w-]{0,20}[ \t]{0,4}\r?\n[ \t>]{0,12})?"""
    r"""[`"']?(?P<un>[^\s`"'<>|]{6,200})[`"']?[ \t]{0,4}(?=\r?\n|\Z)"""
)
_ARGUMENT = re.compile(r"""["'][ \t]{0,2},[ \t]{0,2}""" + _QUOTED)
_BARE = re.compile(r"(?:[ \t]{1,2}|[ \t]{0,2}(?:\(|→|->)[ \t]{0,2})[\"'`]?(?P<un>[^\s\"'`<>|;,(][^\s\"'`<>|;,]{5,199})")
_ADJECTIVE = re.compile(
    r"(?:[\w-]*-)?(?:\w+ed|based|only|long|characters?|chars|days?|hours?|bits?|style|like|free|less|specific|wide|"
    r"compliant|compatible|side|term|lived|time|factor|sensitive|encrypted)$",
    re.IGNORECASE,
)
_LETTERS = re.compile(r"[a-z]{8,40}")
_KEBAB_PROSE = re.compile(r"[a-z0-9]+(?:[-/][a-z0-9]+)+")
_SETTING = re.compile(r"(?:[a-z]+(?:[_.][a-z]+)*|[A-Z]+(?:_[A-Z]+)+)=")
_USER = re.compile(r"user|login|log in|account|pw|admin", re.IGNORECASE)
_LONG_VALUE = 200
_BEHIND = 70


def find_assignments(text: str, lowered: str) -> Iterator[Removal]:
    """Yield the secrets that stand behind a name; `lowered` is the text in small letters."""
    done = 0
    for hit in _HIT.finditer(lowered):
        if hit.start() < done:
            continue
        start = _name_start(text, hit.start())
        end = _KEY_TAIL.match(text, hit.end()).end()  # type: ignore[union-attr]  # it matches nothing at least
        kind = kind_of_name(text[start:end])
        if kind is None:
            continue
        found, examined = _behind(text, start, end, kind)
        if found:
            yield found
            done = max(done, found.end)
        if examined - end > _LONG_VALUE:
            done = examined


def _name_start(text: str, start: int) -> int:
    limit = max(0, start - _BEHIND)
    while start > limit and _NAME_CHARS.match(text[start - 1]):
        start -= 1
    return start


def kind_of_name(name: str) -> str | None:
    """Return the kind of secret that a name announces, if it does."""
    last = name.rsplit(".", 1)[-1] if "." in name else name
    snake = re.sub(r"[-\s]+", "_", _CAMEL.sub("_", last)).lower().strip("_")
    if _NEVER.search(snake):
        return None
    if _PASSWORD_NAME.search(snake) or _SHELL_PASS.fullmatch(name):
        return "password"
    if not _TOKEN_NAME.search(snake):
        return None
    return next((kind for kind, parts in _KINDS if any(part in snake for part in parts)), "secret")


_KINDS = (
    ("access token", ("token", "auth")),
    ("licence key", ("licen", "product", "activation")),
    ("private key", ("key_data", "private")),
    ("secret", ("secret",)),
    ("API key", ("key",)),
)


_FORMS: tuple[tuple[re.Pattern[str], bool], ...] = (
    # pattern, whether the value stands in prose, where an unquoted word is most often just a word
    (_ASSIGN, False),
    (_NAME_VALUE, False),
    (_XML, False),
    (_SPACE_QUOTE, False),
    (_ARGUMENT, False),
    (_OWNED, True),
    (_PROSE, True),
    (_NEXT_LINE, True),
    (_BARE, True),
)


def _behind(text: str, start: int, end: int, kind: str) -> tuple[Removal | None, int]:
    """Return the secret behind a name, if there is one, and how far the text was looked at."""
    examined = end
    for pattern, prose in _forms(text, start):
        match = pattern.match(text, end)
        if match is None:
            continue
        examined = max(examined, match.end())
        span = _value_span(match, query=text[max(0, start - 1) : start] in {"?", "&", "#"} and start > 0)
        value = text[span[0] : span[1]]
        if pattern is not _ASSIGN and (_SETTING.match(value) or _is_verb(text, start, end)):
            continue  # a setting is judged under its own name, and to pass something on is no password
        strict = prose and match.lastgroup == "un"
        if _is_secret(value, kind, strict=strict, tight=_tight(match)):
            return Removal(start=span[0], end=span[1], kind=kind, family="secret"), examined
    return None, examined


def _forms(text: str, start: int) -> tuple[tuple[re.Pattern[str], bool], ...]:
    return (*_FORMS[:-1], (_FLAG, False)) if text[start : start + 1] == "-" else _FORMS


def _is_verb(text: str, start: int, end: int) -> bool:
    """Say whether `pass` stands in a line that names no user before it: then something is passed on."""
    line = text[text.rfind("\n", max(0, start - _BEHIND), start) + 1 : start] if start else ""
    return text[start:end].lower() == "pass" and not _USER.search(line)


def _tight(match: re.Match[str]) -> bool:
    """Say whether name and value stand as in `NAME=value` or `name: "value"`, which prose does not do."""
    groups = match.groupdict()
    return match.re is _ASSIGN and (groups["un"] is None or (groups["sign"] == "=" and not groups["gap"]))


def _value_span(match: re.Match[str], *, query: bool) -> tuple[int, int]:
    group = next(name for name, value in match.groupdict().items() if value is not None and name in _GROUPS)
    start, end = match.span(group)
    value = match.string[start:end]
    if group == "un":
        if query:
            value = re.split(r"[&#)\]]", value, maxsplit=1)[0]
        value = value[: trimmed_end(value)]
        value = value.rstrip(".?:") if value[-1:] in ".:" or match.re is not _ASSIGN else value
    scheme = _SCHEME.match(value)
    lead = scheme.end() if scheme else 0
    return start + lead, start + len(value.removesuffix("\\"))


_GROUPS = frozenset(("dq", "sq", "bq", "un"))
_SCHEME = re.compile(r"(?:Bearer|Basic|Token|SSWS|Digest|ApiKey|Key)\s{1,2}(?:token=)?", re.IGNORECASE)


def _is_secret(value: str, kind: str, *, strict: bool, tight: bool) -> bool:
    if strict and (_ADJECTIVE.fullmatch(value) or (_KEBAB_PROSE.fullmatch(value) and is_name(value))):
        return False
    if kind != "password":
        return is_token(value) or _is_issued(value)
    return is_password(value) or (tight and _LETTERS.fullmatch(value) is not None and _is_made_up(value))


def _is_issued(value: str) -> bool:
    return is_uuid(value) and not is_placeholder(value)


def _is_made_up(value: str) -> bool:
    """Say whether a word of small letters alone is a password: it is no word that tells what a password is like."""
    return not (is_placeholder(value) or is_reference(value) or _ADJECTIVE.fullmatch(value)) and not _ORDINARY.search(
        value
    )


_ORDINARY = re.compile(
    r"pass|secret|token|cred|vault|key|auth|user|name|prompt|manager|service|account|database|environ|variable|cluster|"
    r"string|encrypt|prod|stag|devel|local|mandatory|forbidden|disabled|generat|rotat"
)
