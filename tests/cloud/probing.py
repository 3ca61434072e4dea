"""The probe as a host runs it, under the words of a test: as another user, in another namespace, watched by strace."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

from auditor.collect import Options, payload, request
from auditor.evidence import Document
from auditor.model import Kind, Target
from tests.cloud.seen import NAME

#: Which every user may run.
PYTHON = "/usr/bin/python3"

#: Nobody in particular.
NOBODY = ("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups")

#: Somebody who may read nova.conf.
MEMBER = ("setpriv", "--reuid=nobody", "--regid=nova", "--clear-groups")

#: A procfs that shows users their own processes alone (1: no more than the numbers of others, 2: not even that). It is
#: another one than the machine's: to mount that anew would change it for everybody.
HIDING = ("unshare", "--mount", "sh", "-c", 'mount -t proc -o "hidepid=$0" proc /proc && exec "$@"')


def probe(words: Sequence[str | Path] = (), seconds: float | None = None) -> Document:
    """What the probe says of this machine, run by some words; ``seconds``: what it may take, by its own clock."""
    asked = request(Target(NAME, Kind.LIVE), Options(seconds=seconds))
    done = subprocess.run(
        [*words, PYTHON, "-I", "-"],
        input=payload.script(asked).encode("ascii"),
        capture_output=True,
        cwd="/",
        # Without a HOME, Python itself asks for the user's as it starts, of nscd among others.
        env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", "HOME": "/"},
        check=True,
        timeout=100,
    )
    content = payload.answer(done.stdout)
    assert content is not None, done.stderr.decode()
    return Document(NAME, content)
