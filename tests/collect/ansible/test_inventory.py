"""Who is expected, by what ansible-inventory lists."""

import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from auditor.collect.ansible.inventory import complaint, groups, hosts, limit, sources, targets
from auditor.errors import UsageError
from auditor.model import Kind, Target, Told

FLEET = {
    "_meta": {"hostvars": {"cmp1": {"nova_auditor_release": 2025.1}, "ctl": {"ansible_host": "192.0.2.1"}}},
    "all": {"children": ["ungrouped", "compute", "control", "everything"]},
    "ungrouped": {"hosts": ["lone"]},
    "control": {"hosts": ["ctl"]},
    "compute": {"hosts": ["cmp1", "cmp2"], "children": ["edge"]},
    "edge": {"hosts": ["cmp3", "cmp1"]},
    "everything": {"children": ["compute", "everything"]},
}


def listed(**hosts_: Mapping[str, Any]) -> Mapping[str, Any]:
    """What is listed of hosts with these variables."""
    return {
        "_meta": {"hostvars": hosts_},
        "all": {"children": ["ungrouped"]},
        "ungrouped": {"hosts": list(hosts_)},
    }


def told(**variables: Any) -> Told:
    (target,) = targets(listed(cmp1={f"nova_auditor_{name}": value for name, value in variables.items()}))
    return target.told


def refusal(**hosts_: Mapping[str, Any]) -> str:
    with pytest.raises(UsageError) as caught:
        targets(listed(**hosts_))
    return str(caught.value)


def test_hosts_come_in_the_order_of_the_inventory_each_once() -> None:
    assert hosts(FLEET) == ("lone", "cmp1", "cmp2", "cmp3", "ctl")


def test_a_host_has_the_groups_above_it() -> None:
    found = groups(FLEET)

    assert {host: sorted(names) for host, names in found.items()} == {
        "lone": ["all", "ungrouped"],
        "cmp1": ["all", "compute", "edge", "everything"],
        "cmp2": ["all", "compute", "everything"],
        "cmp3": ["all", "compute", "edge", "everything"],
        "ctl": ["all", "control"],
    }


def test_a_host_is_live_unless_it_has_a_root() -> None:
    found = targets(listed(a={}, b={"nova_auditor_root": "/srv/tree"}, c={"nova_auditor_root": ""}))

    assert found == (
        Target("a", Kind.LIVE),
        Target("b", Kind.TREE, "/srv/tree"),
        Target("c", Kind.LIVE),
    )


def test_nobody_is_expected_of_an_empty_inventory() -> None:
    assert targets({"_meta": {"hostvars": {}}, "all": {"children": ["ungrouped"]}}) == ()


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"release": 2025.1}, Told("2025.1")),
        ({"release": "epoxy"}, Told("2025.1")),
        ({"release": "{{ release }}"}, Told()),
        ({"services": ["nova-api", "nova-conductor"]}, Told(services=("nova-api", "nova-conductor"))),
        ({"services": "nova-api, nova-conductor"}, Told(services=("nova-api", "nova-conductor"))),
        ({"services": "{{ services }}"}, Told()),
        ({"services": []}, Told()),
        ({"expect": "none"}, Told(expects_none=True)),
        ({"expect": ""}, Told()),
        ({"expect": "{{ expectation }}"}, Told()),
    ],
)
def test_what_the_inventory_says_of_a_host_is_told(variables: Mapping[str, Any], expected: Told) -> None:
    assert told(**variables) == expected


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"nova_auditor_release": "2025.7"}, "nova_auditor_release: unknown release '2025.7'"),
        ({"nova_auditor_services": 1}, "nova_auditor_services is not a list of names"),
        ({"nova_auditor_services": ["nova-api", 1]}, "nova_auditor_services is not a list of names"),
        ({"nova_auditor_services": {"nova-api": True}}, "nova_auditor_services is not a list of names"),
        ({"nova_auditor_expect": "nothing"}, "nova_auditor_expect: 'nothing'; the one word is none"),
        ({"nova_auditor_expect": False}, "nova_auditor_expect: False; the one word is none"),
    ],
)
def test_what_it_cannot_say_is_refused_with_the_host(variables: Mapping[str, Any], said: str) -> None:
    text = refusal(cmp1=variables)

    assert text.startswith("the inventory says of cmp1: ")
    assert said in text


