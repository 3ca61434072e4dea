"""The installed database driver goes on in plain text when the server says that it has no TLS.

PyMySQL before 1.2.0 does so whatever ``ssl_ca`` says (``Connection._request_authentication``): an attacker in the path
answers for the server without TLS, asks for the password itself (``mysql_clear_password``), and is told. What the real
server requires (``require_secure_transport``) does not help, because it is not the real server that answers. All measured.
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
from auditor.checks.subjects import CA_FILES, DATABASE_ROLES, posture


def evaluate(transport: Transport, _site: Site) -> Outcome:
    """Fail where the library, not the configuration, lets the server choose."""
    found = posture(transport)
    if found is Posture.PLAINTEXT:
        return not_applicable("it is not encrypted at all")
    if found is not Posture.OPPORTUNISTIC:
        return passed(f"{transport} does without a server that has no TLS", transport)
    limit = transport.limited_by
    if limit is not None and limit.kind == "library":
        library = " ".join(filter(None, (limit.name, limit.installed)))
        return failed(
            f"{library} goes on in plain text, with the login, when the server says that it has no TLS",
            transport,
            remedy=f"Install {limit.name} {limit.fixed_in} or newer: no setting of it prevents that, and"
            " `require_secure_transport` on the server does not help. mysqlclient insists with"
            " `ssl-verify-server-cert=1` in its option file."
            if limit.fixed_in
            else None,
        )
    return not_applicable("TLS is optional by configuration, which is a finding of its own")


CHECK = Check(
    id="database-tls-optional",
    title="The database driver steps down to plain text",
    severity=Severity.MEDIUM,
    scope=Scope.TRANSPORT,
    is_of_path=True,
    roles=DATABASE_ROLES,
    doc=__doc__,
    remediation=(
        "Install PyMySQL 1.2.0 or newer: no setting of Nova's prevents it. Or use mysqlclient (`mysql://`) with `ssl-ca` and"
        " `ssl-verify-server-cert=1` (a number: `true` switches it off) in the option file of `read_default_file`."
    ),
    options=("database.connection", "api_database.connection", "placement_database.connection"),
    is_per_library=True,
    evaluate=of_databases(evaluate),
    examples=(
        bad(
            "[database]\n"
            "connection = mysql+pymysql://nova:yFw7hPq2kZ4tLm9sXc@db.example/nova?ssl_ca=/etc/nova/ca.pem\n",
            files=CA_FILES,
        ),
        good(
            "[database]\n"
            "connection = mysql+pymysql://nova:yFw7hPq2kZ4tLm9sXc@db.example/nova?ssl_ca=/etc/nova/ca.pem\n",
            files=CA_FILES,
            release="2026.2",
        ),
        moot("[database]\nconnection = mysql+pymysql://nova:yFw7hPq2kZ4tLm9sXc@db.example/nova\n"),
    ),
)
