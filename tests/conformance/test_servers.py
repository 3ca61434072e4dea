"""The impostors are confirmed: real servers see of Nova's clients what the recorded truth and the auditor say."""

import json
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from tests.conformance import truth
from tests.conformance.environments import interpreter
from tests.conformance.servers import mariadb, postgresql, rabbitmq
from tests.conformance.servers.chosen import CHOSEN, TRAPS
from tests.conformance.servers.process import surroundings

MEASURE = Path(__file__).with_name("measure")
RELEASES = ("zed", "2026.2")

#: Face to the certificate of its server.
FACES: Mapping[str, str | None] = {
    "plain": None,
    "right": "ca-right.pem",
    "name": "ca-wrong.pem",
    "system": "system-right.pem",
    "system-name": "system-wrong.pem",
    "other": "other-right.pem",
}

#: Who logs in, in the cases of every subject.
LOGIN, PASSWORD, DATABASE = "nova", "pw", "nova"

#: How the cases of RabbitMQ write where it is, and where a real one is.
BROKER, REAL_BROKER = "nova:pw@127.0.0.1:5671/", "nova:pw@127.0.0.1:@PORT@/"


@dataclass(frozen=True, slots=True)
class Servers:
    """What runs: subject to face to port, the broker, and the folder of the certificates."""

    ports: Mapping[str, Mapping[str, int]]
    broker: rabbitmq.Broker
    folder: Path


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    folder = tmp_path_factory.mktemp("certificates")
    make = "import sys; sys.path.insert(0, sys.argv[1]); import certificates; certificates.make(sys.argv[2])"
    subprocess.run([interpreter("2026.2"), "-c", make, MEASURE, folder], check=True, timeout=60)
    faces = {face: folder / name if name else None for face, name in FACES.items()}
    with ExitStack() as stack:
        broker = stack.enter_context(rabbitmq.started(faces, LOGIN, PASSWORD))
        ports = {
            "messaging": broker.ports,
            "mysql": stack.enter_context(mariadb.started(faces, LOGIN, PASSWORD, DATABASE)),
            "postgresql": stack.enter_context(postgresql.started(faces, LOGIN, PASSWORD, DATABASE)),
        }
        yield Servers(ports, broker, folder)


@pytest.fixture(scope="module", params=RELEASES)
def measured(
    request: pytest.FixtureRequest, servers: Servers, tmp_path_factory: pytest.TempPathFactory
) -> Any:
    """What the clients of a release did with the real servers, as a document of truth."""
    release = request.param
    folder = tmp_path_factory.mktemp(release)
    source, target = folder / "cases.json", folder / "results.json"
    source.write_text(json.dumps([*chosen(servers), asking(servers)]))
    program = [interpreter(release), MEASURE / "servers.py", source, target]
    done = subprocess.run(
        program, env=surroundings(folder, {}), capture_output=True, text=True, check=False, timeout=240
    )

    assert done.returncode == 0, done.stderr[-4000:]

    return {"release": release, **json.loads(target.read_text())}


def chosen(servers: Servers) -> Iterator[Mapping[str, Any]]:
    for subject, names in CHOSEN.items():
        cases = {case["id"]: case for case in truth.cases(subject)}
        for name in names:
            yield placed(cases[name], subject, servers)


def placed(case: Mapping[str, Any], subject: str, servers: Servers) -> Mapping[str, Any]:
    """A case as the measuring program takes it."""
    conf = case["conf"].replace(BROKER, REAL_BROKER)
    more = {"subject": subject, "folder": str(servers.folder), "ports": servers.ports[subject]}
    return {**case, "conf": conf, **more}


def asking(servers: Servers) -> Mapping[str, Any]:
    """A case during which the broker is asked what it knows of its clients."""
    command, environment = servers.broker.question(
        "list_connections", "port", "ssl", "user", "--formatter", "json"
    )
    conf = f"[DEFAULT]\ntransport_url = rabbit://{BROKER}?ssl=1&ssl_ca_file=@DIR@/ca.pem\n"
    case = placed({"id": "asking", "conf": conf}, "messaging", servers)
    return {
        **case,
        "ports": {"right": case["ports"]["right"]},
        "ask": {"command": command, "environment": environment},
    }


def logins(result: Mapping[str, Any]) -> Mapping[str, str]:
    """Face to what the client handed over; a service that did not start handed nothing over."""
    return {face: result["faces"][face]["login"] if "faces" in result else "refused" for face in FACES}


def expected(subject: str, result: Mapping[str, Any]) -> Mapping[str, str]:
    """What a recorded result lets expect of real servers.

    An impostor takes a login in the clear wherever a client offers it. A broker's listener with TLS takes no other
    greeting; databases take both.
    """
    found = logins(result)
    if subject != "messaging":
        return found
    return {
        face: "refused" if face != "plain" and login == "plain" else login for face, login in found.items()
    }


def as_seen(recorded: Mapping[str, Any], real: Mapping[str, Any]) -> Mapping[str, Any]:
    """A recorded result with the logins that real servers saw; how a service fails to start is nothing they see."""
    seen = logins(real)
    if "faces" not in recorded and set(seen.values()) == {"refused"}:
        return recorded
    faces = recorded.get("faces", real["faces"])
    return {
        "faces": {face: {**found, "login": seen.get(face, found["login"])} for face, found in faces.items()}
    }


@pytest.mark.parametrize("subject", CHOSEN)
def test_what_real_servers_are_asked_is_asked_of_impostors(subject: str) -> None:
    assert set(CHOSEN[subject]) <= {case["id"] for case in truth.cases(subject)}


@pytest.mark.real
@pytest.mark.parametrize("subject", CHOSEN)
def test_real_servers_see_what_the_impostors_saw(subject: str, measured: Any) -> None:
    recorded = truth.read(subject, measured["release"])["results"]
    real = {name: logins(measured["results"][name]) for name in CHOSEN[subject]}

    assert {login for seen in real.values() for login in seen.values()} == {"plain", "tls", "refused"}
    assert real == {name: expected(subject, recorded[name]) for name in real}


@pytest.mark.real
@pytest.mark.parametrize("subject", CHOSEN)
def test_the_auditor_says_what_real_servers_see(subject: str, measured: Any) -> None:
    recorded = truth.read(subject, measured["release"])
    results = {
        name: as_seen(recorded["results"][name], measured["results"][name]) for name in CHOSEN[subject]
    }
    compare = import_module(f"tests.conformance.replay.{subject}").compare
    lines = {
        case["id"]: compare(case, {**recorded, "results": results})
        for case in truth.cases(subject)
        if case["id"] in results
    }

    assert lines == dict.fromkeys(CHOSEN[subject])


@pytest.mark.real
@pytest.mark.parametrize("case", TRAPS)
def test_an_rpc_server_does_not_start_with_what_contradicts_itself(case: str, measured: Any) -> None:
    trap, errors = TRAPS[case]
    error = errors[measured["release"]]
    result = measured["results"][case]["faces"]["plain"]

    assert result["login"] == ("refused" if error else "plain"), trap
    assert error in result.get("text", "")


@pytest.mark.real
def test_the_broker_itself_calls_the_connections_encrypted(measured: Any, servers: Servers) -> None:
    result = measured["results"]["asking"]["faces"]["right"]
    port = servers.ports["messaging"]["right"]
    known = {(one["user"], one["ssl"]) for one in json.loads(result["said"]) if one["port"] == port}

    assert result["login"] == "tls"
    assert known == {(LOGIN, True)}
