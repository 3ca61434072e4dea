"""What the doctor makes of one host: aspect by aspect, each obstacle with the one thing that allows it."""

from pathlib import Path

import pytest

from auditor import __version__
from auditor.doctor import cures
from auditor.doctor.diagnosis import AUDIT, CELLS, LIVE, SERVERS, Aspect, Sight
from auditor.doctor.examination import diagnose
from auditor.evidence import Document, Lost
from auditor.model import Coverage, Kind
from tests.doctor.build import DENIED, ROOT, USER, document, obstacle, reasons, seen
from tests.trees import RUNNING, answered, grow

HANDSHAKE = {"protocol": "amqp", "host": "mq.example", "port": 5671, "result": "tls", "reason": "TLS"}


def wire(**changes: object) -> dict[str, object]:
    return {"asked_at": 1.0, "handshakes": [{**HANDSHAKE, **changes}], "incomplete": [], "unasked": []}


def test_root_on_an_open_host_sees_everything(tmp_path: Path) -> None:
    found = diagnose(document(tmp_path))

    assert reasons(found) == []
    assert found.is_clear
    assert found.coverage is Coverage.AUDITED


@pytest.mark.parametrize(
    ("coverage", "reason", "cure"),
    [
        (Coverage.DENIED, "auditor is not in the sudoers file", cures.LOGIN),
        (Coverage.DENIED, "Host key verification failed.", cures.HOST_KEY),
        (Coverage.UNREACHABLE, "there is no Python 3.6 or newer", cures.PYTHON),
        (Coverage.UNREACHABLE, "connection refused", cures.CONNECTION),
        (Coverage.TIMEOUT, "no answer within 25 seconds", cures.TIME),
        (Coverage.NOT_ATTEMPTED, "a variable of the inventory comes to nothing", cures.AGAIN),
    ],
)
def test_a_lost_host_has_the_cure_of_its_loss(coverage: Coverage, reason: str, cure: str) -> None:
    found = diagnose(Lost("cmp01", coverage, reason, Kind.LIVE))
    ((aspect, lost),) = found.obstacles

    assert (aspect, lost.cure) == (Aspect.REACH, cure)
    assert reason in lost.reason
    assert (found.coverage, found.is_clear) == (coverage, False)


def test_evidence_of_another_form_is_a_lost_host() -> None:
    found = diagnose(Document("ctl01", {"schema": "nova-auditor/evidence/2"}))

    assert found.coverage is Coverage.UNREACHABLE
    assert "nova-auditor/evidence/2" in reasons(found)[0]


def test_who_looked_and_with_which_python_is_said(tmp_path: Path) -> None:
    found = diagnose(document(tmp_path))

    assert [found.of(aspect).said for aspect in (Aspect.PYTHON, Aspect.USER)] == ["Python 3.11.2", "as root"]  # type: ignore[union-attr]


def test_not_to_be_root_is_an_obstacle_with_a_cure(tmp_path: Path) -> None:
    assert obstacle(tmp_path, Aspect.USER, probe=USER).cure == cures.ROOT


@pytest.mark.parametrize(
    ("has_key", "said"),
    [(True, "with a key"), (False, "without a key: passwords are compared on this host alone")],
)
def test_an_installed_probe_is_told_with_its_key(tmp_path: Path, has_key: bool, said: str) -> None:
    installed = {"version": __version__, "has_key": has_key, "allowed": []}
    found = seen(tmp_path, Aspect.USER, probe={**ROOT, "installed": installed})

    assert found.said == f"as root, by the installed probe, {__version__}, {said}"
    assert found.obstacles == ()


def test_an_installed_probe_of_another_version_is_to_be_installed_anew(tmp_path: Path) -> None:
    installed = {"version": "0.0.1", "has_key": True, "allowed": []}

    assert obstacle(tmp_path, Aspect.USER, probe={**ROOT, "installed": installed}).cure == cures.INSTALL


