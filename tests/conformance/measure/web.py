"""HTTP(S) servers for clients: a Keystone and one other service, each with a behaviour that can change while it runs.

A behaviour is what a server does with the requests that it concerns; all others are answered well:

``good`` answers; ``refused`` nobody listens; ``dropped`` the kernel answers no SYN, because the queue is full; ``silent``
reads and never answers; ``held`` is silent for five seconds and hangs up; ``closed`` reads and hangs up; ``dripping``
sends a byte each half timeout, for five timeouts; ``slow`` answers after four fifths of the timeout; ``slow503`` so, with
that status; a number is that status, ``429+2`` with ``Retry-After: 2`` beside it. ``503,silent``: one after the other, the
last for all that follow.
"""

import contextlib
import json
import socket
import ssl
import threading
import time

#: Seconds after which a server stops whatever it is doing.
DEADLINE = 60

_REASONS = {200: "OK", 201: "Created", 300: "Multiple Choices", 401: "Unauthorized"}


class Request:
    """One request that came in: method, path without query, and when."""

    def __init__(self, method, path):
        self.method = method
        self.path = path.partition("?")[0]

    def __str__(self):
        return f"{self.method} {self.path}"


class Web:
    """A server on the loopback. ``answer`` takes a `Request` and returns (status, headers, JSON value).

    ``concerns`` says of a request whether the behaviour is for it; ``timeout`` is the client's, for those that are slow.
    """

    def __init__(self, answer, timeout=1, context=None):
        self.answer = answer
        self.timeout = timeout
        self.context = context
        self.behaviours = ["good"]
        self.concerns = lambda request: True
        self.until = time.monotonic() + DEADLINE
        self._fillers = []
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, args=(self._listener,), daemon=True).start()

    def behave(self, behaviour, concerns=None):
        """Change what is done from now on. ``refused`` and ``dropped`` are for every request, and for good."""
        self.behaviours = behaviour.split(",")
        if concerns is not None:
            self.concerns = concerns
        if behaviour in ("refused", "dropped"):
            self._stop()
        if behaviour == "dropped":
            listener = socket.socket()
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(("127.0.0.1", self.port))
            listener.listen(0)
            self._listener = listener
            for _ in range(4):
                filler = socket.socket()
                filler.setblocking(False)
                with contextlib.suppress(OSError):
                    filler.connect(("127.0.0.1", self.port))
                self._fillers.append(filler)
            time.sleep(0.05)

    def _stop(self):
        # A listener that another thread waits at closes only when it is shut down first.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        time.sleep(0.05)

    def _serve(self, listener):
        while time.monotonic() < self.until:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection):
        connection.settimeout(DEADLINE)
        with contextlib.suppress(OSError, ValueError):
            if self.context is not None:
                connection = self.context.wrap_socket(connection, server_side=True)
            request = _read(connection)
            if request is not None:
                self._serve_one(connection, request)
        connection.close()

    def _serve_one(self, connection, request):
        behaviour = self._next() if self.concerns(request) else "good"
        if behaviour == "silent":
            self._wait_for_hangup(connection)
        elif behaviour == "held":
            time.sleep(5)
        elif behaviour == "dripping":
            ends = time.monotonic() + 5 * self.timeout
            for byte in _encode(200, {"X-Long": "x" * 1000}, {}):
                connection.sendall(bytes([byte]))
                time.sleep(self.timeout / 2)
                if time.monotonic() > ends:
                    break
        elif behaviour != "closed":
            if behaviour.startswith("slow"):
                time.sleep(self.timeout * 0.8)
                behaviour = behaviour.removeprefix("slow") or "good"
            if behaviour[0].isdigit():
                status, _, retry_after = behaviour.partition("+")
                headers = {"Retry-After": retry_after} if retry_after else {}
                content = {"error": {"code": int(status), "message": "no", "title": "no"}}
                connection.sendall(_encode(int(status), headers, content))
            else:
                connection.sendall(_encode(*self.answer(request)))

    def _next(self):
        with self._lock:
            return self.behaviours.pop(0) if len(self.behaviours) > 1 else self.behaviours[0]

    def _wait_for_hangup(self, connection):
        connection.settimeout(max(0.1, self.until - time.monotonic()))
        connection.recv(1)


