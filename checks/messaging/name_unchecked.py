"""RPC or notifications accept the right authority's certificate for any name, although the library could check the name.

Whoever holds any certificate of that authority, such as the next service or a compute host, answers for the broker.
oslo.messaging checks the name by default from 18.1 on and always from 18.2 on; the fixed versions of 2025.1, 2025.2
and 2026.1 (16.1.2, 17.1.1, 17.3.1) and distributions' backports have ``ssl_enforce_hostname_verification`` with the
default false (CVE-2026-44393, OSSN-0096).
"""

from auditor.check import Check, Scope, Severity, bad, good, moot
from auditor.checks.shapes import any_name, of_messaging
from auditor.checks.subjects import CA_FILES

CHECK = Check(
    id="messaging-name-unchecked",
    title="The name in the broker's certificate is not checked",
    severity=Severity.HIGH,
    scope=Scope.TRANSPORT,
    is_of_path=True,
    doc=__doc__,
    remediation="Write `[oslo_messaging_rabbit] ssl_enforce_hostname_verification = true`.",
    options=("oslo_messaging_rabbit.ssl_ca_file", "oslo_messaging_rabbit.ssl_enforce_hostname_verification"),
    evaluate=of_messaging(any_name),
    examples=(
        bad(
            "[DEFAULT]\ntransport_url = rabbit://nova:yFw7hPq2kZ4tLm9sXc@rabbit.example:5671/\n"
            "[oslo_messaging_rabbit]\nssl = true\nssl_ca_file = /etc/nova/ca.pem\n",
            files=CA_FILES,
            why="oslo.messaging 16.1.2 of 2025.1 can, and does not unless asked",
        ),
        good(
            "[DEFAULT]\ntransport_url = rabbit://nova:yFw7hPq2kZ4tLm9sXc@rabbit.example:5671/\n"
            "[oslo_messaging_rabbit]\nssl = true\nssl_ca_file = /etc/nova/ca.pem\n"
            "ssl_enforce_hostname_verification = true\n",
            files=CA_FILES,
        ),
        good(
            "[DEFAULT]\ntransport_url = rabbit://nova:yFw7hPq2kZ4tLm9sXc@rabbit.example:5671/\n"
            "[oslo_messaging_rabbit]\nssl = true\nssl_ca_file = /etc/nova/ca.pem\n",
            files=CA_FILES,
            release="2026.2",
            why="oslo.messaging 18.2 and newer always check",
        ),
        moot(
            "[DEFAULT]\ntransport_url = rabbit://nova:yFw7hPq2kZ4tLm9sXc@rabbit.example:5671/\n"
            "[oslo_messaging_rabbit]\nssl = true\nssl_ca_file = /etc/nova/ca.pem\n",
            files=CA_FILES,
            release="zed",
            why="oslo.messaging 14.0.3 cannot check names",
        ),
    ),
)
