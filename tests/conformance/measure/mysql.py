"""What Nova's own engine for MySQL does with each face: oslo.config, oslo.db, SQLAlchemy, and the driver that is asked for.

``python mysql.py CASES.json RESULTS.json``. Each case is a nova.conf (or placement.conf) and the connection that is
opened from it, once per face.
"""

import contextlib
import os
import shutil
import sys
import tempfile

import certificates
import engines
import faces
import installed
import mysqlprotocol
from sqlalchemy.dialects import plugins
from sqlalchemy.engine import CreateEnginePlugin

LIBRARIES = (
    "nova",
    "openstack-placement",
    "oslo.config",
    "oslo.db",
    "SQLAlchemy",
    "PyMySQL",
    "mysqlclient",
)


class Counter(CreateEnginePlugin):
    """What DevStack's ``plugin=dbcounter`` is to a connection: SQLAlchemy takes the word out of the URL."""

    def update_url(self, url):
        return url


class Blocked:
    """A finder of modules that has one package not be there."""

    def __init__(self, package):
        self.package = package

    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == self.package:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


@contextlib.contextmanager
def without(package):
    """The environment without one package."""
    if package is None:
        yield
        return
    hidden = {name: sys.modules.pop(name) for name in list(sys.modules) if name.partition(".")[0] == package}
    finder = Blocked(package)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        sys.modules.update(hidden)


def result_of(case, shown, folder):
    with tempfile.TemporaryDirectory() as into, without(case.get("without")):
        client, seen = engines.Client(case, folder, into), {}
        for face in faces.FACES:
            seen[face] = shown.show(face, client)
            if client.start:
                return client.start
        return {"faces": seen}


def measure(cases):
    results = {}
    plugins.register("dbcounter", __name__, "Counter")
    with tempfile.TemporaryDirectory() as folder:
        authorities = certificates.make(folder)
        named = os.path.join(folder, "named")
        os.mkdir(named)
        certificates.certify(named, authorities, "localhost", "elsewhere.example")
        shutil.copy(os.path.join(folder, "ca.pem"), named)
        os.environ["SSL_CERT_FILE"] = os.path.join(folder, "system.pem")
        protocol = mysqlprotocol.speak
        with (
            faces.Faces(protocol, folder, sockets=folder) as addressed,
            faces.Faces(protocol, named, sockets=folder) as by_name,
        ):
            for case in cases:
                shown = by_name if case.get("name") == "localhost" else addressed
                results[case["id"]] = result_of(case, shown, folder)
    return results


def libraries():
    """The versions that decide; Connector/C's own among them, which no distribution carries."""
    found = installed.versions(*LIBRARIES)
    import MySQLdb

    found["Connector/C"] = MySQLdb.get_client_info()
    return found


if __name__ == "__main__":
    installed.run(measure, libraries)
