"""The operator's own files, read whole, or one line that says why not."""

import os
import stat
from pathlib import Path

from auditor.errors import FileError


def read(path: Path, cure: str) -> bytes:
    """The content of a file that the operator named.

    Raises:
        FileError: it is absent, denied, or no regular file (a pipe may never end); the text ends with the cure.
    """
    try:
        # Without blocking: opening a pipe that nobody writes to would wait for ever.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise FileError(path, "it is not a regular file", cure)
            return file.read()
    except FileNotFoundError:
        raise FileError(path, "No such file", cure) from None
    except PermissionError:
        raise FileError(
            path, "it may not be read", f"run as a user who may read it, or chmod u+r {path}"
        ) from None
    except OSError as error:
        raise FileError(path, error.strerror or type(error).__name__, cure) from None


def read_text(path: Path, cure: str) -> str:
    """The same as text.

    Raises:
        FileError: as `read`, or it is not UTF-8.
    """
    try:
        return read(path, cure).decode("utf-8")
    except UnicodeDecodeError:
        raise FileError(path, "it is not UTF-8", cure) from None
