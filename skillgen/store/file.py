"""The SQLite file itself: opened, its tables made or brought up to date, statements run, whole changes or none."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from skillgen.errors import PrerequisiteError, UserError
from skillgen.store.schema import KEPT_TABLES, SCHEMA, SCHEMA_VERSION

_START_AGAIN = "Move it away and build again: everything in it is made from the pages."
_PRIMARY = 0xFF  # the part of SQLite's codes that names the kind of error
# What is no fault of the file: it stays as it is, and the same command works again where there is space or permission.
_CIRCUMSTANCES = frozenset(
    {
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,  # what a full disk looks like where SQLite maps a file into memory
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
    }
)


class TruthFile:
    """An open file with its tables made. Every error of SQLite comes as one that says what to do."""

    def __init__(self, path: Path) -> None:
        """Open or create the file.

        Raises:
            PrerequisiteError: the file is damaged, no database, or cannot be written.
            UserError: it was made by a newer version of skillgen.
        """
        self._path = path
        self.rebuilt_from: str | None = None
        try:
            self._db = sqlite3.connect(path, isolation_level=None)
        except sqlite3.Error as error:
            raise self._unusable(error) from error
        try:
            self._rows("PRAGMA foreign_keys = ON")
            self._rows("PRAGMA journal_mode = WAL")
            self._rows("PRAGMA secure_delete = ON")  # what is forgotten is overwritten, not only unlinked
            self._prepare()
        except BaseException:
            self._db.close()
            raise

    def close(self) -> None:
        """Close the file; the store cannot be used afterwards."""
        self._db.close()

    def _prepare(self) -> None:
        """Make the tables of a new file; those of an older format are made anew, with `rebuilt_from` saying which."""
        if not self._rows("SELECT name FROM sqlite_master LIMIT 1"):
            with self.transaction():
                self._create()
            return
        version = self.meta("schema_version")
        if version == SCHEMA_VERSION:
            return
        if version is None or not version.isdigit() or int(version) > int(SCHEMA_VERSION):
            raise UserError(
                f"The workspace file {self._path} has format {version}; this skillgen works with {SCHEMA_VERSION}.",
                hint=f"Use the skillgen that made it. Or: {_START_AGAIN}",
            )
        with self.transaction():
            for (table,) in self._rows("SELECT name FROM sqlite_master WHERE type = 'table'"):
                if KEPT_TABLES.get(table) != tuple(row[1] for row in self._rows(f'PRAGMA table_info("{table}")')):
                    self._rows(f'DROP TABLE "{table}"')
            self._create()
        self.rebuilt_from = version

    def _create(self) -> None:
        for statement in SCHEMA.split(";\n"):
            if statement.strip():
                self._rows(statement)
        self.set_meta("schema_version", SCHEMA_VERSION)

    def _rows(self, statement: str, values: Sequence[object] = ()) -> list[Any]:
        """Run one statement and return all its rows.

        Raises:
            PrerequisiteError: the file is damaged or cannot be written.
        """
        try:
            return self._db.execute(statement, values).fetchall()
        except sqlite3.DatabaseError as error:
            raise self._unusable(error) from error

    def _run_many(self, statement: str, rows: Iterable[Sequence[object]]) -> None:
        """Run one statement for every row of values.

        Raises:
            PrerequisiteError: the file is damaged or cannot be written.
        """
        try:
            self._db.executemany(statement, rows)
        except sqlite3.DatabaseError as error:
            raise self._unusable(error) from error

    def _unusable(self, error: sqlite3.Error) -> PrerequisiteError:
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT)
        damaged = code & _PRIMARY not in _CIRCUMSTANCES
        return PrerequisiteError(
            f"The workspace file {self._path} cannot be used ({error}).",
            hint=_START_AGAIN if damaged else "Check the permissions of its folder and the free space of its disk.",
        )

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Run the body as one transaction: all of it is kept, or on any error none of it."""
        self._rows("BEGIN IMMEDIATE")
        try:
            yield
            self._rows("COMMIT")
        except BaseException:
            if self._db.in_transaction:  # on a full disk SQLite has undone it already
                self._rows("ROLLBACK")
            raise

    def meta(self, key: str) -> str | None:
        """Return a remembered value, or None."""
        rows = self._rows("SELECT value FROM meta WHERE key = ?", (key,))
        return str(rows[0][0]) if rows else None

    def set_meta(self, key: str, value: str) -> None:
        """Remember a value."""
        self._rows("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))
