"""What is asked of PostgreSQL's drivers: every sslmode with every root, client certificates, the rest of libpq's words.

``asks`` are the ways in which the server may ask for the login: those that matter where an option is about that.
``home`` lies in ``~/.postgresql`` of the service. ``undecidable`` says why the auditor has to say ``unknown``, where
what decides is not in its evidence.
"""

from collections.abc import Iterator, Mapping
from typing import Any

Case = Mapping[str, Any]

#: Scheme to the driver that it comes to (SQLAlchemy 2.1 took another default).
_DRIVERS: Mapping[str, str] = {
    "postgresql+psycopg2": "psycopg2",
    "postgresql+psycopg": "psycopg",
    "postgresql": "psycopg2 or psycopg",
}
_BOTH = ("postgresql+psycopg2", "postgresql+psycopg")

_MODES = (
    None,
    "disable",
    "allow",
    "prefer",
    "require",
    "verify-ca",
    "verify-full",
    "bogus",
    "VERIFY-FULL",
)

#: What the case's id calls it, to the value of sslrootcert.
_ROOTS: Mapping[str, str | None] = {
    "no root": None,
    "good root": "@DIR@/ca.pem",
    "other root": "@DIR@/other.pem",
    "system.pem": "@DIR@/system.pem",
    "missing root": "@DIR@/missing.pem",
    "empty root": "@DIR@/empty.pem",
    "garbage root": "@DIR@/garbage.pem",
    "folder as root": "@DIR@/folder",
    "system": "system",
}

_SYSTEM = {"SSL_CERT_FILE": "@DIR@/system.pem"}

#: ``authority`` is the one that is trusted, where that is not the one of ca.pem.
_AUTHORITIES: Mapping[str, Mapping[str, Any]] = {
    "other root": {"authority": "other"},
    "system.pem": {"authority": "system"},
    "system": {"environment": _SYSTEM},
}
_CERTIFICATE, _KEY = "sslcert=@DIR@/client.pem", "sslkey=@DIR@/client.key"
_FULL = "sslmode=verify-full&sslrootcert=@DIR@/ca.pem"

_CLIENTS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "certificate and key": (f"{_CERTIFICATE}&{_KEY}", {}),
    "certificate only": (_CERTIFICATE, {}),
    "certificate, key at home": (_CERTIFICATE, {"postgresql.key": "client.key"}),
    "key only": (_KEY, {}),
    "key only, certificate at home": (_KEY, {"postgresql.crt": "client.pem"}),
    "certificate and key at home": ("", {"postgresql.crt": "client.pem", "postgresql.key": "client.key"}),
    "certificate at home": ("", {"postgresql.crt": "client.pem"}),
    "root at home": ("", {"root.crt": "ca.pem"}),
    "garbage root at home": ("", {"root.crt": "garbage.pem"}),
    "missing certificate": (f"sslcert=@DIR@/missing.pem&{_KEY}", {}),
    "missing certificate only": ("sslcert=@DIR@/missing.pem", {}),
    "missing key": (f"{_CERTIFICATE}&sslkey=@DIR@/missing.key", {}),
    "garbage certificate": (f"sslcert=@DIR@/garbage.pem&{_KEY}", {}),
    "empty certificate": (f"sslcert=@DIR@/empty.pem&{_KEY}", {}),
    "folder as certificate": (f"sslcert=@DIR@/folder&{_KEY}", {}),
    "folder as key": (f"{_CERTIFICATE}&sslkey=@DIR@/folder", {}),
    "both in one file": ("sslcert=@DIR@/both.pem&sslkey=@DIR@/both.pem", {}),
}

_CLIENT_MODES = (
    "sslmode=disable",
    "sslmode=prefer",
    "sslmode=require",
    "sslmode=verify-ca&sslrootcert=@DIR@/ca.pem",
    _FULL,
)

