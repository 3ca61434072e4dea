"""What another release makes of the same evidence, through the real probe and the real resolver."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from auditor.candidates import upgraded
from auditor.checks import CATALOGUE
from auditor.evidence import Evidence
from auditor.model import Coverage, Libraries, Library, Severity
from auditor.pipeline import select
from auditor.profiles import load
from auditor.releases import default_libraries
from auditor.site import Site
from auditor.upgrade.comparison import Comparer
from auditor.upgrade.difference import Aspect, Difference, Effect, HostUpgrade
from tests.build import evidence
from tests.trees import CERTIFICATE, grow, probed, unit

CA = {"/etc/nova/ca.pem": CERTIFICATE}
URL = "[DEFAULT]\ntransport_url = rabbit://nova:yFw7hPq2kZ4tLm9sXc@mq.example:5671/\n"
TLS = "[oslo_messaging_rabbit]\nssl = true\nssl_ca_file = /etc/nova/ca.pem\n"
EXAMPLES = Path(__file__).parents[2] / "inventories/example"
CHECKS = select(CATALOGUE, load("strict", CATALOGUE)).checks


def compared(seen: Evidence, present: str | None, release: str) -> HostUpgrade:
    return Comparer(CHECKS, Site(), release, present).compare(seen)


def changes(
    root: Path,
    conf: str,
    present: str,
    release: str,
    service: str = "nova-conductor",
    files: Mapping[str, str] = CA,
) -> tuple[Difference, ...]:
    """What changes for one service of a tree that shows no libraries."""
    tree = grow(root, {**unit(service), "/etc/nova/nova.conf": conf, **files})
    (found,) = compared(probed(tree), present, release).services
    return found.differences


def of(differences: tuple[Difference, ...], aspect: Aspect, subject: str) -> Difference:
    (found,) = [one for one in differences if (one.aspect, one.subject) == (aspect, subject)]
    return found


def subjects(differences: tuple[Difference, ...], aspect: Aspect) -> set[str]:
    return {one.subject for one in differences if one.aspect is aspect}


def test_old_names_turn_an_encrypted_connection_into_plain_text_in_2025_1(tmp_path: Path) -> None:
    old = "[oslo_messaging_rabbit]\nrabbit_use_ssl = true\nkombu_ssl_ca_certs = /etc/nova/ca.pem\n"
    found = changes(tmp_path, URL + old, "2024.2", "2025.1")
    rpc = of(found, Aspect.TRANSPORT, "rpc")
    name = of(found, Aspect.SETTING, "[oslo_messaging_rabbit] rabbit_use_ssl")

    assert found[0] is rpc
    assert (rpc.before, rpc.after, rpc.effect) == ("verified-ca", "plaintext", Effect.WORSE)
    assert rpc.severity is Severity.CRITICAL
    assert "messaging-plaintext" in rpc.checks
    assert rpc.is_early is True
    assert rpc.remedy == (
        "Write [oslo_messaging_rabbit] rabbit_use_ssl as [oslo_messaging_rabbit] ssl."
        " Write [oslo_messaging_rabbit] kombu_ssl_ca_certs as [oslo_messaging_rabbit] ssl_ca_file."
    )
    assert name.message == "2025.1 does not read this name: [oslo_messaging_rabbit] ssl will be false"
    assert (name.evidence[0].value, name.evidence[0].origin.line) == ("true", 4)
    assert (name.remedy, name.is_early) == ("Write it as [oslo_messaging_rabbit] ssl.", True)


def test_the_names_of_today_survive_the_same_upgrade(tmp_path: Path) -> None:
    found = changes(tmp_path, URL + TLS, "2024.2", "2025.1")

    assert not [one for one in found if one.effect is Effect.WORSE]
    assert not subjects(found, Aspect.SETTING)


def test_both_databases_lose_an_sql_connection_that_2024_1_does_not_read(tmp_path: Path) -> None:
    conf = "[DEFAULT]\nsql_connection = mysql+pymysql://nova:yFw7hPq2kZ4tLm9sXc@db.example/nova\n"
    found = changes(tmp_path, conf, "2023.2", "2024.1")
    line = of(found, Aspect.SETTING, "[DEFAULT] sql_connection")

    assert {"database", "api_database"} <= subjects(found, Aspect.TRANSPORT)
    for purpose in ("database", "api_database"):
        gone = of(found, Aspect.TRANSPORT, purpose)
        assert (gone.after, gone.severity, gone.is_early) == (None, Severity.HIGH, True)
        assert gone.remedy == f"Write [DEFAULT] sql_connection as [{purpose}] connection."
    assert line.remedy == "Write it as [api_database] connection and [database] connection."


def test_pymysql_of_2026_2_no_longer_steps_down(tmp_path: Path) -> None:
    conf = (
        "[database]\nconnection = "
        "mysql+pymysql://nova:yFw7hPq2kZ4tLm9sXc@db.example/nova?ssl_ca=/etc/nova/ca.pem\n"
    )
    database = of(changes(tmp_path, conf, "2026.1", "2026.2"), Aspect.TRANSPORT, "database")

    assert (database.before, database.after) == ("opportunistic", "verified-full")
    assert (database.effect, database.severity) == (Effect.BETTER, None)
    assert "database-tls-optional" in database.checks


def test_service_tokens_need_their_roles_by_default_in_2026_2(tmp_path: Path) -> None:
    found = changes(tmp_path, URL, "2026.1", "2026.2", "nova-api-wsgi")
    flip = of(found, Aspect.DEFAULT, "[keystone_authtoken] service_token_roles_required")

    assert (flip.before, flip.after, flip.effect) == ("false", "true", Effect.OTHER)


def test_a_default_that_somebody_wrote_does_not_flip(tmp_path: Path) -> None:
    written = "[keystone_authtoken]\nservice_token_roles_required = false\n"
    found = changes(tmp_path, URL + written, "2026.1", "2026.2", "nova-api-wsgi")

    assert "[keystone_authtoken] service_token_roles_required" not in subjects(found, Aspect.DEFAULT)


def test_a_retry_interval_of_zero_is_rejected_from_2025_1(tmp_path: Path) -> None:
    conf = URL + TLS + "rabbit_retry_interval = 0\n"
    found = changes(tmp_path, conf, "2024.2", "2025.1")
    rejected = of(found, Aspect.SETTING, "[oslo_messaging_rabbit] rabbit_retry_interval")

    assert (rejected.before, rejected.after, rejected.severity) == ("read", "rejected", Severity.HIGH)
    assert "should be greater than or equal to 1" in rejected.message
    assert "release-value-rejected" in rejected.checks


def test_a_pool_size_in_default_is_ignored_from_2025_1(tmp_path: Path) -> None:
    found = changes(tmp_path, URL + "rpc_conn_pool_size = 100\n", "2024.2", "2025.1")
    pool = of(found, Aspect.SETTING, "[DEFAULT] rpc_conn_pool_size")

    assert pool.message.endswith("[oslo_messaging_rabbit] rpc_conn_pool_size will be 30")
    assert (pool.effect, pool.severity, pool.is_early) == (Effect.WORSE, Severity.LOW, True)


def test_a_lost_name_whose_value_is_the_default_changes_nothing(tmp_path: Path) -> None:
    found = changes(tmp_path, URL + "rpc_conn_pool_size = 30\n", "2024.2", "2025.1")

    assert of(found, Aspect.SETTING, "[DEFAULT] rpc_conn_pool_size").effect is Effect.OTHER


def test_an_option_that_is_gone_is_to_be_removed(tmp_path: Path) -> None:
    found = changes(tmp_path, URL + "metadata_workers = 4\n", "2024.1", "2026.2", "nova-compute")
    gone = of(found, Aspect.SETTING, "[DEFAULT] metadata_workers")

    assert (gone.remedy, gone.effect, gone.is_early) == ("Remove the line.", Effect.WORSE, None)
    assert gone.message.startswith("2026.2 has no such option")


def test_a_line_that_is_without_effect_today_is_read_then(tmp_path: Path) -> None:
    found = changes(tmp_path, URL + TLS + "ssl_enforce_hostname_verification = true\n", "zed", "2026.2")
    read = of(found, Aspect.SETTING, "[oslo_messaging_rabbit] ssl_enforce_hostname_verification")

    assert (read.before, read.after, read.effect) == ("not read", "read", Effect.OTHER)


def test_a_backport_of_the_old_release_that_the_new_one_lacks_is_lost(tmp_path: Path) -> None:
    # oslo.messaging 16.1.2 of 2025.1 has the option, 17.1.0 of 2025.2 has it not.
    found = changes(tmp_path, URL + TLS + "ssl_enforce_hostname_verification = true\n", "2025.1", "2025.2")
    rpc = of(found, Aspect.TRANSPORT, "rpc")
    name = of(found, Aspect.SETTING, "[oslo_messaging_rabbit] ssl_enforce_hostname_verification")

    assert (rpc.before, rpc.after, rpc.severity) == ("verified-full", "verified-ca", Severity.MEDIUM)
    assert (rpc.effect, rpc.is_early) == (Effect.WORSE, False)
    assert name.message == "2025.2 has no such option"
    assert name.remedy == "Keep the line, and install a version of the library that reads it."


def test_the_amqp_1_0_driver_works_neither_before_nor_after(tmp_path: Path) -> None:
    # It wants pyngus, which no release's pins bring; in 2025.1 the driver itself is gone.
    conf = "[DEFAULT]\ntransport_url = amqp://nova:yFw7hPq2kZ4tLm9sXc@mq.example:5671/\n"
    found = changes(tmp_path, conf, "2024.2", "2025.1")

    assert not subjects(found, Aspect.TRANSPORT)
    assert "messaging-cannot-connect#rpc" not in subjects(found, Aspect.CHECK)


def test_names_are_checked_then_and_failover_between_brokers_depends_on_that(tmp_path: Path) -> None:
    several = URL.replace("mq.example:5671", "a.example:5671,nova:yFw7hPq2kZ4tLm9sXc@b.example:5671")
    found = changes(tmp_path, several + TLS, "2026.1", "2026.2")
    rpc = of(found, Aspect.TRANSPORT, "rpc")
    failover = of(found, Aspect.CHECK, "messaging-failover-breaks-on-names#rpc")

    assert (rpc.before, rpc.after, rpc.effect) == ("verified-ca", "verified-full", Effect.BETTER)
    assert (failover.effect, failover.severity, failover.within) == (Effect.WORSE, Severity.MEDIUM, None)


def test_retries_of_placement_count_once_openstacksdk_honours_them(tmp_path: Path) -> None:
    conf = URL + "[placement]\nauth_type = password\nauth_url = https://keystone.example/\ntimeout = 10\n"
    found = changes(tmp_path, conf + "connect_retries = 5\n", "2026.1", "2026.2", "nova-compute")
    placement = of(found, Aspect.CLIENT, "[placement]")

    assert "sent 6 times on no answer, today 2 times" in placement.message
    assert "placement-call-too-long" in placement.checks
    assert (placement.effect, placement.severity) == (Effect.WORSE, Severity.MEDIUM)


def test_what_does_not_start_then_is_told_once(tmp_path: Path) -> None:
    files = {**unit("nova-compute", "--watch-log-file"), "/etc/nova/nova.conf": URL}
    host = compared(probed(grow(tmp_path, files)), "2024.2", "2026.2")
    start, *rest = host.services[0].differences

    assert (start.aspect, start.effect, start.severity) == (Aspect.START, Effect.WORSE, Severity.HIGH)
    assert "release-config-unparsable" in start.checks
    assert not [one for one in rest if one.within is None]
    assert host.errors


def test_what_starts_neither_today_nor_then_is_not_compared(tmp_path: Path) -> None:
    tree = grow(tmp_path, {**unit("nova-conductor"), "/etc/nova/nova.conf": "[DEFAULT]\nno delimiter\n"})
    host = compared(probed(tree), "2024.2", "2025.1")
    (found,) = host.services

    assert not host.is_compared
    assert found.differences == ()
    assert str(found.reason).startswith("it does not start today, nor then: /etc/nova/nova.conf:2: ")


def test_the_same_release_changes_nothing(tmp_path: Path) -> None:
    old = "[oslo_messaging_rabbit]\nrabbit_use_ssl = true\n"

    assert changes(tmp_path, URL + old, "2024.2", "2024.2") == ()


def test_without_a_present_release_a_service_is_not_compared_and_says_what_decides(tmp_path: Path) -> None:
    tree = grow(tmp_path, {**unit("nova-compute"), "/etc/nova/nova.conf": URL})
    host = compared(probed(tree), None, "2026.2")

    assert [service.reason for service in host.services] == [
        "its present release is not in evidence; give it with --from"
    ]
    assert (host.coverage, host.found()) == (Coverage.AUDITED, ())


def installed(release: str, *drivers: str, without: tuple[str, ...] = ()) -> dict[str, str]:
    pins = {name: version for name, version in default_libraries(release).items() if name not in without}
    return {**pins, **dict.fromkeys(drivers, "2.1.1")}


def test_a_release_in_evidence_is_not_what_from_says() -> None:
    host = compared(evidence(URL, packages=installed("2024.2")), "zed", "2025.1")

    assert [(service.release, service.is_assumed) for service in host.services] == [("2024.2", False)]


def test_a_downgrade_is_refused_service_by_service() -> None:
    host = compared(evidence(URL, packages=installed("2025.1")), None, "zed")

    assert [service.reason for service in host.services] == [
        "it runs 2025.1 already, and zed is older: a downgrade is not supported"
    ]


def test_drivers_that_the_pins_lack_stay_and_those_not_installed_do_not_appear() -> None:
    seen = evidence(URL, packages=installed("zed", "mysqlclient", without=("PyMySQL", "confluent-kafka")))
    (libraries,) = upgraded(seen, "2026.2").libraries.values()

    assert libraries.installed["mysqlclient"] == Library("mysqlclient", "2.1.1", "/usr/lib/python3")
    assert libraries.installed["oslo.messaging"] == Library("oslo.messaging", "18.3.1")
    assert libraries.installed["nova"] == Library("nova", "34.0.0")
    assert not libraries.installed.keys() & {"PyMySQL", "confluent-kafka"}


def test_markers_of_the_present_source_say_nothing_about_what_replaces_it() -> None:
    seen = evidence(URL + TLS, packages=installed("zed"), files=None)
    backported = {
        name: Libraries(one.installed, {"oslo.messaging:ssl_enforce_hostname_verification": True})
        for name, one in seen.libraries.items()
    }
    seen = replace(seen, libraries=backported)

    assert [one.capabilities for one in upgraded(seen, "2023.1").libraries.values()] == [{}]


def test_the_packages_of_an_environment_without_nova_are_replaced_and_the_rest_stays_assumed() -> None:
    (libraries,) = upgraded(evidence(URL, packages={"PyMySQL": "1.0.2"}), "2026.2").libraries.values()

    assert libraries.installed["PyMySQL"] == Library("PyMySQL", "1.2.4")
    assert libraries.installed["kombu"] == Library("kombu", "5.7.0", assumed=True)
    assert "nova" not in libraries.installed


@pytest.mark.parametrize(
    ("name", "present"), [("osa-api", "2024.1"), ("rdo-compute", "2025.1"), ("debian-compute", "zed")]
)
def test_hosts_of_the_example_fleet_are_upgraded_from_what_they_show(name: str, present: str) -> None:
    host = compared(probed(EXAMPLES / name, name), None, "2026.2")

    assert {service.release for service in host.services} == {present}
    assert all(service.differences for service in host.services)
    assert (host.errors, host.unknowns) == (0, 0)


def test_the_hardened_host_runs_2026_2_already() -> None:
    host = compared(probed(EXAMPLES / "hardened", "hardened"), None, "2026.2")

    assert host.services
    assert host.found() == ()


def test_no_secret_of_the_example_fleet_is_in_a_difference() -> None:
    tree = EXAMPLES / "osa-api"
    text = "".join(path.read_text() for path in tree.rglob("nova.conf"))
    secrets = {part.split("@")[0] for part in text.split("nova:")[1:] if "@" in part.split("\n")[0]}
    host = compared(probed(tree, "osa-api"), None, "2026.2")
    said = json.dumps([repr(one) for _, one in host.found()])

    assert secrets
    assert not [secret for secret in secrets if secret in said]
