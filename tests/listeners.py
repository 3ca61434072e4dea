"""Endpoints of the loopback for tests: well-behaved ones with TLS, and every kind that is not.

    with silent() as port: ...
    with secure(certificate + key) as server: server.port, server.errors

Each accepts any number of connections until its block ends, and counts them.
"""

import socket
import ssl
import tempfile
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

#: How long a listener waits for anything, so that none outlives its test by much.
PATIENCE = 20

Behaviour = Callable[[socket.socket], None]


@dataclass(slots=True)
class Listener:
    """A listener: where it is, how many connected, and what went wrong with TLS."""

    port: int
    connections: int = 0
    errors: list[str] = field(default_factory=list)
    received: list[bytes] = field(default_factory=list)
    _stopping: threading.Event = field(default_factory=threading.Event)


@contextmanager
def listener(
    behave: Callable[[Listener, socket.socket], None], host: str = "127.0.0.1"
) -> Iterator[Listener]:
    """A listener that behaves so to each connection, in a thread of its own, and closes it then."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with closing(socket.create_server((host, 0), family=family, backlog=64)) as server:
        server.settimeout(0.05)
        found = Listener(server.getsockname()[1])
        threads: list[threading.Thread] = []

        def serve(connection: socket.socket) -> None:
            with closing(connection), suppress(OSError):
                connection.settimeout(PATIENCE)
                behave(found, connection)

        def accept() -> None:
            while not found._stopping.is_set():
                with suppress(TimeoutError):
                    connection, _ = server.accept()
                    found.connections += 1
                    threads.append(threading.Thread(target=serve, args=(connection,)))
                    threads[-1].start()

        accepting = threading.Thread(target=accept)
        accepting.start()
        try:
            yield found
        finally:
            found._stopping.set()
            for thread in (accepting, *threads):
                thread.join()


@contextmanager
def saying(text: bytes, host: str = "127.0.0.1", *, waits: bool = False) -> Iterator[Listener]:
    """Says something at once, or (``waits``) when it has heard something, and closes when the other does."""

    def behave(found: Listener, connection: socket.socket) -> None:
        if waits:
            found.received.append(connection.recv(1 << 16))
        connection.sendall(text)
        _hear_out(found, connection)

    with listener(behave, host) as found:
        yield found


@contextmanager
def silent() -> Iterator[Listener]:
    """Says nothing."""
    with saying(b"") as found:
        yield found


@contextmanager
def closed_at_once() -> Iterator[Listener]:
    """Accepts, and hangs up."""
    with listener(lambda found, connection: None) as found:
        yield found


@contextmanager
def dripping(text: bytes, seconds: float = 0.1) -> Iterator[Listener]:
    """Says something byte by byte, when it has heard something or at once, again and again."""

    def behave(found: Listener, connection: socket.socket) -> None:
        while not found._stopping.is_set():
            for byte in text:
                connection.sendall(bytes([byte]))
                if found._stopping.wait(seconds):
                    return

    with listener(behave) as found:
        yield found


@contextmanager
def flooding(text: bytes, size: int = 10 << 20) -> Iterator[Listener]:
    """Repeats a text until it has sent this many bytes."""

    def behave(found: Listener, connection: socket.socket) -> None:
        connection.sendall(text * (size // len(text)))
        _hear_out(found, connection)

    with listener(behave) as found:
        yield found


def refused() -> int:
    """A port on which nobody listens."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        port: int = server.getsockname()[1]
    return port


@contextmanager
def black_hole(place: tuple[str, int] = ("127.0.0.1", 0)) -> Iterator[int]:
    """A port whose backlog is full: whoever connects hears nothing, not even a refusal."""
    with ExitStack() as stack:
        server = stack.enter_context(closing(socket.socket()))
        server.bind(place)
        server.listen(0)
        place = server.getsockname()
        for _ in range(8):
            waiting = stack.enter_context(closing(socket.socket()))
            waiting.setblocking(False)
            waiting.connect_ex(place)
        time.sleep(0.05)
        yield place[1]


@contextmanager
def secure(
    pem: bytes,
    *,
    host: str = "127.0.0.1",
    versions: tuple[ssl.TLSVersion, ssl.TLSVersion] | None = None,
    clients: bytes = b"",
    are_clients_required: bool = False,
    prelude: Callable[[socket.socket], None] | None = None,
) -> Iterator[Listener]:
    """Speaks TLS with a certificate (with its chain and key), and reads what comes then.

    Args:
        pem: certificate, intermediates, key.
        host: where it listens.
        versions: the lowest and the highest of TLS.
        clients: who signs clients' certificates, which it asks for then.
        are_clients_required: and insists on.
        prelude: what is said before TLS.
    """
    context = server_context(pem, versions)
    if clients:
        context.load_verify_locations(cadata=clients.decode())
        context.verify_mode = ssl.CERT_REQUIRED if are_clients_required else ssl.CERT_OPTIONAL

    def behave(found: Listener, connection: socket.socket) -> None:
        if prelude is not None:
            prelude(connection)
        try:
            with context.wrap_socket(connection, server_side=True) as spoken:
                found.received.append(spoken.recv(1024))
        except ssl.SSLError as error:
            found.errors.append(error.reason or str(error))

    with listener(behave, host) as found:
        yield found


def server_context(
    pem: bytes, versions: tuple[ssl.TLSVersion, ssl.TLSVersion] | None = None
) -> ssl.SSLContext:
    """A server with this certificate, chain and key that speaks these versions."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    if versions is not None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            context.minimum_version, context.maximum_version = versions
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "server.pem")
        path.write_bytes(pem)
        context.load_cert_chain(path)
    return context


def _hear_out(found: Listener, connection: socket.socket) -> None:
    connection.settimeout(0.05)
    while not found._stopping.is_set():
        with suppress(TimeoutError):
            data = connection.recv(1 << 16)
            if not data:
                return
            found.received.append(data)