#: Words of libpq besides those, each tried with the modes below.
_WORDS = (
    "sslcrl=@DIR@/crl.pem",
    "sslcrl=@DIR@/missing.pem",
    "sslcrl=@DIR@/garbage.pem",
    "sslcrl=@DIR@/empty.pem",
    "sslcrl=@DIR@/ca.pem",
    "sslnegotiation=postgres",
    "sslnegotiation=direct",
    "sslnegotiation=bogus",
    "gssencmode=disable",
    "gssencmode=prefer",
    "gssencmode=require",
    "gssencmode=bogus",
    "requiressl=1",
    "requiressl=0",
    "ssl_min_protocol_version=TLSv1.3",
    "ssl_min_protocol_version=tlsv1.2",
    "ssl_min_protocol_version=TLSv1.4",
    "ssl_max_protocol_version=TLSv1.2",
    "ssl_max_protocol_version=TLSv1.1",
    "ssl_min_protocol_version=TLSv1.3&ssl_max_protocol_version=TLSv1.2",
    "sslcertmode=disable",
    "sslcertmode=allow",
    "sslcertmode=require",
    "sslcertmode=bogus",
    f"sslcertmode=disable&{_CERTIFICATE}&{_KEY}",
    f"sslcertmode=require&{_CERTIFICATE}&{_KEY}",
    "sslsni=0",
    "sslsni=1",
    "sslcompression=1",
    "application_name=nova&connect_timeout=5&target_session_attrs=any",
)

#: Words about the login, where the server may ask for it in any way.
_LOGINS = (
    "channel_binding=disable",
    "channel_binding=prefer",
    "channel_binding=require",
    "channel_binding=bogus",
    "require_auth=password",
    "require_auth=scram-sha-256",
    "require_auth=!password",
    "require_auth=none",
    "require_auth=bogus",
)

_WORD_MODES = ("", "sslmode=disable", "sslmode=prefer&sslrootcert=@DIR@/ca.pem", "sslmode=require", _FULL)
_LOGIN_MODES = ("sslmode=allow", *_WORD_MODES)

_SERVICE = "[nova]\nsslmode=verify-full\nsslrootcert=@DIR@/ca.pem\n"
_NO_FORM = "a value that has not the form of its kind stays on its host"
_UNREAD = "the service file is not in evidence"

