"""RPC or notifications travel in plain text.

Whoever can listen on the network reads the broker's password, and then every message: user tokens, volume connection
data, guest metadata; and whoever can write to the bus commands every nova-compute. The port decides nothing: TLS is
switched on by ``[oslo_messaging_rabbit] ssl`` alone, or by ``ssl`` in the URL's query, which wins
(oslo.messaging, ``impl_rabbit.Connection._fetch_ssl_params``; Security Guide, "Messaging security").
"""

from auditor.check import Check, Scope, Severity, bad, good, moot
from auditor.checks.shapes import of_messaging, plain_text
from auditor.checks.subjects import with_cell

CHECK = Check(
    id="messaging-plaintext",
    title="RPC or notifications in plain text",
    severity=Severity.CRITICAL,
    scope=Scope.TRANSPORT,
    is_of_path=True,
    doc=__doc__,
    remediation="Write `[oslo_messaging_rabbit] ssl = true` and `ssl_ca_file` once the broker listens with TLS.",
    options=(
        "DEFAULT.transport_url",
        "oslo_messaging_notifications.transport_url",
        "oslo_messaging_rabbit.ssl",
    ),
    evaluate=of_messaging(plain_text),
    examples=(
        bad("[DEFAULT]\ntransport_url = rabbit://nova:yFw7hPq2kZ4tLm9sXc@rabbit.example:5672/\n"),
        bad(
            "[DEFAULT]\ntransport_url = rabbit://nova:yFw7hPq2kZ4tLm9sXc@rabbit.example:5671/?ssl=0\n"
            "[oslo_messaging_rabbit]\nssl = true\n",
            why="the query wins over the section, and port 5671 switches nothing on",
        ),
        bad(
            "[DEFAULT]\ntransport_url = rabbit://nova:yFw7hPq2kZ4tLm9sXc@rabbit.example:5671/\n"
            "[oslo_messaging_rabbit]\nrabbit_use_ssl = true\n",
            why="the old name is unknown to oslo.messaging 16.0.0 and newer",
        ),
        bad(
            "[DEFAULT]\ntransport_url = rabbit://nova:yFw7hPq2kZ4tLm9sXc@rabbit.example:5671/?ssl=1\n",
            record=with_cell(
                "rabbit://nova:****@cell1.example:5671/", "mysql+pymysql://nova:****@db.example/n"
            ),
            why="the cell's row is a URL of its own, without the query",
        ),
        good(
            "[DEFAULT]\ntransport_url = rabbit://nova:yFw7hPq2kZ4tLm9sXc@rabbit.example:5671/\n"
            "[oslo_messaging_rabbit]\nssl = true\n"
        ),
        good(
            "[DEFAULT]\ntransport_url = rabbit://nova:yFw7hPq2kZ4tLm9sXc@rabbit.example:5671/\n"
            "[oslo_messaging_rabbit]\nrabbit_use_ssl = true\n",
            release="2024.2",
            why="the old name still works up to oslo.messaging 15",
        ),
        moot("[DEFAULT]\ntransport_url = rabbit://nova:yFw7hPq2kZ4tLm9sXc@127.0.0.1:5672/\n"),
        moot("[DEFAULT]\ntransport_url = fake://\n"),
    ),
)
