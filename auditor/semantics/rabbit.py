"""What the rabbit driver of oslo.messaging does with its settings, through kombu and py-amqp.

Sources: ``oslo_messaging._drivers.impl_rabbit`` (``RabbitDriver.__init__``, ``Connection.__init__``,
``_transform_transport_url``, ``_fetch_ssl_params``) 14.0.3 to 18.3.1, ``kombu.transport.pyamqp.establish_connection``
and ``amqp.transport.SSLTransport._wrap_socket_sni`` 5.1.1 to 5.4.2. TLS never depends on the port, and a client that
wants TLS never steps down.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from auditor.model import Limit, Posture, Service, Setting, Transport, Trust
from auditor.semantics import libraries, queues
from auditor.semantics.certificates import is_public, look_at_certificates, look_at_client
from auditor.semantics.connection import (
    Broken,
    Connection,
    Unseen,
    require_read,
    system_trust,
    unknown,
    withheld,
)
from auditor.semantics.keywords import words
from auditor.semantics.queries import TRUE, Options
from auditor.semantics.urls import TransportURL, endpoint

GROUP = "oslo_messaging_rabbit"
_HOSTNAME = "ssl_enforce_hostname_verification"
_MARKER = f"oslo.messaging:{_HOSTNAME}"

#: kombu.transport.TRANSPORT_ALIASES, as far as a transport URL can reach them and they are no AMQP 0-9-1.
_OTHER_KOMBU = words(
    "redis rediss SQS sqs mongodb zookeeper sqlalchemy sqla SLMQ slmq filesystem qpid sentinel consul etcd"
    " azurestoragequeues azureservicebus pyro librabbitmq confluentkafka kafka gcpubsub native-delayed"
)

#: Options whose names oslo.messaging dropped in 16.0.0, and what is written today.
OLD_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "rabbit_use_ssl": "ssl",
        "kombu_ssl_ca_certs": "ssl_ca_file",
        "kombu_ssl_certfile": "ssl_cert_file",
        "kombu_ssl_keyfile": "ssl_key_file",
    }
)

_TLS = (
    "ssl",
    "ssl_ca_file",
    "ssl_version",
    "ssl_cert_file",
    "ssl_key_file",
    _HOSTNAME,
    "ssl_enforce_fips_mode",
)


def locate(connection: Connection, url: TransportURL) -> Connection:
    """The connection with its endpoints and user; what the URL leaves out is guest at localhost:5672."""
    first = url.brokers[0] if url.brokers else None
    places = [(broker.host or "localhost", broker.port or 5672) for broker in url.brokers] or [
        ("localhost", 5672)
    ]
    return connection.to(
        *((host, endpoint(host, port)) for host, port in places),
        user=(first.user if first else None) or "guest",
        password=withheld(first.password) if first else None,
        library=libraries.required(connection.service, "oslo.messaging"),
    )


def load(connection: Connection, url: TransportURL) -> Options:
    """What happens when the driver is loaded, at the start of the service; raises `Broken` where that fails."""
    options = Options(connection, GROUP, url.query, presence={_HOSTNAME: _knows_names(connection)})
    queues.refuse_pools(options)
    return options


def judge(connection: Connection, url: TransportURL) -> Transport:
    """The transport that this URL gives; raises `Broken` and `Unseen`."""
    options = load(connection, url)
    queues.refuse_connection(options)
    kombu = _kombu_transport(connection, url)
    _dial(connection, url)
    queues.refuse_queues(connection, options)
    if kombu == "memory":
        return connection.to().transport(Posture.LOCAL, "kombu's memory transport stays inside the process")
    if options.value("ssl"):
        return _encrypted(connection, url, options)
    if kombu == "amqps":
        return connection.transport(
            Posture.VERIFIED_CA,
            "kombu+amqps encrypts and trusts any certificate of the system's authorities for any name;"
            f" with [{GROUP}] ssl unset, ssl_ca_file and the other ssl options are ignored",
            limited_by=Limit("configuration", f"[{GROUP}] ssl"),
            trust=system_trust(connection.service),
            judging=options.settings(*_TLS),
            remedy=_switch_on(connection, options),
        )
    return _plaintext(connection, options)


def _kombu_transport(connection: Connection, url: TransportURL) -> str:
    """``amqp``, ``amqps`` or ``memory``: what ``_transform_transport_url`` leaves of the scheme for kombu."""
    name = url.scheme.replace("kombu+", "")
    if url.brokers or not url.scheme.startswith("kombu+"):
        name = name.replace("rabbit", "amqp")
    elif url.virtual_host:
        raise Unseen(f"without a host, kombu takes the virtual host of {connection.url} for one")
    if "+" in name:
        raise Broken(
            f"{url.scheme}:// loads the rabbit driver, but kombu takes what follows the + for a host name, and"
            " the service dials that for ever",
            remedy=rename_scheme(connection),
        )
    if name == "pyamqp":
        name = "amqp"
    if name in _OTHER_KOMBU:
        raise Unseen(f"{url.scheme}:// is kombu's transport for {name}, which Nova does not support")
    if name not in ("amqp", "amqps", "memory"):
        raise Broken(
            f"{url.scheme}:// loads the rabbit driver, but kombu has no transport {name!r}",
            remedy=rename_scheme(connection),
        )
    return name


def _dial(connection: Connection, url: TransportURL) -> None:
    """Whether kombu can read the URL that the driver makes for it of each broker."""
    if any(character in (url.virtual_host or "") for character in "?;"):
        raise Unseen(f"kombu reads the virtual host of {connection.url} as more than a name")
    by_netutils = libraries.required(connection.service, "oslo.messaging").release >= (15,)
    for broker in url.brokers:
        hidden = withheld(broker.password)
        slash = "f" in hidden.traits or "s" in hidden.traits if hidden else "/" in (broker.password or "")
        remedy = f"Choose a user and a password without `/` for `{connection.url}`."
        if "/" in (broker.user or ""):
            raise Broken(
                f"a / (written %2F) in the user of {connection.url} is left unquoted for kombu, which takes what"
                " stands before it for the host, and the service dials that for ever",
                remedy=remedy,
            )
        if slash:
            raise Broken(
                f"a / (written %2F) in the password of {connection.url} is left unquoted for kombu, which cannot"
                " read host and port after it",
                remedy=remedy,
            )
        if broker.host is None and not by_netutils:
            raise Broken(
                f"{connection.url} has a login and no host: oslo.messaging before 15.0.0 ends with TypeError"
            )
        if not 0 <= (broker.port or 5672) <= 65535:
            raise Broken(f"{broker.port} in {connection.url} is no port")


def rename_scheme(connection: Connection) -> str:
    """What to do about a scheme that is no transport of Nova's."""
    return f"Write `rabbit://` in `{connection.url}`: TLS is switched on by `[{GROUP}] ssl = true`."


