"""What secrets look like, as data: formats that providers publish, and the places where runbooks hold them.

Each pattern is bounded, and starts with or holds a literal `needle` (lower case) without which it is not tried.
A rule's value is its group `v` where it has one, otherwise the whole match.
"""

# ruff: noqa: E501 - a pattern is easier to read in one line

from __future__ import annotations

import re
from dataclasses import dataclass

from skillgen.screen.judges import (
    Judge,
    basic_credentials,
    command_password,
    dotted_token,
    encoded_secret,
    filled_in,
    mixed_code,
    password,
    published,
    seed,
    token,
    url_password,
    url_token,
)


@dataclass(frozen=True, slots=True)
class Rule:
    """One place or format: `needles` are tried first, `judge` decides on the value.

    A `lowered` pattern is matched on the text in small letters, which is much faster than to ignore the case.
    """

    kind: str
    needles: tuple[str, ...]
    pattern: re.Pattern[str]
    judge: Judge
    lowered: bool = False


@dataclass(frozen=True, slots=True)
class Plugin:
    """A pattern plugin of detect-secrets; its entropy, keyword and address plugins are not used."""

    module: str
    name: str
    kind: str
    needles: tuple[str, ...]


def _rule(kind: str, needles: str, pattern: str, judge: Judge = filled_in, *, lowered: bool = False) -> Rule:
    return Rule(kind, tuple(needles.split()), re.compile(pattern), judge, lowered)


_START = r"(?<![A-Za-z0-9])"
_WORD = r"[^\s\"'`<>|;]"

FORMATS: tuple[Rule, ...] = (
    _rule("access token", "ghp_ gho_ ghu_ ghs_ ghr_", _START + r"gh[pousr]_[A-Za-z0-9]{30,255}"),
    _rule("access token", "github_pat_", r"github_pat_[A-Za-z0-9_]{40,255}"),
    _rule("access token", "gl", _START + r"gl(?:pat|dt|ft|soat|rt|cbt|ptt|imt|agent|oas|ffct)-[A-Za-z0-9_-]{18,255}"),
    _rule("access token", "xox xapp-", _START + r"(?:xox[abeoprs]|xapp)-[A-Za-z0-9-]{10,250}"),
    _rule(
        "webhook address",
        "hooks.slack",
        r"hooks\.slack(?:-gov)?\.com/(?:services|workflows|triggers)/(?P<v>[\w/-]{20,200})",
    ),
    _rule(
        "webhook address", "discord", r"discord(?:app)?\.com/api/(?:v\d{1,2}/)?webhooks/(?P<v>\d{15,22}/[\w-]{40,100})"
    ),
    _rule("webhook address", "webhook.office", r"webhook\.office\.com/(?:webhookb2/)?(?P<v>[\w@/-]{40,300})"),
    _rule("access key", "akia asia abia acca", r"(?<![A-Za-z0-9/+])(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Za-z0-9])"),
    _rule("API key", "aiza", _START + r"AIza[\w-]{35}"),
    _rule(
        "access token", "ya29 gocspx 1//0", _START + r"(?:ya29\.[\w-]{20,400}|GOCSPX-[\w-]{20,60}|1//0[\w-]{30,200})"
    ),
    _rule("API key", "sk_ rk_", _START + r"[sr]k_(?:live|test)_[0-9A-Za-z]{16,120}"),
    _rule("signing secret", "whsec_", _START + r"whsec_[A-Za-z0-9+/=]{20,100}"),
    _rule("API key", "sg.", _START + r"SG\.[\w-]{16,32}\.[\w-]{30,60}"),
    _rule("access token", "npm_", _START + r"npm_[A-Za-z0-9]{30,60}"),
    _rule("access token", "pypi-ag", r"pypi-Ag[\w-]{50,250}"),
    _rule("access token", "hvs. hvb. hvr.", _START + r"hv[sbr]\.[\w-]{20,250}"),
    _rule("access token", "s. b.", r"(?<![\w.])[sb]\.[A-Za-z0-9]{24}(?!\w)", dotted_token),
    _rule("access token", "dapi", _START + r"dapi[0-9a-f]{32}(?:-\d)?"),
    _rule("API key", "sk-", r"(?<![\w-])sk-(?:[a-z]{2,10}-)?[A-Za-z0-9_-]{20,250}", token),
    _rule("access token", "hf_", _START + r"hf_[A-Za-z0-9]{30,60}"),
    _rule("access token", "_v1_", _START + r"do[opr]_v1_[a-f0-9]{64}"),
    _rule(
        "access token",
        "dp. glsa_ glc_",
        _START + r"(?:dp\.(?:pt|st|ct|sa)\.[\w.-]{20,100}|gls?[ac]_[A-Za-z0-9_+/=]{32,200})",
    ),
    _rule(
        "access token", "shpat_ shpss_ shpca_ dckr_pat_ lin_api_", r"(?:shp(?:at|ss|ca)|dckr_pat|lin_api)_[\w-]{20,60}"
    ),
    _rule("access token", "atatt3 atlasv1", r"(?:ATATT3[\w=-]{60,300}|[A-Za-z0-9]{14}\.atlasv1\.[\w-]{50,100})"),
    _rule(
        "API key",
        "nrak- pmak- figd_ sntrys_ pscale_",
        r"(?:NRAK-[A-Z0-9]{20,40}|PMAK-[\w-]{40,80}|figd_[\w-]{30,60}|sntrys_[\w=+/-]{30,300}|pscale_(?:tkn|pw)_[\w.=-]{30,80})",
    ),
    _rule("client secret", "8q~", r"(?<![\w~.-])[\w~.-]{3}8Q~[\w~.-]{30,40}"),
    _rule("access token", "eyj", r"(?<![\w-])eyJ[\w-]{8,4000}\.eyJ[\w-]{8,8000}(?:\.[\w-]{4,2000})?"),
    _rule("private key", "age-secret-key", r"AGE-(?:PLUGIN-)?SECRET-KEY-[A-Z0-9-]{20,100}", published),
    _rule(
        "password hash",
        "$",
        r"\$(?:1|2[abxy]?|5|6|7|y|gy|apr1|argon2(?:id|i|d)|scrypt|pbkdf2[\w-]{0,20}|krb5\w{1,12})\$[./A-Za-z0-9$=,+*@-]{20,400}",
        published,
    ),
    _rule("password hash", "sha}", r"\{s?sha\d{0,3}\}[a-z0-9+/=]{20,120}", filled_in, lowered=True),
)