SAME: tuple[tuple[Mapping[str, Any], Mapping[str, Any]], ...] = (
    ({"ansible_host": "192.0.2.1"}, {"ansible_host": "192.0.2.1"}),
    ({"ansible_host": "192.0.2.1"}, {"ansible_ssh_host": "192.0.2.1", "ansible_port": 22}),
    ({"ansible_host": "b"}, {}),
    ({"ansible_host": "b", "ansible_connection": "ssh"}, {"ansible_connection": "smart"}),
    ({"ansible_connection": "local"}, {"ansible_connection": "ansible.builtin.local", "ansible_host": "x"}),
)

APART: tuple[tuple[Mapping[str, Any], Mapping[str, Any]], ...] = (
    ({}, {}),
    ({"ansible_host": "192.0.2.1"}, {"ansible_host": "192.0.2.1", "ansible_port": 2222}),
    ({"ansible_host": "192.0.2.1"}, {"ansible_host": "192.0.2.1", "nova_auditor_root": "/srv/b"}),
    ({"ansible_host": "{{ address }}"}, {"ansible_host": "{{ address }}"}),
    ({"ansible_connection": "podman", "ansible_host": "x"}, {"ansible_host": "x"}),
    (
        {"ansible_host": "x", "ansible_ssh_common_args": "-J one"},
        {"ansible_host": "x", "ansible_ssh_common_args": "-J two"},
    ),
)


@pytest.mark.parametrize(("one", "other"), SAME)
def test_two_names_of_one_machine_are_refused(one: Mapping[str, Any], other: Mapping[str, Any]) -> None:
    assert refusal(a=one, b=other).startswith("b and a are the same machine in the inventory")


@pytest.mark.parametrize(("one", "other"), APART)
def test_machines_that_may_differ_are_two(one: Mapping[str, Any], other: Mapping[str, Any]) -> None:
    assert [target.name for target in targets(listed(a=one, b=other))] == ["a", "b"]


def test_an_inventory_is_a_path_that_exists_or_has_a_comma(tmp_path: Path) -> None:
    (tmp_path / "hosts.ini").write_text("")
    with contextlib.chdir(tmp_path):
        found = sources(("hosts.ini", "cmp1,", "a,b"))

    assert found == (str(tmp_path / "hosts.ini"), "cmp1,", "a,b")


@pytest.mark.parametrize("text", ["hsots.ini", "cmp1", ""])
def test_anything_else_is_refused_as_ansible_would_take_it_for_a_host(tmp_path: Path, text: str) -> None:
    with contextlib.chdir(tmp_path), pytest.raises(UsageError, match="there is no such inventory"):
        sources((text or "./absent",))


def test_the_file_of_a_limit_is_absolute() -> None:
    assert limit("@failed.txt") == f"@{Path.cwd()}/failed.txt"
    assert limit("compute:!cmp1") == "compute:!cmp1"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[WARNING]: x\nERROR! Unable to find limit file\nmore\n", "Unable to find limit file"),
        ("[ERROR]: Completely failed to parse\n\n1 password: tr0ub4dor\n", "Completely failed to parse"),
        ("usage: x\nansible-inventory: error: unrecognized arguments: --x\n", "unrecognized arguments: --x"),
        ("Traceback\npassword: tr0ub4dor\n", "no reason given"),
        ("", "no reason given"),
        (
            "[ERROR]: Attempting to decrypt but no vault secrets found.\n",
            "it is encrypted, and no given password opens it (--vault-password-file)",
        ),
    ],
)
def test_of_what_ansible_says_only_its_own_first_error_is_passed_on(text: str, line: str) -> None:
    assert complaint(text) == line
