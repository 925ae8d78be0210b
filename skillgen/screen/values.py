"""Is this value a secret? Placeholders, references and ordinary values stay."""

from __future__ import annotations

import re

_OPENERS = re.compile(
    r"[<${%*]|\[|\{\{|!(?:Ref|Sub|vault|secret)|@[\w.]+@|__[A-Z]|\.\.\.|…|x{3,}|X{3,}|-{2,}|_{3,}|#\{"
)
_INSIDE = re.compile(
    r"example|placeholder|change[-_]?(?:me|it|this)|your[-_ ]?|redact|dummy|sample|\bfake|insert|replace|<|>|\*{3}|"
    r"\.{3}|…|x{4}|X{4}|\$\{|\{\{|\$\(|\bsecret\b|password\d{0,4}$|passw[o0]rd|^my[-_]|not[-_]?real|removed|hidden|masked|"
    r"todo\b|tbd\b|foobar|foo-bar|lorem|\bsome[-_]|\btest\b|s3cr3t|supersecret|mysecret|goes[-_]?here",
    re.IGNORECASE,
)
_NOTHING = frozenset(
    "none null nil true false yes no on off empty unset undefined default required optional string str int bool number "
    "text file env environment secret secrets password passwd pass pwd token key value values auto generated random "
    "never always any all basic bearer digest oauth oauth2 oidc saml ldap kerberos plain plaintext md5 scram-sha-256 "
    "sha256 admin root user username guest public private internal external enabled disabled foo bar baz qux test "
    "base64 utf8 argon2 pbkdf2 ed25519 rsa4096 http2 ipv4 ipv6 "
    "testing demo hello world letmein welcome qwerty abc abc123 hunter2 pa55word secret123 admin123 test123 pass123 "
    "password1 password123 changeme same see ask n/a na tbd todo".split()
)
_REFERENCE = re.compile(
    r"(?:var|local|data|module|self|this|each|secrets?|env|process\.env|os\.environ|os\.getenv|settings|config|conf|"
    r"params|inputs|steps|vars|context|request|args|opts|options|values|github|ctx|cfg|app|ENV|Rails|System|vault|ssm|"
    r"get\w*|read\w*|load\w*|fetch\w*|generate\w*|random_\w+|file|lookup|fromJson|base64\w*|b64\w*|hash|bcrypt|"
    r"credentials)\s*[.(\[:]|"
    r"[A-Za-z_][\w.]{0,80}\(|[A-Za-z_]\w{0,60}\[|op://|arn:aws|projects/|kv/|secret/|https?://|file://|s3://|gs://|"
    r"ENC\[|\{cipher\}|vault:|ref\+|sm://|akv|keyring|/[\w.-]+/|\./|\.\./|~/|[A-Za-z]:\\"
)
_DOTTED = re.compile(r"[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*)+")
_ENV_NAME = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+")
_CAMEL_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_SPLIT = re.compile(r"[-_.:/@ ]+")
_UNIT = re.compile(r"\d+(?:[.,]\d+)*(?:[smhdwykKMGTBi%]|ms|min|days?|hours?|[KMG]i?B)?")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_VERSION = re.compile(r"v?\d+(?:\.\d+)+(?:[-+.\w]*)?")
_ENTITY_TAIL = re.compile(r"[\s\"'`,;)\]}>*|]+$")
_VOWELS = frozenset("aeiouyAEIOUY")
_NAMING = re.compile(
    r"secret|passw|creds?\b|credential|vault|token|api-?key|keystore|1password|lastpass|bitwarden|keepass|"
    r"(?:^|[-_.])(?:key|keys|pwd|auth|ref|path|file|name|manager|store)(?:$|[-_.])",
    re.IGNORECASE,
)

MIN_PASSWORD = 6
MIN_TOKEN = 12
_MAX_VALUE = 4_000


def trimmed_end(value: str) -> int:
    """Return the length of the value without quotes, brackets and punctuation behind it."""
    return _ENTITY_TAIL.sub("", value).__len__()


def is_placeholder(value: str) -> bool:
    """Say whether the value stands for one that the reader has to fill in, or for none."""
    low = value.casefold()
    if not value or low in _NOTHING or _OPENERS.match(value) or _INSIDE.search(value):
        return True
    if len(value) > _MAX_VALUE:
        return False
    return len(set(low)) <= _FEW_SIGNS or _is_sequence(low)


_FEW_SIGNS = 3
_SEQUENCE_SHARE = 0.65