def _switch_on(connection: Connection, options: Options) -> str:
    """The change that switches TLS on, with what of it is written already, be it under an old name."""
    wanted = {"ssl": "true"}
    names = _checking_names(connection, options)
    if not options.is_set("ssl_ca_file"):
        wanted["ssl_ca_file"] = "/path/to/ca.pem"
    if options.in_query("ssl"):
        ssl = connection.service.find(GROUP, "ssl")
        if ssl is not None and ssl.error is None and ssl.resolved is True and "ssl_ca_file" not in wanted:
            return f"Remove `ssl` from the query of `{connection.url}`."
        wanted |= names
        pairs = "&".join(f"{name}={value}" for name, value in wanted.items())
        return f"Write `{pairs}` in the query of `{connection.url}`."
    renamed = {OLD_NAMES[name]: name for name in _dead(connection) if not options.is_set(OLD_NAMES[name])}
    if wanted.keys() <= renamed.keys():
        pairs = " and ".join(f"`{old}` to `{new}`" for new, old in renamed.items())
        return f"Rename {pairs} in `[{GROUP}]`."
    return _write(**wanted, **names)


def _checking_names(connection: Connection, options: Options) -> dict[str, str]:
    """What switches the check of names on, unless the query decides; several brokers need other certificates first."""
    if len(connection.endpoints) > 1 or not _knows_names(connection) or options.in_query(_HOSTNAME):
        return {}
    return {} if options.value(_HOSTNAME) else {_HOSTNAME: "true"}


