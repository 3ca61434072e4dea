"""What Nova's own engine for PostgreSQL does with each face: oslo.config, oslo.db, SQLAlchemy, psycopg2 or psycopg, libpq.

``python postgresql.py CASES.json RESULTS.json``. A case is a nova.conf (or placement.conf) and the connection that is
opened from it. ``environment`` holds the variables of the service (there are no other ``PG*``, and no SSL_CERT_FILE),
``home`` what lies in ``~/.postgresql`` (name to a file of the certificates' folder). ``asks`` are the ways in which the
server asks for the login: what counts is the worst of them. ``retries`` is the measurement of something else: how often
oslo.db comes to a port that nobody listens on.
"""

import contextlib
import datetime
import os
import shutil
import socket
import tempfile
import time

import certificates
import engines
import faces
import installed
import postgresqlprotocol
import psycopg2.extensions
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization

LIBRARIES = (
    "nova",
    "openstack-placement",
    "oslo.config",
    "oslo.db",
    "SQLAlchemy",
    "psycopg2-binary",
    "psycopg",
    "psycopg-binary",
)

ASKS = ("password", "scram", "nothing")

EVERY_FACE = (*faces.FACES, "other-name")

#: The worse comes first.
_BY_WORTH = ("plain", "tls", "refused")


@contextlib.contextmanager
def environment(case, folder, into):
    """The variables of a case, and its home; nothing of it stays."""
    home = os.path.join(into, "home")
    os.makedirs(os.path.join(home, ".postgresql"))
    for name, source in case.get("home", {}).items():
        target = os.path.join(home, ".postgresql", name)
        shutil.copy(os.path.join(folder, source), target)
        os.chmod(target, 0o600)
    variables = {"HOME": home}
    for name, value in case.get("environment", {}).items():
        variables[name] = value.replace("@DIR@", folder).replace("@CONF@", into)
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def result_of(case, shown, folder):
    with tempfile.TemporaryDirectory() as into, environment(case, folder, into):
        if case.get("retries"):
            return retries_of(case, folder, into)
        client, seen = engines.Client(case, folder, into), {}
        for face in faces.FACES if case.get("authority") != "other" else EVERY_FACE:
            for asks in case["asks"]:
                found = shown[asks].show(face, client)
                if client.start:
                    return client.start
                seen[face] = min(seen.get(face, found), found, key=_worth)
        return {"faces": seen}


def _worth(found):
    return _BY_WORTH.index(found["login"])


def retries_of(case, folder, into):
    """How many connections oslo.db tries at its start, with ``max_retries = 3``, where the first is refused."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    path = installed.lay_out(case, folder, port, into)
    conf = engines.configured(path, "nova", max_retries=3)
    conf.set_override("retry_interval", 1, group="database")
    begun = time.monotonic()
    error = None
    try:
        engines.connect(engines.engine_of(conf, case["purpose"]))
    except Exception as problem:
        error = type(problem).__name__
    return {"error": error, "seconds": round(time.monotonic() - begun)}


def revoke(folder, authority, key):
    """Write a list of that authority, on which nothing is revoked."""
    now = datetime.datetime.now(datetime.UTC).replace(microsecond=0)
    builder = x509.CertificateRevocationListBuilder().issuer_name(authority.subject)
    builder = builder.last_update(now - datetime.timedelta(days=1))
    builder = builder.next_update(now + datetime.timedelta(days=2))
    identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.public_key())
    builder = builder.add_extension(identifier, critical=False).add_extension(
        x509.CRLNumber(1), critical=False
    )
    content = builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    with open(os.path.join(folder, "crl.pem"), "wb") as stream:
        stream.write(content)


def link_sockets(folder, shown):
    """Give the unix sockets of impostors the names that libpq looks for."""
    for impostor in shown.impostors.values():
        name = f"{impostor.port}.sock"
        os.symlink(name, os.path.join(folder, f".s.PGSQL.{impostor.port}"))


def speaker(asks):
    """The protocol of a server that asks in one way."""

    def speak(conversation):
        postgresqlprotocol.speak(conversation, asks)

    return speak


def measure(cases):
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        revoke(folder, *certificates.make(folder)["ca"])
        shown = {}
        for asks in ASKS:
            shown[asks] = stack.enter_context(faces.Faces(speaker(asks), folder, EVERY_FACE, sockets=folder))
            link_sockets(folder, shown[asks])
        return {case["id"]: result_of(case, shown, folder) for case in cases}


def libraries():
    """The versions that decide; libpq's own among them, which the wheels of each driver carry."""
    found = installed.versions(*LIBRARIES)
    found["libpq of psycopg2"] = version(psycopg2.extensions.libpq_version())
    if "psycopg" in found:
        import psycopg

        found["libpq of psycopg"] = version(psycopg.pq.version())
    return found


def version(number):
    """libpq's number of itself as its makers write it."""
    return f"{number // 10000}.{number % 10000}"


if __name__ == "__main__":
    installed.run(measure, libraries)