def test_a_bundle_of_an_older_version_is_to_be_collected_anew(tmp_path: Path) -> None:
    found = diagnose(document(tmp_path, probe=None, asked=[], process=None))
    services = found.of(Aspect.SERVICES)

    assert [one.cure for _, one in found.obstacles if one.needed_for == AUDIT] == [cures.ANEW]
    assert services is not None
    assert services.items == ("nova-conductor: configured",)


@pytest.mark.parametrize(("probe", "cure"), [(USER, cures.ROOT), (ROOT, cures.HIDDEN_PROC)])
def test_hidden_processes_are_told_with_the_reason(
    tmp_path: Path, probe: dict[str, object], cure: str
) -> None:
    proc = {"status": "some", "seen": 3, "denied": 0, "reason": "/proc hides processes of others (hidepid)"}
    found = obstacle(tmp_path, Aspect.PROCESSES, probe={**probe, "proc": proc})

    assert "hidepid" in found.reason
    assert found.cure == cure


def test_processes_that_may_not_be_looked_into_are_counted(tmp_path: Path) -> None:
    proc = {"status": "some", "seen": 90, "denied": 2, "reason": ""}

    assert obstacle(tmp_path, Aspect.PROCESSES, probe={**USER, "proc": proc}).reason.startswith("2 processes")


def test_running_and_configured_services_are_told_apart(tmp_path: Path) -> None:
    none = {"status": "none", "reason": ""}

    assert seen(tmp_path / "a", Aspect.SERVICES).items == ("nova-conductor: running, 3 processes",)
    assert seen(tmp_path / "b", Aspect.SERVICES, process=none).items == ("nova-conductor: configured only",)
    assert seen(tmp_path / "c", Aspect.SERVICES, process=none).sight is Sight.ALL


def test_a_service_of_which_nobody_knows_whether_it_runs_is_an_obstacle(tmp_path: Path) -> None:
    unseen = {"status": "unseen", "reason": "hidepid"}
    found = obstacle(tmp_path, Aspect.SERVICES, process=unseen, probe=USER)

    assert (found.objects, found.cure) == (("nova-conductor",), cures.ROOT)


def test_an_expected_service_that_is_not_there_is_named(tmp_path: Path) -> None:
    told = {"release": "2025.1", "services": ["nova-scheduler"], "expects_none": False}

    assert obstacle(tmp_path, Aspect.SERVICES, told=told).objects == ("nova-scheduler",)


@pytest.mark.parametrize("expects_none", [True, False])
def test_a_host_without_services_is_fine_only_where_none_is_expected(
    tmp_path: Path, expects_none: bool
) -> None:
    told = {"release": None, "services": [], "expects_none": expects_none}
    found = diagnose(document(tmp_path, services=[], told=told))

    assert found.is_clear is expects_none


def test_a_denied_file_is_named_with_the_option_that_it_matters_for(tmp_path: Path) -> None:
    found = obstacle(tmp_path, Aspect.FILES, files={"/etc/nova/ca.pem": DENIED}, probe=USER)

    assert found.objects == ("/etc/nova/ca.pem (nova-conductor [oslo_messaging_rabbit] ssl_ca_file)",)
    assert found.cure == cures.ROOT


def test_what_root_may_not_read_is_not_mended_by_root(tmp_path: Path) -> None:
    found = obstacle(tmp_path, Aspect.FILES, files={"/etc/nova/ca.pem": DENIED}, probe=ROOT)

    assert found.cure == cures.DENIED_TO_ROOT


def test_a_denied_configuration_is_named_with_its_service(tmp_path: Path) -> None:
    found = obstacle(tmp_path, Aspect.FILES, files={"/etc/nova/nova.conf": DENIED})

    assert found.objects == ("/etc/nova/nova.conf (the configuration of nova-conductor)",)


def test_a_file_that_is_too_large_is_no_matter_of_privilege(tmp_path: Path) -> None:
    change = {"status": "too-large", "reason": "larger than 1048576 bytes", "text": None}

    assert obstacle(tmp_path, Aspect.FILES, files={"/etc/nova/ca.pem": change}).cure == cures.UNREADABLE


