"""The broker's password is short.

RabbitMQ limits neither the rate nor the number of attempts, so a short password can be tried out over the network. The
site decides what is short (``secret_characters``).
"""

from auditor.check import Check, Scope, Severity, bad, good, moot
from auditor.checks.shapes import of_messaging, short_password
from auditor.checks.subjects import with_cell

CHECK = Check(
    id="messaging-short-password",
    title="The broker's password is short",
    severity=Severity.LOW,
    scope=Scope.TRANSPORT,
    doc=__doc__,
    remediation="Give the broker's user a longer random password and write it into `transport_url`.",
    options=("DEFAULT.transport_url", "oslo_messaging_notifications.transport_url"),
    evaluate=of_messaging(short_password),
    examples=(
        bad("[DEFAULT]\ntransport_url = rabbit://nova:yFw7hPq2k@rabbit.example:5672/\n"),
        good("[DEFAULT]\ntransport_url = rabbit://nova:yFw7hPq2kZ4tLm9sXc@rabbit.example:5672/\n"),
        moot(
            "[DEFAULT]\ntransport_url = fake://\n",
            record=with_cell(
                "rabbit://nova:****@cell1.example:5671/", "mysql+pymysql://nova:****@db.example/n"
            ),
            why="nova-manage masks the password of a cell",
        ),
        moot("[DEFAULT]\ntransport_url = fake://\n"),
    ),
)
