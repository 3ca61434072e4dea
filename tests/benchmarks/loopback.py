"""An sshd of our own on loopback (several where one cannot listen on enough), which answers under many addresses: a fleet of one machine."""

import contextlib
import getpass
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

#: Seconds that the sshd has to listen.
_PATIENCE = 10

#: On how many addresses one sshd listens (OpenSSH, sshd.c, MAX_LISTEN_SOCKS).
_SOCKETS = 16

_CONFIG = """\
Port {port}
{addresses}
HostKey {folder}/host
AuthorizedKeysFile {folder}/user.pub
PidFile none
UsePAM no
StrictModes no
PasswordAuthentication no
MaxStartups 1000
"""


@dataclass(frozen=True, slots=True)
class Server:
    """Where the sshd listens, and what ssh needs to log in there as who we are."""

    addresses: tuple[str, ...]
    port: int
    user: str
    key: Path
    known_hosts: Path


@contextlib.contextmanager
def sshd(folder: Path, addresses: tuple[str, ...]) -> Iterator[Server]:
    """Run sshd for the time of a `with`.

    Args:
        folder: where its keys go; made.
        addresses: of 127.0.0.0/8, on which it listens.
    """
    program = shutil.which("sshd", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/usr/local/sbin")
    if program is None:
        raise FileNotFoundError("there is no sshd; install openssh-server")
    folder.mkdir(mode=0o700)
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    for name in ("host", "user"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)], check=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    kind, key = (folder / "host.pub").read_text().split()[:2]
    known = folder / "known_hosts"
    known.write_text("".join(f"[{address}]:{port} {kind} {key}\n" for address in addresses))
    with contextlib.ExitStack() as stack:
        for first in range(0, len(addresses), _SOCKETS):
            config = folder / f"sshd_config{first}"
            listened = "\n".join(f"ListenAddress {one}" for one in addresses[first : first + _SOCKETS])
            config.write_text(_CONFIG.format(port=port, addresses=listened, folder=folder))
            log = stack.enter_context((folder / f"log{first}").open("wb"))
            command = [program, "-D", "-e", "-f", str(config)]
            stack.callback(_end, subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=log))
        for address in addresses:
            _wait(address, port)
        yield Server(addresses, port, getpass.getuser(), folder / "user", known)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    process.wait(_PATIENCE)


def _wait(address: str, port: int) -> None:
    end = time.monotonic() + _PATIENCE
    while True:
        try:
            socket.create_connection((address, port), 1).close()
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)
        else:
            return
