"""What testinfra's specs stand for, and one command per host through its backends, with clients that only look real."""

import importlib.util
import re
import socket
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from auditor.collect import Options, request
from auditor.collect.children import stop
from auditor.collect.testinfra import collect, groups, hosts
from auditor.collect.testinfra.inventories import matching
from auditor.collect.testinfra.specs import Spec
from auditor.errors import UsageError
from auditor.evidence import Document, Lost
from auditor.model import Coverage, Kind, Target, Told
from tests.collect.clients import client

INVENTORY = """
all:
  vars:
    ansible_connection: local
    nova_auditor_root: "{{ inventory_dir }}/{{ inventory_hostname }}"
  children:
    control:
      hosts:
        ctl1: {nova_auditor_release: "2025.1"}
        ctl2: {nova_auditor_services: [nova-api, nova-conductor]}
    compute:
      hosts:
        cmp1: {nova_auditor_expect: none}
"""


def inventory(folder: Path, text: str = INVENTORY) -> Path:
    path = folder / "hosts.yml"
    path.write_text(text)
    return path


def refusal(*specs: str, **defaults: Any) -> str:
    with pytest.raises(UsageError) as caught:
        hosts(specs, defaults)
    return str(caught.value)


def ask(target: Target, **options: Any) -> Document | Lost:
    return collect(target, request(target, Options(**options)))


def lost(item: Document | Lost) -> tuple[Coverage, str]:
    assert isinstance(item, Lost)
    return item.coverage, item.reason


@pytest.mark.parametrize(
    ("text", "name", "address"),
    [
        ("ssh://cmp1", "cmp1", "ssh://cmp1"),
        ("ssh://root@cmp1:2222?sudo=true", "cmp1", "ssh://root@cmp1:2222?sudo=true"),
        ("ssh://[fe80::1]:22", "fe80::1", "ssh://[fe80::1]:22"),
        ("ssh://cmp1?timeout=3&sudo_user=nova", "cmp1", "ssh://cmp1?sudo_user=nova&timeout=3"),
        ("safe-ssh://cmp1.example", "cmp1.example", "safe-ssh://cmp1.example"),
        ("podman://root@ctl", "ctl", "podman://root@ctl"),
        ("docker://nova_api", "nova_api", "docker://nova_api"),
        ("kubectl://nova-api-0?namespace=os", "nova-api-0", "kubectl://nova-api-0?namespace=os"),
        ("kubectl://pod?container=api&name=api", "api", "kubectl://pod?container=api"),
        ("openshift://pod", "pod", "openshift://pod"),
        ("lxc://box", "box", "lxc://box"),
        ("chroot:///srv/images/cmp1", "cmp1", "chroot:///srv/images/cmp1"),
        ("local://", socket.gethostname(), "local://"),
    ],
)
def test_a_spec_stands_for_a_live_host_called_by_its_name(text: str, name: str, address: str) -> None:
    assert hosts([text]) == (Target(name, Kind.LIVE, address=address),)


def test_commas_separate_specs_as_for_testinfra() -> None:
    found = hosts(["ssh://a,podman://b", "docker://c"])

    assert [target.name for target in found] == ["a", "b", "c"]


def test_an_address_is_a_spec_again() -> None:
    (first,) = hosts(["ssh://root@cmp1:2222?sudo=true&timeout=3"])

    assert hosts([first.address or ""]) == (first,)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no host is named"),
        ("ssh://a,", "no host is named"),
        ("telnet://cmp1", "there is no telnet:// here; known are ssh://"),
        ("winrm://cmp1", "there is no winrm:// here"),
        ("ssh://", "'' is no host; write ssh://NAME"),
        ("ssh://-oProxyCommand=x", "is no host"),
        ("ssh://cmp1/etc", "testinfra passes over what follows cmp1"),
        ("ssh://[fe80::1", "Invalid IPv6 URL; write ssh://NAME"),
        ("ssh://cmp1?sodu=true", "ssh:// takes no sodu; did you mean sudo?"),
        ("podman://ctl?timeout=3", "podman:// takes no timeout"),
        ("ssh://cmp1?sudo=yes", "sudo=yes: write true or false"),
        ("ssh://cmp1?timeout=soon", "timeout=soon: write whole seconds"),
        ("ssh://cmp1?ssh_config=/none/such", "there is no /none/such; name a file that exists"),
        ("ssh://cmp1?force_ansible=true", "audit -i INVENTORY"),
        ("chroot://srv", "write chroot:///srv/root"),
        ("ansible://all?ansible_inventory=/none/such", "there is no /none/such; name a file that exists"),
    ],
)
def test_a_spec_that_testinfra_would_take_wrongly_is_refused(text: str, said: str) -> None:
    assert said in refusal(text)


