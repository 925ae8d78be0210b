"""What every embedder does to a text first."""


def encodable(text: str) -> str:
    """Return the text with a question mark for each half of a surrogate pair: they have no UTF-8."""
    return text.encode("utf-8", "replace").decode("utf-8")
