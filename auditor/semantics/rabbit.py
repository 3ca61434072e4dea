"""What the rabbit driver of oslo.messaging does with its settings, through kombu and py-amqp.

Sources: ``oslo_messaging._drivers.impl_rabbit`` (``RabbitDriver.__init__``, ``Connection.__init__``,
``_transform_transport_url``, ``_fetch_ssl_params``) 14.0.3 to 18.3.1, ``kombu.transport.pyamqp.establish_connection``
and ``amqp.transport.SSLTransport._wrap_socket_sni`` 5.1.1 to 5.4.2. TLS never depends on the port, and a client that
wants TLS never steps down.
"""

from typing import Any

from auditor.model import Limit, Posture, Setting, Transport, Trust
from auditor.semantics import libraries
from auditor.semantics.certificates import look_at_certificates, look_at_client
from auditor.semantics.connection import Broken, Connection, Unseen, system_trust, withheld
from auditor.semantics.keywords import words
from auditor.semantics.queries import Options, convert
from auditor.semantics.urls import TransportURL, endpoint

GROUP = "oslo_messaging_rabbit"
_HOSTNAME = "ssl_enforce_hostname_verification"
_MARKER = f"oslo.messaging:{_HOSTNAME}"

#: kombu.transport.TRANSPORT_ALIASES, as far as a transport URL can reach them and they are no AMQP 0-9-1.
_OTHER_KOMBU = words(
    "redis rediss SQS sqs mongodb zookeeper sqlalchemy sqla SLMQ slmq filesystem qpid sentinel consul etcd"
    " azurestoragequeues azureservicebus pyro librabbitmq confluentkafka kafka gcpubsub native-delayed"
)

#: The deprecated names, unknown from oslo.messaging 16.0.0 on, that still stand in files.
_OLD_NAMES = (
    "rabbit_use_ssl",
    "kombu_ssl_ca_certs",
    "kombu_ssl_certfile",
    "kombu_ssl_keyfile",
    "kombu_ssl_version",
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
    located = connection.to(*((host, endpoint(host, port)) for host, port in places))
    user = (first.user if first else None) or "guest"
    located = located.with_login(user, withheld(first.password) if first else None)
    return located.by(libraries.required(connection.service, "oslo.messaging"))


def load(connection: Connection, url: TransportURL) -> Options:
    """What happens when the driver is loaded, at the start of the service; raises `Broken` where that fails."""
    options = Options(connection, GROUP, url.query, {_HOSTNAME: _knows_names(connection)})
    most, least = options.value("rpc_conn_pool_size"), options.value("conn_pool_min_size")
    if isinstance(most, int) and isinstance(least, int) and most < least:
        raise Broken(
            f"rpc_conn_pool_size ({most}) is less than conn_pool_min_size ({least}), and the driver refuses to load",
            *options.settings("rpc_conn_pool_size", "conn_pool_min_size"),
        )
    return options


def judge(connection: Connection, url: TransportURL) -> Transport:
    """The transport that this URL gives; raises `Broken` and `Unseen`."""
    options = load(connection, url)
    kombu = _kombu_transport(connection, url)
    if kombu == "memory":
        return connection.to().transport(Posture.LOCAL, "kombu's memory transport stays inside the process")
    _dial(connection, url)
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
            remedy=f"write rabbit:// in {connection.url}, and [{GROUP}] ssl = true and ssl_ca_file = /path/to/ca.pem",
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
            f"{url.scheme}:// loads the rabbit driver, but kombu takes what follows the + for a host name",
            remedy=f"write rabbit:// in {connection.url}; TLS is switched on by [{GROUP}] ssl = true",
        )
    if name == "pyamqp":
        name = "amqp"
    if name in _OTHER_KOMBU:
        raise Unseen(f"{url.scheme}:// is kombu's transport for {name}, which Nova does not support")
    if name not in ("amqp", "amqps", "memory"):
        raise Broken(
            f"{url.scheme}:// loads the rabbit driver, but kombu has no transport {name!r}",
            remedy=f"write rabbit:// in {connection.url}",
        )
    return name


