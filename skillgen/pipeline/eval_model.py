"""A chat model in an evaluation: opened as the settings say, or only counted for a dry run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from skillgen.chat import open_client
from skillgen.errors import SettingsError
from skillgen.model.chat import ChatRequest, Use
from skillgen.pipeline.asker import ModelAsker
from skillgen.pipeline.estimate import DryRun, EstimatedUse, EstimatingAsker
from skillgen.protocols import Reporter, SilentReporter
from skillgen.settings import ModelSettings
from skillgen.store import Store


@contextmanager
def open_asker(
    settings: ModelSettings, store: Store, reporter: Reporter, *, uses: Sequence[Use]
) -> Iterator[ModelAsker]:
    """Open the model that the settings name for these uses, and close it afterwards.

    Raises:
        SettingsError: they name none, or switch one of the uses off.
        PrerequisiteError: the provider's package or key is missing.
        UserError: the model is not on this machine and has to be, or its price is unknown and a limit is set.
    """
    _refuse_off(settings, uses)
    with open_client(settings, store) as client:
        yield ModelAsker(client, reporter, off=settings.off)


@contextmanager
def open_estimator(settings: ModelSettings, store: Store, *, uses: Sequence[Use]) -> Iterator[EstimatingAsker]:
    """Open the model as `open_asker` does, to count what it would be asked; nothing is sent."""
    _refuse_off(settings, uses)
    with open_client(settings, store) as client:
        yield EstimatingAsker(client, SilentReporter(), off=settings.off)


def _refuse_off(settings: ModelSettings, uses: Sequence[Use]) -> None:
    off = [use for use in uses if use in settings.off]
    if off:
        raise SettingsError(
            f"model.off leaves out {', '.join(off)}, which this needs.", hint="Take it out of the list."
        )


def dry_run_of(asker: EstimatingAsker, later: Mapping[Use, Sequence[ChatRequest]]) -> DryRun:
    """Return what was counted for each use.

    Args:
        asker: What was asked; its requests are exact.
        later: Requests like those that will be made from replies which are not there yet, by use.
    """
    uses: list[Use] = [use for use in _EVALUATED if asker.requests(use) or later.get(use)]
    asked = {use: [*asker.requests(use), *later.get(use, ())] for use in uses}
    return DryRun(
        model=asker.model,
        endpoints=asker.client.endpoints,
        uses=tuple(
            EstimatedUse(use=use, takes=asker.client.estimate(asked[use]), exact=not later.get(use)) for use in uses
        ),
        total=asker.client.estimate([one for use in uses for one in asked[use]]),
    )


_EVALUATED: Sequence[Use] = ("task", "task-check", "task-closed", "pick")