def test_a_bare_name_is_reached_through_paramiko_as_testinfra_does() -> None:
    if importlib.util.find_spec("paramiko") is None:
        assert "a bare name through paramiko, which is not installed; write ssh://cmp1" in refusal("cmp1")
    else:
        assert hosts(["cmp1"]) == (Target("cmp1", Kind.LIVE, address="paramiko://cmp1"),)


def test_a_password_in_a_spec_is_refused_and_not_repeated() -> None:
    said = refusal("ssh://root:s3cr3t@cmp1")

    assert "a key or an agent" in said
    assert "s3cr3t" not in said


@pytest.mark.parametrize("specs", [("ssh://a", "ssh://a"), ("ssh://a", "podman://a")])
def test_two_hosts_of_one_name_are_refused(specs: tuple[str, ...]) -> None:
    assert "the name a is taken by ssh://a" in refusal(*specs)


def test_no_spec_at_all_is_refused() -> None:
    assert "no host is named" in refusal()


def test_where_nobody_names_hosts_it_is_what_testinfra_takes(tmp_path: Path) -> None:
    path = inventory(tmp_path)
    everything = hosts(None, {"connection": "ansible", "ansible_inventory": str(path)})

    assert [target.address for target in hosts(None)] == ["local://"]
    assert [target.name for target in everything] == ["ctl1", "ctl2", "cmp1"]


def test_the_options_of_testinfra_speak_where_the_spec_does_not() -> None:
    (target,) = hosts(
        ["cmp1"], {"connection": "ssh", "sudo": True, "sudo_user": None, "force_ansible": False}
    )
    (own,) = hosts(["podman://ctl"], {"connection": "ssh", "ssh_config": "/etc/hosts"})

    assert target.address == "ssh://cmp1?sudo=true"
    assert own.address == "podman://ctl"


def test_an_inventory_says_what_its_hosts_are(tmp_path: Path) -> None:
    path = inventory(tmp_path)
    found = hosts([f"ansible://{pattern}?ansible_inventory={path}" for pattern in ("c*1", "control")])

    assert found == tuple(
        Target(name, Kind.TREE, str(tmp_path / name), f"ansible://{name}?ansible_inventory={path}", told)
        for name, told in (
            ("ctl1", Told("2025.1")),
            ("cmp1", Told(expects_none=True)),
            ("ctl2", Told(None, ("nova-api", "nova-conductor"))),
        )
    )
    assert set(groups(found)["cmp1"]) == {"all", "compute"}


def listed(**variables: Any) -> Mapping[str, Any]:
    """What ansible-inventory says of one host, cmp1."""
    return {"_meta": {"hostvars": {"cmp1": variables}}, "all": {"hosts": ["cmp1"]}, "storage": {"hosts": []}}


def spec(pattern: str = "all") -> Spec:
    return Spec("ansible", pattern, {"ansible_inventory": "/i/hosts.yml"})


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        (
            {"ansible_connection": "community.libvirt.libvirt_lxc"},
            "without Ansible; use another, or audit it with -i",
        ),
        ({"ansible_host": "{{ address }}"}, "ansible_host is a template"),
        ({"nova_auditor_release": "{% raw %}"}, "nova_auditor_release is a template"),
        ({"nova_auditor_root": "/srv/{{ site }}"}, "nova_auditor_root is a template"),
        ({"ansible_ssh_pass": "s3cr3t"}, "it has a password"),
        ({"ansible_password": "s3cr3t"}, "it has a password"),
    ],
)
def test_what_only_ansible_can_do_is_left_to_it(variables: Mapping[str, str], said: str) -> None:
    with pytest.raises(UsageError, match=re.escape(said)) as caught:
        matching(spec(), listed(**variables))

    assert "/i/hosts.yml: cmp1: " in str(caught.value)
    assert "s3cr3t" not in str(caught.value)


