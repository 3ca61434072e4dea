"""AMQP 0-9-1 as a broker speaks it, as far as a client hands its login over, or as far as its first queues.

Source: the AMQP 0-9-1 specification, sections 2.3 (framing) and 1.4 (methods). TLS is not negotiated: it begins with
the first byte, or the protocol's name does.
"""

import struct

_METHOD, _HEADER = 1, b"AMQP\x00\x00\x09\x01"
_TLS = 0x16

_START_OK = (10, 11)
_CLOSE = (10, 50)
_PUBLISH, _ACK = (60, 40), (60, 80)

#: What answers a method: the number of the answer, and its content, or the field of the request that it repeats.
_ANSWERS = {
    _START_OK: ((10, 30), struct.pack(">HIH", 2047, 131072, 0)),
    (10, 40): ((10, 41), b"\0"),
    _CLOSE: ((10, 51), b""),
    (20, 10): ((20, 11), bytes(4)),
    (20, 40): ((20, 41), b""),
    (40, 10): ((40, 11), b""),
    (50, 10): ((50, 11), "queue"),
    (50, 20): ((50, 21), b""),
    (50, 40): ((50, 41), bytes(4)),
    (60, 10): ((60, 11), b""),
    (60, 20): ((60, 21), "consumer"),
    (60, 30): ((60, 31), "tag"),
    (85, 10): ((85, 11), b""),
}


def speak(conversation):
    """Take TLS where the client begins with it and it is offered, and break off when the login came."""
    if _greet(conversation):
        _, method, _ = _receive(conversation)
        if method == _START_OK:
            conversation.login()


def serve(conversation):
    """Answer as a broker on which everything may be declared, until the client closes."""
    method, published = None, 0
    if _greet(conversation):
        while method != _CLOSE:
            channel, method, content = _receive(conversation)
            if method == _START_OK:
                conversation.login()
            if method in _ANSWERS:
                answer, fields = _ANSWERS[method]
                _send(conversation, channel, answer, _repeat(fields, content))
            elif method == _PUBLISH:
                published += 1
                _send(conversation, channel, _ACK, struct.pack(">QB", published, 0))


def _greet(conversation):
    """Take the client's first bytes, and say that logins are welcome; False where it speaks something else."""
    if conversation.offers_tls and conversation.peek(1)[:1] == bytes([_TLS]):
        conversation.start_tls()
    if conversation.receive(len(_HEADER)) != _HEADER:
        return False
    mechanisms = _long(b"AMQPLAIN PLAIN EXTERNAL RABBIT-CR-DEMO")
    _send(conversation, 0, (10, 10), b"\x00\x09" + bytes(4) + mechanisms + _long(b"en_US"))
    return True


def _repeat(fields, content):
    if fields == "queue":
        return _short(content, 1) + bytes(8)
    if fields == "consumer":
        return _short(content, 2)
    return content[: 1 + content[0]] if fields == "tag" else fields


def _short(content, number):
    """The short string with that number which follows two reserved bytes."""
    at = 2
    for _ in range(number - 1):
        at += 1 + content[at]
    return content[at : at + 1 + content[at]]


def _long(text):
    return struct.pack(">I", len(text)) + text


def _send(conversation, channel, method, content):
    payload = struct.pack(">HH", *method) + content
    conversation.send(struct.pack(">BHI", _METHOD, channel, len(payload)) + payload + b"\xce")


def _receive(conversation):
    """The next method of the client: its channel, its number, and its content. Messages themselves are passed over."""
    while True:
        kind, channel, size = struct.unpack(">BHI", conversation.receive(7))
        payload = conversation.receive(size + 1)
        if kind == _METHOD:
            return channel, struct.unpack_from(">HH", payload), payload[4:-1]
