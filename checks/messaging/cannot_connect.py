"""RPC or notifications cannot be made with what is written.

Some of it stops the service at its start (an unknown driver, an unknown name in the URL's query, options of queues that
contradict each other); some of it looks like a running service that retries for ever, such as a CA file that is not
there: kombu counts every OSError and SSLError as recoverable. No other check judges such a connection.
"""

from auditor.check import Check, Scope, Severity, bad, good
from auditor.checks.shapes import no_connection

CHECK = Check(
    id="messaging-cannot-connect",
    title="The connection to the broker cannot be made",
    severity=Severity.HIGH,
    scope=Scope.TRANSPORT,
    doc=__doc__,
    remediation="Mend the URL or the option that the finding names.",
    options=(
        "DEFAULT.transport_url",
        "oslo_messaging_notifications.transport_url",
        "oslo_messaging_rabbit.ssl",
        "oslo_messaging_rabbit.ssl_ca_file",
    ),
    evaluate=no_connection(messaging=True),
    examples=(
        bad(
            "[DEFAULT]\ntransport_url = rabbits://nova:yFw7hPq2kZ4tLm9sXc@rabbit.example:5671/\n",
            why="TLS is never in the scheme: there is no driver rabbits",
        ),
        bad(
            "[DEFAULT]\ntransport_url = rabbit://nova:yFw7hPq2kZ4tLm9sXc@rabbit.example:5671/\n"
            "[oslo_messaging_rabbit]\nssl = true\nssl_ca_file = /etc/nova/missing.pem\n",
            why="retried for ever, while the process looks alive",
        ),
        bad(
            "[DEFAULT]\ntransport_url = rabbit://nova:yFw7hPq2kZ4tLm9sXc@rabbit.example:5671/?ssl=1&ssl_enforce_hostname_verification=1\n",
            release="zed",
            why="oslo.messaging 14 does not know the name, and an unknown name in the query stops the service",
        ),
        bad(
            "[DEFAULT]\ntransport_url = rabbit://nova:yFw7hPq2kZ4tLm9sXc@rabbit.example:5672/\n"
            "[oslo_messaging_rabbit]\nrabbit_quorum_queue = true\nrabbit_ha_queues = true\n",
            why="a queue is replicated or mirrored: RuntimeError when the first one is declared",
        ),
        good("[DEFAULT]\ntransport_url = rabbit://nova:yFw7hPq2kZ4tLm9sXc@rabbit.example:5672/\n"),
    ),
)