@pytest.mark.parametrize(
    ("pattern", "said"), [("web*", "none of the 1 hosts is called so"), ("storage", "none of the 1 hosts")]
)
def test_a_pattern_that_matches_nothing_is_refused(pattern: str, said: str) -> None:
    with pytest.raises(UsageError, match="no host matched") as caught:
        matching(spec(pattern), listed())

    assert said in str(caught.value)


def test_an_inventory_without_hosts_is_refused() -> None:
    with pytest.raises(UsageError, match="no host matched"):
        matching(spec(), {"_meta": {"hostvars": {}}, "all": {"children": ["ungrouped"]}})


def test_a_container_of_an_inventory_is_reached_without_ansible() -> None:
    variables = {
        "ansible_connection": "containers.podman.podman",
        "ansible_user": "root",
        "ansible_host": "box",
    }
    (target,) = matching(spec(), listed(**variables))

    assert target == Target("cmp1", Kind.LIVE, address="podman://root@box")


def test_this_machine_answers() -> None:
    (target,) = hosts(["local://"])
    item = ask(target)

    assert isinstance(item, Document)
    assert item.read().kind is Kind.LIVE


def test_a_tree_of_an_inventory_answers_under_its_name(tmp_path: Path) -> None:
    (tmp_path / "ctl1/etc/nova").mkdir(parents=True)
    (tmp_path / "ctl1/etc/nova/nova.conf").write_text("[DEFAULT]\ndebug = true\n")
    (target,) = hosts([f"ansible://ctl1?ansible_inventory={inventory(tmp_path)}"])
    item = ask(target)

    assert isinstance(item, Document)
    evidence = item.read()
    assert (evidence.host, evidence.kind, evidence.told.release) == ("ctl1", Kind.TREE, "2025.1")
    assert [service.id for service in evidence.services] == ["nova"]


