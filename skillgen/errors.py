"""What can go wrong, as types a caller can tell apart.

SkillgenError              carries a message and a hint (the next command to try)
├── UserError              the user's mistake or a missing prerequisite      exit code 2
│   ├── BriefError         a file that is no research brief
│   ├── CorpusError        a corpus folder that is missing or holds nothing to read
│   ├── SettingsError      a setting that is unknown or out of range
│   ├── TemplateError      a template that cannot be rendered
│   ├── PrerequisiteError  something that must be installed, started or mended first
│   ├── DecisionsError     a decisions file that cannot be read
│   ├── DecisionConflictError somebody else decided about the claim in between
│   └── WorkspaceBusyError another process holds the workspace
├── PackageError           the rendered package breaks a rule                exit code 1
├── IncompleteError        a chat model stopped answering before the end      exit code 1
└── EvidenceError          a quote that does not stand at its offsets: a bug, never the user's fault
"""


class SkillgenError(Exception):
    """Base of every error that skillgen raises on purpose."""

    exit_code = 1

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UserError(SkillgenError):
    """The user can mend this; it is shown without a traceback."""

    exit_code = 2


class BriefError(UserError):
    """The file is no research brief that skillgen can read."""


class CorpusError(UserError):
    """A corpus folder is missing, is no folder, or holds no page that can be read."""


class SettingsError(UserError):
    """A setting is unknown, misspelt or out of range."""


class TemplateError(UserError):
    """A template refers to a value that does not exist, or does what the sandbox forbids."""


class PrerequisiteError(UserError):
    """A library, model file or server that is needed is missing or is not the one that was pinned."""


class DecisionsError(UserError):
    """The decisions file cannot be read: no YAML, an unknown field, or versions that were not merged."""


class DecisionConflictError(UserError):
    """Somebody else decided about the same claim since it was last looked at; nothing was written."""


class WorkspaceBusyError(UserError):
    """Another process works in the same workspace."""


class PackageError(SkillgenError):
    """The rendered package breaks a hard rule of the Agent Skills format."""


class IncompleteError(SkillgenError):
    """A chat model stopped answering before everything was asked; what it answered is kept."""


class EvidenceError(SkillgenError):
    """A quote does not stand where its citation says."""
