"""Impostors: servers on the loopback that show a client one face each, and tell what the client went on to do.

What a configuration is worth is what the real library does when somebody else answers. Each face is a server of its
own port:

==================  ================================================================================
``plain``           says that it has no TLS (or, where TLS is not negotiated, speaks none)
``right``           a certificate of the authority that configurations name, for the name that is dialled
``name``            of that authority, for another name
``system``          of the authority that the system trusts (``SSL_CERT_FILE``), for the right name
``system-name``     of that authority, for another name
``other``           of an authority that nobody trusts, for the right name
==================  ================================================================================

Connections that trust that last authority are shown ``other-name`` besides: its certificate for another name.

A protocol is a function of a `Conversation`. It notes with `Conversation.login` that the client handed over what it
keeps for its server: the bytes of its login. Servers end with `close`, and by themselves when `LIFETIME` is over.
"""

import contextlib
import os
import socket
import ssl
import threading
import time

FACES = ("plain", "right", "name", "system", "system-name", "other")

_CERTIFICATES = {
    "right": "ca-right.pem",
    "name": "ca-wrong.pem",
    "system": "system-right.pem",
    "system-name": "system-wrong.pem",
    "other": "other-right.pem",
    "other-name": "other-wrong.pem",
}

#: Seconds after which an impostor ends whatever its user does, and which one conversation may take.
LIFETIME, PATIENCE = 900.0, 5.0


class Seen:
    """What a client did with one face: ``login`` is ``plain``, ``tls`` or None; ``certificate`` whether it showed one.

    ``by_socket`` is True where the login came over the unix socket.
    """

    def __init__(self):
        self.login = None
        self.certificate = False
        self.by_socket = False
        self.connections = 0
        self.handshakes = 0


class Conversation:
    """One accepted connection, as a protocol sees it."""

    def __init__(self, connection, context, seen):
        self.socket = connection
        self.offers_tls = context is not None
        self.is_tls = False
        self._context = context
        self._seen = seen

    def start_tls(self, alpn=()):
        """Take the client's handshake; raises OSError (ssl.SSLError among them) where it breaks off.

        ``alpn`` are the names of application protocols to choose from, for clients that insist on one.
        """
        if alpn:
            self._context.set_alpn_protocols(alpn)
        self.socket = self._context.wrap_socket(self.socket, server_side=True)
        self.is_tls = True
        self._seen.handshakes += 1

    def login(self):
        """Note that the client's login came, in the clear or inside TLS.

        A client may come several times, and what it once said in the clear it has said.
        """
        if self._seen.login != "plain":
            self._seen.login = "tls" if self.is_tls else "plain"
        self._seen.by_socket = self.socket.family == socket.AF_UNIX
        if self.is_tls and self.socket.getpeercert(binary_form=True):
            self._seen.certificate = True

    def peek(self, count):
        """The first bytes of what the client sent, left where they are."""
        return self.socket.recv(count, socket.MSG_PEEK)

    def receive(self, count):
        """Exactly that many bytes; raises ConnectionError where the client ends before."""
        data = b""
        while len(data) < count:
            more = self.socket.recv(count - len(data))
            if not more:
                raise ConnectionError("the client ended")
            data += more
        return data

    def send(self, data):
        self.socket.sendall(data)


class Impostor:
    """A server of one protocol and one face. ``seen`` is what its clients did since the last `reset`.

    With ``sockets``, a folder, it listens on the unix socket ``<port>.sock`` there too.
    """

    def __init__(self, face, protocol, folder, host="127.0.0.1", sockets=None):
        self.face = face
        self.seen = Seen()
        self._protocol = protocol
        self._context = None
        if face in _CERTIFICATES:
            self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._context.load_cert_chain(os.path.join(folder, _CERTIFICATES[face]))
            # A client's certificate is asked for, and no client is refused for having none.
            self._context.verify_mode = ssl.CERT_OPTIONAL
            self._context.load_verify_locations(os.path.join(folder, "ca.pem"))
            # With TLS 1.3 a client's handshake ends before the server has read its certificate.
        listener = socket.create_server((host, 0), backlog=64)
        self.port = listener.getsockname()[1]
        self._listeners = [listener]
        if sockets is not None:
            path = os.path.join(sockets, f"{self.port}.sock")
            local = socket.socket(socket.AF_UNIX)
            local.bind(path)
            local.listen(64)
            self._listeners.append(local)
        self._busy = 0
        self._idle = threading.Condition()
        self._ends = time.monotonic() + LIFETIME
        self._closed = False
        self._threads = []
        for listener in self._listeners:
            listener.settimeout(0.5)
            thread = threading.Thread(target=self._serve, args=(listener,))
            thread.daemon = True
            thread.start()
            self._threads.append(thread)

    def reset(self):
        """Forget what was seen, for the next client."""
        self.seen = Seen()

    def settle(self):
        """Wait until no conversation is going on, so that ``seen`` is whole."""
        deadline = time.monotonic() + PATIENCE
        with self._idle:
            while self._busy and time.monotonic() < deadline:
                self._idle.wait(0.2)

    def close(self):
        self._closed = True
        for listener in self._listeners:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)  # closing alone does not wake up who accepts
            listener.close()
        for thread in self._threads:
            thread.join(2)

    def _serve(self, listener):
        while not self._closed and time.monotonic() < self._ends:
            try:
                connection, _ = listener.accept()
            except TimeoutError:
                continue
            except OSError:
                return
            with self._idle:
                self._busy += 1
            thread = threading.Thread(target=self._converse, args=(connection,))
            thread.daemon = True
            thread.start()
        listener.close()

    def _converse(self, connection):
        seen = self.seen
        seen.connections += 1
        connection.settimeout(PATIENCE)
        if connection.family != socket.AF_UNIX:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        conversation = Conversation(connection, self._context, seen)
        try:
            self._protocol(conversation)
        except (OSError, ValueError):
            pass  # the client broke off, which is what ``seen`` tells
        finally:
            with contextlib.suppress(OSError):
                conversation.socket.close()
            with self._idle:
                self._busy -= 1
                self._idle.notify_all()


class Faces:
    """An impostor for each face of one protocol; a context manager."""

    def __init__(self, protocol, folder, faces=FACES, sockets=None):
        self.impostors = {face: Impostor(face, protocol, folder, sockets=sockets) for face in faces}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for impostor in self.impostors.values():
            impostor.close()

    def show(self, face, client):
        """What a client does with a face: ``plain`` or ``tls`` where it hands its login over, else ``refused``.

        ``client`` is called with the port; whatever it raises ends its attempt. Returns a JSON object with ``login``,
        ``certificate`` where one was shown, ``socket`` where it came over the unix socket, and ``error`` where it ended
        in an exception, by class.
        """
        impostor = self.impostors[face]
        impostor.reset()
        seen, error = impostor.seen, None
        try:
            client(impostor.port)
        except Exception as problem:  # what the library raises is the result
            error = type(problem).__name__
        impostor.settle()
        result = {"login": seen.login or "refused"}
        if seen.certificate:
            result["certificate"] = True
        if seen.by_socket:
            result["socket"] = True
        if error is not None and seen.login is None:
            result["error"] = error
        return result
