"""RPC or notifications travel in plain text over this machine's own loopback interface.

Nobody on the network can listen, but every process with CAP_NET_RAW on the machine can, and the day the broker moves
to a machine of its own nothing reminds anybody.
"""

from auditor.check import Check, Scope, Severity, bad, good, moot
from auditor.checks.shapes import of_messaging, plain_text_on_loopback

CHECK = Check(
    id="messaging-plaintext-on-loopback",
    title="RPC or notifications in plain text on the loopback interface",
    severity=Severity.LOW,
    scope=Scope.TRANSPORT,
    is_of_path=True,
    doc=__doc__,
    remediation="Write `[oslo_messaging_rabbit] ssl = true` and `ssl_ca_file`, or accept it while the broker stays on this machine.",
    options=(
        "DEFAULT.transport_url",
        "oslo_messaging_notifications.transport_url",
        "oslo_messaging_rabbit.ssl",
    ),
    evaluate=of_messaging(plain_text_on_loopback),
    examples=(
        bad("[DEFAULT]\ntransport_url = rabbit://nova:yFw7hPq2kZ4tLm9sXc@127.0.0.1:5672/\n"),
        bad(
            "[DEFAULT]\ndebug = false\n",
            why="the default is rabbit://, which is guest at localhost without TLS",
        ),
        good(
            "[DEFAULT]\ntransport_url = rabbit://nova:yFw7hPq2kZ4tLm9sXc@localhost:5671/\n"
            "[oslo_messaging_rabbit]\nssl = true\n"
        ),
        moot("[DEFAULT]\ntransport_url = rabbit://nova:yFw7hPq2kZ4tLm9sXc@rabbit.example:5672/\n"),
    ),
)
