"""The vocabulary: verbs with the relations they state, and the closed word lists around them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

# A relation, its verbs, and what stands between verb and other side; "" is a direct object ("triggers X").
_RELATIONS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("triggers", "trigger start restart launch run call invoke execute schedule reload kick ask tell query", ("",)),
    ("triggers", "drive", ("",)),
    ("calls", "call connect talk", ("to",)),
    ("deploys", "deploy manage provision orchestrate host configure", ("",)),
    ("deploys to", "deploy publish push release ship promote commit sync", ("to", "into", "onto")),
    ("writes to", "write upload export load copy save put replicate stream emit deliver add", ("to", "into", "onto")),
    ("writes to", "send forward submit pass mirror archive", ("to", "into")),
    ("writes to", "feed populate", ("",)),
    ("writes to", "open create raise", ("in", "on")),
    ("reads from", "read pull download fetch load copy ingest import receive get take collect sync", ("from",)),
    ("reads from", "read poll scrape ingest watch", ("",)),
    ("signs in to", "authenticate sign log", ("to", "with", "against", "via", "through", "at")),
    ("signs in to", "assume impersonate", ("",)),
    ("waits for", "wait", ("for", "on")),
    ("waits for", "await", ("",)),
    ("depends on", "depend rely", ("on", "upon")),
    ("alerts", "alert notify page message inform", ("", "to")),
    ("alerts", "post report", ("to", "in", "into")),
    ("stores in", "store keep archive persist cache", ("in", "on")),
    ("mounts", "mount", ("",)),
    ("uses", "use", ("",)),
    ("runs on", "run", ("on", "in", "inside")),
    ("compares with", "compare check", ("with", "against")),
)
# The relation of "A -> B" and of table rows with "From" and "To", which need no verb.
PASSES = "passes"
# By whom something is done, for verbs whose passive says it in another way too ("is managed via X").
AGENT = frozenset({"by", "via"})
_IRREGULAR: Mapping[str, str] = {
    "write": "written",
    "read": "read",
    "run": "run",
    "put": "put",
    "feed": "fed",
    "drive": "driven",
    "send": "sent",
    "get": "got",
    "take": "taken",
    "keep": "kept",
    "tell": "told",
    "sync": "synced",
    "log": "logged",
    "ship": "shipped",
    "submit": "submitted",
}
# The particle of a verb in two words ("signs in to", "kicks off").
PARTICLES = frozenset({("sign", "in"), ("log", "in"), ("kick", "off")})

# What a tool's name may be followed by and still be that tool: its parts, and what it keeps or runs.
PARTS = frozenset(
    "action actions agent agents api apis app application applications apps backend bot bots bucket buckets build "
    "builds channel channels check checks client clients cluster clusters collection collector collectors component "
    "connector connectors console container containers controller controllers cronjob cronjobs dag dags dashboard "
    "dashboards database databases dataset datasets deployment deployments endpoint endpoints exporter exporters "
    "exposure exposures flow flows function functions hook hooks image images instance instances integration job "
    "jobs lake model models module monitor monitors namespace namespaces node nodes operator operators parser path "
    "paths pipeline pipelines plugin plugins pod pods policy project projects queue queues registry repo "
    "repositories repository result results rule rules run runner runners runs scheduler schema script scripts "
    "secret secrets sensor sensors server servers service services sidecar stack stage step steps stream streams "
    "subscription sync syncs table tables task tasks topic topics ui warehouse webhook webhooks worker workers "
    "workflow workflows workspace".split()
)
# Nouns that make an identifier beside them a named thing.
NOUNS = PARTS | frozenset({"account", "approle", "role", "group", "store", "feed", "branch"})
DETERMINERS = frozenset("a an the our its their this each every all both any some".split())
ADJECTIVES = frozenset(
    "central company-wide corresponding daily dedicated dev development downstream external hosted hourly internal "
    "local main managed matching new nightly own prod production public private raw regular same scheduled second "
    "self-hosted separate shared single specific staging stage test uat upstream usual weekly whole".split()
)
ADVERBS = frozenset(
    "also always automatically directly first itself themselves just only now once still then too usually daily "
    "nightly hourly therefore normally regularly periodically continuously immediately".split()
)
AUXILIARIES = frozenset({"must", "will", "do", "does"})
BE = frozenset({"is", "are", "gets", "get"})
SET_UP_TO = frozenset({"configured", "set", "up", "scheduled", "responsible", "used"})
# A clause begins after one of these. What follows "if" is no statement, so "if" is not among them.
OPENERS = frozenset(
    "and but so then when whenever once after as because since while where that which until before , - "
    "* \u2013 \u2014 \u2022".split()
)
# What has no object: what is said after the comma is said of who does it.
RUNS = frozenset({"run", "runs", "start", "starts"})
RELATIVES = frozenset({"that", "which"})
INSIDE = frozenset({"in", "of", "inside", "within"})
# What may follow a name that is the whole object. After any other word it only qualifies that word.
FOLLOWERS = frozenset(
    "and or but , - \u2013 \u2014 \u2192 at by for with in on from to into via through using when whenever once after "
    "before every each if as until over during within so because since while which that where who again daily nightly "
    "hourly directly itself first then is are and/or per under about of not only".split()
)
# The object does not lie beyond one of these.
STOPS = frozenset(
    "that which who whom whose when whenever where while if unless because since so but until before after is are was "
    "were be been has have had will must can could may might should would does do than by".split()
)
# How many words are looked at to either side of a verb, and how many names of a list are taken.
LOOK = 14
LISTED = 6
DASHES = frozenset({"-", "\u2013", "\u2014"})


@dataclass(frozen=True, slots=True)
class Verb:
    """The relations that a form of a verb can state, by what stands before the other side ("" for nothing)."""

    base: str
    relations: Mapping[str, str]


def _forms(base: str) -> tuple[str, str]:
    """Return the form after "it" and the past participle."""
    consonant_y = base.endswith("y") and base[-2] not in "aeo"
    third = base[:-1] + "ies" if consonant_y else base + ("es" if re.search(r"(?:s|sh|ch|x)$", base) else "s")
    regular = base[:-1] + "ied" if consonant_y else base + ("d" if base.endswith("e") else "ed")
    return third, _IRREGULAR.get(base, regular)


def third_person(verb: Verb) -> str:
    """Return the form of a verb after "it"."""
    return _forms(verb.base)[0]


def _verbs() -> dict[str, Verb]:
    relations: dict[str, dict[str, str]] = {}
    for relation, bases, links in _RELATIONS:
        for base in bases.split():
            relations.setdefault(base, {}).update(dict.fromkeys(links, relation))
    return {base: Verb(base, links) for base, links in relations.items()}


BASE = _verbs()
THIRD = {_forms(base)[0]: verb for base, verb in BASE.items()}
PARTICIPLE = {_forms(base)[1]: verb for base, verb in BASE.items()}
