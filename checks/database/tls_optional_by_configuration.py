"""A database connection uses TLS only if the server offers it, because the configuration does not insist.

An attacker in the path answers for the server without TLS, and is sent the login and every query. PyMySQL 1.2 and newer
try TLS on their own and insist only where a TLS parameter is written; PostgreSQL insists with ``sslmode=require`` and
stronger, while its default ``prefer`` even repeats a connection whose certificate it refused, in plain text (measured
with libpq 17). mysqlclient insists with ``ssl_mode=VERIFY_IDENTITY`` (2.2 and newer) or ``ssl-verify-server-cert=1`` in
its option file, which is off where it says ``true`` (Connector/C 3.3); neither ``ssl_ca`` nor ``ssl_mode=REQUIRED`` does.
"""

from auditor.check import (
    Check,
    Outcome,
    Posture,
    Scope,
    Severity,
    Site,
    Transport,
    bad,
    failed,
    good,
    moot,
    not_applicable,
    passed,
)
from auditor.checks.shapes import of_databases
from auditor.checks.subjects import (
    CA_FILES,
    DATABASE_ROLES,
    is_limited_by_library,
    posture,
)


def evaluate(transport: Transport, _site: Site) -> Outcome:
    """Fail where the configuration lets the server choose."""
    found = posture(transport)
    if found is Posture.PLAINTEXT and transport.library is not None and transport.library.assumed:
        # Which PyMySQL is installed is not known, and none of them insists on TLS.
        return failed(_message(transport), transport.url, *transport.judging, remedy=transport.remedy)
    if found is Posture.PLAINTEXT:
        return not_applicable("it is not encrypted at all")
    if found is not Posture.OPPORTUNISTIC:
        return passed(f"{transport} does without a server that has no TLS", transport)
    if is_limited_by_library(transport):
        return not_applicable("the installed library steps down whatever is written")
    if transport.library is not None and transport.library.assumed:
        return failed(_message(transport), transport.url, *transport.judging, remedy=transport.remedy)
    return failed(f"{_message(transport)}: {transport.reason}", transport, remedy=transport.remedy)


def _message(transport: Transport) -> str:
    return f"{transport} does not insist on TLS, and is plain text for whoever answers without it"


CHECK = Check(
    id="database-tls-optional-by-configuration",
    title="TLS to the database is left to the server",
    severity=Severity.HIGH,
    scope=Scope.TRANSPORT,
    is_of_path=True,
    roles=DATABASE_ROLES,
    doc=__doc__,
    remediation="Add `?ssl_ca=/path/to/ca.pem` to the URL, or `sslmode=verify-full&sslrootcert=...` for PostgreSQL.",
    options=("database.connection", "api_database.connection", "placement_database.connection"),
    evaluate=of_databases(evaluate),
    examples=(
        bad(
            "[database]\nconnection = mysql+pymysql://nova:yFw7hPq2kZ4tLm9sXc@db.example/nova\n",
            release="2026.2",
            why="PyMySQL 1.2.4 tries TLS and goes on without it",
        ),
        bad(
            "[database]\nconnection = mysql+pymysql://nova:yFw7hPq2kZ4tLm9sXc@db.example/nova\n",
            why="which PyMySQL is installed is not known, and none insists",
        ),
        bad("[database]\nconnection = postgresql://nova:yFw7hPq2kZ4tLm9sXc@db.example/nova\n"),
        good(
            "[database]\n"
            "connection = mysql+pymysql://nova:yFw7hPq2kZ4tLm9sXc@db.example/nova?ssl_ca=/etc/nova/ca.pem\n",
            files=CA_FILES,
            release="2026.2",
        ),
        moot("[database]\nconnection = sqlite:////var/lib/nova/nova.sqlite\n"),
    ),
)