#: Queries that are tried once for each driver: what the id calls it, the query, and further fields of the case.
_SINGLE: tuple[tuple[str, str, Mapping[str, Any]], ...] = (
    ("a parameter of PyMySQL", "ssl_ca=@DIR@/ca.pem", {}),
    ("ssl=true", "ssl=true", {}),
    ("ssl_mode", "ssl_mode=REQUIRED", {}),
    ("charset", "charset=utf8", {}),
    ("upper case name", "SSLMODE=require", {}),
    ("mode twice", "sslmode=require&sslmode=require", {}),
    ("root twice, require", "sslmode=require&sslrootcert=@DIR@/ca.pem&sslrootcert=@DIR@/ca.pem", {}),
    ("root twice, verify-full", f"{_FULL}&sslrootcert=@DIR@/ca.pem", {}),
    ("blank mode", "sslmode=", {}),
    ("blank root", "sslmode=require&sslrootcert=", {}),
    ("an encoded root", "sslmode=verify-full&sslrootcert=%40DIR%40".replace("%40", "@") + "%2Fca.pem", {}),
    ("requiressl=0 takes a mode back", f"{_FULL}&requiressl=0", {}),
    ("requiressl=1 after disable", "sslmode=disable&requiressl=1", {}),
    ("a mode after requiressl=0", f"requiressl=0&{_FULL}", {}),
    ("autocommit", "autocommit=true", {}),
    ("prepare_threshold", "prepare_threshold=5", {}),
    ("row_factory", "row_factory=dict_row", {}),
    ("cursor_factory", "cursor_factory=x", {}),
    ("connection_factory", "connection_factory=x", {}),
    ("context", "context=x", {}),
    ("async", "async=1", {}),
    ("database besides", "database=other", {}),
    ("dbname besides", "dbname=other", {}),
    ("tty", "tty=x", {}),
    ("authtype", "authtype=x", {}),
    ("load_balance_hosts", "load_balance_hosts=random&sslmode=require", {}),
    ("a word of libpq 18", "sslkeylogfile=@DIR@/keys&sslmode=require", {}),
    ("a bad integer", "connect_timeout=soon", {"undecidable": _NO_FORM}),
    ("a bad number", "connect_timeout=5.5", {}),
    ("a bad choice of servers", "target_session_attrs=bogus", {}),
    ("an address beside the name", f"hostaddr=127.0.0.1&{_FULL}", {}),
    ("a service, no file", "service=nova", {"undecidable": _UNREAD}),
    (
        "a service with its file",
        "service=nova",
        {
            "files": {"pg_service.conf": _SERVICE},
            "environment": {"PGSERVICEFILE": "@CONF@/pg_service.conf"},
            "undecidable": _UNREAD,
        },
    ),
    ("PGSSLMODE=require", "", {"environment": {"PGSSLMODE": "require"}}),
    ("PGSSLMODE=disable", "", {"environment": {"PGSSLMODE": "disable"}}),
    ("PGSSLMODE=bogus", "", {"environment": {"PGSSLMODE": "bogus"}}),
    ("PGSSLMODE=disable beside a mode", _FULL, {"environment": {"PGSSLMODE": "disable"}}),
    ("PGREQUIRESSL=1", "", {"environment": {"PGREQUIRESSL": "1"}}),
    (
        "PGSSLMODE and PGSSLROOTCERT",
        "",
        {"environment": {"PGSSLMODE": "verify-full", "PGSSLROOTCERT": "@DIR@/ca.pem"}},
    ),
    ("PGSSLROOTCERT", "sslmode=require", {"environment": {"PGSSLROOTCERT": "@DIR@/ca.pem"}}),
    (
        "PGSSLROOTCERT=system",
        "",
        {"environment": {"PGSSLROOTCERT": "system", **_SYSTEM}},
    ),
    (
        "PGSSLCERT and PGSSLKEY",
        "sslmode=require",
        {"environment": {"PGSSLCERT": "@DIR@/client.pem", "PGSSLKEY": "@DIR@/client.key"}},
    ),
    ("PGCHANNELBINDING=require", "", {"environment": {"PGCHANNELBINDING": "require"}, "asks": "all"}),
    ("PGGSSENCMODE=bogus", "", {"environment": {"PGGSSENCMODE": "bogus"}}),
    ("system without SSL_CERT_FILE", "sslmode=verify-full&sslrootcert=system", {}),
    ("system by default, without SSL_CERT_FILE", "sslrootcert=system", {}),
)