def server_context(certificate):
    """TLS for a server with the certificate and key of one file."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def _read(connection):
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(65536)
        # A client that begins with TLS is hung up on.
        if not more or more.startswith(b"\x16"):
            return None
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    method, path, _ = lines[0].split(" ", 2)
    length = next(
        (int(line.partition(":")[2]) for line in lines if line.lower().startswith("content-length:")), 0
    )
    while len(body) < length:
        more = connection.recv(65536)
        if not more:
            return None
        body += more
    return Request(method, path)


def _encode(status, headers, content):
    body = json.dumps(content).encode()
    lines = [f"HTTP/1.1 {status} {_REASONS.get(status, 'Whatever')}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    lines += ["Content-Type: application/json", f"Content-Length: {len(body)}", "Connection: close", "", ""]
    return "\r\n".join(lines).encode() + body


# --- a Keystone, and the services of its catalogue

PROJECT = "1" * 32

#: Service type to the path of its endpoint in the catalogue.
ENDPOINTS = {
    "identity": "/v3",
    "placement": "",
    "network": "",
    "volumev3": "/v3/" + PROJECT,
    "block-storage": "/v3/" + PROJECT,
    "image": "",
    "accelerator": "/v2",
    "baremetal": "",
    "shared-file-system": "/v2",
    "sharev2": "/v2",
    "key-manager": "",
}


def catalogue(identity, service):
    """The catalogue in a token's form; arguments are URLs without a path."""
    entries = [
        (kind, (identity if kind == "identity" else service) + path) for kind, path in ENDPOINTS.items()
    ]
    return [
        {
            "type": kind,
            "name": kind,
            "id": kind,
            "endpoints": [
                {"interface": face, "url": url, "region": "one", "region_id": "one", "id": kind + face}
                for face in ("internal", "public", "admin")
            ],
        }
        for kind, url in entries
    ]


def keystone(url_of):
    """Return the `answer` of a Keystone; ``url_of()`` is (its own URL, that of the other service)."""

    def answer(request):
        own, service = url_of()
        version = {
            "id": "v3.14",
            "status": "stable",
            "updated": "2020-04-07T00:00:00Z",
            "links": [{"rel": "self", "href": own + "/v3/"}],
            "media-types": [],
        }
        if request.path.endswith("/auth/tokens"):
            token = {
                "methods": ["password"],
                "user": {"id": "u", "name": "nova", "domain": {"id": "default", "name": "Default"}},
                "project": {"id": PROJECT, "name": "service", "domain": {"id": "default", "name": "Default"}},
                "roles": [{"id": "r", "name": "admin"}, {"id": "s", "name": "service"}],
                "issued_at": "2026-01-01T00:00:00.000000Z",
                "expires_at": "2099-01-01T00:00:00.000000Z",
                "audit_ids": ["a"],
                "catalog": catalogue(own, service),
            }
            return 201 if request.method == "POST" else 200, {"X-Subject-Token": "token"}, {"token": token}
        if request.path in ("/v3", "/v3/"):
            return 200, {}, {"version": version}
        if request.path in ("", "/"):
            return 300, {}, {"versions": {"values": [version]}}
        if "/limits/model" in request.path:
            return 200, {}, {"model": {"name": "flat", "description": ""}}
        if "/endpoints" in request.path:
            return 200, {}, {"endpoint": {"id": "e", "service_id": "s", "region_id": "one"}}
        return 200, {}, {"project": {"id": PROJECT}, "limits": [], "registered_limits": []}

    return answer


def other(url_of):
    """Return the `answer` of every other service, told apart by its path."""

    def answer(request):
        _, own = url_of()
        path = request.path.removeprefix("/service").removesuffix("/" + PROJECT).rstrip("/")
        if path in ("", "/v2", "/v3", "/v2.0", "/v1"):
            return (
                300 if not path else 200,
                {},
                _versions(own + request.path.partition("/v")[0].rstrip("/"), path),
            )
        if path.endswith("/payload"):
            return 200, {}, "secret"
        if "/secrets/" in path:
            kinds = {"default": "application/octet-stream"}
            known = {"status": "ACTIVE", "secret_type": "opaque", "content_types": kinds, "name": "x"}
            return 200, {}, {**known, "created": "2026-01-01T00:00:00", "updated": "2026-01-01T00:00:00"}
        if "/schemas/" in path:
            return 200, {}, {"name": "image", "properties": {"id": {"type": "string"}}}
        if "/images/" in path:
            return 200, {}, {"id": "x"}
        content = {name: [] for name in ("networks", "resource_providers", "device_profiles", "nodes")}
        content["volume"] = {"id": "x", "links": []}
        content["share"] = {"id": "x"}
        content["share_instances"] = []
        return 200, {}, content

    return answer


def _versions(own, path):
    def version(name, href, low, high):
        return {
            "id": name,
            "status": "CURRENT",
            "min_version": low,
            "version": high,
            "max_version": high,
            "updated": "2020-04-07T00:00:00Z",
            "links": [{"rel": "self", "href": own + href}],
        }

    known = {
        "": version("v1.0", "/", "1.0", "1.39"),
        "/v2": version("v2.0", "/v2/", "2.0", "2.90"),
        "/v2.0": version("v2.0", "/v2.0/", "", ""),
        "/v3": version("v3.0", "/v3/", "3.0", "3.70"),
        "/v1": version("v1", "/v1/", "1.1", "1.90"),
    }
    if not path:
        return {"versions": list(known.values())}
    return {"version": known[path], "versions": [known[path]], "resources": []}