def _is_sequence(value: str) -> bool:
    """Say whether most neighbours, or every second sign, count up or down: abc123, 321cba, a1b2c3d4."""
    signs = [char for char in value if char.isalnum()]
    for stride in (1, 2):
        pairs = list(zip(signs, signs[stride:], strict=False))
        steps = sum(abs(ord(b) - ord(a)) <= 1 for a, b in pairs)
        if pairs and steps / len(pairs) >= _SEQUENCE_SHARE:
            return True
    return False


# A cloud's access key: 40 signs of base 64, capitals, small letters and digits among them.
_KEY_OF_40 = re.compile(r"(?=.*[A-Z])(?=.*[a-z])(?=.*\d)[A-Za-z0-9/+]{40}")


def is_reference(value: str) -> bool:
    """Say whether the value tells where a secret is kept, or computes it."""
    if _KEY_OF_40.fullmatch(value):  # may begin with a slash, and is no path for it
        return False
    return bool(
        _REFERENCE.match(value) or _DOTTED.fullmatch(value) or _ENV_NAME.fullmatch(value) or _path_of_names(value)
    )


def _path_of_names(value: str) -> bool:
    parts = [part for part in value.split("/") if part]
    return len(parts) > 1 and all(is_name(part) for part in parts)


def is_name(value: str) -> bool:
    """Say whether the value is made of words, versions and short numbers, as names are."""
    if _UUID.fullmatch(value) or _VERSION.fullmatch(value) or _UNIT.fullmatch(value):
        return True
    return all(_is_word(piece) for piece in _SPLIT.split(value) if piece)


_MAX_NUMBER = 4
_LONG_NUMBER = 8


def _is_word(piece: str) -> bool:
    if piece.isdigit():
        return len(piece) <= _LONG_NUMBER
    letters = piece.rstrip("0123456789")
    if len(piece) - len(letters) > _MAX_NUMBER or not letters.isalpha():
        return False
    if not letters.isascii():
        return True
    words = _CAMEL_WORD.findall(letters)
    long_words = [word for word in words if len(word) > 1]
    return len(words) <= 1 + len(letters) // 4 and all(_readable(word) for word in long_words)


_SHORT = 4
_MAX_CONSONANTS = 4


def _readable(word: str) -> bool:
    """Say whether a run of letters could be a word: enough vowels, and no long run of consonants."""
    if len(word) <= _SHORT:
        return True
    vowels = sum(char in _VOWELS for char in word)
    longest = max(len(run) for run in re.split(r"[aeiouyAEIOUY]+", word))
    return 0.18 <= vowels / len(word) <= 0.75 and longest <= _MAX_CONSONANTS  # noqa: PLR2004 - measured on words


def classes(value: str) -> int:
    """Count the kinds of characters in the value: lower case, upper case, digits, others."""
    return (
        any(c.islower() for c in value)
        + any(c.isupper() for c in value)
        + any(c.isdigit() for c in value)
        + any(not c.isalnum() for c in value)
    )


def is_token(value: str, *, minimum: int = MIN_TOKEN) -> bool:
    """Say whether the value is a random run, as machines make them."""
    if len(value) < minimum or is_placeholder(value) or is_reference(value) or not value.isascii():
        return False
    return any(c.isdigit() for c in value) and any(c.isalpha() for c in value) and not is_name(value)


def is_password(value: str) -> bool:
    """Say whether the value is what people and generators make up as passwords."""
    if len(value) < MIN_PASSWORD or is_placeholder(value) or is_reference(value) or _NAMING.search(value):
        return False
    if _UNIT.fullmatch(value) or _VERSION.fullmatch(value) or _UUID.fullmatch(value):
        return False
    return _has_digit_and_letter(value) or _has_inner_sign(value) or _is_mixed(value)


def _has_digit_and_letter(value: str) -> bool:
    return any(c.isdigit() for c in value) and any(c.isalpha() for c in value)


def _has_inner_sign(value: str) -> bool:
    return any(c in "!#%^&*+=~?@$" for c in value[1:]) and classes(value) > 1 and not value.startswith("-")


def _is_mixed(value: str) -> bool:
    """Say whether upper and lower case change inside a run that is no name."""
    inner = value[1:]
    return (
        inner.isalpha() and any(c.isupper() for c in inner) and any(c.islower() for c in inner) and not is_name(value)
    )


def is_uuid(value: str) -> bool:
    """Say whether the value is a UUID: a secret only behind a name that says so."""
    return _UUID.fullmatch(value) is not None
