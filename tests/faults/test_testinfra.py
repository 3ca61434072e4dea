"""What goes wrong on a host, each as a host of one run of ``audit --hosts`` with sound hosts among them.

A program that lies stands for ssh, podman and kubectl; testinfra and the probe are real. Every host is this machine, of
which one explicit service is asked.
"""

from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.faults.fleet import SOUND, Ended, audit, environment, judged, write_script
from tests.trees import CERTIFICATE, grow

# Hosts that do not answer take their time.
pytestmark = pytest.mark.real

#: What a client does, by the host that it is to reach. The last argument is the command, the one before it the host.
CLIENT = """\
#!/bin/sh
for word; do
    case $word in stopped|absent) name=$word ;; *) host=$command ;; esac
    command=$word
done
answer() {{ /bin/sh -c "$command"; }}
fail() {{ cat >/dev/null; echo "$1" >&2; exit "$2"; }}
case ${{name:-${{host#*@}}}} in
    sound) answer ;;
    greets) echo "Welcome to {{cmp01}}"; echo "Last login: [today]" >&2; answer; echo "Good bye" ;;
    refused) fail "ssh: connect to host refused port 22: Connection refused" 255 ;;
    no-route) fail "ssh: connect to host no-route port 22: No route to host" 255 ;;
    key-refused) fail "nova@key-refused: Permission denied (publickey)." 255 ;;
    unknown-key) fail "Host key verification failed." 255 ;;
    not-in-sudoers) fail "nova is not in the sudoers file." 1 ;;
    wants-password) fail "sudo: a password is required" 1 ;;
    wants-terminal) fail "sudo: sorry, you must have a tty to run sudo" 1 ;;
    without-shell) fail 'exec failed: "/bin/sh": stat /bin/sh: no such file or directory' 127 ;;
    without-python) /bin/sh -c "$(printf %s "$command" | sed 's/python/absent/g')" ;;
    killed-at-once) cat >/dev/null; kill -9 $$ ;;
    killed-half-way) said=$(answer); printf %.900s "$said"; kill -9 $$ ;;
    cut) said=$(answer); printf %.900s "$said" ;;
    flipped) answer | sed 's/\\(EVIDENCE:H4sI.\\{{60\\}}\\)..../\\1AAAA/' ;;
    silent) cat >/dev/null ;;
    floods) cat >/dev/null; head -c 80000000 /dev/zero ;;
    replayed) cat >/dev/null; cat {answer} ;;
    late) exec sleep 60 ;;
    breaks) answer >/dev/null; fail "client_loop: send disconnect: Broken pipe" 255 ;;
    stopped) fail "Error: can only create exec sessions on running containers: container state improper" 255 ;;
    absent) fail 'Error: no container with name or ID "absent" found: no such container' 125 ;;
esac
"""


@dataclass(frozen=True, slots=True)
class Fault:
    """A host with a fault: its coverage, what the report says of it, and how it is reached."""

    name: str
    coverage: str
    says: str
    door: str = "ssh"


FAULTS = (
    Fault("refused", "unreachable", "Connection refused"),
    Fault("no-route", "unreachable", "No route to host"),
    Fault("key-refused", "denied", "Permission denied (publickey)"),
    Fault("unknown-key", "denied", "Host key verification failed"),
    Fault("not-in-sudoers", "denied", "is not in the sudoers file"),
    Fault("wants-password", "denied", "a password is required"),
    Fault("wants-terminal", "denied", "you must have a tty to run sudo"),
    Fault("without-shell", "unreachable", "no such file or directory"),
    Fault("without-python", "unreachable", "there is no Python 3.6 or newer"),
    Fault("killed-at-once", "unreachable", "exit 137"),
    Fault("killed-half-way", "unreachable", "the answer is damaged"),
    Fault("cut", "unreachable", "the answer is damaged"),
    Fault("flipped", "unreachable", "the answer is damaged"),
    Fault("silent", "unreachable", "the answer is missing or cut off"),
    Fault("floods", "unreachable", "the answer"),
    Fault("replayed", "unreachable", "the answer"),
    Fault("late", "timeout", "no answer within"),
    Fault("breaks", "unreachable", "Broken pipe"),
    Fault("stopped", "unreachable", "container state improper", "podman"),
    Fault("absent", "unreachable", "no such container", "podman"),
)
HOSTS = ("sound", "greets")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Ended:
    """The one run over all of them."""
    folder = tmp_path_factory.mktemp("testinfra")
    answer = folder / "answer"
    answer.write_text("NOVA-AUDITOR-EVIDENCE:\n")
    for name in ("ssh", "podman"):
        write_script(folder / "clients" / name, CLIENT.format(answer=answer))
    conf = SOUND["/etc/nova/nova.conf"].replace("/etc/nova/ca.pem", str(folder / "ca.pem"))
    grow(folder, {"nova.conf": conf, "ca.pem": CERTIFICATE})
    specs = [f"ssh://{name}" for name in HOSTS]
    specs += [f"{fault.door}://{fault.name}{'?timeout=1' * (fault.name == 'late')}" for fault in FAULTS]
    path = f"{folder / 'clients'}:{environment(folder)['PATH']}"
    return audit(
        folder,
        *("--hosts", ",".join(specs), "--timeout", "2", "--service", "nova-compute"),
        *("--config-file", folder / "nova.conf"),
        PATH=path,
    )


def test_the_run_is_incomplete_and_says_how_much_is_missing(run: Ended) -> None:
    assert (run.code, run.report["complete"]) == (3, False), run.errors
    assert f"{len(FAULTS)} hosts not audited" in run.why


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_host_with_a_fault_is_not_audited_and_the_reason_is_told(run: Ended, fault: Fault) -> None:
    coverage, reason = run.hosts[fault.name]

    assert (coverage, fault.says in (reason or "")) == (fault.coverage, True), reason


def test_the_text_names_each_host_that_was_not_audited(run: Ended) -> None:
    said = run.text.partition(" Coverage ")[2]
    missing = [fault.name for fault in FAULTS if f"- {fault.name}: {fault.coverage}" not in said]

    assert missing == []


def test_only_what_was_looked_at_is_judged(run: Ended) -> None:
    count = len(FAULTS) + len(HOSTS)

    assert judged(run) == sorted(HOSTS)
    assert run.report["passed"]["messaging-plaintext"].keys() == set(HOSTS)
    assert run.report["coverage"] == {
        "hosts_expected": count,
        "hosts_audited": len(HOSTS),
        "results_expected": count,
        "results_recorded": count,
    }


def test_nothing_of_an_answer_that_was_cut_is_shown(run: Ended) -> None:
    assert "H4sI" not in run.text


@pytest.mark.parametrize(
    ("specs", "said"),
    [
        ("ssh://cmp01,podman://cmp01", "the name cmp01 is taken by ssh://cmp01"),
        ("ansible://nobody?ansible_inventory={folder}/hosts.yml", "nobody"),
        ("ansible://all?ansible_inventory={folder}/hsots.yml", "hsots.yml"),
        ("carrier://cmp01", "carrier"),
    ],
)
def test_what_stands_for_nobody_or_for_two_is_refused(tmp_path: Path, specs: str, said: str) -> None:
    (tmp_path / "hosts.yml").write_text('{"all": {"hosts": {"cmp01": {}}}}')
    ended = audit(tmp_path, "--hosts", specs.format(folder=tmp_path))

    assert (ended.code, ended.text, ended.report) == (2, "", {})
    assert said in ended.errors
    assert len(ended.errors.splitlines()) == 1
