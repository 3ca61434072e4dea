"""What a broker or a database server demands of those who connect: the settings that decide it, as the servers read them.

Measured with RabbitMQ 3.10, MariaDB 10.11 and PostgreSQL 15 (``tests/semantics/test_real_servers.py``), read in the manuals of
MySQL 8.4 and in ``hba.c:check_hba`` of PostgreSQL. A server that could not be asked is judged by its files; where one of
these could not be read either, nothing is known.
"""

import re
from dataclasses import dataclass

from auditor.errors import Unavailable, Undecidable
from auditor.model import Account, Endpoint, Judged, Origin, OriginKind, Role, Server, Setting

#: What RabbitMQ calls its listeners without TLS that take credentials; not among them what its nodes speak to each
#: other, and the metrics for Prometheus.
PLAIN = frozenset({"amqp", "http", "mqtt", "stomp", "stream", "http/web-mqtt", "http/web-stomp"})

#: The plugins with which an account of MySQL or MariaDB only logs in through the unix socket.
_LOCAL_PLUGINS = frozenset({"unix_socket", "auth_socket"})

_OLD = re.compile(r"sslv3|tlsv1(?:\.[01])?", re.IGNORECASE)

_ON = frozenset({"on", "1", "true", "yes"})

#: How the probe begins the reason why a server was judged by its files, the first in ``Server.unseen``.
NOT_ASKED = "it could not be asked"


@dataclass(frozen=True, slots=True)
class Listening:
    """A listener of a server as evidence."""

    server: Server
    endpoint: Endpoint

    def judged(self) -> Judged:
        """Return the listener as a line of evidence."""
        name = f"{self.server.role} listens for {self.endpoint.protocol}"
        return Judged(name, place(self.endpoint), Origin(OriginKind.SERVER))


@dataclass(frozen=True, slots=True)
class Login:
    """An account of a server as evidence."""

    account: Account

    def judged(self) -> Judged:
        """Return the account as a line of evidence."""
        what = {"none": "no TLS demanded", "any": "TLS demanded", "x509": "a certificate demanded"}
        shown = what.get(self.account.tls, "whether TLS is demanded is not known")
        return Judged(f"account {name_of(self.account)}", shown, Origin(OriginKind.SERVER))


def name_of(account: Account) -> str:
    """An account as SQL writes it, or its name where it has no host."""
    return f"'{account.name}'@'{account.host}'" if account.host else account.name


def place(endpoint: Endpoint) -> str:
    """Where a server listens: ``192.0.2.1:5672``, ``[::]:5672``, ``*:5672``."""
    return (
        f"[{endpoint.address}]:{endpoint.port}"
        if ":" in endpoint.address
        else f"{endpoint.address}:{endpoint.port}"
    )


def by_files(server: Server) -> str:
    """What is added to a message where the server could not be asked, or nothing."""
    return "" if server.source == "running" else f" (by its files: {server.unseen[0]})"


def check_seen(server: Server) -> None:
    """Raise `Unavailable` where a server could not be asked and not all of its files could be read."""
    lost = [reason for reason in server.unseen if not reason.startswith(NOT_ASKED)]
    if server.source != "running" and lost:
        raise Unavailable("; ".join(server.unseen))


def value_of(server: Server, name: str) -> str | None:
    """The text of a setting, None where the server has none of it; raises `Undecidable` where it was withheld."""
    setting = server.setting(name)
    if setting is None:
        return None
    if setting.value is None:
        raise Undecidable(f"{setting} was withheld on the host: it is not in the form of such a setting")
    return str(setting.value)


def is_on(server: Server, name: str) -> bool:
    """Whether a switch is on; absent is off."""
    return (value_of(server, name) or "").lower() in _ON


def reachable(server: Server) -> tuple[Endpoint, ...]:
    """The listeners that other machines can connect to; where there are none, those that the machine itself can.

    What is wrong with the latter weighs little (`auditor.check.Check.is_of_path`).
    """
    check_seen(server)
    return tuple(one for one in server.endpoints if server.is_loopback or not one.is_loopback)


def plain_listeners(server: Server) -> tuple[Endpoint, ...]:
    """The listeners without TLS among those that are `reachable`.

    RabbitMQ has listeners of either kind; the databases speak both on one port, as far as they have a certificate.
    """
    found = reachable(server)
    if server.role is Role.RABBITMQ:
        return tuple(endpoint for endpoint in found if endpoint.protocol in PLAIN)
    return () if found and offers_tls(server) else found


