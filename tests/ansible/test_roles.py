"""The role and the playbooks: one bad host stops all, and a run over nobody is no success."""

from pathlib import Path

import pytest

from tests.ansible.plays import EXAMPLE, Done, inventory, run

FLEET = inventory(
    {name: {"nova_auditor_root": str(EXAMPLE / name)} for name in ("hardened", "debian-compute")}
)
SOUND = inventory({"hardened": {"nova_auditor_root": str(EXAMPLE / "hardened")}})
HERE = ("-e", "precheck_become=false", "-e", "nova_auditor_become=false")

STOP = "Stop the deployment unless Nova is configured safely"
EACH = "Stop the deployment unless each service is configured safely"


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Done:
    """A deployment with the role between writing and restarting."""
    tasks = [
        {"name": "restart", "ansible.builtin.debug": {"msg": "restarted"}},
    ]
    playbook = [
        {
            "hosts": "all",
            "gather_facts": False,
            "roles": [{"role": "nova.auditor.precheck", "vars": {"precheck_become": False}}],
            "tasks": tasks,
        }
    ]
    return run(tmp_path_factory.mktemp("deployed"), playbook, FLEET)


def test_one_bad_host_stops_the_deployment_of_all(deployed: Done) -> None:
    assert deployed.code != 0
    assert deployed.outcome(STOP, "debian-compute") == "failed"
    assert deployed.outcome(STOP, "hardened") == "ok"
    assert [deployed.outcome("restart", host) for host in ("hardened", "debian-compute")] == ["", ""]


def test_the_role_takes_services_by_their_files(tmp_path: Path) -> None:
    role = {
        "role": "nova.auditor.precheck",
        "vars": {
            "precheck_become": False,
            "precheck_release": "2025.1",
            "precheck_report_dir": str(tmp_path / "reports"),
            "precheck_configurations": [
                {
                    "service": "nova-compute",
                    "config_files": ["/etc/nova/nova.conf", "/etc/nova/nova-compute.conf"],
                },
                {"service": "nova-api", "config_files": ["/etc/nova/nova.conf"]},
            ],
        },
    }
    hosts = inventory({"debian-compute": {"nova_auditor_root": str(EXAMPLE / "debian-compute")}})
    done = run(tmp_path, [{"hosts": "all", "gather_facts": False, "roles": [role]}], hosts)
    results = done.result(EACH, "debian-compute")["results"]

    assert done.code != 0
    assert [result["precheck_configuration"]["service"] for result in results] == ["nova-compute", "nova-api"]
    assert all(result["failed"] for result in results)
    assert sorted(path.name for path in (tmp_path / "reports").iterdir()) == [
        "debian-compute-nova-api.json",
        "debian-compute-nova-compute.json",
    ]


def test_a_wrong_variable_of_the_role_is_refused(tmp_path: Path) -> None:
    done = run(tmp_path, "nova.auditor.precheck", SOUND, *HERE, "-e", "precheck_fail_on=hihg")

    assert done.code != 0
    assert "value of precheck_fail_on must be one of" in done.output
    assert done.outcome(STOP, "hardened") == ""


def test_both_playbooks_pass_a_sound_host_and_write_where_the_operator_is(tmp_path: Path) -> None:
    for playbook, name, option in (
        ("nova.auditor.precheck", STOP, "precheck_report_dir=prechecked"),
        ("nova.auditor.audit", "Audit", "nova_auditor_report_dir=audited"),
    ):
        done = run(tmp_path, playbook, SOUND, *HERE, "-e", option)

        assert (done.code, done.outcome(name, "hardened")) == (0, "ok"), done.output
        assert (tmp_path / option.partition("=")[2] / "hardened.json").is_file()


@pytest.mark.parametrize(
    ("playbook", "words"),
    [
        ("nova.auditor.audit", ("-e", "nova_auditor_hosts=nobody")),
        ("nova.auditor.audit", ("-e", "nova_auditor_hosts=debian-compute", "--limit", "hardened")),
        ("nova.auditor.precheck", ("-e", "nova_auditor_hosts=hardened:!hardened")),
    ],
)
def test_a_run_over_a_pattern_of_nobody_is_no_success(
    tmp_path: Path, playbook: str, words: tuple[str, ...]
) -> None:
    done = run(tmp_path, playbook, FLEET, *HERE, *words)

    assert (done.code, done.kept) == (4, ())
    assert "no host of the inventory matches" in done.output


def test_a_run_over_an_empty_inventory_is_no_success(tmp_path: Path) -> None:
    done = run(tmp_path, "nova.auditor.audit", {"all": {"hosts": {}}}, *HERE)

    assert done.code != 0
    assert done.outcome("Refuse an inventory without hosts", "localhost") == "failed"
    assert "no host of the inventory matches" in done.output
