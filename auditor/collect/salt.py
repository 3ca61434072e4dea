"""The salt that digests are made with: new for each run, unless hosts that audit themselves share a file."""

import os
import secrets
import stat
from pathlib import Path

from auditor.errors import FileError

#: Bytes; fewer in a file could be guessed.
LEAST = 16


def fresh() -> bytes:
    """Return a salt that nobody else has."""
    return secrets.token_bytes(32)


def read(path: Path) -> bytes:
    """Return the salt in a file that only root, or the user we run as, may read.

    Raises:
        FileError: the file is missing, too short, or others may read it.
    """
    cure = "make one with: (umask 077; head -c 32 /dev/urandom > FILE)"
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise FileError(path, f"the salt cannot be read: {error.strerror}", cure) from None
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise FileError(path, "it is not a regular file", cure)
        if found.st_mode & 0o077:
            raise FileError(
                path, f"others may read the salt (mode {found.st_mode & 0o777:04o})", "chmod 0600 it"
            )
        if found.st_uid not in (0, os.geteuid()):
            raise FileError(path, f"it belongs to another user ({found.st_uid})", "chown it to root")
        content = os.read(descriptor, 4096)
    finally:
        os.close(descriptor)
    if len(content) < LEAST:
        raise FileError(path, f"it holds {len(content)} bytes, fewer than {LEAST}", cure)
    return content
