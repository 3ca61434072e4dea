"""Endpoints of our own on the loopback that speak TLS from the first byte, and count who comes."""

import socket
import ssl
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock, Thread

#: Seconds that a connection may take.
_PATIENCE = 10


class Listener:
    """A listener with TLS, and what came to it: how many connections in all, and how many at a time at most.

    Args:
        certificate: PEM.
        key: PEM.
        hold: seconds for which each connection is kept waiting before its handshake.
    """

    def __init__(self, certificate: bytes, key: bytes, hold: float = 0) -> None:
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        with tempfile.TemporaryDirectory() as name:
            path = Path(name, "pair.pem")
            path.write_bytes(certificate + key)
            self._context.load_cert_chain(path)
        self._hold = hold
        self._lock = Lock()
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port: int = self._socket.getsockname()[1]
        self.count = self.now = self.most = 0

    def serve(self) -> None:
        """Accept until the socket is closed."""
        with suppress(OSError):
            while True:
                one, _ = self._socket.accept()
                Thread(target=self._answer, args=(one,), daemon=True).start()

    def close(self) -> None:
        """Accept no more."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _answer(self, one: socket.socket) -> None:
        with self._lock:
            self.count += 1
            self.now += 1
            self.most = max(self.most, self.now)
        one.settimeout(_PATIENCE)
        time.sleep(self._hold)
        try:
            with suppress(OSError):
                self._talk(one)
        finally:
            # Before the other side can know that it is done.
            with self._lock:
                self.now -= 1
            one.close()

    def _talk(self, one: socket.socket) -> None:
        tls = self._context.wrap_socket(one.dup(), server_side=True, do_handshake_on_connect=False)
        with tls:
            tls.do_handshake()
            while tls.recv(4096):
                pass


@contextmanager
def listening(certificate: bytes, key: bytes, hold: float = 0) -> Iterator[Listener]:
    """A listener for the time of a `with`."""
    listener = Listener(certificate, key, hold)
    thread = Thread(target=listener.serve, daemon=True)
    thread.start()
    try:
        yield listener
    finally:
        listener.close()
        thread.join(_PATIENCE)
