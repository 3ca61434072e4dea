"""Nova logs in to the broker of another machine as guest.

RabbitMQ makes ``guest`` itself, as an administrator, and lets it in from its own machine only (``loopback_users``). Where
it works from elsewhere, that protection was taken away. With a password of its own it is still the one user whose name
everybody knows, and all services share it. A URL without a user means guest as well (kombu).
"""

from auditor.check import (
    Check,
    Outcome,
    Scope,
    Severity,
    Site,
    Transport,
    bad,
    failed,
    good,
    moot,
    not_applicable,
    passed,
)
from auditor.checks.shapes import is_guessable, of_messaging
from auditor.checks.subjects import in_cell, is_rabbit


def evaluate(transport: Transport, _site: Site) -> Outcome:
    """Fail where the user is guest and the broker is not on this machine."""
    if not is_rabbit(transport):
        return not_applicable("it is not a connection to RabbitMQ")
    if transport.is_loopback:
        return not_applicable("guest may log in from the broker's own machine")
    _ = transport.url.value  # a URL that was withheld settles nothing
    if transport.user == "guest" and is_guessable(transport.password):
        return not_applicable("the password is guessable, which is a finding of its own")
    if transport.user == "guest":
        remedy = in_cell(transport, "Make a user for Nova in RabbitMQ, and delete the user guest.")
        return failed(f"{transport} logs in as guest", transport.url, remedy=remedy)
    return passed(f"{transport} logs in as {transport.user}", transport.url)


CHECK = Check(
    id="messaging-guest-login",
    title="Nova logs in to the broker as guest",
    severity=Severity.LOW,
    scope=Scope.TRANSPORT,
    doc=__doc__,
    remediation="Make a user for Nova in RabbitMQ, write it into `transport_url`, and delete the user guest.",
    options=("DEFAULT.transport_url", "oslo_messaging_notifications.transport_url"),
    evaluate=of_messaging(evaluate),
    examples=(
        bad("[DEFAULT]\ntransport_url = rabbit://guest:yFw7hPq2kZ4tLm9sXc@rabbit.example:5672/\n"),
        bad("[DEFAULT]\ntransport_url = rabbit://rabbit.example:5672/\n", why="no user means guest"),
        good("[DEFAULT]\ntransport_url = rabbit://nova:yFw7hPq2kZ4tLm9sXc@rabbit.example:5672/\n"),
        moot("[DEFAULT]\ndebug = false\n", why="the default is guest at localhost"),
    ),
)
