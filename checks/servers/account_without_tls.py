"""An account of MariaDB or MySQL may log in from other machines without TLS.

Neither the server nor the account demands it, so that the client alone decides: one that does not use TLS, or is led to
believe that there is none, sends what it knows for everybody on the path to read. Where the server requires TLS of all, an
account need not.
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
from auditor.semantics.servers import (
    Login,
    by_files,
    name_of,
    offers_tls,
    plain_accounts,
    reachable,
    requires_tls,
)

#: Accounts that a message names, and that stand in the evidence.
_NAMED, _SHOWN = 5, 50


def evaluate(server: Server, _site: Site) -> Outcome:
    """Fail where an account that other machines can use demands no TLS, and the server does not either."""
    if not reachable(server):
        return not_applicable("nobody can connect to it")
    if not offers_tls(server):
        return not_applicable("it has no TLS, which is a finding of its own")
    switch = server.setting("require_secure_transport")
    if requires_tls(server):
        return passed(f"{server} requires TLS of all over the network{by_files(server)}", switch)
    plain = plain_accounts(server)
    if not plain:
        return passed(
            "every account that other machines can use demands TLS", *map(Login, server.accounts or ())
        )
    names = [name_of(account) for account in plain]
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    sql = " ".join(f"ALTER USER {name} REQUIRE SSL;" for name in names[:_NAMED])
    return failed(
        f"{', '.join(names[:_NAMED])}{more} may log in without TLS",
        switch,
        *map(Login, plain[:_SHOWN]),
        remedy=f"Say `{sql}`{' and so on' if more else ''}, or `require-secure-transport = ON` under [mysqld] in my.cnf.",
    )


_LISTENERS = [("*", 3306, "mysql")]

CHECK = Check(
    id="servers-account-without-tls",
    title="An account may log in without TLS",
    severity=Severity.HIGH,
    scope=Scope.SERVER,
    roles=frozenset({Role.MYSQL}),
    needs=frozenset({"servers"}),
    is_of_path=True,
    doc=__doc__,
    remediation="Let the accounts, or the server, demand TLS.",
    evaluate=evaluate,
    examples=(
        bad(CONF, evidence=running("mysql", _LISTENERS, [("nova", "%", "none"), ("placement", "%", "any")])),
        good(CONF, evidence=running("mysql", _LISTENERS, [("nova", "10.0.%", "x509")])),
        good(
            CONF,
            evidence=running("mysql", _LISTENERS, [("root", "localhost", "none"), ("nova", "%", "any")]),
            why="the other one comes through the unix socket, or the loopback",
        ),
        good(
            CONF,
            evidence=running("mysql", _LISTENERS, [("nova", "%", "none")], require_secure_transport="ON"),
        ),
        moot(CONF, evidence=running("mysql", _LISTENERS, [("nova", "%", "none")], have_ssl="DISABLED")),
        moot(
            CONF, evidence=running("postgresql", [("*", 5432, "postgresql")]), why="pg_hba.conf decides there"
        ),
    ),
)
