"""Kafka as a broker speaks it, as far as a client hands over its login, or asks for something where it has none.

Source: Kafka's protocol guide. A client asks for the versions of the interfaces first; with SASL, it then names its
mechanism and sends the password, without, it goes on to its first request. Either counts as its login.
"""

import struct

_TLS = 0x16
_PRODUCE, _METADATA, _HANDSHAKE, _VERSIONS, _AUTHENTICATE = 0, 3, 17, 18, 36
_LONGEST = 1 << 20

#: Interface to the newest version that is offered.
_OFFERED = {_PRODUCE: 7, _METADATA: 8, _HANDSHAKE: 1, _VERSIONS: 3, _AUTHENTICATE: 1}


def speak(conversation):
    """Take TLS where the client begins with it and it is offered, and break off when the login came."""
    if conversation.offers_tls and conversation.peek(1)[:1] == bytes([_TLS]):
        conversation.start_tls()
    while True:
        (size,) = struct.unpack(">I", conversation.receive(4))
        if not 8 <= size <= _LONGEST:
            return
        request = conversation.receive(size)
        interface, version, number = struct.unpack_from(">hhi", request)
        if interface == _VERSIONS:
            _send(conversation, number, _versions(version))
        elif interface == _HANDSHAKE:
            (length,) = struct.unpack_from(">h", request, 8)
            (named,) = struct.unpack_from(">h", request, 10 + length)
            mechanism = request[12 + length : 12 + length + named]
            _send(conversation, number, struct.pack(">hih", 0, 1, named) + mechanism)
        else:
            conversation.login()
            return


def _versions(version):
    if version < 3:
        listed = b"".join(struct.pack(">hhh", key, 0, newest) for key, newest in _OFFERED.items())
        return struct.pack(">hi", 0, len(_OFFERED)) + listed + (bytes(4) if version else b"")
    listed = b"".join(struct.pack(">hhhB", key, 0, newest, 0) for key, newest in _OFFERED.items())
    return struct.pack(">hB", 0, len(_OFFERED) + 1) + listed + bytes(5)


def _send(conversation, number, content):
    conversation.send(struct.pack(">Ii", 4 + len(content), number) + content)
