"""Several brokers and the check of names: failover works only where every certificate carries all brokers' names.

kombu keeps the name of the broker that it dials first, chosen at random, in the options it hands to every later
connection (``kombu.transport.pyamqp.Transport.establish_connection``, 5.2.4 to 5.7.0, measured). With a certificate per
broker, the second broker's is refused with "Hostname mismatch" for as long as the process lives.
"""

from auditor.check import (
    Check,
    Outcome,
    Posture,
    Scope,
    Severity,
    Site,
    Transport,
    Undecidable,
    bad,
    failed,
    good,
    moot,
    not_applicable,
    passed,
)
from auditor.checks.shapes import of_messaging
from auditor.checks.subjects import CA_FILES, is_rabbit, posture
from auditor.semantics.cells import shows_one_broker
from auditor.semantics.rabbit import freezes_name


def evaluate(transport: Transport, _site: Site) -> Outcome:
    """Fail where names are checked on more than one broker."""
    if not is_rabbit(transport):
        return not_applicable("it is not a connection to RabbitMQ")
    if posture(transport) is not Posture.VERIFIED_FULL:
        return not_applicable("it checks no name")
    if freezes_name(transport):
        return failed(
            f"{transport} fails over only if each broker's certificate carries the names of all of them",
            transport,
        )
    if shows_one_broker(transport):
        raise Undecidable(
            "nova-manage masks all brokers of a URL but the last one: how many there are is not seen"
        )
    return passed(f"{transport} has one broker, whose name is checked", transport)


CHECK = Check(
    id="messaging-failover-breaks-on-names",
    title="Failover between brokers depends on certificates that carry all their names",
    severity=Severity.MEDIUM,
    scope=Scope.TRANSPORT,
    doc=__doc__,
    remediation="Give all brokers certificates that carry the names of all of them, then waive this finding.",
    options=("DEFAULT.transport_url", "oslo_messaging_rabbit.ssl_enforce_hostname_verification"),
    evaluate=of_messaging(evaluate),
    examples=(
        bad(
            "[DEFAULT]\ntransport_url = rabbit://nova:yFw7hPq2kZ4tLm9sXc@rabbit1.example:5671,"
            "nova:yFw7hPq2kZ4tLm9sXc@rabbit2.example:5671/\n"
            "[oslo_messaging_rabbit]\nssl = true\nssl_ca_file = /etc/nova/ca.pem\n"
            "ssl_enforce_hostname_verification = true\n",
            files=CA_FILES,
        ),
        good(
            "[DEFAULT]\ntransport_url = rabbit://nova:yFw7hPq2kZ4tLm9sXc@rabbit.example:5671/\n"
            "[oslo_messaging_rabbit]\nssl = true\nssl_ca_file = /etc/nova/ca.pem\n"
            "ssl_enforce_hostname_verification = true\n",
            files=CA_FILES,
        ),
        moot(
            "[DEFAULT]\ntransport_url = rabbit://nova:yFw7hPq2kZ4tLm9sXc@rabbit1.example:5671,"
            "nova:yFw7hPq2kZ4tLm9sXc@rabbit2.example:5671/\n"
            "[oslo_messaging_rabbit]\nssl = true\nssl_ca_file = /etc/nova/ca.pem\n",
            files=CA_FILES,
        ),
    ),
)
