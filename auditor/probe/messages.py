"""What a server says in the messages of a TLS handshake: version, cipher, certificates, whether it asks for the client's.

Python's module ``ssl`` keeps the certificates of a server it does not accept to itself, and before Python 3.13 all but the
first of any server. From Python 3.8 on `ssl.SSLContext._msg_callback` shows each message as OpenSSL reads it, in the clear
and whole (Python 3.8 to 3.13, OpenSSL 3.0, measured). Before that `Records` finds them in the bytes that come: up to TLS
1.2 a server sends them in the clear (RFC 5246, 7.4), so that no more is offered there.
"""

from typing import List, Optional

#: How many certificates are kept, and how many bytes of them.
CERTIFICATES = 10
CERTIFICATE_BYTES = 64 << 10

_VERSIONS = {0x0300: "SSLv3", 0x0301: "TLSv1", 0x0302: "TLSv1.1", 0x0303: "TLSv1.2", 0x0304: "TLSv1.3"}
_HELLO, _CERTIFICATE, _REQUEST = 2, 11, 13
_SUPPORTED_VERSIONS = 43  # of the extensions
_CHANGE_CIPHER, _HANDSHAKE = 20, 22  # of the kinds of records


class Messages:
    """What was said so far; nothing in a message can make `note` raise.

    ``version`` is as `ssl.SSLObject.version` names it, ``cipher`` its number in IANA's registry, ``chain`` DER, the server's own
    first, and ``asks_client`` whether it asked for a client's certificate.
    """

    def __init__(self) -> None:
        self.version: Optional[str] = None
        self.cipher: Optional[int] = None
        self.chain: List[bytes] = []
        self.asks_client = False

    def note(self, message: bytes) -> None:
        """Read one message of the server's: type (1 byte), length (3), content."""
        kind, content = message[:1], message[4:]
        if kind == bytes([_HELLO]):
            self._hello(content)
        elif kind == bytes([_CERTIFICATE]):
            self._certificates(content)
        elif kind == bytes([_REQUEST]):
            self.asks_client = True

    def _hello(self, content: bytes) -> None:
        version = _number(content[:2])
        at = 35 + _number(content[34:35])  # after a version, 32 random bytes and the session's number
        cipher = content[at : at + 2]
        if len(cipher) < 2:
            return
        at += 5  # the cipher, the compression, the length of the extensions
        while at < len(content):
            size = _number(content[at + 2 : at + 4])
            if _number(content[at : at + 2]) == _SUPPORTED_VERSIONS:
                version = _number(content[at + 4 : at + 4 + size])
            at += 4 + size
        self.version = _VERSIONS.get(version)
        self.cipher = _number(cipher)

    def _certificates(self, content: bytes) -> None:
        # That of TLS 1.3 begins with a context, empty in a server's, and has extensions behind each certificate.
        is_new = self.version == "TLSv1.3"
        at = 3 + (1 + _number(content[:1]) if is_new else 0)
        total = 0
        while at < len(content) and len(self.chain) < CERTIFICATES:
            size = _number(content[at : at + 3])
            certificate = content[at + 3 : at + 3 + size]
            total += size
            if not certificate or len(certificate) < size or total > CERTIFICATE_BYTES:
                return
            self.chain.append(certificate)
            at += 3 + size
            if is_new:
                at += 2 + _number(content[at : at + 2])


class Records:
    """Finds the messages in the bytes that a server sends, as far as they are in the clear."""

    def __init__(self, messages: Messages) -> None:
        self._messages = messages
        self._records = b""
        self._handshake = b""
        self._is_clear = True

    def feed(self, data: bytes) -> None:
        """Take the next bytes."""
        if not self._is_clear:
            return
        self._records += data
        while self._is_clear and len(self._records) >= 5:
            size = _number(self._records[3:5])
            if len(self._records) < 5 + size:
                return
            kind, content = self._records[0], self._records[5 : 5 + size]
            self._records = self._records[5 + size :]
            if kind == _HANDSHAKE:
                self._handshake += content
                self._messages_of_handshake()
            self._is_clear = kind != _CHANGE_CIPHER

    def _messages_of_handshake(self) -> None:
        while len(self._handshake) >= 4:
            size = 4 + _number(self._handshake[1:4])
            if len(self._handshake) < size:
                return
            self._messages.note(self._handshake[:size])
            self._handshake = self._handshake[size:]


def _number(data: bytes) -> int:
    return int.from_bytes(data, "big")
