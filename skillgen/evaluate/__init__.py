"""Evaluate: a package to a scorecard, pages to tasks, answers to grades; no model is asked.

The records are those of `skillgen.model.evaluation`.
"""