def _dead(connection: Connection) -> dict[str, Setting]:
    """What is written under names that the installed oslo.messaging no longer knows, but for what says no."""
    found = {name: unknown(connection.service, GROUP, name) for name in OLD_NAMES}
    return {
        name: setting
        for name, setting in found.items()
        if setting is not None
        and (name != "rabbit_use_ssl" or setting.is_withheld or str(setting.resolved).lower() in TRUE)
    }


def _write(**options: str) -> str:
    """The change that sets options of the section, as a sentence."""
    first, *others = (f"{name} = {value}" for name, value in options.items())
    lines = [f"`[{GROUP}] {first}`", *(f"`{other}`" for other in others)]
    return f"Write {', '.join(lines[:-1])}{' and ' if others else ''}{lines[-1]}."


def _remove(connection: Connection, options: Options, name: str) -> str:
    """The change that removes an option from where it is written, as a sentence without its full stop."""
    place = f"the query of `{connection.url}`" if options.in_query(name) else f"`[{GROUP}]`"
    return f"Remove `{name}` from {place}"


def _plaintext(connection: Connection, options: Options) -> Transport:
    dead = _dead(connection)
    ssl = options.setting("ssl")
    limit = Limit("configuration", f"[{GROUP}] ssl")
    if options.in_query("ssl"):
        reason = f"the query of {connection.url} switches ssl off, whatever [{GROUP}] says"
        limit = Limit("configuration", str(connection.url))
    elif ssl is not None and ssl.is_written:
        reason = f"[{GROUP}] ssl is off: the password and every message travel in the clear"
    elif "rabbit_use_ssl" in dead:
        reason = (
            "rabbit_use_ssl is no longer known to oslo.messaging 16.0.0 and newer, and ssl is off by default"
        )
        limit = Limit("release", connection.service.release)
    else:
        reason = f"[{GROUP}] ssl is not set: the password and every message travel in the clear"
    others = options.settings("ssl_ca_file", "ssl_version", "ssl_cert_file", "ssl_key_file")
    if others:
        reason += "; the other ssl options are ignored"
    return connection.transport(
        Posture.PLAINTEXT,
        reason,
        limited_by=limit,
        judging=(*options.settings("ssl"), *others, *dead.values()),
        remedy=_switch_on(connection, options),
    )


def _encrypted(connection: Connection, url: TransportURL, options: Options) -> Transport:
    judging = options.settings(*_TLS)
    messaging = libraries.required(connection.service, "oslo.messaging")
    _check_version(connection, options, judging)
    if options.value("ssl_enforce_fips_mode") and messaging.release < (17, 3):
        raise Broken(
            "ssl_enforce_fips_mode needs ssl.FIPS_mode, which Python does not have: oslo.messaging before 17.3.0"
            " raises ConfigurationError",
            *judging,
            remedy=f"{_remove(connection, options, 'ssl_enforce_fips_mode')}.",
        )
    names = _checks_names(connection, options)
    facts = _load_files(connection, options, judging)
    if "trust" not in facts:
        return _without_ca(connection, options, facts)
    if names and len(url.brokers) == 1 and not url.brokers[0].host:
        raise Broken(
            f"names are checked, and {connection.url} has none: ValueError at the first connection", *judging
        )
    return _with_ca(connection, url, options, names, facts)


def _check_version(connection: Connection, options: Options, judging: tuple[Setting, ...]) -> None:
    """``Connection.validate_ssl_version``, and what OpenSSL 3 makes of the old protocols."""
    version = options.value("ssl_version")
    word = version.lower() if version else ""
    if word in ("", "sslv23", "tlsv1_2"):
        return
    remedy = f"{_remove(connection, options, 'ssl_version')}: TLS 1.2 and newer are negotiated without it."
    if word in ("tlsv1", "tlsv1_1"):
        raise Broken(
            f"ssl_version {version} pins a protocol that OpenSSL 3 refuses: the service retries for ever",
            *judging,
            remedy=remedy,
        )
    raise Broken(
        f"ssl_version {version} is none of TLSv1, SSLv23, TLSv1_1, TLSv1_2: RuntimeError at the first connection",
        *judging,
        remedy=remedy,
    )


