"""What can go wrong, by who can mend it.

::

    Exception
    ├── AuditorError          the operator can mend it: one line that names the file and the cure, exit 2
    │   ├── UsageError        the command line, a path or a name on it
    │   └── FileError         a file of the operator's: inventory, profile, site, waivers, evidence
    └── Verdictless           a check read something that settles nothing; only the engine catches it
        ├── Undecidable       read, but it cannot be decided from here: the cell becomes ``unknown``
        └── Unavailable       asked for, but it could not be read: the cell becomes ``error``

What a host withholds (unreachable, denied, unparsable) is none of these: it is data, `auditor.model.Missing`.
"""


class AuditorError(Exception):
    """A mistake the operator can mend; its text is one line that names the thing and the cure."""


class UsageError(AuditorError):
    """The command line asks for something that does not exist or does not fit together."""


class FileError(AuditorError):
    """A file of the operator's own cannot be used as it is.

    Args:
        path: the file, as the operator named it.
        problem: what is wrong, with the line where there is one.
        cure: what to do about it.
    """

    def __init__(self, path: object, problem: str, cure: str) -> None:
        super().__init__(f"{path}: {problem}; {cure}")


class Verdictless(Exception):
    """A check read something that settles nothing. Raised by what checks read, caught by the engine alone."""


class Undecidable(Verdictless):
    """It was read, but no verdict follows: a withheld secret, a rejected value, versions that disagree."""


class Unavailable(Verdictless):
    """It was asked for, and it could not be read: a denied file, a lost host."""
