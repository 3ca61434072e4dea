"""A client of Python's module ``ssl`` and a server that talk in memory: what the client makes of certificates."""

import ssl
import tempfile
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Ended:
    """How a handshake ended for the client: OpenSSL's number and words on the certificates, 0 where it accepted them."""

    code: int = 0
    error: str = ""


def client(anchors: str, *, checks_names: bool, is_strict: bool = False, level: int = 2) -> ssl.SSLContext:
    """A client as py-amqp makes it; ``is_strict`` as `ssl.create_default_context` does from Python 3.13 on."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.set_ciphers(f"DEFAULT:@SECLEVEL={level}")
    context.check_hostname = checks_names
    context.load_verify_locations(cadata=anchors)
    if is_strict:
        context.verify_flags |= ssl.VERIFY_X509_STRICT | ssl.VERIFY_X509_PARTIAL_CHAIN
    return context


def shake(by: ssl.SSLContext, chain: str, key: bytes, name: str | None) -> Ended:
    """What the client makes of a server that sends these certificates, its own first."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [
        _server(chain, key).wrap_bio(outgoing, incoming, server_side=True),
        by.wrap_bio(incoming, outgoing, server_hostname=name),
    ]
    for _ in range(10):
        for end in tuple(reversed(ends)):
            try:
                end.do_handshake()
                if not end.server_side:
                    return Ended()
            except ssl.SSLWantReadError:
                pass
            except ssl.SSLCertVerificationError as error:
                return Ended(error.verify_code, error.verify_message)
    raise AssertionError("the handshake came to no end")


def _server(chain: str, key: bytes) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    with tempfile.TemporaryDirectory() as folder:
        certificates, private = Path(folder, "chain.pem"), Path(folder, "key.pem")
        certificates.write_text(chain)
        private.write_bytes(key)
        context.load_cert_chain(certificates, private)
    return context
