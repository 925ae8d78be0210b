"""The delta evals: pairs of statements, and the tuning and the measures of the estimate on them."""
