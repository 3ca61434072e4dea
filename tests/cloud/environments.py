"""The environments in which the plane's services run: made of those of the conformance tests, for another user.

Those may have a Python, and lie in a folder, that only root may enter; and uWSGI brings Debian's Python.
"""

import os
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path

from tests.conformance.environments import interpreter

#: What Debian's uWSGI has within.
PYTHON = Path("/usr/bin/python3.11")


def lay_out(release: str, folder: Path) -> Path:
    """Make the environment of a release in a folder, of links to the files of ``.real/<release>`` (about two seconds).

    Its programs are started by its own Python, as pip would have written them.
    """
    source = interpreter(release).parent.parent
    subprocess.run([PYTHON, "-m", "venv", "--without-pip", folder], check=True)
    for name in ("lib/python3.11/site-packages", "etc"):
        shutil.copytree(source / name, folder / name, copy_function=link, dirs_exist_ok=True, symlinks=True)
    for program in (source / "bin").iterdir():
        laid_out = folder / "bin" / program.name
        if laid_out.exists() or not program.is_file():
            continue
        first, _, rest = program.read_bytes().partition(b"\n")
        if first == b"#!" + os.fsencode(source / "bin" / "python"):
            laid_out.write_bytes(b"#!" + os.fsencode(folder / "bin" / "python") + b"\n" + rest)
            laid_out.chmod(0o755)
    return folder


def link(source: str, target: str) -> None:
    """The same file under another name, or a copy on another file system."""
    with suppress(OSError):
        os.link(source, target)
        return
    shutil.copy2(source, target)
