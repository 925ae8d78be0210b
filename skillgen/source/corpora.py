"""Corpora: the folders that the user names."""

from __future__ import annotations

import itertools
import os
import stat
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from skillgen.errors import CorpusError, SettingsError
from skillgen.model.corpus import Corpus
from skillgen.source.names import ODD, cause, printable


def resolve_corpora(folders: Sequence[Path], urls: Mapping[str, str] | None = None) -> tuple[Corpus, ...]:
    """Check the folders and name each corpus after its folder.

    Args:
        folders: The folders as the user wrote them.
        urls: The address pattern of a corpus by its name; `{path}` in it stands for the page's path.

    Returns:
        The corpora in the order of the folders, each with its real root.

    Raises:
        CorpusError: No folder is given, one is missing or is no folder, two are the same or have the same name, or
            one stands inside another.
        SettingsError: An address belongs to no corpus or lacks `{path}`.
    """
    if not folders:
        raise CorpusError("No corpus folder is given.", hint="Name at least one: --corpus DIR")
    urls = urls or {}
    roots = [_real_folder(folder) for folder in folders]
    names = [_corpus_name(folder, root) for folder, root in zip(folders, roots, strict=True)]
    for one, other in itertools.combinations(roots, 2):
        _require_apart(one, other)
    _require_distinct(names)
    for name, url in urls.items():
        _require_url(name, url, names)
    return tuple(Corpus(name=name, root=root, url=urls.get(name)) for name, root in zip(names, roots, strict=True))


def _real_folder(folder: Path) -> Path:
    """Return the folder's absolute path without links; CorpusError where there is no folder."""
    shown = printable(str(folder))
    try:
        root = Path(os.path.realpath(folder, strict=True))
        is_folder = stat.S_ISDIR(root.stat().st_mode)
    except FileNotFoundError:
        raise CorpusError(
            f"The corpus folder {shown} does not exist.", hint="Check the spelling of --corpus, or create the folder."
        ) from None
    except (OSError, ValueError) as error:
        raise CorpusError(
            f"The corpus folder {shown} cannot be opened ({cause(error)}).",
            hint="Check the path and its permissions.",
        ) from error
    if not is_folder:
        raise CorpusError(f"The corpus {shown} is a file, not a folder.", hint="Pass the folder that holds the pages.")
    return root


def _corpus_name(folder: Path, root: Path) -> str:
    """Return the folder's name as the user wrote it, or the real one for "." and ".."."""
    name = root.name if folder.name in {"", ".."} else folder.name
    if not name:
        raise CorpusError(f"The folder {root} has no name to call a corpus by.", hint="Pass a folder inside it.")
    if ODD.search(name):
        raise CorpusError(
            f"The name of the corpus folder {printable(name)} is not valid UTF-8 or holds control characters.",
            hint="Rename the folder.",
        )
    return name


def _require_apart(one: Path, other: Path) -> None:
    """Raise CorpusError where two roots are the same folder or one stands inside the other."""
    if one == other or one.samefile(other):
        raise CorpusError(f"The corpus folder {printable(str(one))} is given twice.", hint="Pass it once.")
    outer, inner = sorted((one, other), key=lambda root: len(root.parts))
    if inner.is_relative_to(outer):
        raise CorpusError(
            f"The corpus folder {printable(str(inner))} stands inside the corpus folder {printable(str(outer))}.",
            hint="Pass only the outer folder, or folders beside each other.",
        )


def _require_distinct(names: Sequence[str]) -> None:
    """Raise CorpusError where two corpora have the same name."""
    name, count = Counter(names).most_common(1)[0]
    if count > 1:
        raise CorpusError(
            f"{count} corpus folders are named {name}, so their pages could not be told apart.",
            hint="Rename one of them, or pass the parent folder that holds them all as one corpus.",
        )


def _require_url(name: str, url: str, names: Sequence[str]) -> None:
    """Raise SettingsError where an address pattern has no corpus or no place for the path."""
    if name not in names:
        raise SettingsError(
            f"There is an address for a corpus named {name}, but no such corpus.",
            hint=f"The corpora are: {', '.join(names)}",
        )
    if "{path}" not in url:
        raise SettingsError(
            f"The address of the corpus {name} lacks {{path}}: {url}",
            hint="Put {path} where a page's path belongs, as in https://wiki.example/{path}",
        )