def _dial(connection: Connection, url: TransportURL) -> None:
    """Whether kombu can read the URL that the driver makes for it of each broker."""
    if any(character in (url.virtual_host or "") for character in "?;"):
        raise Unseen(f"kombu reads the virtual host of {connection.url} as more than a name")
    for broker in url.brokers:
        hidden = withheld(broker.password)
        slash = "/" in (broker.user or "") or (
            "f" in hidden.traits or "s" in hidden.traits if hidden else "/" in (broker.password or "")
        )
        if slash:
            raise Broken(
                f"a / (written %2F) in the user or password of {connection.url} is left unquoted for kombu, which"
                " cannot read host and port after it",
                remedy=f"choose a password without / for {connection.url}",
            )
        if not 0 <= (broker.port or 5672) <= 65535:
            raise Broken(f"{broker.port} in {connection.url} is no port")


def _plaintext(connection: Connection, options: Options) -> Transport:
    dead = [
        setting
        for setting in (connection.service.find(GROUP, name) for name in _OLD_NAMES)
        if setting is not None and setting.unknown
    ]
    ssl = options.setting("ssl")
    remedy = f"[{GROUP}] ssl = true and ssl_ca_file = /path/to/ca.pem"
    limit = Limit("configuration", f"[{GROUP}] ssl")
    if options.in_query("ssl"):
        reason = f"the query of {connection.url} switches ssl off, whatever [{GROUP}] says"
        remedy = f"remove ssl from the query of {connection.url}, and write {remedy}"
        limit = Limit("configuration", str(connection.url))
    elif dead:
        names = " and ".join(setting.name for setting in dead)
        reason = f"{names} is no longer known to oslo.messaging 16.0.0 and newer, and ssl is off by default"
        limit = Limit("release", connection.service.release)
    elif ssl is not None and ssl.is_written:
        reason = f"[{GROUP}] ssl is off: the password and every message travel in the clear"
    else:
        reason = f"[{GROUP}] ssl is not set: the password and every message travel in the clear"
    others = options.settings("ssl_ca_file", "ssl_version", "ssl_cert_file", "ssl_key_file")
    if others:
        reason += "; the other ssl options are ignored"
    return connection.transport(
        Posture.PLAINTEXT,
        reason,
        limited_by=limit,
        judging=(*options.settings("ssl"), *others, *dead),
        remedy=remedy,
    )


def _encrypted(connection: Connection, url: TransportURL, options: Options) -> Transport:
    judging = options.settings(*_TLS)
    messaging = libraries.required(connection.service, "oslo.messaging")
    _check_version(options, judging)
    if options.value("ssl_enforce_fips_mode") and messaging.release < (17, 3):
        raise Broken(
            "ssl_enforce_fips_mode needs ssl.FIPS_mode, which Python does not have: oslo.messaging before 17.3.0"
            " raises ConfigurationError",
            *judging,
            remedy=f"remove ssl_enforce_fips_mode from [{GROUP}]",
        )
    ca, unseen, facts = _check_files(connection, options, judging)
    facts["judging"] = judging
    if not ca:
        return _without_ca(connection, options, unseen, facts)
    facts["trust"] = Trust("file", ca)
    return _with_ca(connection, url, options, unseen, facts)


def _check_version(options: Options, judging: tuple[Setting, ...]) -> None:
    """``Connection.validate_ssl_version``, and what OpenSSL 3 makes of the old protocols."""
    version = options.value("ssl_version")
    word = version.lower() if version else ""
    if word in ("", "sslv23", "tlsv1_2"):
        return
    remedy = f"remove ssl_version from [{GROUP}]: TLS 1.2 and newer are negotiated without it"
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


def _check_files(
    connection: Connection, options: Options, judging: tuple[Setting, ...]
) -> tuple[str, list[str], dict[str, Any]]:
    """The CA file, what could not be seen, and the fields of the transport that follow from the files."""
    service = connection.service
    unseen: list[str] = []
    facts: dict[str, Any] = {}
    ca = options.value("ssl_ca_file") or ""
    if ca:
        seen = look_at_certificates(service, ca)
        facts["ca_file"] = seen.found
        if seen.problem:
            raise Broken(
                f"ssl_ca_file: {seen.problem}; the service retries for ever and looks alive",
                *judging,
                remedy=f"[{GROUP}] ssl_ca_file = /path/to/ca.pem, one file of certificates in PEM form",
            )
        unseen += [seen.unseen] if seen.unseen else []
    certificate = options.value("ssl_cert_file")
    if certificate:
        facts["client_certificate"] = "yes"
        for seen in look_at_client(service, certificate, options.value("ssl_key_file")):
            if seen.problem:
                raise Broken(
                    f"ssl_cert_file: {seen.problem}; the service retries for ever and looks alive", *judging
                )
            unseen += [seen.unseen] if seen.unseen else []
    return ca, unseen, facts