def _load_files(connection: Connection, options: Options, judging: tuple[Setting, ...]) -> dict[str, Any]:
    """The fields of the transport that follow from the files, ``trust`` where there is an ssl_ca_file."""
    service, unseen = connection.service, []
    facts: dict[str, Any] = {"judging": judging}
    loaded = []
    if ca := options.value("ssl_ca_file"):
        loaded.append(("ssl_ca_file", look_at_certificates(service, ca)))
        facts |= {"ca_file": loaded[0][1].found, "trust": Trust("file", ca)}
    if certificate := options.value("ssl_cert_file"):
        facts["client_certificate"] = "yes"
        key = options.value("ssl_key_file")
        loaded += [("ssl_cert_file", seen) for seen in look_at_client(service, certificate, key)]
    for name, seen in loaded:
        if seen.problem:
            raise Broken(
                f"{name}: {seen.problem}; the service retries for ever and looks alive",
                *judging,
                remedy=f"Give `[{GROUP}] {name}` a file in PEM form that the service can read.",
            )
        if seen.unseen:
            unseen.append(seen.unseen)
    return facts | {"undecided": "; ".join(unseen) or None}


def _without_ca(connection: Connection, options: Options, facts: dict[str, Any]) -> Transport:
    if "kombu_ssl_ca_certs" in _dead(connection):
        remedy = f"Rename `kombu_ssl_ca_certs` to `ssl_ca_file` in `[{GROUP}]`."
    else:
        remedy = _write(ssl_ca_file="/path/to/ca.pem", **_checking_names(connection, options))
    limit = Limit("configuration", f"[{GROUP}] ssl_ca_file")
    if options.value("ssl_version"):
        return connection.transport(
            Posture.ENCRYPTED,
            "ssl_version without ssl_ca_file switches verification off: any certificate is accepted",
            limited_by=limit,
            remedy=remedy,
            **facts,
        )
    amqp = libraries.required(connection.service, "amqp")
    if amqp.release < (5, 0, 3):
        return connection.transport(
            Posture.ENCRYPTED,
            f"without ssl_ca_file, py-amqp {amqp.version} verifies nothing: any certificate is accepted",
            limited_by=Limit("library", "amqp", amqp.version, "5.0.3"),
            remedy=remedy,
            **{**facts, "library": amqp},
        )
    return connection.transport(
        Posture.VERIFIED_CA,
        "without ssl_ca_file, any certificate of the system's authorities is accepted for any name, and a broker"
        " whose certificate comes from a private authority is refused for ever",
        limited_by=limit,
        trust=system_trust(connection.service),
        remedy=remedy,
        **facts,
    )


def _with_ca(
    connection: Connection, url: TransportURL, options: Options, names: bool, facts: dict[str, Any]
) -> Transport:
    messaging = libraries.required(connection.service, "oslo.messaging")
    if names:
        reason = "the broker needs a certificate from ssl_ca_file for its own name"
        if len(url.brokers) > 1:
            reason += (
                "; kombu keeps the name of the first broker it dials, so failover works only where every broker's"
                " certificate carries all their names"
            )
        return connection.transport(Posture.VERIFIED_FULL, reason, **facts)
    if _knows_names(connection):
        limit = Limit("configuration", f"[{GROUP}] {_HOSTNAME}")
        reason = f"any certificate from ssl_ca_file is accepted for any name: {_HOSTNAME} is off"
        remedy = _write(**{_HOSTNAME: "true"})
        if options.in_query(_HOSTNAME):
            remedy = f"Write `{_HOSTNAME}=true` in the query of `{connection.url}`."
    else:
        fixed = _fixed_in(messaging.release)
        limit = Limit("library", "oslo.messaging", messaging.version, fixed)
        reason = (
            f"any certificate from ssl_ca_file is accepted for any name: oslo.messaging {messaging.version} cannot"
            " check names"
        )
        written = options.setting(_HOSTNAME) or unknown(connection.service, GROUP, _HOSTNAME)
        if written is not None and written.is_written:
            reason += f", and ignores {_HOSTNAME}"
        remedy = _upgrade(fixed, written)
        if is_public(facts["trust"], facts["ca_file"]):
            authority = "the one authority that signed the brokers' certificates"
            remedy = f"Write `[{GROUP}] ssl_ca_file = /path/to/ca.pem` with {authority}."
    return connection.transport(Posture.VERIFIED_CA, reason, limited_by=limit, remedy=remedy, **facts)