def encrypted_listeners(server: Server) -> tuple[Endpoint, ...]:
    """The listeners that speak TLS, whoever can connect to them."""
    check_seen(server)
    if server.role is Role.RABBITMQ:
        return tuple(
            one
            for one in server.endpoints
            if one.protocol.startswith("https") or one.protocol.endswith("/ssl")
        )
    return server.endpoints if server.endpoints and offers_tls(server) else ()


def offers_tls(server: Server) -> bool:
    """Whether a database server speaks TLS with whoever wants it.

    MySQL from 5.7 and MariaDB from 11.4 on make a certificate where none is configured; only the running server knows.
    """
    if server.role is Role.POSTGRESQL:
        return is_on(server, "ssl")
    have = value_of(server, "have_ssl")
    if have is not None:
        return have.upper() == "YES"
    has_pair = bool(value_of(server, "ssl_cert")) and bool(value_of(server, "ssl_key"))
    if server.source != "running" and server.setting("ssl") is not None and not is_on(server, "ssl"):
        return False
    if server.source != "running" and not has_pair:
        raise Undecidable(
            f"whether it makes a certificate of its own depends on its version: {server.unseen[0]}"
        )
    return has_pair


def requires_tls(server: Server) -> bool:
    """Whether MariaDB or MySQL refuses logins without TLS over the network; off by default, absent before 10.5."""
    return is_on(server, "require_secure_transport")


def plain_accounts(server: Server) -> tuple[Account, ...]:
    """The accounts of MariaDB or MySQL that may log in from other machines without TLS, as far as they themselves say.

    Raises `Undecidable` where the accounts could not be seen.
    """
    if server.accounts is None:
        raise Undecidable("; ".join(server.unseen) or "its accounts could not be seen")
    found = tuple(account for account in server.accounts if account.tls == "none" and _is_remote(account))
    if not found and server.unseen:
        raise Undecidable("; ".join(server.unseen))
    return found


def _is_remote(account: Account) -> bool:
    host = account.host.lower()
    is_local = host in ("localhost", "::1") or host.startswith("127.")
    return not (account.is_locked or is_local or _LOCAL_PLUGINS.intersection(account.tags))


def guest(server: Server) -> Setting | None:
    """The setting that lets RabbitMQ's user guest in from other machines, None where it does not.

    ``loopback_users`` holds guest by default. Raises `Undecidable` where it would be let in, if there is such a user.
    """
    check_seen(server)
    setting = server.setting("loopback_users")
    written = value_of(server, "loopback_users")
    if setting is None or "guest" in (written or "").split(","):
        return None
    if server.accounts is None:
        raise Undecidable(f"whether there is still a user guest is not known: {'; '.join(server.unseen)}")
    return setting if any(account.name == "guest" for account in server.accounts) else None


@dataclass(frozen=True, slots=True)
class Versions:
    """The versions of TLS that a server takes: those that are broken, as it writes them, and the setting that says so."""

    old: tuple[str, ...]
    setting: Setting | None


def tls_versions(server: Server) -> Versions:
    """The versions before TLS 1.2 that a server is set to take.

    Raises `Undecidable` where nothing is set and the server was not asked: the default is that of its version.
    """
    check_seen(server)
    if server.role is Role.POSTGRESQL:
        return _postgresql_versions(server)
    names = (
        ("ssl_options.versions", "ssl.protocol_version") if server.role is Role.RABBITMQ else ("tls_version",)
    )
    for name in names:
        written = value_of(server, name)
        if written:
            listed = [one.strip() for one in written.split(",")]
            return Versions(tuple(one for one in listed if _OLD.fullmatch(one)), server.setting(name))
    raise Undecidable(
        f"{names[0]} is not set, and its default depends on the version: {'; '.join(server.unseen)}"
    )


def _postgresql_versions(server: Server) -> Versions:
    """From 12 on a least version can be set, which was TLSv1 in 12 and is TLSv1.2 since 13."""
    least = value_of(server, "ssl_min_protocol_version")
    major = int((re.match(r"\d+", server.version or "") or ["0"])[0])
    if least is None and not major:
        raise Undecidable("ssl_min_protocol_version is not set, and its default depends on the version")
    if least is None:
        least = "TLSv1.2" if major >= 13 else "TLSv1"
    every = ("TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3")
    allowed = every[every.index(least) :] if least in every else every
    most = value_of(server, "ssl_max_protocol_version")
    if most in every:
        allowed = tuple(one for one in allowed if every.index(one) <= every.index(most))
    setting = server.setting("ssl_min_protocol_version") or server.setting("ssl")
    return Versions(tuple(one for one in allowed if _OLD.fullmatch(one)), setting)
