"""A broker or a database server is set to take TLS 1.0 or 1.1.

Both rest on MD5 and SHA-1, and IETF has withdrawn them (RFC 8996). As long as the server takes them, an attacker on the path
can lead an old client there. Whether it still speaks them depends on its library too: OpenSSL 3, with which Debian 12 builds
MariaDB, refuses them at its usual security level, whatever the setting says.
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
from auditor.semantics.servers import by_files, encrypted_listeners, tls_versions

_REMEDIES = {
    Role.RABBITMQ: "Write `ssl_options.versions.1 = tlsv1.3` and `ssl_options.versions.2 = tlsv1.2` into rabbitmq.conf, and no other.",
    Role.MYSQL: "Write `tls_version = TLSv1.2,TLSv1.3` under [mysqld] in my.cnf.",
    Role.POSTGRESQL: "Write `ssl_min_protocol_version = 'TLSv1.2'` into postgresql.conf.",
}


def evaluate(server: Server, _site: Site) -> Outcome:
    """Fail where a version before 1.2 is allowed."""
    if not encrypted_listeners(server):
        return not_applicable("it has no TLS, which is a finding of its own")
    found = tls_versions(server)
    if found.old:
        return failed(
            f"{server} is set to take {', '.join(found.old)}{by_files(server)}",
            found.setting,
            remedy=_REMEDIES[server.role],
        )
    return passed(f"{server} takes TLS 1.2 and later only{by_files(server)}", found.setting)


_RABBITMQ, _MYSQL, _POSTGRESQL = (
    [("::", 5671, "amqp/ssl")],
    [("*", 3306, "mysql")],
    [("*", 5432, "postgresql")],
)

CHECK = Check(
    id="servers-tls-old",
    title="A server takes old versions of TLS",
    severity=Severity.MEDIUM,
    scope=Scope.SERVER,
    roles=frozenset(_REMEDIES),
    needs=frozenset({"servers"}),
    doc=__doc__,
    remediation="Allow TLS 1.2 and 1.3 only.",
    evaluate=evaluate,
    examples=(
        bad(CONF, evidence=running("rabbitmq", _RABBITMQ, ssl_options__versions="tlsv1.2,tlsv1.1")),
        bad(CONF, evidence=running("mysql", _MYSQL, tls_version="TLSv1.1,TLSv1.2,TLSv1.3")),
        bad(CONF, evidence=running("postgresql", _POSTGRESQL, ssl_min_protocol_version="TLSv1")),
        good(CONF, evidence=running("rabbitmq", _RABBITMQ)),
        good(CONF, evidence=running("mysql", _MYSQL)),
        good(CONF, evidence=running("postgresql", _POSTGRESQL)),
        moot(CONF, evidence=running("rabbitmq", [("::", 5672, "amqp")])),
    ),
)
