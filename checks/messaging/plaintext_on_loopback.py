"""RPC or notifications travel in plain text over this machine's own loopback interface.

Nobody on the network can listen, but every process with CAP_NET_RAW on the machine can, and the day the broker moves
to a machine of its own nothing reminds anybody.
"""

from auditor.check import (
    Check,
    Outcome,
    Posture,
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
from auditor.checks.subjects import posture, set_aside


def evaluate(transport: Transport, _site: Site) -> Outcome:
    """Fail where a connection to the loopback interface is plain text."""
    aside = set_aside(transport, messaging=True)
    if aside is not None:
        return aside
    if not transport.is_loopback:
        return not_applicable("it leaves the machine")
    if posture(transport) is Posture.PLAINTEXT:
        return failed(f"{transport} is plain text, on the loopback interface", transport, remedy=transport.remedy)
    return passed(f"{transport} is encrypted", transport)


CHECK = Check(
    id="messaging-plaintext-on-loopback",
    title="RPC or notifications in plain text on the loopback interface",
    severity=Severity.LOW,
    scope=Scope.TRANSPORT,
    doc=__doc__,
    remediation="Write `[oslo_messaging_rabbit] ssl = true` and `ssl_ca_file`, or accept it while the broker stays here.",
    options=("DEFAULT.transport_url", "oslo_messaging_rabbit.ssl"),
    evaluate=evaluate,
    examples=(
        bad("[DEFAULT]\ntransport_url = rabbit://nova:yFw7hPq2kZ4tLm9s@127.0.0.1:5672/\n"),
        bad("[DEFAULT]\ndebug = false\n", why="the default is rabbit://, guest at localhost without TLS"),
        good(
            "[DEFAULT]\ntransport_url = rabbit://nova:yFw7hPq2kZ4tLm9s@localhost:5671/\n"
            "[oslo_messaging_rabbit]\nssl = true\n"
        ),
        moot("[DEFAULT]\ntransport_url = rabbit://nova:yFw7hPq2kZ4tLm9s@rabbit.example:5672/\n"),
    ),
)
