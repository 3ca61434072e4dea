"""Processes that look like Nova's: Python programs of its names, with masters and workers, that do nothing."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.cloud.probing import PYTHON
from tests.cloud.services import NOVA
from tests.conformance.servers.process import LIFETIME, identity, owned_folder

#: It forks as many workers as its last argument says, tells that they are there, and sleeps; none outlives its parent.
PROGRAM = f"""\
#!{PYTHON}
import ctypes, os, signal, sys, time
for _ in range(int(sys.argv[-1])):
    if not os.fork():
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)
        time.sleep({LIFETIME})
        os._exit(0)
print("ready", flush=True)
time.sleep({LIFETIME})
"""

#: It starts workers that end at once, again and again.
RESTLESS = f"""\
#!{PYTHON}
import os, sys, time
print("ready", flush=True)
ends = time.monotonic() + {LIFETIME}
while time.monotonic() < ends:
    for _ in range(8):
        if not os.fork():
            time.sleep(0.001)
            os._exit(0)
    for _ in range(8):
        os.wait()
"""


@contextmanager
def crowd(masters: int, workers: int, program: str = PROGRAM) -> Iterator[Path]:
    """Run so many nova-conductor with so many workers each, all of the same file; the folder of their nova.conf."""
    with owned_folder(NOVA) as folder:
        folder.chmod(0o755)
        script, conf = folder / "nova-conductor", folder / "nova.conf"
        script.write_text(program)
        script.chmod(0o755)
        conf.write_text("[DEFAULT]\ntransport_url = rabbit://nova:secret@localhost/\n")
        conf.chmod(0o644)
        started: list[subprocess.Popen[bytes]] = []
        try:
            for _ in range(masters):
                command: list[str | Path] = [script, "--config-file", conf, str(workers)]
                started.append(
                    subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, env={}, **identity(NOVA))
                )
            for process in started:
                assert process.stdout is not None
                assert process.stdout.readline() == b"ready\n"
            yield folder
        finally:
            for process in started:
                process.kill()
            for process in started:
                with process:
                    pass
