"""PostgreSQL's protocol as a server speaks it, as far as a client hands its login over.

Source: PostgreSQL's "Frontend/Backend Protocol" (message formats, SSL session encryption, SASL authentication). What the
server asks for decides what the login is: a password as it is, the proof of SCRAM, or nothing, in which case the first
query stands for it. The password is always right, so that no client has a reason to come again in another way.
"""

import base64
import struct

_CANCEL, _TLS, _GSS = 80877102, 80877103, 80877104

#: ALPN of a connection that begins with TLS (``sslnegotiation=direct``).
_ALPN = ("postgresql",)

#: The first byte of a TLS handshake, and more than a client ever sends in one message here.
_HANDSHAKE, _LIMIT = b"\x16", 65536

_OK, _PASSWORD, _SASL, _SASL_CONTINUE = 0, 3, 10, 11
_STATUS = (
    ("server_version", "15.4"),
    ("server_encoding", "UTF8"),
    ("client_encoding", "UTF8"),
    ("DateStyle", "ISO, MDY"),
    ("standard_conforming_strings", "on"),
    ("integer_datetimes", "on"),
)


def speak(conversation, asks):
    """Take what begins a connection, ask for a login (``password``, ``scram`` or ``nothing``), and note that it came."""
    if not begin(conversation):
        return
    if asks == "password":
        authenticate(conversation, _PASSWORD)
        receive(conversation)
        conversation.login()
    elif asks == "scram":
        exchange(conversation)
        return
    authenticate(conversation, _OK)
    for name, value in _STATUS:
        send(conversation, b"S", name.encode() + b"\0" + value.encode() + b"\0")
    send(conversation, b"Z", b"I")
    receive(conversation)
    if asks == "nothing":
        conversation.login()


def begin(conversation):
    """Answer requests for encryption until the startup message came; False where it never does."""
    if conversation.peek(1) == _HANDSHAKE:
        if not conversation.offers_tls:
            return False
        conversation.start_tls(_ALPN)
    while True:
        length, code = struct.unpack(">II", conversation.receive(8))
        if not 8 <= length <= _LIMIT:
            return False
        conversation.receive(length - 8)
        if code == _TLS and conversation.offers_tls and not conversation.is_tls:
            conversation.send(b"S")
            conversation.start_tls(_ALPN)
        elif code in (_TLS, _GSS):
            conversation.send(b"N")
        else:
            return code >> 16 == 3


def exchange(conversation):
    """SCRAM-SHA-256 as far as the client's proof, which is all that somebody gets who does not know the password."""
    names = (b"SCRAM-SHA-256-PLUS\0" if conversation.is_tls else b"") + b"SCRAM-SHA-256\0"
    authenticate(conversation, _SASL, names + b"\0")
    nonce = receive(conversation).rpartition(b",r=")[2]
    salt = base64.b64encode(b"sixteen bytes...")
    authenticate(conversation, _SASL_CONTINUE, b"r=" + nonce + b"server,s=" + salt + b",i=4096")
    receive(conversation)
    conversation.login()


def authenticate(conversation, kind, data=b""):
    send(conversation, b"R", struct.pack(">I", kind) + data)


def send(conversation, kind, data):
    conversation.send(kind + struct.pack(">I", len(data) + 4) + data)


def receive(conversation):
    """The content of the client's next message."""
    (length,) = struct.unpack(">I", conversation.receive(5)[1:])
    if not 4 <= length <= _LIMIT:
        raise ValueError(length)
    return conversation.receive(length - 4)