def test_an_absent_file_is_no_obstacle(tmp_path: Path) -> None:
    change = {"status": "absent", "reason": "there is no such file", "text": None}

    assert seen(tmp_path, Aspect.FILES, files={"/etc/nova/ca.pem": change}).obstacles == ()


def test_a_container_whose_root_is_denied_is_named(tmp_path: Path) -> None:
    held = {**RUNNING, "container": {"engine": "podman", "id": "0123456789ab", "name": "nova_conductor"}}
    entered = seen(tmp_path / "a", Aspect.CONTAINERS, process=held)
    denied = seen(tmp_path / "b", Aspect.CONTAINERS, process=held, files={"/etc/nova/nova.conf": DENIED})

    assert entered.items == ("podman nova_conductor: entered",)
    assert denied.obstacles[0].objects == ("podman nova_conductor",)


@pytest.mark.parametrize(("probe", "cure"), [(USER, cures.ROOT), (ROOT, cures.TITLE)])
def test_an_overwritten_environment_is_told_with_its_cure(
    tmp_path: Path, probe: dict[str, object], cure: str
) -> None:
    found = obstacle(tmp_path, Aspect.ENVIRONMENT, probe=probe, process={**RUNNING, "environment": "unseen"})

    assert (found.objects, found.cure) == (("nova-conductor",), cure)


def test_sockets_that_are_not_seen_are_told(tmp_path: Path) -> None:
    found = seen(tmp_path, Aspect.CONNECTIONS, process={**RUNNING, "peers": None}, listeners=None, probe=USER)

    assert [one.cure for one in found.obstacles] == [cures.ROOT, cures.ROOT]
    assert found.sight is Sight.NONE


def test_a_release_that_nothing_says_is_judged_as_every_one(tmp_path: Path) -> None:
    told = {"release": None, "services": [], "expects_none": False}
    found = obstacle(tmp_path, Aspect.LIBRARIES, told=told)

    assert (found.objects, found.cure) == (("nova-conductor",), cures.RELEASE)


def test_the_operators_word_settles_the_release(tmp_path: Path) -> None:
    told = {"release": None, "services": [], "expects_none": False}
    found = diagnose(document(tmp_path, told=told), release="2025.2").of(Aspect.LIBRARIES)

    assert found is not None
    assert found.items == ("nova-conductor: 2025.2, as it was said",)


def test_a_probe_that_ran_out_of_time_wants_more(tmp_path: Path) -> None:
    found = diagnose(document(tmp_path, incomplete=["the time limit of 20 seconds passed"]))

    assert found.coverage is Coverage.PARTIAL
    assert [one.cure for _, one in found.obstacles] == [cures.TIME]


def test_endpoints_are_listed_and_asked_only_when_told_to(tmp_path: Path) -> None:
    found = seen(tmp_path, Aspect.ENDPOINTS)

    assert (found.sight, found.items) == (Sight.NOT_ASKED, ("amqp mq.example:5671",))
    assert found.obstacles == ()


@pytest.mark.parametrize("result", ["tls", "plaintext", "rejected"])
def test_an_endpoint_that_answers_is_seen_whatever_it_says(tmp_path: Path, result: str) -> None:
    found = seen(tmp_path, Aspect.ENDPOINTS, LIVE, asked=["processes", "wire"], wire=wire(result=result))

    assert (found.sight, found.items) == (Sight.ALL, (f"amqp mq.example:5671: {result}",))


def test_an_endpoint_that_is_silent_is_an_obstacle_to_live(tmp_path: Path) -> None:
    found = obstacle(
        tmp_path,
        Aspect.ENDPOINTS,
        LIVE,
        asked=["processes", "wire"],
        wire=wire(result="timeout", reason="nothing within 5 seconds"),
    )

    assert (found.needed_for, found.objects) == (LIVE, ("amqp mq.example:5671",))
    assert found.reason == "timeout: nothing within 5 seconds"


