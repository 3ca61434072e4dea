"""One handshake as the configured client would begin it, from bytes that came to bytes to send: it opens no socket.

How each protocol comes to TLS, and what is clear text instead:

- AMQP (RabbitMQ) and HTTPS speak TLS from the first byte. A listener without TLS answers with its own protocol.
- MySQL and MariaDB greet; where the greeting lacks CLIENT_SSL there is no TLS, else an SSLRequest leads to it (MariaDB:
  Client/Server protocol, connection phase).
- PostgreSQL answers an SSLRequest with S or N (PostgreSQL: frontend/backend protocol, 55.2.10). What comes behind the S before
  TLS was somebody else's (CVE-2021-23222): it is garbage.

Nobody logs in and nothing is asked for. The end is TLS's close_notify, the end of our own half of the connection, and up to a
second for the server to end its own. Of what was tried, that is the least noise; measured with RabbitMQ 3.10, MariaDB 10.11,
PostgreSQL 15 and OpenSSL 3.0:

- RabbitMQ says nothing at its level ``info``. Of a certificate that we do not accept it has one ``notice``.
- PostgreSQL says nothing (with ``log_connections`` the line for any connection). A socket that is just closed, or a Terminate
  message, would leave a line of its own.
- MariaDB counts ``Aborted_connects`` and warns ``Aborted connection ... (This connection closed normally without
  authentication)``, whatever the end looks like: only a login would be without. It also counts one connect error of our host
  where it resolves names (``skip_name_resolve`` off): `max_connect_errors` (100) of those, with no login from that host between
  them, would block it. Any login that succeeds begins the count anew.
"""

import re
import ssl
import struct
from typing import Any, Dict, Generator, Optional, Tuple

from . import messages

#: What a handshake may send us before it ends.
BYTES = 256 << 10

#: What is to be sent, and whether that was all: then only the other's end is awaited, for a short time.
Step = Tuple[bytes, bool]
Talk = Generator[Step, bytes, None]
_Reading = Generator[Step, bytes, bytes]

_TLS_RECORDS = (20, 21, 22, 23)

_CLIENT_SSL = 0x800
#: What PyMySQL 1.1 says it can (CLIENT.CAPABILITIES), and CLIENT_SSL.
_CAPABILITIES = 0x003AA205 | _CLIENT_SSL
_MYSQL_GREETING = 4096
_POSTGRESQL_REQUEST = struct.pack(">ii", 8, 80877103)

#: OpenSSL's words for its numbers (x509_vfy.h), without X509_V_ERR_: why a certificate is not accepted.
_CODES = {
    2: "UNABLE_TO_GET_ISSUER_CERT",
    7: "CERT_SIGNATURE_FAILURE",
    9: "CERT_NOT_YET_VALID",
    10: "CERT_HAS_EXPIRED",
    18: "DEPTH_ZERO_SELF_SIGNED_CERT",
    19: "SELF_SIGNED_CERT_IN_CHAIN",
    20: "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
    21: "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
    22: "CERT_CHAIN_TOO_LONG",
    23: "CERT_REVOKED",
    25: "PATH_LENGTH_EXCEEDED",
    26: "INVALID_PURPOSE",
    27: "CERT_UNTRUSTED",
    28: "CERT_REJECTED",
}


#: How OpenSSL's words for an alert of the other side begin.
_ALERTS = ("SSLV3_ALERT_", "TLSV1_ALERT_", "TLSV13_ALERT_")


class _Ended(Exception):
    """The handshake came to its end; the arguments are result and reason."""


