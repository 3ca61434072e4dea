"""Asking endpoints as a host would: in this process, or in one of its own that then says what is left of it."""

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from auditor.probe import wire
from tests.certificates import Authority, authority, issue

#: For the whole of a test, so that a host whose limits fail does not hold it up for good.
PATIENCE = 60

_PROGRAM = """
import json, os, sys, threading
from auditor.probe import wire

def descriptors():
    found = ("/proc/self/fd/" + name for name in os.listdir("/proc/self/fd"))
    return [os.readlink(one) for one in found if os.path.lexists(one)]

def children():
    with open("/proc/self/task/{}/children".format(os.getpid())) as file:
        return file.read().split()

request = json.load(sys.stdin)
before = len([one for one in descriptors() if one.startswith(("socket:", "pipe:", "anon_inode:"))])
document = wire.collect(request)
sockets = [one for one in descriptors() if one.startswith(("socket:", "pipe:", "anon_inode:"))]
left = {"sockets": len(sockets) - before, "threads": threading.active_count(), "children": children()}
print(json.dumps([document, left]))
"""

NOTHING = {"sockets": 0, "threads": 1, "children": []}


@dataclass(frozen=True, slots=True)
class Fleet:
    """An authority in a file, and what it makes."""

    trusted: Authority
    path: Path

    def pem(self, *names: str, **more: Any) -> bytes:
        """A server's certificate and key."""
        certificate, key = issue(self.trusted, names or ("localhost", "127.0.0.1"), key="ec:p256", **more)
        return certificate + key


def fleet(folder: Path, name: str = "ca") -> Fleet:
    """An authority, in a file of the folder."""
    made = authority(name)
    path = folder / f"{name}.pem"
    path.write_bytes(made.cert_pem)
    return Fleet(made, path)


def item(port: int, trusted: Path | str | None = None, **more: Any) -> dict[str, Any]:
    """An item of a plan: AMQP at this port of the loopback, trusting a file (None: nothing is verified)."""
    return {
        "id": f"amqp 127.0.0.1:{port}",
        "protocol": "amqp",
        "host": "127.0.0.1",
        "port": port,
        "server_name": None,
        "verify": trusted is not None,
        "trust": {
            "kind": "none" if trusted is None else "file",
            "path": None if trusted is None else str(trusted),
        },
        "client": None,
        "minimum": None,
        **more,
    }


def asked(*items: Mapping[str, Any], **more: Any) -> Any:
    """The answer to items."""
    return wire.collect({"host": "h", "salt_id": "s", "wire": list(items), "item_seconds": 2, **more})


def one(*arguments: Any, **more: Any) -> Any:
    """The handshake of one item."""
    (found,) = asked(item(*arguments, **more))["handshakes"]
    return found


def asked_apart(
    *items: Mapping[str, Any], environment: Mapping[str, str] | None = None, **more: Any
) -> tuple[Any, Mapping[str, Any]]:
    """The answer to items in a process of its own, and what is left there of it."""
    request = {"host": "h", "salt_id": "s", "wire": list(items), "item_seconds": 2, **more}
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM],
        input=json.dumps(request).encode(),
        capture_output=True,
        check=True,
        timeout=PATIENCE,
        env={"PATH": "/usr/bin:/bin", **(environment or {})},
        cwd=Path(__file__).parents[2],
    )
    document, left = json.loads(done.stdout)
    return document, left
