"""A database server offers TLS and lets other machines log in without it.

Then each client alone decides, and most give way: an attacker on the path says in the server's name that it has no TLS, and
reads what follows. A client whose TLS got lost in an edit goes on to work, and nobody notices. Unix sockets go on to work
where MariaDB requires TLS.
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
from auditor.checks.asked import CONF, FILES, running
from auditor.semantics.accesslist import plain_records, records
from auditor.semantics.servers import by_files, offers_tls, plain_accounts, reachable, requires_tls


def evaluate(server: Server, _site: Site) -> Outcome:
    """Fail where neither the server nor each of its accounts demands TLS."""
    if not reachable(server):
        return not_applicable("nobody can connect to it")
    if not offers_tls(server):
        return not_applicable("it has no TLS, which is a finding of its own")
    return _postgresql(server) if server.role is Role.POSTGRESQL else _mysql(server)


def _mysql(server: Server) -> Outcome:
    switch = server.setting("require_secure_transport")
    judged = switch or server.setting("have_ssl") or server.setting("ssl_cert")
    if requires_tls(server):
        return passed(f"{server} refuses logins without TLS over the network{by_files(server)}", judged)
    if server.accounts is not None and not plain_accounts(server):
        return passed(f"every account of {server} that other machines can use demands TLS", judged)
    return failed(
        f"{server} offers TLS, and does not require it{by_files(server)}",
        judged,
        remedy="Write `require-secure-transport = ON` under [mysqld] in my.cnf, and say "
        "`SET GLOBAL require_secure_transport = ON;` for the time until the next start.",
    )


def _postgresql(server: Server) -> Outcome:
    plain = plain_records(server)
    if not plain:
        settings = (record.setting for record in records(server))
        return passed(
            f"no record of pg_hba.conf lets other machines in without TLS{by_files(server)}", *settings
        )
    told = "; ".join(f"{record.setting.value} ({record.setting.origin})" for record in plain)
    return failed(
        f"{server} offers TLS, and lets other machines in without it: {told}{by_files(server)}",
        *(record.setting for record in plain),
        remedy="Write `hostssl` for the first word of these lines of pg_hba.conf, and say `SELECT pg_reload_conf();`.",
    )


_MYSQL, _POSTGRESQL = [("*", 3306, "mysql")], [("*", 5432, "postgresql")]

CHECK = Check(
    id="servers-tls-optional",
    title="A database server offers TLS and does not require it",
    severity=Severity.HIGH,
    scope=Scope.SERVER,
    roles=frozenset({Role.MYSQL, Role.POSTGRESQL}),
    needs=frozenset({"servers"}),
    is_of_path=True,
    doc=__doc__,
    remediation="Let the server refuse logins without TLS, once its clients use it.",
    evaluate=evaluate,
    examples=(
        bad(CONF, evidence=running("mysql", _MYSQL, [("nova", "%", "none")])),
        bad(
            CONF,
            evidence=running(
                "mysql", _MYSQL, None, unseen=FILES, ssl_cert="/etc/a.pem", ssl_key="/etc/b.pem"
            ),
            why="it is off by default",
        ),
        bad(
            CONF,
            evidence=running("postgresql", _POSTGRESQL, hba__1="host all all 10.0.0.0/8 scram-sha-256"),
        ),
        good(
            CONF,
            evidence=running("mysql", _MYSQL, [("nova", "%", "none")], require_secure_transport="ON"),
        ),
        good(
            CONF,
            evidence=running("mysql", _MYSQL, [("nova", "%", "any"), ("root", "localhost", "none")]),
            why="its accounts demand it",
        ),
        good(
            CONF,
            evidence=running(
                "postgresql",
                _POSTGRESQL,
                hba__1="local all all peer",
                hba__2="hostssl all all 0.0.0.0/0 scram-sha-256",
                hba__3="host all all 127.0.0.1 255.255.255.255 scram-sha-256",
            ),
        ),
        good(
            CONF,
            evidence=running(
                "postgresql",
                _POSTGRESQL,
                hba__1="hostnossl all all all reject",
                hba__2="host all all 10.0.0.0/8 scram-sha-256",
            ),
            why="the first record that matches decides",
        ),
        bad(
            CONF,
            evidence=running("mysql", [("127.0.0.1", 3306, "mysql")], [("nova", "%", "none")]),
            why="it weighs little where only the machine itself can connect",
        ),
        moot(
            CONF,
            evidence=running("rabbitmq", [("::", 5671, "amqp/ssl")]),
            why="its listeners have TLS or not",
        ),
    ),
)