def _without_ca(
    connection: Connection, options: Options, unseen: list[str], facts: dict[str, Any]
) -> Transport:
    remedy = f"[{GROUP}] ssl_ca_file = /path/to/ca.pem"
    limit = Limit("configuration", f"[{GROUP}] ssl_ca_file")
    undecided = "; ".join(unseen) or None
    if options.value("ssl_version"):
        return connection.transport(
            Posture.ENCRYPTED,
            "ssl_version without ssl_ca_file switches verification off: any certificate is accepted",
            limited_by=limit,
            remedy=f"{remedy}, and remove ssl_version",
            undecided=undecided,
            **facts,
        )
    amqp = libraries.required(connection.service, "amqp")
    if amqp.release < (5, 0, 3):
        return connection.transport(
            Posture.ENCRYPTED,
            f"without ssl_ca_file, py-amqp {amqp.version} verifies nothing: any certificate is accepted",
            limited_by=Limit("library", "amqp", amqp.version, "5.0.3"),
            remedy=remedy,
            undecided=undecided,
            **{**facts, "library": amqp},
        )
    return connection.transport(
        Posture.VERIFIED_CA,
        "without ssl_ca_file, any certificate of the system's authorities is accepted for any name, and a broker"
        " whose certificate comes from a private authority is refused for ever",
        limited_by=limit,
        trust=system_trust(connection.service),
        remedy=remedy,
        undecided=undecided,
        **facts,
    )


def _with_ca(
    connection: Connection, url: TransportURL, options: Options, unseen: list[str], facts: dict[str, Any]
) -> Transport:
    messaging = libraries.required(connection.service, "oslo.messaging")
    always = libraries.is_capable(
        connection.service, "oslo.messaging:hostname_always", messaging.release >= (18, 2)
    )
    undecided = "; ".join(unseen) or None
    if always or (_knows_names(connection) and _asks_for_names(connection, options)):
        reason = "the broker needs a certificate from ssl_ca_file for its own name"
        if len(url.brokers) > 1:
            reason += (
                "; kombu keeps the name of the first broker it dials, so failover works only where every broker's"
                " certificate carries all their names"
            )
        return connection.transport(Posture.VERIFIED_FULL, reason, undecided=undecided, **facts)
    if _knows_names(connection):
        limit = Limit("configuration", f"[{GROUP}] {_HOSTNAME}")
        reason = f"any certificate from ssl_ca_file is accepted for any name: {_HOSTNAME} is off"
        remedy = f"[{GROUP}] {_HOSTNAME} = true"
    else:
        fixed = _fixed_in(messaging.release)
        limit = Limit("library", "oslo.messaging", messaging.version, fixed)
        reason = (
            f"any certificate from ssl_ca_file is accepted for any name: oslo.messaging {messaging.version} cannot"
            " check names"
        )
        written = options.setting(_HOSTNAME)
        if written is not None and written.is_written:
            reason += f", and ignores {_HOSTNAME}"
        remedy = f"install oslo.messaging {fixed} or newer and write [{GROUP}] {_HOSTNAME} = true"
    return connection.transport(
        Posture.VERIFIED_CA, reason, limited_by=limit, remedy=remedy, undecided=undecided, **facts
    )


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


def _asks_for_names(connection: Connection, options: Options) -> bool:
    """The option's value, for an oslo.messaging that has it."""
    service = connection.service
    setting = options.setting(_HOSTNAME)
    if setting is not None and setting.is_written:
        value = options.value(_HOSTNAME)
        if isinstance(value, str):
            try:
                return bool(convert({"kind": "boolean"}, value))
            except ValueError as error:
                raise Broken(f"{setting} is rejected by oslo.config: {error}", setting) from None
        return bool(value)
    version = libraries.required(service, "oslo.messaging").release
    return libraries.is_capable(service, "oslo.messaging:hostname_default_true", version >= (18, 1))


def _fixed_in(version: tuple[int, ...]) -> str:
    """The first version that has the option, in the series of the one that lacks it or after it."""
    for upper, fixed in (((17,), "16.1.2"), ((17, 2), "17.1.1"), ((18,), "17.3.1")):
        if version < upper:
            return fixed
    return "18.1.0"
