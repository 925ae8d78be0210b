"""The screening evals: fixtures that we wrote, and the gate that measures the screen on them."""