@pytest.mark.parametrize("backend", ["podman", "docker", "kubectl", "openshift", "lxc", "ssh", "safe-ssh"])
def test_the_payload_is_no_argument(tmp_path: Path, backend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = client(tmp_path, {"openshift": "oc", "safe-ssh": "ssh"}.get(backend, backend), monkeypatch)
    (target,) = hosts([f"{backend}://box"])
    item = ask(target)

    assert isinstance(item, Document)
    assert len(seen.arguments()) < 2000
    assert "box" in seen.arguments()


def test_the_client_knows_nothing_of_our_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = client(tmp_path, "podman", monkeypatch)
    monkeypatch.setenv("OS_PASSWORD", "s3cr3t")
    monkeypatch.setenv("PYTHONSTARTUP", "/x")
    (target,) = hosts(["podman://box"])

    assert isinstance(ask(target), Document)
    assert "HOME=" in seen.environment()
    assert "OS_PASSWORD" not in seen.environment()
    assert "PYTHONSTARTUP" not in seen.environment()


FAILURES: Mapping[str, tuple[str, str, Coverage, str]] = {
    "no such container": (
        "podman",
        "echo 'Error: no container with name or ID \"box\" found: no such container' >&2; exit 125",
        Coverage.UNREACHABLE,
        "no such container (exit 125)",
    ),
    "stopped container": (
        "podman",
        "echo 'Error: can only create exec sessions on running containers: container state improper' >&2; exit 255",
        Coverage.UNREACHABLE,
        "can only create exec sessions on running containers",
    ),
    "stopped container of docker": (
        "docker",
        "echo 'Error response from daemon: container 4f2 is not running' >&2; exit 1",
        Coverage.UNREACHABLE,
        "is not running",
    ),
    "docker refuses": (
        "docker",
        "echo 'permission denied while trying to connect to the Docker daemon socket' >&2; exit 1",
        Coverage.DENIED,
        "permission denied",
    ),
    "no such pod": (
        "kubectl",
        "echo 'Error from server (NotFound): pods \"box\" not found' >&2; exit 1",
        Coverage.UNREACHABLE,
        "not found",
    ),
    "kubernetes refuses": (
        "kubectl",
        'echo \'Error from server (Forbidden): pods "box" is forbidden: User "u" cannot create\' >&2; exit 1',
        Coverage.DENIED,
        "is forbidden",
    ),
    "wrong key": (
        "ssh",
        "echo 'root@box: Permission denied (publickey).' >&2; exit 255",
        Coverage.DENIED,
        "Permission denied (publickey)",
    ),
    "sudo asks": (
        "ssh",
        "echo 'sudo: a terminal is required to read the password' >&2; echo 'sudo: a password is required' >&2; exit 1",
        Coverage.DENIED,
        "a password is required",
    ),
    "silence": (
        "podman",
        "exit 0",
        Coverage.UNREACHABLE,
        "the answer is missing or cut off: nothing was said",
    ),
    "noise": (
        "podman",
        "head -c 300000 /dev/urandom; exit 3",
        Coverage.UNREACHABLE,
        "nothing was said (exit 3)",
    ),
    "the command repeated": (
        "podman",
        "head -c 9000 >&2; exit 2",
        Coverage.UNREACHABLE,
        "... (exit 2)",
    ),
}


@pytest.mark.parametrize("why", FAILURES)
def test_a_failure_says_why(tmp_path: Path, why: str, monkeypatch: pytest.MonkeyPatch) -> None:
    program, does, coverage, reason = FAILURES[why]
    client(tmp_path, program, monkeypatch, does)
    (target,) = hosts([f"{program}://box"])
    found = lost(ask(target))

    assert found[0] is coverage
    assert reason in found[1]
    assert len(found[1]) < 400


def test_an_answer_that_was_cut_off_is_damaged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    client(tmp_path, "podman", monkeypatch, '/bin/sh -c "$command" | head -c 300')
    (target,) = hosts(["podman://box"])

    coverage, reason = lost(ask(target))

    assert coverage is Coverage.UNREACHABLE
    assert reason.startswith("the answer is damaged: ")


def test_a_probe_that_is_killed_half_way_is_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    client(tmp_path, "podman", monkeypatch, 'timeout -s KILL 0.03 /bin/sh -c "$command"')
    (target,) = hosts(["podman://box"])

    assert lost(ask(target))[0] is Coverage.UNREACHABLE


def test_an_answer_to_another_run_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    client(tmp_path, "podman", monkeypatch, f'cat > /dev/null; cat "{tmp_path}/recorded"')
    (target,) = hosts(["podman://box"])
    (tmp_path / "recorded").write_text("")
    client(tmp_path, "docker", monkeypatch, f'/bin/sh -c "$command" | tee "{tmp_path}/recorded"')
    (other,) = hosts(["docker://box"])

    assert isinstance(ask(other), Document)
    assert lost(ask(target)) == (Coverage.UNREACHABLE, "it answers another question than ours")


def test_a_client_that_is_not_installed_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    (target,) = hosts(["kubectl://pod"])

    assert lost(ask(target)) == (Coverage.UNREACHABLE, "kubectl is not installed here")


def test_a_client_that_hangs_is_ended_with_all_it_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client(tmp_path, "ssh", monkeypatch, f'sleep 300 & echo $! > "{tmp_path}/pid"; wait')
    (target,) = hosts(["ssh://box?timeout=0"])
    started = time.monotonic()
    found = lost(ask(target, seconds=0))
    took = time.monotonic() - started
    pid = int((tmp_path / "pid").read_text())

    assert found == (Coverage.TIMEOUT, "no answer within 5 seconds")
    assert took < 8
    assert ends(pid)


def test_an_interrupted_run_waits_for_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    client(tmp_path, "ssh", monkeypatch, f'echo $$ > "{tmp_path}/pid"; exec sleep 300')
    (target,) = hosts(["ssh://box"])
    found: list[Document | Lost] = []
    asking = threading.Thread(target=lambda: found.append(ask(target)))
    asking.start()
    while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text():
        time.sleep(0.02)
    stop()
    asking.join(5)

    assert [type(item) for item in found] == [Lost]
    assert ends(int((tmp_path / "pid").read_text()))


def ends(pid: int) -> bool:
    end = time.monotonic() + 2
    while time.monotonic() < end:
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] == "Z":
                return True
        except (FileNotFoundError, ProcessLookupError):
            return True
        time.sleep(0.02)
    return False
