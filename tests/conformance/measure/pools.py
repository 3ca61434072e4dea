"""What oslo.db's engines hold, how often and how long they try to connect, and whether a silent server blocks them.

``python pools.py CASES.json RESULTS.json``. All cases run at the same time, each against a server of its own, so that
the whole takes about as long as `LIMIT`, after which every server goes away: what waits until then waits for ever.
"""

import contextlib
import os
import socket
import ssl
import tempfile
import threading
import time

import certificates
import engines
import faces
import installed
import mysqlprotocol
from sqlalchemy import exc

LIBRARIES = ("nova", "openstack-placement", "oslo.db", "SQLAlchemy", "PyMySQL", "mysqlclient")

#: Seconds until the servers go away, and after which a client counts as blocked.
LIMIT, BLOCKED = 8.0, 7.0

#: How many clients a server of kind ``lost`` loses before it refuses the next with an error that ends the attempts.
PATIENCE = 12


#: A pool that lends so many connections has no limit.
ENOUGH = 200


class Connection:
    """What a pool lends: nothing of a connection but that it can be ended."""

    def close(self):
        pass

    rollback = close


class Server:
    """A server of one kind, which counts its connections."""

    def __init__(self, kind, folder):
        self.kind, self.folder = kind, folder
        self.connections = 0
        self.told = None
        self.open = []
        self.listener = socket.socket()
        self.listener.bind(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        if kind != "refused":
            self.listener.listen(16)
            thread = threading.Thread(target=self.serve)
            thread.daemon = True
            thread.start()

    def serve(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                self.connections += 1
                self.open.append(connection)
                thread = threading.Thread(target=self.answer, args=(connection,))
                thread.daemon = True
                thread.start()

    def answer(self, connection):
        context = None
        if self.kind == "untrusted" or "TLS" in self.kind:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(os.path.join(self.folder, "other-right.pem"))
        conversation = faces.Conversation(connection, context, faces.Seen())
        with contextlib.suppress(OSError, ValueError):
            if self.kind.startswith("error"):
                mysqlprotocol.refuse(conversation, int(self.kind.split()[1]))
            elif self.kind == "lost":
                if self.connections > PATIENCE:
                    mysqlprotocol.refuse(conversation, 1045)
            elif self.kind.startswith("asks"):
                self.told = mysqlprotocol.ask(conversation, self.kind.split()[1]).decode()
            elif self.kind == "untrusted":
                mysqlprotocol.speak(conversation)
            else:
                if self.kind != "silent":
                    mysqlprotocol.greet(conversation)
                if self.kind == "silent after the login":
                    mysqlprotocol.receive(conversation)
                    mysqlprotocol.accept(conversation)
                connection.recv(4096)
                return  # and not another word
        with contextlib.suppress(OSError):
            conversation.socket.close()

    def close(self):
        for one in (self.listener, *self.open):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            with contextlib.suppress(OSError):
                one.close()


def connect(manager, server, results, identity):
    """Have an engine made, which tries to connect, or connect where it did not try."""
    began, error = time.monotonic(), None
    try:
        engine = manager.writer.get_engine()
        engine.connect().close()
    except Exception as problem:
        error = type(problem).__name__
    seconds = time.monotonic() - began
    if seconds > BLOCKED:
        results[identity] = {"blocked": True}
        return
    if server.told is not None:
        results[identity] = {"told": server.told}
        return
    found = {"seconds": round(seconds), "error": error}
    if server.kind != "refused":
        found["attempts"] = server.connections
    results[identity] = found


def most(pool):
    """How many connections a pool of that kind and size lends at the same time, None where it lends on and on."""
    twin = type(pool)(Connection, pool_size=pool.size(), max_overflow=pool._max_overflow, timeout=0)
    lent = []
    try:
        while len(lent) < ENOUGH:
            lent.append(twin.connect())
    except exc.TimeoutError:
        return len(lent)
    return None


def held(manager):
    """What the pool of an engine holds, and which settings it was given and forgot."""
    engine = manager.writer.get_engine()
    pool = engine.pool
    ignored = manager._factory._ignored_cfg
    found = {
        "most": most(pool),
        "wait": pool._timeout,
        "recycle": pool._recycle,
        "ignored": sorted(name for name, value in ignored.items() if type(value).__name__ != "_Default"),
    }
    engine.dispose()
    return found


def measure(cases):
    results, threads, servers = {}, [], []
    with tempfile.TemporaryDirectory() as folder:
        certificates.make(folder)
        os.environ["SSL_CERT_FILE"] = os.path.join(folder, "system.pem")
        for case in cases:
            server = Server(case["server"], folder) if case["server"] != "none" else None
            path = installed.lay_out(case, folder, server.port if server else 3306, folder)
            conf = engines.configured(path, case.get("project", "nova"), max_retries=None)
            manager = engines.manager_of(conf, case["group"])
            if server is None:
                results[case["id"]] = held(manager)
                continue
            servers.append(server)
            arguments = (manager, server, results, case["id"])
            thread = threading.Thread(target=connect, args=arguments)
            thread.daemon = True
            threads.append(thread)
        for thread in threads:
            thread.start()
        time.sleep(LIMIT)
        for server in servers:
            server.close()
        for thread in threads:
            thread.join(10)
    return results


if __name__ == "__main__":
    installed.run(measure, LIBRARIES)
