"""What the second question asks, and what becomes of its answer: values in, values out."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from auditor.collect.live import Plan, plan, plan_of
from auditor.evidence import Document, Evidence, ServiceRecord
from auditor.model import File, Libraries, Library, Missing, Source, Trust
from tests.build import CONF, evidence, service, text_file
from tests.trees import answered as document_of
from tests.trees import grow, unit

CA = "/etc/nova/ca.pem"

RABBIT = """\
[DEFAULT]
transport_url = rabbit://nova:secret@mq1.example:5671,nova:secret@mq2.example:5671/
[oslo_messaging_rabbit]
ssl = true
ssl_ca_file = /etc/nova/ca.pem
"""


def planned(conf: str, release: str | None = "2025.1", **rest: Any) -> Plan:
    return plan_of(evidence(conf, **rest), release)


def asked(found: Plan) -> Mapping[str, Mapping[str, Any]]:
    return {str(one["id"]): one for one in found.content()}


def reasons(found: Plan) -> Mapping[str, Sequence[str]]:
    said: dict[str, list[str]] = {}
    for one in found.left:
        said.setdefault(one.who.partition(" ")[2], []).append(one.reason)
    return said


def test_every_broker_of_a_url_is_asked_as_its_client_would() -> None:
    found = asked(planned(RABBIT))

    assert list(found) == ["amqp mq1.example:5671", "amqp mq2.example:5671"]
    assert found["amqp mq1.example:5671"] == {
        "id": "amqp mq1.example:5671",
        "protocol": "amqp",
        "host": "mq1.example",
        "port": 5671,
        "server_name": "mq1.example",
        "verify": True,
        "trust": {"kind": "file", "path": CA},
        "client": None,
        "minimum": None,
    }


def test_a_connection_in_plain_text_is_not_asked() -> None:
    assert planned("[DEFAULT]\ntransport_url = rabbit://nova:secret@mq:5672/\n").items == ()


@pytest.mark.parametrize(
    ("url", "protocol", "endpoint"),
    [
        ("mysql+pymysql://nova:secret@db.example/nova?ssl_ca=/etc/nova/ca.pem", "mysql", "db.example:3306"),
        ("mysql+pymysql://nova:secret@[2001:db8::1]:3307/nova?ssl_ca=/x", "mysql", "[2001:db8::1]:3307"),
        ("postgresql://nova:secret@db.example/nova?sslmode=require", "postgresql", "db.example:5432"),
        ("postgresql+psycopg2://nova:secret@db.example:5433/nova", "postgresql", "db.example:5433"),
    ],
)
def test_a_database_is_asked_where_tls_is_wanted_or_preferred(url: str, protocol: str, endpoint: str) -> None:
    conf = f"[DEFAULT]\ntransport_url = fake:///\n[api_database]\nconnection = {url}\n"
    (only,) = planned(conf).content()

    assert (only["protocol"], only["id"]) == (protocol, f"{protocol} {endpoint}")


def test_a_database_without_tls_is_not_asked() -> None:
    conf = (
        "[DEFAULT]\ntransport_url = fake:///\n[api_database]\nconnection = mysql+pymysql://nova:x@db/nova\n"
    )

    assert planned(conf).items == ()


def test_an_address_goes_without_a_server_name() -> None:
    conf = RABBIT.replace("mq1.example", "192.0.2.1")

    assert asked(planned(conf))["amqp 192.0.2.1:5671"]["server_name"] is None


def test_a_client_that_verifies_nothing_is_asked_for_without_trust() -> None:
    conf = (
        "[DEFAULT]\ntransport_url = fake:///\n"
        "[api_database]\nconnection = postgresql://nova:x@db/nova?sslmode=require\n"
    )
    (only,) = planned(conf).content()

    assert (only["verify"], only["trust"]) == (False, {"kind": "none", "path": None})


def test_a_certificate_of_the_client_goes_along_by_the_paths_of_its_files() -> None:
    conf = f"{RABBIT}ssl_cert_file = /etc/nova/client.pem\nssl_key_file = /etc/nova/client.key\n"
    files = {
        CONF: text_file(CONF, conf),
        CA: File(CA, "root", "root", "0644", 400, "pem", "-----BEGIN CERTIFICATE-----\n"),
        "/etc/nova/client.pem": File(
            "/etc/nova/client.pem", "root", "nova", "0640", 400, "pem", "-----BEGIN CERTIFICATE-----\n"
        ),
        "/etc/nova/client.key": File("/etc/nova/client.key", "root", "nova", "0640", 400, "pem", None),
    }
    found = asked(planned(conf, files=files))

    assert found["amqp mq1.example:5671"]["client"] == {
        "certificate": "/etc/nova/client.pem",
        "key": "/etc/nova/client.key",
    }


def test_a_certificate_in_the_query_of_a_database_goes_along() -> None:
    conf = (
        "[DEFAULT]\ntransport_url = fake:///\n[api_database]\nconnection = mysql+pymysql://nova:x@db/nova"
        "?ssl_ca=/etc/nova/ca.pem&ssl_cert=/etc/nova/c.pem&ssl_key=/etc/nova/c.key\n"
    )
    (only,) = planned(conf).content()

    assert only["client"] == {"certificate": "/etc/nova/c.pem", "key": "/etc/nova/c.key"}


def test_keystone_and_what_is_overridden_are_asked_by_https() -> None:
    conf = (
        "[DEFAULT]\ntransport_url = fake:///\n"
        "[placement]\nauth_type = password\nauth_url = https://keystone.example/v3\n"
        "endpoint_override = https://placement.example:8778\ncafile = /etc/nova/ca.pem\n"
        "[keystone_authtoken]\nauth_url = https://keystone.example/v3\ncafile = /etc/nova/ca.pem\n"
    )
    found = asked(planned(conf))

    assert list(found) == ["https keystone.example:443", "https placement.example:8778"]
    assert {one["trust"]["path"] for one in found.values()} == {CA}


def test_what_only_the_catalogue_knows_is_named_and_not_asked() -> None:
    conf = "[DEFAULT]\ntransport_url = fake:///\n[neutron]\nauth_url = https://keystone.example/v3\n"
    found = planned(conf)

    assert reasons(found)["[neutron]"] == [
        "where it is stands in keystone's catalogue, for which one has to log in"
    ]
    assert list(asked(found)) == ["https keystone.example:443"]


def test_places_of_another_option_are_named_and_not_asked() -> None:
    conf = "[DEFAULT]\ntransport_url = fake:///\n[glance]\napi_servers = https://g1.example:9292\n"

    assert reasons(planned(conf))["[glance]"] == ["the places of api_servers are not asked"]


def test_kafka_is_named_and_not_asked() -> None:
    conf = (
        "[DEFAULT]\ntransport_url = fake:///\n"
        "[oslo_messaging_notifications]\ndriver = messagingv2\ntransport_url = kafka://k:9093/\n"
        "[oslo_messaging_kafka]\nsecurity_protocol = SSL\n"
    )

    assert reasons(planned(conf))["notifications"] == ["nobody asks kafka"]


def two_services(conf: str, other: str, **rest: Any) -> Evidence:
    """A conductor and a scheduler with a configuration each."""
    place = "/etc/other.conf"
    files: dict[str, File | Missing] = {CONF: text_file(CONF, conf), place: text_file(place, other)}
    services = (service(), service("nova-scheduler", place))
    return evidence(services=services, files={**files, **rest})


def test_an_endpoint_of_two_services_is_asked_once() -> None:
    assert [item.endpoint for item in plan_of(two_services(RABBIT, RABBIT), "2025.1").items] == [
        "amqp mq1.example:5671",
        "amqp mq2.example:5671",
    ]


@pytest.mark.parametrize("is_first", [True, False])
def test_the_stricter_of_two_trusts_is_asked_with_and_the_other_is_named(is_first: bool) -> None:
    careless = RABBIT.replace("ssl_ca_file = /etc/nova/ca.pem", "")
    both = (RABBIT, careless) if is_first else (careless, RABBIT)
    found = plan_of(two_services(*both), "2025.1")
    (who, reason) = next((one.who, one.reason) for one in found.left if "mq1" in one.reason)

    assert {item.trust for item in found.items} == {Trust("file", CA)}
    assert who == ("nova-scheduler rpc" if is_first else "nova-conductor rpc")
    assert reason.endswith("not with the system's authorities")


def test_copies_of_one_authority_are_the_same_trust() -> None:
    copy = "/srv/ca.pem"
    pem = "-----BEGIN CERTIFICATE-----\n"
    files = {path: File(path, "root", "root", "0644", 400, "pem", pem) for path in (CA, copy)}
    found = plan_of(two_services(RABBIT, RABBIT.replace(CA, copy), **files), "2025.1")

    assert len(found.items) == 2
    assert not any("was asked once" in one.reason for one in found.left)


def contained(conf: str, record: ServiceRecord | None = None) -> Evidence:
    """A service in a container that calls itself ``ctl``."""
    place, authority = "ctl:/etc/nova/nova.conf", "ctl:/etc/nova/ca.pem"
    inside = replace(
        record or service(),
        sources=(Source(CONF, place, "argument"),),
        paths={CONF: place, CA: authority},
    )
    pem = File(authority, "root", "root", "0644", 400, "pem", "-----BEGIN CERTIFICATE-----\n")
    return evidence(services=(inside,), files={place: text_file(place, conf), authority: pem})


def test_a_file_inside_a_container_is_named_by_its_label() -> None:
    assert {item.trust for item in plan_of(contained(RABBIT), "2025.1").items} == {
        Trust("file", "ctl:/etc/nova/ca.pem")
    }


def test_the_system_of_a_service_in_a_container_is_the_container() -> None:
    found = plan_of(contained(RABBIT.replace("ssl_ca_file = /etc/nova/ca.pem", "")), "2025.1")

    assert {item.trust for item in found.items} == {Trust("system", "ctl:/")}


HTTPS = "[DEFAULT]\ntransport_url = fake:///\n[placement]\nauth_url = https://keystone.example/v3\n"


@pytest.mark.parametrize(
    ("environment", "site", "trust"),
    [
        ({}, "/usr/lib/python3/dist-packages", Trust("system")),
        ({}, "/usr/lib/python3.9/site-packages", Trust("system")),
        (
            {},
            "/opt/nova/lib/python3.11/site-packages",
            Trust("file", "/opt/nova/lib/python3.11/site-packages/certifi/cacert.pem"),
        ),
        ({"REQUESTS_CA_BUNDLE": "/etc/ours.pem"}, "/opt/nova", Trust("file", "/etc/ours.pem")),
        (
            {"CURL_CA_BUNDLE": "/etc/ours.pem"},
            "/usr/lib/python3/dist-packages",
            Trust("file", "/etc/ours.pem"),
        ),
    ],
)
def test_https_believes_what_requests_takes_for_the_system(
    environment: Mapping[str, str], site: str, trust: Trust
) -> None:
    certifi = Library("certifi", "2025.1.31", f"{site}/certifi-2025.1.31.dist-info")
    nova = Library("nova", "31.0.0", f"{site}/nova-31.0.0.dist-info")
    installed = Libraries({"certifi": certifi, "nova": nova})
    record = replace(service(interpreter="python"), environment=environment)
    found = plan_of(replace(evidence(HTTPS, services=(record,)), libraries={"python": installed}))

    assert [item.trust for item in found.items] == [trust]


def test_an_authority_that_the_host_does_not_show_is_asked_without_and_named() -> None:
    inside = replace(service(), is_opaque=True, paths={CONF: CONF})
    found = plan_of(evidence(RABBIT, services=(inside,)), "2025.1")

    assert {item.trust for item in found.items} == {Trust("none")}
    assert set(reasons(found)["rpc"]) == {
        "/etc/nova/ca.pem, whose certificates it believes, was not seen on this host"
    }


def test_a_database_that_a_compute_never_opens_is_not_asked() -> None:
    conf = f"{RABBIT}[api_database]\nconnection = mysql+pymysql://nova:x@db/nova?ssl_ca=/etc/nova/ca.pem\n"
    found = plan_of(evidence(conf, services=(service("nova-compute"),)), "2025.1")

    assert not [item for item in found.items if item.spoken == "mysql"]
    assert reasons(found)["api_database"] == ["a compute service never opens this connection"]


def test_without_a_release_the_endpoints_of_all_candidates_are_asked() -> None:
    conf = (
        "[DEFAULT]\ntransport_url = rabbit://nova:x@mq:5671/\n"
        "[oslo_messaging_rabbit]\nrabbit_use_ssl = true\n"
    )

    assert [item.endpoint for item in planned(conf, "zed").items] == ["amqp mq:5671"]
    assert planned(conf, "2026.1").items == ()
    assert [item.endpoint for item in planned(conf, None).items] == ["amqp mq:5671"]


def running(folder: Path, conf: str = RABBIT) -> Document:
    """The document of a host that runs."""
    pem = "-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n"
    content = document_of(grow(folder, {**unit("nova-conductor"), CONF: conf, CA: pem}))
    return Document("host", {**content, "kind": "live", "asked": ["processes"]})


def test_a_url_that_stayed_on_its_host_is_not_asked(tmp_path: Path) -> None:
    found = plan(running(tmp_path, RABBIT.replace("rabbit://", "rabbit://no such url ")), "2025.1")

    (reason,) = reasons(found)["rpc"]

    assert found.items == ()
    assert reason.startswith("where it goes is not known: [DEFAULT] transport_url was withheld on the host")


def test_a_plan_of_evidence_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    content = {**running(tmp_path).content, "schema": "nova-auditor/evidence/9"}
    found = plan(Document("host", content))

    assert found.items == ()
    assert found.trouble is not None
    assert found.trouble.startswith("its evidence cannot be read: schema")
