"""What is wrong with an inventory, or with what the operator says of it: nothing is audited, and a line says how to mend it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.faults.fleet import Ended, Hosts, audit, write_fleet, write_inventory, write_script

ONE: Hosts = {"cmp01": {}}


def refused(folder: Path, *asked: object) -> str:
    """What the one line says with which a run is refused before it has started."""
    run = audit(folder, *asked)

    assert (run.code, run.report, run.text) == (2, {}, ""), run.errors
    assert len(run.errors.splitlines()) == 1
    return run.errors


def nothing(run: Ended) -> tuple[int, bool, str, Any]:
    """What a run says that found nobody to audit."""
    return run.code, run.report["complete"], run.why, run.report["coverage"]["hosts_expected"]


def test_without_a_fault_the_fleet_is_green(tmp_path: Path) -> None:
    run = audit(tmp_path, "-i", write_fleet(tmp_path, {"cmp01": {}, "cmp02": {}}))

    assert (run.code, run.why) == (0, "complete, no open failure at or above high"), run.errors
    assert run.hosts == {"cmp01": ("audited", None), "cmp02": ("audited", None)}


NOBODY = (4, True, "nothing audited: no host matched", 0)


def test_an_inventory_without_hosts_is_exit_4(tmp_path: Path) -> None:
    inventory = tmp_path / "hosts.ini"
    inventory.write_text("[compute]\n")

    assert nothing(audit(tmp_path, "-i", inventory)) == NOBODY


@pytest.mark.parametrize("limit", ["cmp02", "compute", "cmp01:!cmp01"])
def test_a_limit_that_leaves_nobody_is_exit_4(tmp_path: Path, limit: str) -> None:
    inventory = tmp_path / "hosts.yml"
    inventory.write_text('{"all": {"hosts": {"cmp01": {}}, "children": {"compute": {}}}}')

    assert nothing(audit(tmp_path, "-i", inventory, "--limit", limit)) == NOBODY


def test_a_limit_of_which_a_part_matches_nothing_is_refused(tmp_path: Path) -> None:
    inventory = write_fleet(tmp_path, ONE)

    assert "--limit cmp01:cmp20: cmp20 matches no host of the inventory" in refused(
        tmp_path, "-i", inventory, "--limit", "cmp01:cmp20"
    )


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (("-i", "hsots.yml"), "-i hsots.yml: there is no such inventory"),
        (("-i", "hosts.yml", "-i", "folder/"), "-i folder/: there is no such inventory"),
        (("-i", "broken.yml"), "-i broken.yml: Ansible cannot read it"),
        (("-i", "script"), "-i script: Ansible cannot read it"),
        (("-i", "hosts.yml", "--limit", "@failed"), "Unable to find limit file"),
        (("-i", "hosts.yml", "-e", "@vars.yml"), "-e @vars.yml: there is no such file"),
        (("-i", "hosts.yml", "-e", "nova_auditor_release"), "-e: it is not NAME=VALUE, JSON or @FILE"),
        (("-i", "hosts.yml", "--private-key", "id"), "--private-key id: there is no such file"),
        (
            ("-i", "hosts.yml", "--vault-password-file", "pw"),
            "--vault-password-file pw: there is no such file",
        ),
    ],
)
def test_what_does_not_exist_or_cannot_be_read_is_refused(
    tmp_path: Path, asked: tuple[str, ...], said: str
) -> None:
    write_fleet(tmp_path, ONE)
    (tmp_path / "broken.yml").write_text("all:\n  hosts: {password: tr0ub4dor, [\n")
    write_script(tmp_path / "script", "#!/bin/sh\necho 'no cloud today' >&2\nexit 1\n")
    line = refused(tmp_path, *asked)

    assert said in line
    assert "tr0ub4dor" not in line


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        (
            {"nova_auditor_release": 2025.7},
            "the inventory says of cmp01: nova_auditor_release: unknown release",
        ),
        ({"nova_auditor_services": {"nova-api": 1}}, "cmp01: nova_auditor_services is not a list of names"),
        ({"nova_auditor_expect": "nothing"}, "cmp01: nova_auditor_expect: 'nothing'; the one word is none"),
    ],
)
def test_a_wrong_variable_is_refused_by_its_name_and_host(
    tmp_path: Path, variables: Mapping[str, Any], said: str
) -> None:
    assert said in refused(tmp_path, "-i", write_fleet(tmp_path, {"cmp01": variables}))


def test_one_machine_under_two_names_is_refused(tmp_path: Path) -> None:
    same = {"ansible_host": "192.0.2.1"}
    inventory = write_inventory(tmp_path / "hosts.yml", {"cmp01": same, "cmp02": same})

    assert "cmp02 and cmp01 are the same machine" in refused(tmp_path, "-i", inventory)


def test_a_host_in_several_groups_and_inventories_is_audited_once(tmp_path: Path) -> None:
    inventory = write_fleet(tmp_path, ONE)
    groups = tmp_path / "groups.ini"
    groups.write_text("[compute]\ncmp01\ncmp01\n[zone_a]\ncmp01\n")
    run = audit(tmp_path, "-i", inventory, "-i", groups)

    assert (run.code, run.report["coverage"]["hosts_expected"]) == (0, 1)


#: A mapping, encrypted by ansible-vault with the password ``password``.
ENCRYPTED = """\
$ANSIBLE_VAULT;1.1;AES256
34613036346232353265343832316636376233316363346135653236366532623437643164336264
3130323231613039623966323136343636633234386232360a633531363832336433383766393339
63663236623162376433373362653064643363306430383261616563326233353933356632326430
3733393166376262620a653835646339646263616464343862363835633935633531633763353233
62326436616430346132386330366162326236666338666635643538386634353765
"""


@pytest.mark.parametrize("encrypted", ["hosts.yml", "group_vars/all.yml"])
def test_what_is_encrypted_is_refused_without_its_password(tmp_path: Path, encrypted: str) -> None:
    write_fleet(tmp_path, ONE)
    (tmp_path / "group_vars").mkdir()
    (tmp_path / encrypted).write_text(ENCRYPTED)
    said = "it is encrypted, and no given password opens it (--vault-password-file)"

    assert said in refused(tmp_path, "-i", "hosts.yml")


@pytest.mark.parametrize(("password", "code"), [("password", 0), ("another", 2)])
def test_the_password_of_a_vault_decides(tmp_path: Path, password: str, code: int) -> None:
    write_fleet(tmp_path, ONE)
    (tmp_path / "group_vars").mkdir()
    (tmp_path / "group_vars" / "all.yml").write_text(ENCRYPTED)
    (tmp_path / "password").write_text(password)

    assert audit(tmp_path, "-i", "hosts.yml", "--vault-password-file", "password").code == code
