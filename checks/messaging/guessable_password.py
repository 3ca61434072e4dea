"""The broker's password is none, a default or a placeholder.

Whoever reaches the broker logs in with the words of the manuals, and then reads and sends every message of every
service. Passwords never leave their host: the host itself compares them with the known defaults and placeholders.
"""

from auditor.check import Check, Scope, Severity, bad, good, moot
from auditor.checks.shapes import guessable_password, of_messaging

CHECK = Check(
    id="messaging-guessable-password",
    title="The broker's password is a default or a placeholder",
    severity=Severity.CRITICAL,
    scope=Scope.TRANSPORT,
    doc=__doc__,
    remediation="Give the broker's user a random password and write it into `transport_url`.",
    options=("DEFAULT.transport_url", "oslo_messaging_notifications.transport_url"),
    evaluate=of_messaging(guessable_password),
    examples=(
        bad("[DEFAULT]\ntransport_url = rabbit://openstack:RABBIT_PASS@rabbit.example:5672/\n"),
        bad("[DEFAULT]\ntransport_url = rabbit://guest:guest@rabbit.example:5672/\n"),
        bad(
            "[DEFAULT]\ntransport_url = rabbit://rabbit.example:5672/\n",
            why="kombu logs in as guest with the password guest",
        ),
        good("[DEFAULT]\ntransport_url = rabbit://nova:yFw7hPq2kZ4tLm9sXc@rabbit.example:5672/\n"),
        moot("[DEFAULT]\ntransport_url = fake://\n"),
    ),
)
