"""A RabbitMQ server that lets everybody in and then keeps still: enough for a client to believe that it is connected."""

import contextlib
import socketserver
import struct
import threading

#: What a client asks (class, method) to the method that answers, of the same class, and its arguments.
ANSWERS = {
    (10, 11): (30, struct.pack(">HIH", 2047, 131072, 60)),  # start-ok: tune, with RabbitMQ's own limits
    (10, 40): (41, b"\0"),  # connection.open
    (10, 50): (51, b""),  # connection.close
    (20, 10): (11, struct.pack(">I", 0)),  # channel.open
    (20, 40): (41, b""),  # channel.close
    (60, 10): (11, b""),  # basic.qos
}

START = (
    struct.pack(">HHBBI", 10, 10, 0, 9, 0)
    + struct.pack(">I", 14)
    + b"PLAIN AMQPLAIN"
    + struct.pack(">I", 5)
    + b"en_US"
)


class Conversation(socketserver.StreamRequestHandler):
    """One client."""

    def handle(self):
        """Speak AMQP 0-9-1 with a client until it goes."""
        self.server.guests.append(self.server.name)
        with contextlib.suppress(OSError, EOFError):
            self.read(8)
            self.send(0, START)
            while True:
                kind, channel, size = struct.unpack(">BHI", self.read(7))
                payload = self.read(size + 1)[:-1]
                if kind != 1:
                    continue
                method = struct.unpack(">HH", payload[:4])
                if method == (10, 31):  # tune-ok
                    self.server.heartbeats.append(struct.unpack(">HIH", payload[4:12])[2])
                if method in ANSWERS:
                    answer, arguments = ANSWERS[method]
                    self.send(channel, struct.pack(">HH", method[0], answer) + arguments)
                if method == (10, 50):
                    return

    def read(self, count):
        """Exactly so many bytes."""
        data = self.rfile.read(count)
        if len(data) < count:
            raise EOFError
        return data

    def send(self, channel, payload):
        """One method frame."""
        self.wfile.write(struct.pack(">BHI", 1, channel, len(payload)) + payload + b"\xce")


class Broker(socketserver.ThreadingTCPServer):
    """A server on the loopback: ``guests`` has its name once for each client that came (shared lists keep the order),
    ``heartbeats`` the seconds that each agreed to.
    """

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, name="broker", guests=None):
        super().__init__(("127.0.0.1", 0), Conversation)
        self.name, self.guests, self.heartbeats = name, [] if guests is None else guests, []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def port(self):
        """Where it listens."""
        return self.server_address[1]
