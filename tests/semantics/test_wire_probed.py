"""What the probe sees on the host and what is judged from it here agree: real handshakes over loopback."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from auditor import tls
from auditor.evidence import decode
from auditor.model import File, Handshake, Trust
from auditor.probe import wire as probe
from auditor.semantics import wire
from auditor.semantics.names import Rule
from tests.test_tls import CASES
from tests.trees import answered


@contextlib.contextmanager
def server(chain: Path, key: Path) -> Iterator[int]:
    """A TLS server for one connection; gives its port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    context.load_cert_chain(chain, key)

    def serve() -> None:
        with contextlib.suppress(OSError):
            connection, _ = listening.accept()
            with connection, context.wrap_socket(connection, server_side=True) as secured:
                secured.recv(100)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve)
        thread.start()
        yield listening.getsockname()[1]
        thread.join(10)


def handshake(folder: Path, port: int) -> Handshake:
    """How the probe saw the server, by way of the evidence."""
    trust = {"kind": "file", "path": str(folder / "ca.pem")}
    item = {"id": "x", "protocol": "amqp", "host": "127.0.0.1", "port": port, "server_name": None}
    said = probe.collect(
        {
            "host": "host",
            "salt_id": "fixed",
            "wire": [{**item, "verify": True, "trust": trust, "client": None, "minimum": None}],
        }
    )
    (one,) = said["handshakes"]
    document = {
        **answered(folder / "empty"),
        "wire": {**said, "handshakes": [{**one, "trust": trust}]},
    }
    (found,) = decode(document).handshakes or ()
    return found


@pytest.mark.parametrize("case", CASES)
def test_the_host_and_the_controller_say_the_same_of_a_certificate(tmp_path: Path, case: str) -> None:
    made, authorities = CASES[case]
    (tmp_path / "empty").mkdir()
    sent = [one.signed() for one in made]
    (tmp_path / "chain.pem").write_text("".join(sent))
    (tmp_path / "key.pem").write_bytes(made[0].secret_pem())
    anchors = "".join(sent[made.index(one)] if one in made else one.signed() for one in authorities)
    (tmp_path / "ca.pem").write_text(anchors)
    with server(tmp_path / "chain.pem", tmp_path / "key.pem") as port:
        seen = handshake(tmp_path, port)

    path = str(tmp_path / "ca.pem")
    file = File(path, None, None, None, len(anchors), "pem", anchors)
    found = wire.Wire((seen,), Trust("file", path), file, verifies=True, checks_names=True, rule=Rule.SSL)
    is_trusted = tls.verify(seen.chain, anchors).is_trusted
    is_timely = tls.verify(seen.chain, anchors, at=seen.at).is_trusted

    assert [pem.strip() for pem in seen.chain] == [pem.strip() for pem in sent]
    assert seen.verified is is_timely
    assert (wire.untrusted(found, seen).problem is None) is is_trusted
    is_over = (is_trusted and not is_timely) or case == "expired and from another root"
    assert (wire.expiring(1)(found, seen).problem is not None) is is_over
