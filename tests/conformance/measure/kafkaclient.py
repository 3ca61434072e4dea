"""What the kafka driver of oslo.messaging does with each face, through confluent-kafka and the librdkafka inside it.

librdkafka dials by itself, in threads of its own, and for ever. Its wheels do not read ``SSL_CERT_FILE``: they look for
the bundles of distributions. The authority that the system trusts lies over that bundle, in a mount namespace of this
process; where the kernel does not allow one, cases that trust the system are left out.
"""

import contextlib
import ctypes
import os
import threading
import time

import faces
import kafkaprotocol

#: Where librdkafka looks first, as far as Debian and Red Hat have it (rdkafka_ssl.c, the table of paths to probe).
_BUNDLES = (
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/certs/ca-bundle.crt",
    "/etc/ssl/certs/ca-certificates.crt",
)

_NEW_MOUNTS, _NEW_USER, _BIND, _PRIVATE_BELOW = 0x20000, 0x10000000, 0x1000, 0x44000

#: Seconds for a client that neither comes in nor gives up.
_PATIENCE = 6.0


def trust(bundle):
    """Lay the authority over the system's for this process; whether that was possible."""
    there = next((path for path in _BUNDLES if os.path.exists(path)), None)
    libc = ctypes.CDLL(None, use_errno=True)
    users = 0 if os.geteuid() == 0 else _NEW_USER
    if there is None or libc.unshare(_NEW_MOUNTS | users):
        return False
    if libc.mount(None, b"/", None, _PRIVATE_BELOW, None):
        return False
    return libc.mount(bundle.encode(), os.path.realpath(there).encode(), None, _BIND, None) == 0


@contextlib.contextmanager
def silenced():
    """Without standard error, to which librdkafka writes."""
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def measure(cases, configured, folder, is_trusted):
    """Case id to result; ``configured(case, folder, port)`` makes the transport."""
    results = {}
    with silenced(), faces.Faces(kafkaprotocol.speak, folder) as shown:
        for case in cases:
            if is_trusted or not case.get("trusts_system"):
                results[case["id"]] = _result_of(case, configured, shown, folder)
    return results


def _result_of(case, configured, shown, folder):
    connections = {}
    for face in faces.FACES:
        shown.impostors[face].reset()
        try:
            transport = configured(case, folder, shown.impostors[face].port)
            if case["purpose"] == "rpc":
                transport._driver.listen(None, 1, None)
            connections[face] = transport._driver.pconn
            connections[face]._ensure_producer()
        except Exception as problem:
            return {"start": type(problem).__name__}
    threads = [
        threading.Thread(target=_drive, args=(shown.impostors[face], connections[face]))
        for face in faces.FACES
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seen = {}
    for face, impostor in shown.impostors.items():
        impostor.settle()
        seen[face] = {"login": impostor.seen.login or "refused"}
        if impostor.seen.certificate:
            seen[face]["certificate"] = True
    return {"faces": seen}


def _drive(impostor, connection):
    """Wait until the client handed its login over, or comes a second time because the first was in vain."""
    seen, deadline = impostor.seen, time.monotonic() + _PATIENCE
    producer = connection.producer
    while seen.login is None and seen.connections < 2 and time.monotonic() < deadline:
        with contextlib.suppress(Exception):
            producer.list_topics(timeout=0.05)
    connection.producer = None