_URL_KEYS = (
    r"(?:access_?token|id_?token|refresh_?token|token|api_?key|api-key|apikey|auth(?:_?token|_?key)?|key|secret|"
    r"client_?secret|sig|signature|password|passwd|pwd|pass|code|session(?:_?id)?|hmac|subscription-key|"
    r"x-amz-signature|x-amz-security-token|x-goog-signature)"
)

PLACES: tuple[Rule, ...] = (
    _rule("connection password", "://", r"(?<=[a-z0-9])://[^\s:/@\"'<>]{0,100}:(?P<v>[^\s/@\"'<>]{3,300})@", url_password, lowered=True),
    _rule("connection password", "jdbc: sqlplus", r"(?:jdbc:oracle:\w{1,10}:|sqlplus\s{1,3})[^\s/@]{1,60}/(?P<v>[^\s/@]{3,100})@", command_password, lowered=True),
    _rule("access token", "=", r"[?&;#]" + _URL_KEYS + r"=(?P<v>[^\s&;#\"'`<>()\[\]|]{8,4000})", url_token, lowered=True),
    _rule("connection password", "jdbc:", r"\bjdbc:[^\s\"'`<>|]{1,400}[?&;](?:password|passwd|pwd)=(?P<v>[^\s&;\"'`<>|]{3,300})", url_password, lowered=True),
    _rule("access token", "bearer", r"\bbearer\s{1,2}(?P<v>[\w.~+/=-]{16,4000})", token, lowered=True),
    _rule("access token", "authorization", r"authorization[\"']?\s{0,3}[:=]\s{0,3}[\"']?(?:[a-z-]{2,20}\s{1,2})?(?:token=)?[\"']?(?P<v>[\w.~+/=-]{12,4000})", token, lowered=True),
    _rule("access token", "token=", r"\btoken\s{1,2}token=[\"']?(?P<v>[\w.~+/=-]{12,400})", token, lowered=True),
    _rule("password", "basic auth", r"(?:\bbasic\s{1,2}|[\"']auth[\"']\s{0,3}:\s{0,3}[\"'])(?P<v>[a-z0-9+/]{8,600}={0,2})", basic_credentials, lowered=True),
    _rule("password", "curl wget", r"\b(?:curl|wget)\b[^\n|]{0,200}?\s(?:-u|--user|--proxy-user|--auth|-a)[ =]{0,2}[\"']?[^\s:\"'/]{1,80}:(?P<v>[^\s\"'`]{3,200})", command_password),
    _rule("password", "mysql mariadb", r"\b(?:mysql|mariadb)[\w-]{0,12}\b[^\n|;]{0,150}?\s-p[\"']?(?P<v>[^\s\"'`]{4,200})", command_password),
    _rule("password", "sqlcmd zip docker podman helm twine oc skopeo psexec ipmitool az buildah xfreerdp", r"\b(?:sqlcmd|zip|unzip|7z|bcp|tsql|docker|podman|helm|twine|oc|skopeo|psexec|ipmitool|az|buildah)\b[^\n|;]{0,150}?\s-[pP](?:\s{1,2}|=)[\"']?(?P<v>[^\s\"'`]{4,300})", command_password),
    _rule("password", "sshpass", r"\bsshpass\s[^\n|;]{0,60}?-p\s{0,2}[\"']?(?P<v>[^\s\"'`]{4,200})", command_password),
    _rule("password", "identified", r"\bidentified\s{1,2}(?:with\s{1,2}\S{1,60}\s{1,2})?by\s{1,2}[\"'](?P<v>[^\"'\n]{4,200})[\"']", command_password, lowered=True),
    _rule("password", "<<<", r"\b(?:kinit|passwd|su|sudo|cryptsetup|gpg|login|chpasswd)\b[^\n|;]{0,100}?<<<\s{0,3}[\"']?(?:[\w.-]{1,40}:)?(?P<v>[^\s\"'`]{4,200})", command_password),
    _rule("password", "cmd command", r"pass\w{0,10}[_-]?c(?:md|ommand)[=:\s]{1,4}[\"']?echo\s{1,2}(?:-n\s{1,2})?(?P<v>[^\s\"'`]{4,200})", command_password, lowered=True),
    _rule("password", "set password", r"\bset\s{1,2}password\b[^\n;=]{0,100}=\s{0,3}(?:password\()?[\"'](?P<v>[^\"'\n]{4,200})[\"']", command_password, lowered=True),
    _rule("password", "requirepass masterauth", r"\b(?:requirepass|masterauth)\s{1,4}[\"']?(?P<v>[^\s\"'`]{4,200})", command_password, lowered=True),
    _rule("secret", "encrypt", r"\bencrypt(?:ion)?[\"']?\s{0,4}[=:]\s{0,4}[\"']?(?P<v>[\w+/=-]{20,200})", token, lowered=True),
    _rule("access token", "auth login authenticate", r"\b(?:auth|login|authenticate)\s{1,2}(?P<v>[\w.-]{20,300})", token),
    _rule("authenticator seed", "authenticator totp authy 2fa otp", r"(?<![A-Za-z0-9])(?P<v>[A-Z2-7]{16,128})(?![A-Za-z0-9])[^\n]{0,60}?\b(?:[Aa]uthenticator|TOTP|[Aa]uthy|2FA|OTP)\b", seed),
    _rule("password", "cred login", r"\b(?:creds?|credentials?|logins?)\b[\s:=*`\"'(]{1,6}[\w.@-]{2,40}[:/](?P<v>[^\s`\"',;|/\\]{6,100})", password, lowered=True),
    _rule("password", "redis-cli", r"\bredis-cli\s[^\n|;]{0,100}?-a\s{1,2}[\"']?(?P<v>[^\s\"'`]{4,200})", command_password),
    _rule("password", "ldap kinit", r"\bldap\w{3,10}\s[^\n|;]{0,200}?-w\s{0,2}[\"']?(?P<v>[^\s\"'`]{4,200})", command_password),
    _rule("password", "rabbitmqctl", r"\brabbitmqctl\s{1,2}(?:add_user|change_password)\s{1,2}[\"']?[^\s\"']{1,60}[\"']?\s{1,2}[\"']?(?P<v>[^\s\"'`]{4,200})", command_password),
    _rule("password", "pass:", r"\bpass:[\"']?(?P<v>[^\s\"'`]{4,200})", command_password),
    _rule("password", "htpasswd", r"\bhtpasswd\s{1,2}-\w{0,4}b\w{0,4}\s{1,2}\S{1,150}\s{1,2}\S{1,60}\s{1,2}[\"']?(?P<v>[^\s\"'`]{4,200})", command_password),
    _rule("password", "chpasswd passwd sudo", r"\becho\s{1,2}(?:-\w\s)?[\"']?(?:[\w.-]{1,40}:)?(?P<v>[^\s\"'`:|]{4,200})[\"']?\s{0,3}\|\s{0,3}(?:sudo\s{1,2}(?:-S\b)?|chpasswd|passwd)", command_password),
    _rule("password", "smbclient net /user", r"(?:\bsmbclient\b[^\n]{0,100}?-u\s{0,2}[\w\\/.-]{1,60}%|\bnet\s{1,2}use\b[^\n]{0,100}?/user:\S{1,60}\s{1,2})(?P<v>[^\s\"'`]{4,200})", command_password, lowered=True),
    _rule("access token", "login", r"\b(?:vault|bao)\s{1,2}login\s{1,2}(?:token=)?(?:[sb]\.)?(?P<v>[\w.-]{16,200})", token),
    _rule("secret", "base64", r"\becho\s{1,2}(?:-n\s)?[\"']?(?P<v>[A-Za-z0-9+/]{8,400}={0,2})[\"']?\s{0,3}\|\s{0,3}base64\s{1,2}(?:-d|-D|--decode)", encoded_secret),
    _rule("password", "securestring", r"convertto-securestring\s{1,2}(?:-string\s{1,2})?[\"'](?P<v>[^\"'\n]{4,200})[\"']", command_password, lowered=True),
    _rule("session cookie", "sess= session= id= remember_ auth", r"(?:sess(?:ion)?[_-]?(?:id)?|sid|remember_\w{1,20}|auth[\w-]{0,20})=(?P<v>[\w%.~+/=:-]{16,1000})", token, lowered=True),
    _rule("authenticator seed", "otpauth", r"otpauth://[^\s]{1,200}?secret=(?P<v>[A-Z2-7a-z]{10,128})"),
    _rule("authenticator seed", "2fa mfa otp authenticator one-time", r"\b(?:2fa|mfa|t?otp|authenticator|one-time)(?![a-z])[^\n]{0,80}?(?<![a-z0-9])(?P<v>[a-z2-7]{16,128}|(?:[a-z2-7]{4}[ -]){3,15}[a-z2-7]{4})(?![a-z0-9])", seed, lowered=True),
    _rule("authenticator seed", "oathtool", r"\boathtool\s[^\n|;]{0,100}?\s(?P<v>[a-z2-7]{16,128}={0,6})(?![a-z0-9])", filled_in, lowered=True),
    _rule("password", "log sign user account cred", r"\b(?:log(?:ged)?[ -]?(?:in|on)|sign(?:ed)?[ -]?(?:in|on)|user(?:name)?|account|credentials?|creds)\b[^\n]{0,60}?[ \t`\"'(](?![a-z]{2,10}://|arn:|urn:|jdbc:|sha\d{3}:)[\w.@-]{2,60}[`\"']?(?::| / )[`\"']?(?P<v>[^\s`\"',;|/\\]{6,100})", password, lowered=True),
    _rule("password", "/", r"(?m:^|\|)[ \t]{0,3}`?[\w.@-]{2,40}`? / `?(?P<v>[^\s`|/,;]{8,100})`?[ \t]{0,3}(?m:\||$)", mixed_code),
    _rule("password", "password passphrase pass", r"\b(?:[uU]s(?:e[sd]?|ing)|[hH]as|[eE]nter|[tT]ype|[pP]aste|[sS]et)\s{1,2}[`\"']?(?P<v>[^\s`\"'<>|]{6,200})[`\"']?\s(?:as|for)\s(?:the|a|your|its|an)?\s?(?:[\w'-]{1,20}\s){0,3}(?:password|passphrase|pass\b|pin\b)", password),
    _rule("secret", "secret token key", r"\b(?:[uU]s(?:e[sd]?|ing)|[hH]as|[eE]nter|[tT]ype|[pP]aste|[sS]et)\s{1,2}[`\"']?(?P<v>[^\s`\"'<>|]{12,400})[`\"']?\s(?:as|for)\s(?:the|a|your|its|an)?\s?(?:[\w'-]{1,20}\s){0,3}(?:secret|token|key\b)", token),
    _rule("password", "ssid wi-fi wlan wifi", r"\b(?:ssid|wi-?fi|wlan)\b[^\n]{0,80}?\b(?:key|psk|code)\b[\s:`\"'=]{1,5}(?P<v>[^\s`\"'|,;]{6,80})", password, lowered=True),
    _rule("access token", "authtoken", r":_(?:authToken|auth|password)\s{0,2}=\s{0,2}[\"']?(?P<v>[\w.+/=-]{16,300})", token),
    _rule("secret", "default", r"variable\s{1,2}\"[\w-]{0,40}(?:password|secret|token|api_key|passwd)\"\s{0,3}\{[^{}]{0,200}?default\s{0,10}=\s{0,3}\"(?P<v>[^\"\n]{6,400})\"", command_password, lowered=True),
    _rule("licence key", "licen product serial activat", r"\b(?:licen[sc]e|product|serial|activation)(?:[ _-]?(?:key|code|number|no\.?))?[^\n]{0,40}?(?<![\w-])(?P<v>[a-z0-9]{4,8}(?:-[a-z0-9]{4,8}){2,7})(?![\w-])", mixed_code, lowered=True),
)  # fmt: skip

