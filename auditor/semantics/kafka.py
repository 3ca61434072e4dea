"""What the kafka driver of oslo.messaging does with its settings, through confluent-kafka and librdkafka.

Sources: ``oslo_messaging._drivers.impl_kafka`` 14.0.3 to 18.3.1 and librdkafka's CONFIGURATION.md. Names are checked
since librdkafka 2.0.0, whose release notes say that the default of ``ssl.endpoint.identification.algorithm`` became
``https``; the first confluent-kafka on it is 2.0.2, whose change log says that there is no 2.0.0 and no 2.0.1. The
driver carries notifications only, and reads ``[oslo_messaging_kafka]``; ``[oslo_messaging_rabbit]`` does not concern it.
"""

from auditor.model import File, Limit, Posture, Transport, Trust
from auditor.semantics import libraries
from auditor.semantics.certificates import is_public, look_at, look_at_certificates, look_at_folder
from auditor.semantics.connection import Broken, Connection, system_trust, withheld
from auditor.semantics.keywords import words
from auditor.semantics.queries import Options
from auditor.semantics.urls import TransportURL, endpoint

GROUP = "oslo_messaging_kafka"
_TLS = ("security_protocol", "sasl_mechanism", "ssl_cafile", "ssl_client_cert_file", "ssl_client_key_file")

#: What librdkafka 1.9.2 to 2.15.0 takes (rdkafka_sasl.c, ``rd_kafka_sasl_select_provider``); GSSAPI needs a build for it.
_WITH_PASSWORD = words("PLAIN SCRAM-SHA-256 SCRAM-SHA-512")
_MECHANISMS = _WITH_PASSWORD | words("OAUTHBEARER GSSAPI")


def locate(connection: Connection, url: TransportURL) -> Connection:
    """The connection with its endpoints and the user of its first broker."""
    first = url.brokers[0] if url.brokers else None
    places = [(broker.host, broker.port) for broker in url.brokers if broker.host]
    # The driver renders an unset port as None, which librdkafka replaces by its default.
    return connection.to(
        *((host, endpoint(host, port or 9092)) for host, port in places),
        user=first.user if first else None,
        password=withheld(first.password) if first else None,
        library=connection.service.libraries.find("confluent-kafka"),
    )


def load(connection: Connection, url: TransportURL) -> Options:
    """What happens when the driver is loaded, at the start of the service; raises `Broken` where that fails."""
    try:
        libraries.driver(connection.service, "confluent-kafka")
    except LookupError:
        raise Broken(
            "kafka:// needs confluent-kafka, which is not installed: the driver fails to load",
            remedy="Install confluent-kafka.",
        ) from None
    return Options(connection, GROUP, url.query)


