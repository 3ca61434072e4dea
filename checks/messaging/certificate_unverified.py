"""RPC or notifications are encrypted for whoever answers: the broker's certificate is not verified.

An attacker in the path answers for the broker with a certificate of their own, reads the login and every message, and
sends their own. It happens without a word in the log: setting ``ssl_version`` without ``ssl_ca_file`` switches
verification off, because oslo.messaging then asks for neither and py-amqp verifies by default only when it chooses
the protocol itself (``amqp.transport.SSLTransport._wrap_socket_sni``; measured with py-amqp 5.0.9 to 5.4.2).
"""

from auditor.check import Check, Scope, Severity, bad, good, moot
from auditor.checks.shapes import any_certificate, of_messaging
from auditor.checks.subjects import CA_FILES

CHECK = Check(
    id="messaging-certificate-unverified",
    title="The broker's certificate is not verified",
    severity=Severity.HIGH,
    scope=Scope.TRANSPORT,
    is_of_path=True,
    doc=__doc__,
    remediation="Write `[oslo_messaging_rabbit] ssl_ca_file = /path/to/ca.pem` and remove `ssl_version`.",
    options=(
        "DEFAULT.transport_url",
        "oslo_messaging_rabbit.ssl",
        "oslo_messaging_rabbit.ssl_ca_file",
        "oslo_messaging_rabbit.ssl_version",
    ),
    evaluate=of_messaging(any_certificate),
    examples=(
        bad(
            "[DEFAULT]\ntransport_url = rabbit://nova:yFw7hPq2kZ4tLm9sXc@rabbit.example:5671/\n"
            "[oslo_messaging_rabbit]\nssl = true\nssl_version = TLSv1_2\n",
            why="ssl_version without ssl_ca_file switches verification off",
        ),
        bad(
            "[DEFAULT]\ntransport_url = rabbit://nova:yFw7hPq2kZ4tLm9sXc@rabbit.example:5671/nova?ssl=1&ssl_version=TLSv1_2&ssl_ca_file=\n",
            why="OpenStack-Ansible's template with its empty default: a blank value in the query is dropped",
        ),
        good(
            "[DEFAULT]\ntransport_url = rabbit://nova:yFw7hPq2kZ4tLm9sXc@rabbit.example:5671/\n"
            "[oslo_messaging_rabbit]\nssl = true\nssl_version = TLSv1_2\nssl_ca_file = /etc/nova/ca.pem\n",
            files=CA_FILES,
        ),
        moot("[DEFAULT]\ntransport_url = rabbit://nova:yFw7hPq2kZ4tLm9sXc@rabbit.example:5672/\n"),
    ),
)