#: Whole URLs (``{scheme}`` in them), which say in other ways where the server is.
_URLS: tuple[tuple[str, str], ...] = (
    ("two hosts", "{scheme}://nova:pw@/nova?host=127.0.0.1:@PORT@&host=127.0.0.1:@PORT@"),
    (
        "two hosts, verified",
        "{scheme}://nova:pw@/nova?host=127.0.0.1:@PORT@&host=127.0.0.1:@PORT@&" + _FULL,
    ),
    ("hosts by commas", "{scheme}://nova:pw@/nova?host=127.0.0.1,127.0.0.1&port=@PORT@,@PORT@"),
    ("one host in the query", "{scheme}://nova:pw@/nova?host=127.0.0.1&port=@PORT@&sslmode=require"),
    ("host and port in the query", "{scheme}://nova:pw@/nova?host=127.0.0.1:@PORT@&sslmode=require"),
    (
        "hosts and a port besides",
        "{scheme}://nova:pw@/nova?host=127.0.0.1:@PORT@&host=127.0.0.1:@PORT@&port=1",
    ),
    (
        "hosts and a port before",
        "{scheme}://nova:pw@127.0.0.1:@PORT@/nova?host=127.0.0.1:@PORT@&host=127.0.0.1:@PORT@",
    ),
    ("a unix socket", "{scheme}://nova:pw@/nova?host=@DIR@&port=@PORT@"),
    ("a unix socket, verified", "{scheme}://nova:pw@/nova?host=@DIR@&port=@PORT@&" + _FULL),
    ("a unix socket, bad mode", "{scheme}://nova:pw@/nova?host=@DIR@&port=@PORT@&sslmode=bogus"),
    ("a name for the mode in the path", "{scheme}://nova:pw@127.0.0.1:@PORT@/nova&sslmode=verify-full"),
    ("an address instead of the name", "{scheme}://nova:pw@/nova?hostaddr=127.0.0.1&port=@PORT@&" + _FULL),
    (
        "an address instead of the name, require",
        "{scheme}://nova:pw@/nova?hostaddr=127.0.0.1&port=@PORT@&sslmode=require",
    ),
    ("a port that is none", "{scheme}://nova:pw@127.0.0.1:x/nova"),
    ("no user", "{scheme}://127.0.0.1:@PORT@/nova?" + _FULL),
)

_MORE: Mapping[str, Mapping[str, Any]] = {"a port that is none": {"undecidable": _NO_FORM}}

_OTHERS = (
    "postgres",
    "postgresql+bogus",
    "postgresql+asyncpg",
    "postgresql+psycopg_async",
    "postgresql+psycopg2cffi",
    "postgresql+pg8000",
    "pgsql",
)


def cases() -> tuple[Case, ...]:
    """All cases, in an order that stays."""
    return (*_grid(), *_clients(), *_words(), *_singles(), *_urls(), *_purposes(), *_traps(), _retries())


def _case(identity: str, scheme: str, query: str, **more: Any) -> Case:
    url = f"{scheme}://nova:pw@127.0.0.1:@PORT@/nova" + (f"?{query}" if query else "")
    return _conf(identity, scheme, f"[database]\nconnection = {url}\n", **more)


def _conf(identity: str, scheme: str, conf: str, purpose: str = "database", **more: Any) -> Case:
    asks = ("password", "scram", "nothing") if more.pop("asks", None) == "all" else ("password",)
    return {
        "id": identity,
        "driver": _DRIVERS.get(scheme, scheme),
        "purpose": purpose,
        "conf": conf,
        "asks": list(asks),
        **more,
    }


def _grid() -> Iterator[Case]:
    for scheme in _DRIVERS:
        for mode in _MODES:
            for name, root in _ROOTS.items():
                parts = (mode and f"sslmode={mode}", root and f"sslrootcert={root}")
                more = _AUTHORITIES.get(name, {})
                query = "&".join(filter(None, parts))
                yield _case(f"{scheme}: sslmode {mode or 'unset'}, {name}", scheme, query, **more)


def _clients() -> Iterator[Case]:
    for scheme in _BOTH:
        for mode in _CLIENT_MODES:
            for name, (query, home) in _CLIENTS.items():
                joined = f"{mode}&{query}" if query else mode
                yield _case(f"{scheme}: {_short(mode)}, {name}", scheme, joined, home=home)


def _words() -> Iterator[Case]:
    for scheme in _BOTH:
        for words, modes, asks in ((_WORDS, _WORD_MODES, "password"), (_LOGINS, _LOGIN_MODES, "all")):
            for word in words:
                for mode in modes:
                    more: dict[str, Any] = {"asks": asks}
                    if "crl.pem" in word:
                        more["crl"] = True
                    if word == "gssencmode=require":
                        more["undecidable"] = (
                            "whether the service has a ticket of Kerberos is not in evidence"
                        )
                    joined = f"{mode}&{word}" if mode else word
                    yield _case(f"{scheme}: {_short(mode)}, {_short(word)}", scheme, joined, **more)