def judge(connection: Connection, url: TransportURL) -> Transport:
    """The transport that this URL gives; raises `Broken` and `Unseen`."""
    options = load(connection, url)
    if connection.is_rpc:
        raise Broken(
            "kafka:// carries notifications only: every RPC call raises NotImplementedError",
            remedy=f"Write `rabbit://` in `{connection.url}`.",
        )
    protocol = options.value("security_protocol")
    judging = options.settings(*_TLS)
    _refuse_login(connection, url, options)
    if protocol not in ("SSL", "SASL_SSL"):
        return connection.transport(
            Posture.PLAINTEXT,
            f"security_protocol is {protocol}: every message"
            + (" and the password travel" if protocol == "SASL_PLAINTEXT" else " travels")
            + " in the clear",
            limited_by=Limit("configuration", f"[{GROUP}] security_protocol"),
            judging=judging,
            remedy=_switch_on(connection, options, protocol),
        )
    trust = system_trust(connection.service)
    ca_file = None
    if ca := options.value("ssl_cafile"):
        trust = Trust("file", ca)
        ca_file = connection.service.files.at(ca)
    undecided = _undecided(connection, options)
    certificate, key = options.value("ssl_client_cert_file"), options.value("ssl_client_key_file")
    # A certificate without its key is loaded and never shown.
    client_certificate = "yes" if certificate and key else "no"
    library = libraries.driver(connection.service, "confluent-kafka")
    whom = "ssl_cafile" if ca else "the system's authorities"
    remedy = "Install confluent-kafka 2.0.2 or newer."
    if is_public(trust, ca_file):
        remedy = f"Write `[{GROUP}] ssl_cafile = /path/to/ca.pem` with the one authority that signed the brokers' certificates."
    if library is None or library.release >= (2,):
        return connection.transport(
            Posture.VERIFIED_FULL,
            f"the broker needs a certificate from {whom} for its own name",
            trust=trust,
            client_certificate=client_certificate,
            judging=judging,
            undecided=undecided,
            ca_file=ca_file,
        )
    return connection.transport(
        Posture.VERIFIED_CA,
        f"any certificate from {whom} is accepted for any name: librdkafka before 2.0 does not check names",
        limited_by=Limit("library", "confluent-kafka", library.version, "2.0.2"),
        trust=trust,
        client_certificate=client_certificate,
        judging=judging,
        undecided=undecided,
        ca_file=ca_file,
        remedy=remedy,
    )


def _refuse_login(connection: Connection, url: TransportURL, options: Options) -> None:
    """Raise `Broken` where librdkafka makes no producer for want of a mechanism that it knows, or of a password."""
    protocol, mechanism = options.value("security_protocol"), options.value("sasl_mechanism")
    if not protocol.startswith("SASL_"):
        return
    judging = options.settings(*_TLS)
    if mechanism not in _MECHANISMS:
        raise Broken(
            f"librdkafka knows no sasl_mechanism {mechanism}, and refuses to make a producer", *judging
        )
    first = url.brokers[0] if url.brokers else None
    if mechanism in _WITH_PASSWORD and (first is None or first.password is None):
        raise Broken(
            f"{connection.url} has no user and password for {mechanism}, and librdkafka refuses to make a producer",
            *judging,
        )


def _undecided(connection: Connection, options: Options) -> str | None:
    """Why it is not certain that librdkafka can load its files, None where it is; raises `Broken` where it cannot."""
    judging = options.settings(*_TLS)
    if options.value("ssl_client_key_file") and not options.value("ssl_client_cert_file"):
        raise Broken(
            "ssl_client_key_file is set without ssl_client_cert_file: librdkafka refuses to make a producer"
        )
    unseen = []
    for name in ("ssl_cafile", "ssl_client_cert_file", "ssl_client_key_file"):
        path = options.value(name)
        if not path:
            continue
        look = look_at if name == "ssl_client_key_file" else look_at_certificates
        seen = look(connection.service, path)
        if isinstance(seen.found, File) and seen.found.format == "folder" and name == "ssl_cafile":
            # librdkafka takes a folder of certificates as well as a file.
            folder = look_at_folder(connection.service, path)
            if folder.problem:
                raise Broken(
                    f"{name}: {folder.problem}; librdkafka believes no broker, and tries for ever", *judging
                )
        elif seen.problem:
            raise Broken(f"{name}: {seen.problem}, and librdkafka refuses to make a producer", *judging)
        if seen.unseen:
            unseen.append(seen.unseen)
    return "; ".join(unseen) or None


def _switch_on(connection: Connection, options: Options, protocol: str) -> str:
    """The change that switches TLS on, as a sentence."""
    wanted = "SASL_SSL" if connection.user or protocol == "SASL_PLAINTEXT" else "SSL"
    if options.in_query("security_protocol"):
        return f"Write `security_protocol={wanted}` in the query of `{connection.url}`."
    authority = "" if options.is_set("ssl_cafile") else " and `ssl_cafile = /path/to/ca.pem`"
    return f"Write `[{GROUP}] security_protocol = {wanted}`{authority}."
