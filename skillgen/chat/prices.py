"""What models cost: a dated file of ours, and one of the user's that goes before it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from skillgen.chat.spec import ModelSpec
from skillgen.errors import PrerequisiteError
from skillgen.model.chat import Price
from skillgen.resources import data_dir

FILE_NAME = "prices.yaml"
_Dollars = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class _Entry(BaseModel):
    """One model's price."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    input: _Dollars
    output: _Dollars


class PriceFile(BaseModel):
    """A price file: `as_of` is the day its prices were looked up, `models` their price by key."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    as_of: date
    models: dict[str, _Entry]

    def price(self, spec: ModelSpec) -> Price | None:
        """Return a model's price: its own entry, or the one that holds for every name there; None without either."""
        place = f"{spec.address} *" if spec.own_server else f"{spec.provider}:*"
        entry = self.models.get(spec.price_key) or self.models.get(place)
        return Price(input=entry.input, output=entry.output) if entry else None


def price_of(spec: ModelSpec, user_file: Path | None = None) -> Price | None:
    """Return a model's price in US dollars for a million tokens, from the user's file or else ours; None if unknown.

    Raises:
        PrerequisiteError: a file cannot be read.
    """
    files = [*([user_file] if user_file else []), data_dir("prompts") / FILE_NAME]
    return next((price for file in files if (price := _read(file).price(spec))), None)


def _read(path: Path) -> PriceFile:
    import yaml

    try:
        return PriceFile.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, yaml.YAMLError, ValidationError) as error:
        raise PrerequisiteError(
            f"The price file {path} cannot be read: {' '.join(str(error).split())[:300]}.",
            hint=f"Give it the form of prompts/{FILE_NAME}, or correct model.prices.",
        ) from error