def _short(text: str) -> str:
    return text.replace("@DIR@/", "") or "no mode"


def _singles() -> Iterator[Case]:
    for scheme in _BOTH:
        for name, query, more in _SINGLE:
            yield _case(f"{scheme}: {name}", scheme, query, **more)


def _urls() -> Iterator[Case]:
    for scheme in _BOTH:
        for name, url in _URLS:
            conf = f"[database]\nconnection = {url.format(scheme=scheme)}\n"
            yield _conf(
                f"{scheme}: {name}",
                scheme,
                conf,
                asks="all" if name == "no user" else None,
                **_MORE.get(name, {}),
            )
    for scheme in _OTHERS:
        # The probe knows schemes without an underscore.
        more = {"undecidable": _NO_FORM} if "_" in scheme else {}
        yield _case(f"{scheme}: a scheme", scheme, _FULL, **more)


def _purposes() -> Iterator[Case]:
    base = "nova:pw@127.0.0.1:@PORT@"
    for scheme in _BOTH:
        plain, full = f"{scheme}://{base}/nova", f"{scheme}://{base}/nova?{_FULL}"
        appended = f"[database]\nconnection = {plain}\nconnection_parameters = "
        for name, parameters in (
            ("appended", _FULL),
            ("appended mode only", "sslmode=require"),
            ("appended with a question mark", f"?{_FULL}"),
            ("appended disable", "sslmode=disable"),
            ("appended nonsense", "sslmode"),
            ("appended requiressl=0", "sslmode=verify-ca&sslrootcert=@DIR@/ca.pem&requiressl=0"),
        ):
            yield _conf(f"{scheme}: {name}", scheme, f"{appended}{parameters}\n")
        twice = f"[database]\nconnection = {full}\nconnection_parameters = sslmode=verify-full\n"
        yield _conf(f"{scheme}: appended to what is there", scheme, twice)
        slave = f"[database]\nconnection = {full}\nslave_connection = {plain}\n"
        yield _conf(f"{scheme}: a replica in plain text", scheme, slave, "database_replica")
        slave = f"[database]\nconnection = {plain}\nslave_connection = {full}\n"
        yield _conf(f"{scheme}: a verified replica", scheme, slave, "database_replica")
        api = f"[database]\nconnection = {plain}\n[api_database]\nconnection = {full}\n"
        yield _conf(f"{scheme}: a verified api database", scheme, api, "api_database")
        api = f"[database]\nconnection = {full}\n[api_database]\nconnection = {plain}\n"
        yield _conf(f"{scheme}: an api database in plain text", scheme, api, "api_database")
        api = f"[api_database]\nconnection = {plain}\nconnection_parameters = sslmode=require\n"
        yield _conf(f"{scheme}: an api database with parameters", scheme, api, "api_database")
        for name, query in (("verified", _FULL), ("optional", "application_name=placement")):
            conf = f"[placement_database]\nconnection = {plain}?{query}\n"
            yield _conf(
                f"{scheme}: placement, {name}", scheme, conf, "placement_database", project="placement"
            )
    # A literal $ has to be doubled for oslo.config.
    yield _case("postgresql+psycopg2: $ in the password", "postgresql+psycopg2", "sslmode=require$bogus")


def _traps() -> Iterator[Case]:
    scheme = "postgresql+psycopg2"
    yield _case("B36", scheme, "sslmode=require&sslrootcert=@DIR@/ca.pem")
    yield _case("B36 without the file", scheme, "sslmode=require&sslrootcert=@DIR@/missing.pem")
    yield _case("B38", scheme, "sslmode=VERIFY-FULL")
    yield _case("B38 as MySQL has it", scheme, "ssl_ca=@DIR@/ca.pem")
    yield _case("B38 ssl=true", scheme, "ssl=true")


def _retries() -> Case:
    return _case("oslo.db does not wait for a server that is down", "postgresql+psycopg2", "", retries=True)
