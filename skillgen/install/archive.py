"""A skill as one `.skill` file: a zip with the skill's folder in it, the same bytes for the same files.

Members stand in the order of their paths, with the first time that a zip can hold and one of two modes. They are
stored, not compressed: what `deflate` makes of a text differs between versions of zlib, and a skill is small.
"""

from __future__ import annotations

import io
import stat
import zipfile
from pathlib import PurePosixPath

from skillgen.model.install import PackageFile, SkillFiles

_TIME = (1980, 1, 1, 0, 0, 0)
_UNIX = 3
_MODES = {False: stat.S_IFREG | 0o644, True: stat.S_IFREG | 0o755}


def archive_bytes(skill: SkillFiles) -> bytes:
    """Return the bytes of the skill's `.skill` file."""
    return _zipped(skill.name, skill.files)


def is_own_archive(data: bytes) -> bool:
    """Return whether `archive_bytes` could have made these bytes: packing what they hold gives them again.

    A zip that somebody made, or unpacked, changed and packed again, has other times, another order or compression.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            if any(member.compress_type != zipfile.ZIP_STORED or member.is_dir() for member in members):
                return False
            names = {PurePosixPath(member.filename).parts[:1] for member in members}
            if len(names) != 1:
                return False
            ((folder,),) = names
            return _zipped(folder, tuple(_unzipped(archive, member, folder) for member in members)) == data
    except (zipfile.BadZipFile, ValueError, EOFError, NotImplementedError, RuntimeError):
        return False


def _unzipped(archive: zipfile.ZipFile, member: zipfile.ZipInfo, folder: str) -> PackageFile:
    executable = bool((member.external_attr >> 16) & stat.S_IXUSR)
    path = member.filename.removeprefix(f"{folder}/")
    return PackageFile(path=path, data=archive.read(member), executable=executable)


def _zipped(folder: str, files: tuple[PackageFile, ...]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression=zipfile.ZIP_STORED) as archive:
        for file in sorted(files, key=lambda file: file.path):
            member = zipfile.ZipInfo(f"{folder}/{file.path}", date_time=_TIME)
            member.create_system = _UNIX
            member.external_attr = _MODES[file.executable] << 16
            archive.writestr(member, file.data)
    return out.getvalue()
