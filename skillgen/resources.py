"""Where prompts/ and templates/ are: the only code that knows about checkout and wheel."""

from __future__ import annotations

from pathlib import Path

from skillgen.errors import PrerequisiteError

_PACKAGE = Path(__file__).resolve().parent


def data_dir(name: str) -> Path:
    """Return the folder `name` that came with the wheel, or else the one of the checkout.

    Raises:
        PrerequisiteError: neither place holds it.
    """
    places = (_PACKAGE / "_data" / name, _PACKAGE.parent / name)
    for place in places:
        if place.is_dir():
            return place
    looked = " nor ".join(map(str, places))
    raise PrerequisiteError(f"The folder {name}/ is neither at {looked}.", hint="Install runbook-skillgen again.")