def _upgrade(fixed: str, written: Setting | None) -> str:
    """The version that checks names, and what it needs for that besides what is written."""
    value = None if written is None or not written.is_written else str(written.resolved).lower()
    if value in TRUE or (value is None and fixed == "18.1.0"):
        return f"Install oslo.messaging {fixed} or newer."
    return f"Install oslo.messaging {fixed} or newer, with `[{GROUP}] {_HOSTNAME} = true`."


def _knows_names(connection: Connection) -> bool:
    """Whether the installed oslo.messaging has the option that checks names (OSSN-0096 and its backports)."""
    version = libraries.required(connection.service, "oslo.messaging").release
    by_version = (
        version >= (18, 1)
        or (17, 3, 1) <= version < (18,)
        or (17, 1, 1) <= version < (17, 2)
        or (16, 1, 2) <= version < (17,)
    )
    return libraries.is_capable(connection.service, _MARKER, by_version)


def _checks_names(connection: Connection, options: Options) -> bool:
    """Whether a connection with ssl and ssl_ca_file checks the broker's name; `Broken` where the option is no boolean."""
    service, version = connection.service, libraries.required(connection.service, "oslo.messaging").release
    if libraries.is_capable(service, "oslo.messaging:hostname_always", version >= (18, 2)):
        return True
    if not _knows_names(connection):
        return False
    setting = options.setting(_HOSTNAME)
    if setting is not None:
        require_read(setting)
    if setting is None or not setting.is_written:
        return libraries.is_capable(service, "oslo.messaging:hostname_default_true", version >= (18, 1))
    if setting.error is not None:
        raise Broken(f"{setting} is rejected by oslo.config: {setting.error}", setting)
    value = options.value(_HOSTNAME)
    return value.lower() in TRUE if isinstance(value, str) else bool(value)


def _fixed_in(version: tuple[int, ...]) -> str:
    """The first version that has the option, in the series of the one that lacks it or after it."""
    for upper, fixed in (((17,), "16.1.2"), ((17, 2), "17.1.1"), ((18,), "17.3.1")):
        if version < upper:
            return fixed
    return "18.1.0"


def freezes_name(transport: Transport) -> bool:
    """Whether a broker that takes over is refused unless its certificate carries the name of the one before it.

    kombu fills the name that oslo.messaging leaves open for several brokers into the options that it hands to every
    later connection (``kombu.transport.pyamqp.Transport.establish_connection``, 5.2.4 to 5.7.0, measured): the broker
    that is dialled first, chosen at random, names them all for as long as the connection object lives.
    """
    hosts = {place.rpartition(":")[0].replace("localhost", "127.0.0.1") for place in transport.endpoints}
    is_rabbit = transport.library is not None and transport.library.name == "oslo.messaging"
    return is_rabbit and transport.posture is Posture.VERIFIED_FULL and len(hosts) > 1


def bounds_handshake(service: Service) -> bool:
    """Whether a broker that accepts a TLS connection and stays silent is given up (after five seconds).

    py-amqp before 5.2.0 sets kombu's ``connect_timeout`` for TCP and for AMQP's own handshake, and none for TLS between
    them (``amqp.transport.SSLTransport._setup_transport``, measured with 5.1.1 to 5.4.2).
    """
    return libraries.required(service, "amqp").release >= (5, 2)
