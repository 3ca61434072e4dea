"""What a server says in a handshake, read from the bytes that it sends: what Python 3.6 and 3.7 have to do."""

import ssl
from pathlib import Path

import pytest

from auditor.probe.messages import CERTIFICATES, Messages, Records
from tests.certificates import authority, issue


def flight(
    folder: Path, copies: int = 1, version: ssl.TLSVersion = ssl.TLSVersion.TLSv1_2
) -> tuple[bytes, str]:
    """The first bytes of a server that has an authority in its chain so many times, and the chain it sends."""
    own = authority("ca")
    certificate, key = issue(own, ["localhost"], key="ec:p256")
    chain = certificate + own.cert_pem * copies
    (folder / "server.pem").write_bytes(chain + key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.maximum_version = version
    context.verify_mode = ssl.CERT_OPTIONAL
    context.load_cert_chain(folder / "server.pem")
    client = ssl.create_default_context()
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [
        client.wrap_bio(outgoing, incoming, server_hostname="localhost"),
        context.wrap_bio(incoming, outgoing, server_side=True),
    ]
    for end in ends:
        with pytest.raises(ssl.SSLWantReadError):
            end.do_handshake()
    return outgoing.read(), chain.decode()


@pytest.mark.parametrize("size", [1, 7, 100000])
def test_all_is_read_whatever_the_pieces(tmp_path: Path, size: int) -> None:
    data, chain = flight(tmp_path)
    said = Messages()
    records = Records(said)
    for at in range(0, len(data), size):
        records.feed(data[at : at + size])

    assert "".join(map(ssl.DER_cert_to_PEM_cert, said.chain)) == chain
    assert said.version == "TLSv1.2"
    assert said.asks_client is True
    assert said.cipher in {cipher["id"] & 0xFFFF for cipher in ssl.create_default_context().get_ciphers()}


def test_a_chain_is_kept_up_to_a_length(tmp_path: Path) -> None:
    data, _ = flight(tmp_path, 30)
    said = Messages()
    Records(said).feed(data)

    assert len(said.chain) == CERTIFICATES


def test_what_is_encrypted_is_not_taken_for_messages(tmp_path: Path) -> None:
    data, _ = flight(tmp_path, version=ssl.TLSVersion.TLSv1_3)
    said = Messages()
    Records(said).feed(data)

    assert (said.version, said.chain) == ("TLSv1.3", [])


def test_no_message_is_damaged_enough_to_raise(tmp_path: Path) -> None:
    data, _ = flight(tmp_path)
    for at in range(0, len(data), 3):
        said = Messages()
        records = Records(said)
        records.feed(data[:at] + b"\xff\xff\xff" + data[at + 3 :])
        records.feed(b"")

        assert len(said.chain) <= 2
    for kind in range(256):
        for size in range(0, 60, 3):
            Messages().note(bytes([kind]) + b"\xff" * size)


def test_a_chain_is_kept_up_to_so_many_bytes() -> None:
    said = Messages()
    certificate = (60 << 10).to_bytes(3, "big") + bytes(60 << 10)
    said.note(b"\x0b\0\0\0" + b"\0\0\0" + certificate * 3)

    assert len(said.chain) == 1
