"""A compute host that runs nothing else of Nova holds the database's password.

nova-compute reaches the database through the conductor alone and never opens a connection of its own; guests run beside
it, so the host is the least trusted of all. A guest's escape then reads and changes every instance of the cloud, and
with ``[api_database]`` every cell ("This group should not be configured for the nova-compute service",
nova/conf/database.py).
"""

from auditor.check import (
    Check,
    Host,
    Outcome,
    Role,
    Scope,
    Setting,
    Severity,
    Site,
    bad,
    failed,
    good,
    moot,
    not_applicable,
    passed,
)
from auditor.checks.subjects import DATABASE_ROLES

_URLS = tuple(
    (group, name) for group in ("database", "api_database") for name in ("connection", "slave_connection")
)


def evaluate(host: Host, _site: Site) -> Outcome:
    """Fail where nova-compute reads a database URL and no other service of the host needs one."""
    computes = [service for service in host.services if service.role is Role.COMPUTE]
    if not computes:
        return not_applicable("no nova-compute runs here")
    if any(service.role in DATABASE_ROLES for service in host.services):
        return not_applicable("other services of this host need the database")
    settings = [service.find(*option) for service in computes for option in _URLS]
    written = [
        setting for setting in settings if setting is not None and setting.is_written and _is_server(setting)
    ]
    if written:
        return failed(
            f"{', '.join(map(str, written))} holds a login that nova-compute never uses: whoever takes this host has it",
            *written,
        )
    return passed("nova-compute is given no database login", *settings)


def _is_server(url: Setting) -> bool:
    """True for a database with a login; packages write SQLite's file, which holds none."""
    return not str(url.resolved or "sqlite").startswith("sqlite")


CHECK = Check(
    id="database-credentials-on-compute",
    title="A compute host holds the database's password",
    severity=Severity.HIGH,
    scope=Scope.HOST,
    doc=__doc__,
    remediation="Remove `connection` and `slave_connection` of `[database]` and `[api_database]`, and change the password.",
    options=("database.connection", "api_database.connection"),
    evaluate=evaluate,
    examples=(
        bad(
            "[database]\nconnection = mysql+pymysql://nova:yFw7hPq2kZ4tLm9sXc@db.example/nova\n",
            service="nova-compute",
        ),
        good(
            "[database]\nconnection = sqlite:////var/lib/nova/nova.sqlite\n",
            service="nova-compute",
            why="Debian's package writes it: a file without a password, never opened",
        ),
        good("[DEFAULT]\ncompute_driver = libvirt.LibvirtDriver\n", service="nova-compute"),
        moot("[database]\nconnection = mysql+pymysql://nova:yFw7hPq2kZ4tLm9sXc@db.example/nova\n"),
    ),
)
