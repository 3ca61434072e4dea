"""A broker or a database server takes connections from other machines without TLS.

Whoever can listen on the path reads logins and messages, and answers in the server's place. With RabbitMQ, as long as the
plain listener is open, a client whose TLS was never switched on goes on to work, and nobody notices. On the loopback
interface nobody but the machine itself can do so.
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
from auditor.semantics.servers import (
    Listening,
    by_files,
    encrypted_listeners,
    place,
    plain_listeners,
    reachable,
)

#: What closes a listener in plain text, by what is spoken there.
_RABBITMQ = {
    "amqp": "`listeners.tcp = none`",
    "http": "`management.ssl.port = 15671` with `management.ssl.certfile` and `.keyfile`, and no `management.tcp.*`",
    "mqtt": "`mqtt.listeners.tcp = none`",
    "stomp": "`stomp.listeners.tcp = none`",
    "stream": "`stream.listeners.tcp = none`",
}
_DATABASES = {
    Role.MYSQL: "Write `ssl-cert`, `ssl-key` and `require-secure-transport = ON` under [mysqld] in my.cnf, or "
    "`bind-address = 127.0.0.1` where nobody else connects.",
    Role.POSTGRESQL: "Write `ssl = on`, `ssl_cert_file` and `ssl_key_file` into postgresql.conf and `hostssl` for `host` into "
    "pg_hba.conf, or `listen_addresses = 'localhost'` where nobody else connects.",
}


def evaluate(server: Server, _site: Site) -> Outcome:
    """Fail where a listener has no TLS; those of the loopback only count where there are no others."""
    if not reachable(server):
        return not_applicable("nobody can connect to it")
    plain = plain_listeners(server)
    if not plain:
        what = "every listener has TLS" if server.role is Role.RABBITMQ else "it offers TLS"
        listeners = (Listening(server, endpoint) for endpoint in encrypted_listeners(server))
        return passed(f"{what}{by_files(server)}", *listeners)
    told = ", ".join(f"{endpoint.protocol} on {place(endpoint)}" for endpoint in plain)
    return failed(
        f"{server} takes connections in plain text: {told}{by_files(server)}",
        *(Listening(server, endpoint) for endpoint in plain),
        *(server.setting(name) for name in ("have_ssl", "ssl")),
        remedy=_remedy(server, [endpoint.protocol for endpoint in plain]),
    )


def _remedy(server: Server, protocols: list[str]) -> str:
    if server.role is not Role.RABBITMQ:
        return _DATABASES[server.role]
    known = dict.fromkeys(_RABBITMQ.get(one, f"what closes the listener for {one}") for one in protocols)
    return f"Once every client uses TLS, write {'; '.join(known)} into rabbitmq.conf and restart the broker."


CHECK = Check(
    id="servers-plaintext-listener",
    title="A server takes connections in plain text",
    severity=Severity.HIGH,
    scope=Scope.SERVER,
    roles=frozenset({Role.RABBITMQ, Role.MYSQL, Role.POSTGRESQL}),
    needs=frozenset({"servers"}),
    is_of_path=True,
    doc=__doc__,
    remediation="Give the server a certificate, move its clients to TLS, and close its listeners in plain text.",
    evaluate=evaluate,
    examples=(
        bad(
            CONF,
            evidence=running("rabbitmq", [("::", 5672, "amqp"), ("::", 5671, "amqp/ssl")]),
            why="beside the one with TLS",
        ),
        bad(CONF, evidence=running("rabbitmq", [("::", 5671, "amqp/ssl"), ("::", 15672, "http")])),
        bad(CONF, evidence=running("mysql", [("*", 3306, "mysql")], have_ssl="DISABLED")),
        bad(CONF, evidence=running("postgresql", [("*", 5432, "postgresql")], ssl="off")),
        good(
            CONF,
            evidence=running("rabbitmq", [("127.0.0.1", 5672, "amqp"), ("::", 5671, "amqp/ssl")]),
            why="only the machine itself can use the plain one",
        ),
        good(CONF, evidence=running("mysql", [("*", 3306, "mysql")]), why="it speaks both on one port"),
        good(
            CONF,
            evidence=running(
                "mysql",
                [("*", 3306, "mysql")],
                None,
                unseen=FILES,
                ssl_cert="/etc/a.pem",
                ssl_key="/etc/b.pem",
            ),
            why="read from its files",
        ),
        bad(
            CONF,
            evidence=running("mysql", [("127.0.0.1", 3306, "mysql")], have_ssl="DISABLED"),
            why="it weighs little where only the machine itself can connect",
        ),
        moot(CONF, evidence=running("mysql", [], have_ssl="DISABLED"), why="it has its unix socket alone"),
    ),
)
