"""RPC or notifications accept a certificate of any public authority, for any name.

Whoever owns any domain gets a certificate from a public authority for nothing, and with it answers for the broker:
names are not checked. It is so where ``ssl_ca_file`` is unset (py-amqp then loads the system's roots, and never checks
names) and where it names the system's bundle, which is the default of kolla-ansible's ``rabbitmq_cacert``.
"""

from auditor.check import Check, Scope, Severity, bad, good, moot
from auditor.checks.shapes import of_messaging, public_authorities
from auditor.checks.subjects import CA_FILES

CHECK = Check(
    id="messaging-trusts-public-cas",
    title="Any public certificate authority can answer for the broker",
    severity=Severity.HIGH,
    scope=Scope.TRANSPORT,
    is_of_path=True,
    doc=__doc__,
    remediation="Write `[oslo_messaging_rabbit] ssl_ca_file` with the one authority that signed the broker's certificate.",
    options=("oslo_messaging_rabbit.ssl", "oslo_messaging_rabbit.ssl_ca_file"),
    evaluate=of_messaging(public_authorities),
    examples=(
        bad(
            "[DEFAULT]\ntransport_url = rabbit://nova:yFw7hPq2kZ4tLm9sXc@rabbit.example:5671/\n"
            "[oslo_messaging_rabbit]\nssl = true\n",
            why="without ssl_ca_file the system's roots are trusted",
        ),
        bad(
            "[DEFAULT]\ntransport_url = rabbit://nova:yFw7hPq2kZ4tLm9sXc@rabbit.example:5671/\n"
            "[oslo_messaging_rabbit]\nssl = true\nssl_ca_file = /etc/ssl/certs/ca-certificates.crt\n",
            files={"/etc/ssl/certs/ca-certificates.crt": CA_FILES["/etc/nova/ca.pem"]},
        ),
        good(
            "[DEFAULT]\ntransport_url = rabbit://nova:yFw7hPq2kZ4tLm9sXc@rabbit.example:5671/\n"
            "[oslo_messaging_rabbit]\nssl = true\nssl_ca_file = /etc/nova/ca.pem\n",
            files=CA_FILES,
        ),
        moot("[DEFAULT]\ntransport_url = rabbit://nova:yFw7hPq2kZ4tLm9sXc@rabbit.example:5672/\n"),
    ),
)