class Handshake:
    """A client's side of one handshake.

    Args:
        protocol: amqp, https, mysql or postgresql.
        context: `ssl.SSLContext`, as `trust.Trusts` makes it.
        server_name: for the server to choose its certificate by (SNI), or None.

    Attributes:
        result: as `wire` lists them, "" until there is one.
        reason: a sentence.
    """

    def __init__(self, protocol: str, context: ssl.SSLContext, server_name: Optional[str]) -> None:
        self.result = ""
        self.reason = ""
        self._protocol = protocol
        self._context = context
        self._server_name = server_name
        self._said = messages.Messages()
        self._records: Optional[messages.Records] = None
        self._version: Optional[str] = None
        self._cipher: Optional[str] = None
        self._verify: Tuple[Optional[str], Optional[str]] = (None, None)
        self._received = 0
        self._unsent = b""
        self._phase = "before it said anything"

    def facts(self) -> Dict[str, Any]:
        """Return what is known: the keys of a handshake (`wire`) that come from the server."""
        is_verified = self._context.verify_mode != ssl.CERT_NONE and self.result == "tls"
        # A server asks in its first words, with TLS 1.3 before its certificate and up to 1.2 after it.
        is_new = self._said.version == "TLSv1.3" and bool(self._said.chain)
        is_known = self.result == "tls" or self._said.asks_client or is_new
        return {
            "result": self.result,
            "reason": self.reason,
            "version": self._version or self._said.version,
            "cipher": self._cipher or self._cipher_said(),
            "chain": [ssl.DER_cert_to_PEM_cert(certificate) for certificate in self._said.chain],
            "verified": True if is_verified else False if self.result == "rejected" else None,
            "verify_error": self._verify[0],
            "verify_code": self._verify[1],
            "asks_client": self._said.asks_client if is_known else None,
        }

    def silence(self, seconds: float) -> str:
        """Return in words that nothing (more) came, with ``seconds`` the time that it had."""
        return "no answer within {:g} seconds, {}".format(seconds, self._phase)

    def _cipher_said(self) -> Optional[str]:
        for cipher in self._context.get_ciphers():
            if cipher["id"] & 0xFFFF == self._said.cipher:
                return str(cipher["name"])
        return None

    def talk(self) -> Talk:
        """Yield each `Step`, and take what the server sends (no bytes: it closed) in return; end when all is said."""
        try:
            if self._protocol == "mysql":
                yield from self._ask_mysql()
            elif self._protocol == "postgresql":
                yield from self._ask_postgresql()
            yield from self._secure()
        except _Ended as ended:
            self.result, self.reason = ended.args

    def _read(self, send: bytes = b"") -> _Reading:
        send, self._unsent = self._unsent + send, b""
        data = yield send, False
        if not data:
            raise _Ended("closed", "it closed the connection, {}".format(self._phase))
        self._received += len(data)
        if self._received > BYTES:
            raise _Ended("garbage", "it sent more than {} KiB and no handshake".format(BYTES >> 10))
        return data

    def _ask_mysql(self) -> Talk:
        data = b""
        while len(data) < 5 or len(data) < 4 + _size(data):
            data += yield from self._read()
            self._phase = "in the middle of its greeting"
            if len(data) >= 5 and (
                _size(data) > _MYSQL_GREETING or data[3] != 0 or data[4] not in (9, 10, 255)
            ):
                raise _Ended("garbage", "what it said first is no greeting of MySQL")
        greeting, rest = data[4 : 4 + _size(data)], data[4 + _size(data) :]
        if greeting[0] == 255:
            raise _Ended("failed", "it turns this host away: {}".format(_mysql_error(greeting)))
        if rest:
            raise _Ended("garbage", "it said more than its greeting before TLS")
        # The number of the connection and 9 bytes lie between the version, which a NUL ends, and the capabilities.
        version_ends = greeting.find(b"\0")
        capabilities = greeting[version_ends + 14 : version_ends + 16]
        if version_ends < 0 or (greeting[0] == 10 and len(capabilities) < 2):
            raise _Ended("garbage", "its greeting is cut")
        if greeting[0] == 9 or not struct.unpack("<H", capabilities)[0] & _CLIENT_SSL:
            raise _Ended("plaintext", "its greeting says that it has no TLS")
        request = struct.pack("<IIB23x", _CAPABILITIES, 1 << 24, 45)
        # No answer comes: TLS begins at once.
        self._unsent = struct.pack("<I", len(request) | 1 << 24) + request
        self._phase = "after it was asked for TLS"

    def _ask_postgresql(self) -> Talk:
        data = yield from self._read(_POSTGRESQL_REQUEST)
        if data == b"S":
            self._phase = "after it agreed to TLS"
        elif data[:1] == b"S":
            raise _Ended("garbage", "it sent more than its consent before TLS")
        elif data[:1] == b"N":
            raise _Ended("plaintext", "it says that it has no TLS")
        elif data[:1] == b"E":
            raise _Ended("failed", "it turns this host away: {}".format(_shown(data[5:])))
        else:
            raise _Ended("garbage", "what it said first is no answer of PostgreSQL")

    def _secure(self) -> Talk:
        self._listen()
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        try:
            tls = self._context.wrap_bio(incoming, outgoing, server_hostname=self._server_name)
        except ValueError as error:
            raise _Ended("failed", "no client can ask for this name: {}".format(error)) from None
        is_first = True
        while True:
            try:
                tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                data = yield from self._read(outgoing.read())
            except OSError as error:  # ssl.SSLError is one
                self.result, self.reason = self._failure(error)
                # The alert that says so.
                yield outgoing.read(), True
                return
            if is_first:
                while len(data) < 5:
                    data += yield from self._read()
                self._begin(data)
                is_first = False
            if self._records is not None:
                self._records.feed(data)
            incoming.write(data)
        self._note(tls)
        yield from self._close(tls, incoming, outgoing)

    def _listen(self) -> None:
        if not offers_newest():
            self._records = messages.Records(self._said)
            return

        def note(_: Any, direction: str, _version: Any, content: int, _kind: Any, data: bytes) -> None:
            if direction == "read" and content == 22:  # a message of the handshake
                self._said.note(data)

        context: Any = self._context
        context._msg_callback = note

    def _begin(self, data: bytes) -> None:
        """Judge the first five bytes where TLS is due."""
        self._phase = "in the middle of the handshake"
        if data[0] in _TLS_RECORDS and data[1] == 3:
            return
        spoken = _clear_text(data)
        if self._protocol in ("mysql", "postgresql"):
            if self._protocol == "mysql" and data[3] == 2 and data[4] == 255:
                raise _Ended("failed", "it refuses TLS: {}".format(_mysql_error(data[4:])))
            raise _Ended("garbage", "it agreed to TLS, but what it said then is none")
        if spoken:
            raise _Ended("plaintext", "it answered with {} where TLS was due".format(spoken))
        raise _Ended("garbage", "what it said first is not TLS")

    def _failure(self, error: OSError) -> Tuple[str, str]:
        cause = _cause(error)
        if cause == "CERTIFICATE_VERIFY_FAILED":
            code = getattr(error, "verify_code", None)
            text = str(getattr(error, "verify_message", "") or "certificate verify failed")
            self._verify = (text, None if code is None else _CODES.get(code, str(code)))
            return "rejected", "its certificate is not accepted: {}".format(text)
        if cause.endswith("_ALERT_PROTOCOL_VERSION") and not offers_newest():
            return (
                "failed",
                "it speaks newer versions only than TLS 1.2, the newest that is offered by this old Python",
            )
        if cause.startswith(_ALERTS):
            return "failed", "it ended the handshake with an alert: {}".format(_alert(cause))
        if self._said.version is None:
            return "garbage", "what it said is no handshake of TLS: {}".format(_words(cause))
        return "failed", "the handshake failed: {}".format(_words(cause))

    def _note(self, tls: ssl.SSLObject) -> None:
        cipher = tls.cipher()
        self._version, self._cipher = tls.version(), None if cipher is None else cipher[0]
        own = tls.getpeercert(True)
        if not self._said.chain and own:
            self._said.chain.append(own)
        self.result = "tls"
        self.reason = "{} with {}".format(self._version, self._cipher)

    def _close(self, tls: ssl.SSLObject, incoming: ssl.MemoryBIO, outgoing: ssl.MemoryBIO) -> Talk:
        """Say goodbye and hear the server out: with TLS 1.3 it judges a client's certificate only now."""
        try:
            tls.unwrap()
        except ssl.SSLError:
            pass  # it has not said goodbye yet
        data = yield outgoing.read(), True
        while data and self._received <= BYTES:
            self._received += len(data)
            incoming.write(data)
            try:
                while tls.read(1 << 14):
                    pass
                data = b""
            except ssl.SSLWantReadError:
                data = yield b"", True
            except OSError as error:
                cause = _cause(error)
                if self._said.asks_client and cause.startswith(_ALERTS):
                    self.result = "failed"
                    self.reason = "it ended the handshake with an alert: {}".format(_alert(cause))
                data = b""


