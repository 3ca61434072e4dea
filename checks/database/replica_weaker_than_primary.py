"""The connection to the database replica is protected less than the one to the primary.

``slave_connection`` is a URL of its own with TLS parameters of its own: those of ``connection`` do not carry over.
Nova sends the same login and reads the same rows there.
"""

from auditor.check import (
    Check,
    Outcome,
    Posture,
    Scope,
    Service,
    Severity,
    Site,
    bad,
    failed,
    good,
    moot,
    not_applicable,
    passed,
)
from auditor.checks.subjects import CA_FILES, DATABASE_ROLES, posture
from auditor.semantics.transports import transports

_ORDER = (
    Posture.PLAINTEXT,
    Posture.OPPORTUNISTIC,
    Posture.ENCRYPTED,
    Posture.VERIFIED_CA,
    Posture.VERIFIED_FULL,
    Posture.LOCAL,
)


def evaluate(service: Service, _site: Site) -> Outcome:
    """Fail where a replica's posture comes before its primary's."""
    found = [transport for transport in transports(service) if transport.posture is not Posture.BROKEN]
    primaries = {item.url.group: item for item in found if item.url.name == "connection"}
    pairs = [
        (primaries[item.url.group], item)
        for item in found
        if item.url.name == "slave_connection" and item.url.group in primaries
    ]
    if not pairs:
        return not_applicable("it has no replica beside a primary")
    for primary, replica in pairs:
        if _ORDER.index(posture(replica)) < _ORDER.index(posture(primary)):
            return failed(
                f"{replica} is {replica.posture} and {primary} is {primary.posture}",
                replica,
                primary,
                remedy=replica.remedy,
            )
    return passed("the replica is protected like the primary", *(replica for _, replica in pairs))


CHECK = Check(
    id="database-replica-weaker-than-primary",
    title="The database replica is protected less than the primary",
    severity=Severity.MEDIUM,
    scope=Scope.SERVICE,
    roles=DATABASE_ROLES,
    doc=__doc__,
    remediation="Write the TLS parameters of `connection` into `slave_connection` too.",
    options=("database.connection", "database.slave_connection", "api_database.slave_connection"),
    evaluate=evaluate,
    examples=(
        bad(
            "[database]\n"
            "connection = mysql+pymysql://nova:yFw7hPq2kZ4tLm9sXc@db.example/nova?ssl_ca=/etc/nova/ca.pem\n"
            "slave_connection = mysql+pymysql://nova:yFw7hPq2kZ4tLm9sXc@replica.example/nova\n",
            files=CA_FILES,
        ),
        good(
            "[database]\n"
            "connection = mysql+pymysql://nova:yFw7hPq2kZ4tLm9sXc@db.example/nova\n"
            "slave_connection = mysql+pymysql://nova:yFw7hPq2kZ4tLm9sXc@replica.example/nova\n"
            "connection_parameters = ssl_ca=/etc/nova/ca.pem\n",
            files=CA_FILES,
            why="connection_parameters go to both",
        ),
        moot("[database]\nconnection = mysql+pymysql://nova:yFw7hPq2kZ4tLm9sXc@db.example/nova\n"),
    ),
)
