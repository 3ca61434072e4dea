"""Cases of notifications over Kafka."""

from collections.abc import Iterator, Mapping
from typing import Any

KAFKA = "confluent-kafka"
_URL = "kafka://127.0.0.1:@PORT@/"
_LOGIN = "kafka://nova:pw@127.0.0.1:@PORT@/"
_CA = {"security_protocol": "SSL", "ssl_cafile": "@DIR@/ca.pem"}
_PAIR = {"ssl_client_cert_file": "@DIR@/client.pem", "ssl_client_key_file": "@DIR@/client.key"}

#: Name, URL, section.
_CASES: tuple[tuple[str, str, Mapping[str, str]], ...] = (
    ("unset", _URL, {}),
    ("plaintext", _URL, {"security_protocol": "PLAINTEXT"}),
    ("plaintext-ca", _URL, {"ssl_cafile": "@DIR@/ca.pem"}),
    ("plaintext-login", _LOGIN, {}),
    ("sasl-plaintext", _LOGIN, {"security_protocol": "SASL_PLAINTEXT"}),
    ("sasl-plaintext-ca", _LOGIN, {"security_protocol": "SASL_PLAINTEXT", "ssl_cafile": "@DIR@/ca.pem"}),
    ("sasl-ssl", _LOGIN, {**_CA, "security_protocol": "SASL_SSL"}),
    ("sasl-ssl-client", _LOGIN, {**_CA, **_PAIR, "security_protocol": "SASL_SSL"}),
    ("sasl-ssl-scram", _LOGIN, {**_CA, "security_protocol": "SASL_SSL", "sasl_mechanism": "SCRAM-SHA-256"}),
    ("sasl-ssl-system", _LOGIN, {"security_protocol": "SASL_SSL"}),
    ("ssl-ca", _URL, _CA),
    ("ssl-system", _URL, {"security_protocol": "SSL"}),
    ("ssl-ca-empty-value", _URL, {**_CA, "ssl_cafile": ""}),
    ("ssl-missing", _URL, {**_CA, "ssl_cafile": "@DIR@/missing.pem"}),
    ("ssl-empty", _URL, {**_CA, "ssl_cafile": "@DIR@/empty.pem"}),
    ("ssl-garbage", _URL, {**_CA, "ssl_cafile": "@DIR@/garbage.pem"}),
    ("ssl-folder", _URL, {**_CA, "ssl_cafile": "@DIR@/folder"}),
    ("ssl-hashed", _URL, {**_CA, "ssl_cafile": "@DIR@/hashed"}),
    ("ssl-client", _URL, {**_CA, **_PAIR}),
    ("ssl-client-cert-only", _URL, {**_CA, "ssl_client_cert_file": "@DIR@/client.pem"}),
    ("ssl-client-key-only", _URL, {**_CA, "ssl_client_key_file": "@DIR@/client.key"}),
    ("ssl-client-cert-missing", _URL, {**_CA, **_PAIR, "ssl_client_cert_file": "@DIR@/missing.pem"}),
    ("ssl-client-key-missing", _URL, {**_CA, **_PAIR, "ssl_client_key_file": "@DIR@/missing.key"}),
    ("ssl-client-garbage", _URL, {**_CA, **_PAIR, "ssl_client_cert_file": "@DIR@/garbage.pem"}),
    ("protocol-lower", _URL, {**_CA, "security_protocol": "ssl"}),
    ("protocol-bogus", _URL, {**_CA, "security_protocol": "TLS"}),
    ("rabbit-section", _URL, {}),
    ("query-ssl", f"{_URL}?security_protocol=SSL&ssl_cafile=@DIR@/ca.pem", {}),
    ("query-over-section", f"{_URL}?security_protocol=PLAINTEXT", _CA),
    ("query-rabbit-option", f"{_URL}?ssl=1", {}),
    ("mechanism-bogus", _LOGIN, {**_CA, "security_protocol": "SASL_SSL", "sasl_mechanism": "bogus"}),
    ("mechanism-bogus-plaintext", _LOGIN, {"security_protocol": "SASL_PLAINTEXT", "sasl_mechanism": "bogus"}),
    ("mechanism-lower", _LOGIN, {"security_protocol": "SASL_PLAINTEXT", "sasl_mechanism": "plain"}),
    ("mechanism-bogus-unused", _LOGIN, {**_CA, "sasl_mechanism": "bogus"}),
    (
        "mechanism-scram-512",
        _LOGIN,
        {"security_protocol": "SASL_PLAINTEXT", "sasl_mechanism": "SCRAM-SHA-512"},
    ),
    ("sasl-without-login", _URL, {"security_protocol": "SASL_PLAINTEXT"}),
    ("compression-bogus", _URL, {"compression_codec": "lzma"}),
)


def cases() -> Iterator[Mapping[str, Any]]:
    """Notifications with each of the sections, and RPC, which the driver refuses."""
    for name, url, section in _CASES:
        lines = [f"{option} = {value}" for option, value in section.items()]
        text = ["[oslo_messaging_notifications]", "driver = messagingv2", f"transport_url = {url}"]
        text += ["[oslo_messaging_kafka]", *lines, ""]
        if name == "rabbit-section":
            text += ["[oslo_messaging_rabbit]", "ssl = true", "ssl_ca_file = @DIR@/ca.pem", ""]
        case: dict[str, Any] = {
            "id": f"kafka-{name}",
            "driver": KAFKA,
            "purpose": "notifications",
            "conf": "\n".join(text),
        }
        wants_tls = section.get("security_protocol") in ("SSL", "SASL_SSL")
        if wants_tls and not section.get("ssl_cafile"):
            case["trusts_system"] = True
        yield case
    conf = f"[DEFAULT]\ntransport_url = {_URL}\n"
    yield {"id": "kafka-rpc", "driver": KAFKA, "purpose": "rpc", "conf": conf}
