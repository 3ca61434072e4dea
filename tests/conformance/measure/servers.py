"""What Nova's own clients do with real servers: log in, and ask the server whether the connection is encrypted.

``python servers.py CASES.json RESULTS.json``. A case is one of another subject's, and besides: its ``subject``, the
``folder`` of the certificates, and ``ports``, face to port of a real server. Through a broker an RPC server is called;
``ask`` (``command``, ``environment``) is run meanwhile, and what it prints is in the result as ``said``. The result of
a face is as in `faces.Faces.show`, with the text of an error.
"""

import logging
import os
import subprocess
import tempfile
import uuid

import engines
import installed
import nova.conf
import oslo_messaging
import sqlalchemy

#: What each server says of the connection that asks, and whether that means TLS.
QUESTIONS = {
    "mysql": ("SHOW STATUS LIKE 'Ssl_cipher'", lambda row: bool(row[1])),
    "postgresql": ("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()", lambda row: row[0]),
}

#: Seconds that a call through the broker may take.
PATIENCE = 20


class Retried(BaseException):
    """oslo.messaging could not connect, and would try again for ever."""


class Impatience(logging.Handler):
    """Ends oslo.messaging's attempts where it logs that one failed."""

    def emit(self, record):
        raise Retried(record.getMessage())


class Endpoint:
    """What is called."""

    def echo(self, context, text):
        return text


def query(path, case):
    """Log in as Nova's engine of that database does, and ask the server."""
    conf = engines.configured(path, case.get("project", "nova"))
    engine = engines.engine_of(conf, case["purpose"])
    question, is_encrypted = QUESTIONS[case["subject"]]
    try:
        with engine.connect() as connection:
            row = connection.execute(sqlalchemy.text(question)).fetchone()
    finally:
        engine.dispose()
    return {"login": "tls" if is_encrypted(row) else "plain"}


def call(path, case, face):
    """Start an RPC server, and call it through the broker."""
    conf = nova.conf.CONF
    conf([], project="nova", default_config_files=[path], default_config_dirs=[])
    transport = oslo_messaging.get_rpc_transport(conf)
    # Nothing is left of another case: RabbitMQ refuses to declare anew what was declared otherwise.
    target = oslo_messaging.Target(exchange=str(uuid.uuid4()), topic=str(uuid.uuid4()), server="here")
    server = oslo_messaging.get_rpc_server(transport, target, [Endpoint()], executor="threading")
    # A listener of the broker speaks either of them, and never the other.
    result = {"login": "plain" if face == "plain" else "tls"}
    try:
        server.start()
        try:
            answer = client_of(transport, target).call({}, "echo", text="there and back")
            if answer != "there and back":
                raise ValueError(answer)
            if "ask" in case:
                command, environment = case["ask"]["command"], case["ask"]["environment"]
                result["said"] = subprocess.check_output(command, env=environment, timeout=60).decode()
        finally:
            server.stop()
            server.wait()
    finally:
        transport.cleanup()
    return result


def client_of(transport, target):
    """A client of that server: by a function, which came with 14.1; before, by the class."""
    make = getattr(oslo_messaging, "get_rpc_client", None) or oslo_messaging.RPCClient
    return make(transport, target, timeout=PATIENCE)


def attempt(case, face, into):
    """What one client did with one server."""
    path = installed.lay_out(case, case["folder"], case["ports"][face], into)
    try:
        return call(path, case, face) if case["subject"] == "messaging" else query(path, case)
    except (Exception, Retried) as problem:  # what the library raises is the result
        return {"login": "refused", "error": type(problem).__name__, "text": str(problem)}


def measure(cases):
    results = {}
    for case in cases:
        os.environ["SSL_CERT_FILE"] = os.path.join(case["folder"], "system.pem")
        with tempfile.TemporaryDirectory() as into:
            results[case["id"]] = {"faces": {face: attempt(case, face, into) for face in case["ports"]}}
    return results


if __name__ == "__main__":
    logging.disable(logging.NOTSET)
    logging.getLogger().addHandler(logging.NullHandler())
    logging.getLogger("oslo.messaging._drivers.impl_rabbit").addHandler(Impatience(logging.ERROR))
    names = ("nova", "oslo.messaging", "kombu", "amqp", "oslo.db", "SQLAlchemy")
    installed.run(measure, (*names, "PyMySQL", "mysqlclient", "psycopg2-binary", "psycopg"))
