"""``ssl_ca`` is written, and the parameter beside it makes PyMySQL ignore it.

``ssl_verify_cert`` and ``ssl_verify_identity`` look like more security and give less: SQLAlchemy turns ``ssl_ca`` into
an entry of PyMySQL's ``ssl``, and PyMySQL builds that anew from its own arguments as soon as one of the two is there.
What is left trusts the system's authorities or nobody, and checks no name (``pymysql.connections.Connection.__init__``,
measured with 1.0.2 to 1.2.4). OpenStack-Ansible's template writes ``ssl_verify_cert=true`` beside ``ssl_ca``.
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
from auditor.checks.subjects import CA_FILES, DATABASE_ROLES, once_encrypted, replacing_ca
from auditor.semantics.cells import mend


def evaluate(transport: Transport, _site: Site) -> Outcome:
    """Fail where ssl_ca stands beside a parameter that replaces it."""
    if "pymysql" not in transport.driver:
        return not_applicable("it is not a connection of PyMySQL")
    found = once_encrypted(transport)
    if found is None:
        return not_applicable("it is not encrypted at all")
    replacing = replacing_ca(transport)
    if replacing:
        whom = (
            "anybody's certificate"
            if found is Posture.ENCRYPTED
            else "a public authority's certificate for any name"
        )
        return failed(
            f"{transport} ignores ssl_ca because of {' and '.join(replacing)}, and accepts {whom}",
            transport,
            remedy=mend(
                transport,
                f"Remove `{'` and `'.join(replacing)}` from `{transport.url}`; `ssl_ca` alone verifies both.",
            ),
        )
    return passed(f"{transport} ignores no ssl_ca", transport)


CHECK = Check(
    id="database-ca-ignored",
    title="The database's certificate authority is written but ignored",
    severity=Severity.HIGH,
    scope=Scope.TRANSPORT,
    is_of_path=True,
    roles=DATABASE_ROLES,
    doc=__doc__,
    remediation="Remove `ssl_verify_cert` and `ssl_verify_identity` from the URL; `ssl_ca` alone verifies both.",
    options=("database.connection", "api_database.connection", "database.connection_parameters"),
    evaluate=of_databases(evaluate),
    examples=(
        bad(
            "[database]\nconnection = mysql+pymysql://nova:yFw7hPq2kZ4tLm9sXc@db.example/nova"
            "?charset=utf8&ssl_verify_cert=true&ssl_ca=/etc/nova/ca.pem\n",
            files=CA_FILES,
            why="OpenStack-Ansible's template",
        ),
        bad(
            "[database]\nconnection = mysql+pymysql://nova:yFw7hPq2kZ4tLm9sXc@db.example/nova"
            "?ssl_ca=/etc/nova/ca.pem&ssl_verify_identity=true\n",
            files=CA_FILES,
        ),
        good(
            "[database]\n"
            "connection = mysql+pymysql://nova:yFw7hPq2kZ4tLm9sXc@db.example/nova?ssl_ca=/etc/nova/ca.pem\n",
            files=CA_FILES,
        ),
        good(
            "[database]\nconnection = mysql+pymysql://nova:yFw7hPq2kZ4tLm9sXc@db.example/nova"
            "?charset=utf8&ssl_ca=/etc/nova/ca.pem&ssl_verify_cert\n",
            files=CA_FILES,
            why="OpenStack-Helm's template: a parameter without a value is dropped",
        ),
        moot("[database]\nconnection = mysql+pymysql://nova:yFw7hPq2kZ4tLm9sXc@db.example/nova\n"),
    ),
)