PLUGINS: tuple[Plugin, ...] = (
    Plugin("artifactory", "ArtifactoryDetector", "access token", ("akc",)),
    Plugin("aws", "AWSKeyDetector", "access key", ("akia", "asia", "abia", "acca", "aws")),
    Plugin("azure_storage_key", "AzureStorageKeyDetector", "account key", ("accountkey",)),
    Plugin("cloudant", "CloudantDetector", "API key", ("cloudant",)),
    Plugin("discord", "DiscordBotTokenDetector", "access token", ("discord",)),
    Plugin("github_token", "GitHubTokenDetector", "access token", ("ghp_", "gho_", "ghu_", "ghs_", "ghr_")),
    Plugin("gitlab_token", "GitLabTokenDetector", "access token", ("glpat", "gldt", "glft", "glrt", "gr1348941")),
    Plugin("ibm_cos_hmac", "IbmCosHmacDetector", "secret", ("cos",)),
    Plugin("jwt", "JwtTokenDetector", "access token", ("eyj",)),
    Plugin("mailchimp", "MailchimpDetector", "API key", ("-us",)),
    Plugin("npm", "NpmDetector", "access token", ("_authtoken",)),
    Plugin("openai", "OpenAIDetector", "API key", ("t3blbkfj",)),
    Plugin("pypi_token", "PypiTokenDetector", "access token", ("pypi-ag",)),
    Plugin("sendgrid", "SendGridDetector", "API key", ("sg.",)),
    Plugin("slack", "SlackDetector", "access token", ("xox", "hooks.slack")),
    Plugin("softlayer", "SoftlayerDetector", "API key", ("softlayer",)),
    Plugin("square_oauth", "SquareOAuthDetector", "access token", ("sq0csp",)),
    Plugin("stripe", "StripeDetector", "API key", ("k_live_",)),
    Plugin("telegram_token", "TelegramBotTokenDetector", "access token", (":aa", "telegram")),
    Plugin("twilio", "TwilioKeyDetector", "API key", ("sk", "twilio")),
)