def offers_newest() -> bool:
    """Return whether this Python shows the messages of TLS 1.3, so that it can be offered."""
    return hasattr(ssl.SSLContext, "_msg_callback")


def _clear_text(data: bytes) -> Optional[str]:
    """Return what protocol the first five bytes are of, or None."""
    if data.startswith(b"AMQP"):
        return "AMQP"
    if data.startswith(b"HTTP/") or data[:5].lower() in (b"<html", b"<!doc"):
        return "HTTP"
    return "a greeting of MySQL" if data[3] == 0 and data[4] in (10, 255) else None


def _size(data: bytes) -> int:
    return int.from_bytes(data[:3], "little")


def _mysql_error(packet: bytes) -> str:
    return "error {}, {}".format(int.from_bytes(packet[1:3], "little"), _shown(packet[3:]))


def _shown(data: bytes) -> str:
    return re.sub("[^ -~]+", " ", data[:200].decode("ascii", "replace")).strip()


def _cause(error: OSError) -> str:
    return re.sub(r"^\[SSL\] | \(_ssl.*", "", str(getattr(error, "reason", None) or error.args[-1]))


def _alert(cause: str) -> str:
    return _words(cause.partition("_ALERT_")[2])


def _words(cause: str) -> str:
    return cause.replace("_", " ").lower()
