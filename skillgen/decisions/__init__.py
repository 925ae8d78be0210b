"""Decisions: what reviewers decided, in a file beside the pages that people and git can read, and whose claim it is.

`load_decisions` reads the file, `record` and `restore` change it so that two processes lose nothing, and `match_claims`
says for every claim of a draft what was decided about it and whether that still holds.
"""

from skillgen.decisions.answers import answers_from_file, statements_file
from skillgen.decisions.file import Recorded, add_answers, load_decisions, record, remove_answers, restore
from skillgen.decisions.make import decision_about, evidence_of, make_answer, now_utc
from skillgen.decisions.match import match_claims
from skillgen.decisions.standing import StandingQuotes
from skillgen.decisions.yaml_form import decisions_from_yaml, decisions_yaml

__all__ = [
    "Recorded",
    "StandingQuotes",
    "add_answers",
    "answers_from_file",
    "decision_about",
    "decisions_from_yaml",
    "decisions_yaml",
    "evidence_of",
    "load_decisions",
    "make_answer",
    "match_claims",
    "now_utc",
    "record",
    "remove_answers",
    "restore",
    "statements_file",
]
