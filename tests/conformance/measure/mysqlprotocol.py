"""MySQL's handshake as a server speaks it, as far as a client hands its login over.

Source: MySQL's "Client/Server Protocol", connection phase. The greeting says ``mysql_native_password``, so that the
login is a name and a scrambled password; which plug-in a server names does not change whether a client insists on TLS,
but what the login is worth: a server without TLS may ask for the password itself (`ask`).
"""

import struct

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

_LONG_PASSWORD, _CONNECT_WITH_DB, _PROTOCOL_41, _SSL = 1, 8, 0x200, 0x800
_TRANSACTIONS, _SECURE_CONNECTION, _MULTI_RESULTS, _PLUGIN_AUTH = 0x2000, 0x8000, 0x20000, 0x80000
_CAPABILITIES = (
    _LONG_PASSWORD
    | _CONNECT_WITH_DB
    | _PROTOCOL_41
    | _TRANSACTIONS
    | _SECURE_CONNECTION
    | _MULTI_RESULTS
    | _PLUGIN_AUTH
)

#: A request for TLS is the beginning of a login up to here, and nothing else.
_REQUEST = 32


def greet(conversation):
    """The server's first packet."""
    capabilities = _CAPABILITIES | (_SSL if conversation.offers_tls else 0)
    packet = b"\x0a" + b"5.5.5-10.11.6-MariaDB\0" + struct.pack("<I", 7) + b"12345678" + b"\0"
    packet += struct.pack("<HBHHB", capabilities & 0xFFFF, 45, 2, capabilities >> 16, 21) + bytes(10)
    packet += b"123456789012\0" + b"mysql_native_password\0"
    send(conversation, 0, packet)


def speak(conversation):
    """Greet, take a request for TLS or a login, and break off when the login came."""
    greet(conversation)
    packet = receive(conversation)
    if len(packet) == _REQUEST and struct.unpack_from("<I", packet)[0] & _SSL:
        conversation.start_tls()
        packet = receive(conversation)
    if len(packet) > _REQUEST:
        conversation.login()


def ask(conversation, plugin):
    """Take a login in the clear, ask for the password by another plug-in, and return what the client then says it is.

    ``mysql_clear_password`` asks for the word as it is; the other two for the word under a public key, which is ours.
    """
    greet(conversation)
    receive(conversation)
    seed = b"abcdefghijklmnopqrst"
    send(conversation, 2, b"\xfe" + plugin.encode() + b"\0" + seed + b"\0")
    said = receive(conversation)
    if plugin == "mysql_clear_password":
        return said.rstrip(b"\0")
    sequence = 4
    if plugin == "caching_sha2_password":
        send(conversation, sequence, b"\x01\x04")  # the whole authentication, please
        said, sequence = receive(conversation), 6
    if said not in (b"\x01", b"\x02"):
        return b""
    key = rsa.generate_private_key(65537, 2048)
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    send(conversation, sequence, b"\x01" + public)
    secret = key.decrypt(
        receive(conversation), padding.OAEP(padding.MGF1(hashes.SHA1()), hashes.SHA1(), None)
    )
    return bytes(one ^ other for one, other in zip(secret, seed * 2, strict=False)).rstrip(b"\0")


def refuse(conversation, code):
    """An error in the place of the greeting."""
    send(conversation, 0, b"\xff" + struct.pack("<H", code) + b"#08S01refused")


def accept(conversation):
    """The answer to a login that is accepted (of a client that did not ask for TLS)."""
    send(conversation, 2, b"\0\0\0\x02\0\0\0")


def send(conversation, sequence, packet):
    conversation.send(len(packet).to_bytes(3, "little") + bytes([sequence]) + packet)


def receive(conversation):
    """The content of the client's next packet."""
    return conversation.receive(int.from_bytes(conversation.receive(4)[:3], "little"))
