"""RabbitMQ lets its user guest in from other machines.

RabbitMQ makes guest itself, as an administrator whose password is guest, and lets it in from its own machine only.
`loopback_users = none` takes that away: unless somebody changed the password, whoever reaches a listener owns the broker.
"""

from auditor.check import (
    Check,
    Outcome,
    Role,
    Scope,
    Server,
    Severity,
    Site,
    bad,
    failed,
    good,
    moot,
    not_applicable,
    passed,
)
from auditor.checks.asked import CONF, running
from auditor.semantics.servers import Login, by_files, check_seen, guest


def evaluate(server: Server, _site: Site) -> Outcome:
    """Fail where there is a user guest, and it may come from other machines."""
    check_seen(server)
    if server.is_loopback:
        return not_applicable("no other machine can connect to it")
    setting = guest(server)
    if setting is None:
        shown = [account for account in server.accounts or () if account.name == "guest"]
        judged = (server.setting("loopback_users"), *map(Login, shown))
        return passed(f"guest cannot log in from other machines{by_files(server)}", *judged)
    return failed(f"guest may log in to {server} from other machines{by_files(server)}", setting)


_LISTENERS = [("::", 5671, "amqp/ssl")]

CHECK = Check(
    id="servers-guest-enabled",
    title="RabbitMQ lets guest in from other machines",
    severity=Severity.CRITICAL,
    scope=Scope.SERVER,
    roles=frozenset({Role.RABBITMQ}),
    needs=frozenset({"servers"}),
    doc=__doc__,
    remediation="Say `rabbitmqctl delete_user guest`, and remove `loopback_users` from rabbitmq.conf.",
    evaluate=evaluate,
    examples=(
        bad(CONF, evidence=running("rabbitmq", _LISTENERS, [("guest", "", "unknown")], loopback_users="")),
        good(CONF, evidence=running("rabbitmq", _LISTENERS, [("guest", "", "unknown")])),
        good(
            CONF,
            evidence=running("rabbitmq", _LISTENERS, [("nova", "", "unknown")], loopback_users=""),
            why="there is no guest",
        ),
        moot(CONF, evidence=running("mysql", [("*", 3306, "mysql")])),
    ),
)
