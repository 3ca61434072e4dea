"""Servers as `--servers` finds them, for the examples of the checks: the evidence of what the real ones answer."""

from collections.abc import Mapping, Sequence
from typing import Any

CONF = "[DEFAULT]\ndebug = false\n"

ASKED: tuple[str, ...] = ()
FILES = ("it could not be asked: /usr/bin/mariadb ended with 1 (error 1045)",)

_TLS = {
    "rabbitmq": {"ssl.protocol_version": "tlsv1.3,tlsv1.2", "loopback_users": "guest"},
    "mysql": {"have_ssl": "YES", "require_secure_transport": "OFF", "tls_version": "TLSv1.2,TLSv1.3"},
    "postgresql": {"ssl": "on", "ssl_min_protocol_version": "TLSv1.2", "ssl_max_protocol_version": ""},
}


def running(
    kind: str,
    listeners: Sequence[tuple[str, int, str]],
    accounts: Sequence[tuple[str, str, str]] | None = (),
    *,
    unseen: Sequence[str] = ASKED,
    **settings: str,
) -> Mapping[str, Any]:
    """The evidence of a host with one server that was asked, or with ``unseen`` read from its files.

    Args:
        kind: rabbitmq, mysql or postgresql.
        listeners: address, port and protocol of each.
        accounts: name, host and what TLS it demands.
        unseen: why something is not known.
        settings: beside those of a server with TLS; a double underscore stands for a dot.
    """
    given = {name.replace("__", "."): value for name, value in settings.items()}
    known = {**({} if unseen else _TLS[kind]), **given}
    rows = [{"name": name, "value": value, "path": None, "line": None} for name, value in known.items()]
    server = {
        "id": kind,
        "kind": kind,
        "source": "files" if unseen else "running",
        "version": None,
        "settings": rows,
        "listeners": [
            {"address": address, "port": port, "protocol": protocol} for address, port, protocol in listeners
        ],
        "accounts": None if accounts is None else [_account(*account) for account in accounts],
        "unseen": list(unseen),
    }
    return {"servers": [server]}


def _account(name: str, host: str, tls: str) -> Mapping[str, Any]:
    return {"name": name, "host": host, "tls": tls, "locked": False, "tags": []}