@pytest.mark.parametrize(
    ("aspect", "option"), [(Aspect.ENDPOINTS, LIVE), (Aspect.CELLS, CELLS), (Aspect.SERVERS, SERVERS)]
)
def test_what_was_not_asked_for_when_it_was_collected_counts_only_now_that_it_is(
    tmp_path: Path, aspect: Aspect, option: str
) -> None:
    found = obstacle(tmp_path / "a", aspect, option)

    assert (found.cure, found.needed_for) == (cures.ANEW, option)
    assert not diagnose(document(tmp_path / "b"), asked=(option,)).is_clear
    assert diagnose(document(tmp_path / "c")).is_clear


@pytest.mark.parametrize(("asked", "is_clear"), [((), True), ((CELLS,), False)])
def test_what_an_option_would_need_counts_with_that_option_alone(
    tmp_path: Path, asked: tuple[str, ...], is_clear: bool
) -> None:
    found = diagnose(document(tmp_path, record={"interpreter": None}), asked=asked)

    assert {one.needed_for for _, one in found.obstacles} == {CELLS}
    assert found.is_clear is is_clear


def test_cells_that_could_not_be_listed_are_told_with_the_reason(tmp_path: Path) -> None:
    cells = {"status": "unknown", "reason": "there is no nova-manage", "user": "nova", "rows": []}
    found = obstacle(tmp_path, Aspect.CELLS, CELLS, asked=["processes", "cells"], record={"cells": cells})

    assert (found.reason, found.objects) == ("there is no nova-manage", ("nova-conductor",))


def test_a_compute_service_has_no_cells_to_list(tmp_path: Path) -> None:
    assert diagnose(document(tmp_path, service="nova-compute")).of(Aspect.CELLS) is None


def test_a_broker_that_listens_is_named_as_one_to_ask(tmp_path: Path) -> None:
    listener = {"address": "::", "port": 5671, "program": "beam.smp", "pid": 7, "root": ""}
    as_root = seen(tmp_path / "a", Aspect.SERVERS, listeners=[listener])
    as_user = obstacle(tmp_path / "b", Aspect.SERVERS, listeners=[listener], probe=USER)

    assert as_root.said == "not asked; --servers would ask RabbitMQ"
    assert (as_user.cure, as_user.needed_for) == (cures.SERVERS, SERVERS)


def test_a_server_that_could_not_be_asked_is_told_with_the_reason(tmp_path: Path) -> None:
    server = {
        "id": "rabbitmq",
        "kind": "rabbitmq",
        "source": "files",
        "version": None,
        "settings": [],
        "listeners": [],
        "accounts": None,
        "unseen": ["there is no rabbitmqctl"],
    }
    found = obstacle(tmp_path, Aspect.SERVERS, SERVERS, asked=["processes", "servers"], servers=[server])

    assert (found.reason, found.objects) == ("there is no rabbitmqctl", ("rabbitmq",))


def test_of_a_tree_nothing_that_runs_is_asked_for(tmp_path: Path) -> None:
    tree = grow(tmp_path / "tree", {"/etc/nova/nova.conf": "[DEFAULT]\n"})
    found = diagnose(Document("tree", answered(tree, "tree")), release="2025.1")

    assert {one.aspect for one in found.sightings} == {
        Aspect.REACH,
        Aspect.SERVICES,
        Aspect.FILES,
        Aspect.LIBRARIES,
        Aspect.ENDPOINTS,
    }
    assert found.is_clear


def test_every_obstacle_has_a_cure_of_one_line(tmp_path: Path) -> None:
    proc = {"status": "none", "seen": 0, "denied": 3, "reason": "hidepid"}
    found = diagnose(
        document(
            tmp_path,
            probe={**USER, "proc": proc},
            process={**RUNNING, "environment": "unseen", "peers": None},
            files={"/etc/nova/nova.conf": DENIED},
        )
    )

    assert len(found.obstacles) >= 6
    assert all(one.cure and "\n" not in one.cure for _, one in found.obstacles)
    assert {one.needed_for for _, one in found.obstacles} <= {AUDIT, CELLS}
