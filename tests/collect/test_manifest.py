"""What `helm template` renders, through the door: the real probe, the real catalogue, the verdicts of the same tree."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from auditor.checks import CATALOGUE
from auditor.collect import Options, collect
from auditor.collect.manifest import open_manifest, read, targets
from auditor.effective import resolve
from auditor.errors import FileError
from auditor.evidence import Lost
from auditor.model import Coverage, Kind, Missing, Target
from auditor.pipeline import audit
from auditor.report import Finding, Report
from tests.collect import rendered
from tests.collect.rendered import CONF, PASSWORD, SNIPPETS, gathered, report, written
from tests.trees import grow

HARDENED = Path(__file__).parents[2] / "inventories" / "example" / "hardened" / "etc" / "nova"


def fleet(folder: Path) -> Path:
    workloads = (
        rendered.conductor(),
        rendered.compute(),
        rendered.api(),
        rendered.novncproxy(),
        rendered.job(),
    )
    return written(folder, *rendered.secrets(CONF, SNIPPETS), *workloads)


def without(name: str, objects: tuple[dict[str, Any], ...]) -> Iterator[dict[str, Any]]:
    yield from (one for one in objects if one["metadata"]["name"] != name)


def test_each_container_that_runs_a_service_is_a_host(tmp_path: Path) -> None:
    found = gathered(fleet(tmp_path))

    assert {
        host: [(one.name, str(one.role), one.source) for one in item.services] for host, item in found.items()
    } == {
        "nova-conductor": [("nova-conductor", "conductor", "container")],
        "nova-compute-default.nova-compute": [("nova-compute", "compute", "container")],
        "nova-api-osapi.nova-osapi": [("nova-api", "api", "container")],
        "nova-novncproxy": [("nova-novncproxy", "console-proxy", "container")],
    }


def tree_of_the_conductor(root: Path) -> Path:
    certificates = {
        f"/etc/{of}/certs/{name}": rendered.CERTIFICATE
        for of in ("mysql", "rabbitmq")
        for name in ("ca.crt", "tls.crt")
    }
    command = " ".join(rendered.CONDUCTOR)
    return grow(
        root,
        {
            "/etc/nova/nova.conf": CONF,
            "/etc/nova/nova.conf.d/nova_placement.conf": SNIPPETS["nova_placement.conf"],
            "/etc/nova/logging.conf": "",
            "/etc/nova/policy.yaml": "{}\n",
            "/etc/ssl/certs/openstack-helm.crt": rendered.CERTIFICATE,
            "/tmp/nova-conductor.sh": f"#!/bin/bash\nexec {command}\n",
            **certificates,
        },
    )


def verdicts(found: Report) -> list[Finding]:
    return [one for one in found.findings if one.host == "nova-conductor"]


def test_the_verdicts_are_those_of_the_same_tree(tmp_path: Path) -> None:
    root = tree_of_the_conductor(tmp_path / "nova-conductor")
    asked = [Target("nova-conductor", Kind.TREE, str(root))]
    options = Options()  # one salt, whose digests stand in redacted values
    by_root = audit(collect(asked, options), CATALOGUE, targets=asked, release="2025.1")
    by_manifest = report(fleet(tmp_path), options)

    assert verdicts(by_root)
    assert verdicts(by_manifest) == verdicts(by_root)
    assert {check: hosts.get("nova-conductor") for check, hosts in by_manifest.passed.items()} == {
        check: by_root.passed.get(check, {}).get("nova-conductor") for check in by_manifest.passed
    }


def test_a_container_that_is_shown_whole_is_audited(tmp_path: Path) -> None:
    source = written(tmp_path, *rendered.secrets(CONF, SNIPPETS), rendered.conductor())
    (host,) = report(source).hosts

    assert (host.coverage, host.reason) == (Coverage.AUDITED, None)


def test_what_the_image_ships_beside_the_configuration_is_told(tmp_path: Path) -> None:
    source = written(tmp_path, *rendered.secrets(CONF, SNIPPETS), rendered.api())
    (host,) = report(source).hosts

    assert (host.coverage, host.reason) == (
        Coverage.AUDITED,
        "/etc/nova/api-paste.ini was left out: it is in the image",
    )


def test_a_file_whose_writer_is_not_shown_makes_the_host_partial(tmp_path: Path) -> None:
    source = written(tmp_path, *rendered.secrets(CONF, SNIPPETS), rendered.compute(initial=()))
    found = report(source)

    assert found.hosts[0].coverage is Coverage.PARTIAL
    assert "/tmp/pod-shared/nova-libvirt.conf was not seen: it is written when the pod starts" in str(
        found.hosts[0].reason
    )
    assert any(one.check == "database-credentials-on-compute" for one in found.findings)


def test_options_that_an_init_container_writes_are_told_and_decide_nothing(tmp_path: Path) -> None:
    source = written(tmp_path, *rendered.secrets(CONF, SNIPPETS), rendered.compute())
    (host,) = report(source).hosts
    (found,) = gathered(source).values()
    settings = resolve(found, found.services[0], "2025.1")

    assert host.coverage is Coverage.AUDITED
    assert "[libvirt] live_migration_inbound_addr" in str(host.reason)
    assert "[vnc] server_listen, [serial_console] proxyclient_address" in str(host.reason)
    assert settings["vnc", "server_listen"].is_withheld


def test_a_folder_of_configuration_that_is_not_in_the_manifest_leaves_no_verdict(tmp_path: Path) -> None:
    objects = without("nova-ks-etc", rendered.secrets(CONF))
    found = report(written(tmp_path, *objects, rendered.conductor()))

    assert found.exit.code == 3
    assert found.hosts[0].coverage is Coverage.PARTIAL
    assert "Secret nova-ks-etc is not in the manifest, which is mounted at /etc/nova/nova.conf.d" in str(
        found.hosts[0].reason
    )
    assert "placement-credentials-missing" not in found.passed
    assert {str(one.status) for one in found.findings} == {"error"}


def test_a_configuration_that_is_not_in_the_manifest_is_not_judged_by_defaults(tmp_path: Path) -> None:
    for one in (rendered.conductor(), rendered.api()):
        objects = without("nova-etc", rendered.secrets(CONF, SNIPPETS))
        found = report(written(tmp_path, *objects, one))

        assert (found.exit.code, found.passed, found.hosts[0].coverage) == (3, {}, Coverage.PARTIAL)


def test_certificates_that_the_cluster_makes_are_neither_absent_nor_silent(tmp_path: Path) -> None:
    maker = {
        "apiVersion": "cert-manager.io/v1",
        "kind": "Certificate",
        "metadata": {"name": "nova-tls"},
        "spec": {"secretName": "nova-tls-api"},
    }
    objects = without("nova-tls-api", rendered.secrets(CONF, SNIPPETS))
    source = written(tmp_path, maker, *objects, rendered.conductor())
    (found,) = gathered(source).values()
    at = found.files_of(found.services[0]).at("/etc/rabbitmq/certs/ca.crt")

    assert isinstance(at, Missing)
    assert at.status == "elsewhere"
    assert any("(Certificate nova-tls makes it in the cluster)" in reason for reason in found.incomplete)
    assert report(source).exit.code != 0


def test_an_optional_secret_that_is_absent_is_told_and_the_pod_starts_without(tmp_path: Path) -> None:
    volumes = [
        {"name": "nova-etc", "secret": {"secretName": "nova-etc"}},
        {
            "name": "nova-etc-snippets",
            "projected": {"sources": [{"secret": {"name": "nova-ks-etc", "optional": True}}]},
        },
    ]
    mounts = [one for one in rendered.ETC if one["name"] in ("nova-etc", "nova-etc-snippets")]
    source = written(
        tmp_path,
        rendered.secret("nova-etc", {"nova.conf": CONF, "policy.yaml": "", "logging.conf": ""}),
        rendered.conductor(mounts=mounts, volumes=volumes),
    )
    (host,) = report(source).hosts

    assert host.coverage is Coverage.AUDITED
    assert "Secret nova-ks-etc is not in the manifest" in str(host.reason)


def test_a_certificate_of_the_image_is_not_absent(tmp_path: Path) -> None:
    conf = CONF.replace("/etc/rabbitmq/certs/ca.crt", "/etc/ssl/certs/ca-certificates.crt")
    source = written(tmp_path, *rendered.secrets(conf, SNIPPETS), rendered.conductor())
    (found,) = gathered(source).values()
    at = found.files_of(found.services[0]).at("/etc/ssl/certs/ca-certificates.crt")

    assert isinstance(at, Missing)
    assert at.status == "elsewhere"


def test_a_file_that_a_whole_secret_does_not_hold_is_absent(tmp_path: Path) -> None:
    conf = CONF.replace("/etc/rabbitmq/certs/ca.crt", "/etc/ca/typo.crt")
    volumes = [*rendered.VOLUMES, {"name": "ca", "secret": {"secretName": "nova-tls-api"}}]
    one = rendered.conductor(mounts=[*rendered.ETC, rendered.mount("ca", "/etc/ca")], volumes=volumes)
    (found,) = gathered(written(tmp_path, *rendered.secrets(conf, SNIPPETS), one)).values()
    at = found.files_of(found.services[0]).at("/etc/ca/typo.crt")

    assert isinstance(at, Missing)
    assert at.is_absent


def test_a_chart_that_is_in_order_ends_green(tmp_path: Path) -> None:
    certificates = {path.name: path.read_bytes() for path in (HARDENED / "tls").iterdir()}
    conf = (HARDENED / "nova.conf").read_text()
    one = rendered.workload(
        "nova-conductor",
        ["nova-conductor", "--config-file", "/etc/nova/nova.conf"],
        [rendered.mount("etc", "/etc/nova"), rendered.mount("tls", "/etc/nova/tls")],
        image="registry.example/nova:2026.2",
        volumes=[
            {"name": "etc", "secret": {"secretName": "etc"}},
            {"name": "tls", "secret": {"secretName": "tls"}},
        ],
    )
    files = {"nova.conf": conf, "policy.yaml": "{}\n"}
    objects = (rendered.secret("etc", files), rendered.secret("tls", certificates), one)
    found = report(written(tmp_path, *objects))

    assert (found.exit.code, found.hosts[0].coverage, found.complete) == (0, Coverage.AUDITED, True)


def test_standard_input_is_a_manifest_too(tmp_path: Path) -> None:
    found = read(None, BytesIO(fleet(tmp_path).read_bytes()))

    assert (found.source, len(found.objects)) == ("standard input", 10)


def test_nothing_of_nova_is_an_error_that_names_the_cure(tmp_path: Path) -> None:
    source = written(
        tmp_path, rendered.config_map("grafana", {"grafana.ini": ""}), rendered.workload("grafana", None, ())
    )

    with pytest.raises(FileError, match="nothing in it runs or configures Nova or placement; give what"):
        report(source)


def test_a_secret_that_kubernetes_refuses_is_named_without_its_content(tmp_path: Path) -> None:
    bad = {**rendered.secret("nova-ks-etc", {}), "data": {"nova_placement.conf": PASSWORD + "!"}}
    used = written(tmp_path, *without("nova-ks-etc", rendered.secrets(CONF)), bad, rendered.conductor())

    with pytest.raises(
        FileError, match=r"Secret nova-ks-etc: data nova_placement\.conf is not base64; give"
    ) as raised:
        report(used)

    assert PASSWORD not in str(raised.value)


def test_what_was_written_is_private_and_gone_afterwards(tmp_path: Path) -> None:
    with open_manifest(fleet(tmp_path), Options()) as (asked, documents):
        places = [Path(str(target.root)) for target in asked]
        modes = {
            oct(path.lstat().st_mode & 0o777)
            for root in places
            for path in (root.parent, root, *root.rglob("*"))
        }
        left = [item for item in documents if isinstance(item, Lost)]

    assert modes == {"0o700", "0o600"}
    assert not left
    assert not any(place.exists() or place.parent.exists() for place in places)


def test_no_secret_of_a_manifest_is_in_the_evidence(tmp_path: Path) -> None:
    with open_manifest(fleet(tmp_path), Options()) as (_, documents):
        said = repr(list(documents))

    assert PASSWORD not in said
    assert "secret-of-the-database" not in said


def test_values_of_a_manifest_are_not_shown(tmp_path: Path) -> None:
    assert "BEGIN CERTIFICATE" not in repr(read(fleet(tmp_path)))
    assert [path.name for path in tmp_path.iterdir()] == ["rendered.yaml"]


def test_targets_are_trees_below_the_folder(tmp_path: Path) -> None:
    place = tmp_path / "place"
    place.mkdir()
    (one,) = targets(read(written(tmp_path, *rendered.secrets(CONF), rendered.conductor())), place)

    assert (one.kind, one.root) == (Kind.TREE, str(place / "nova-conductor"))
    assert (place / "nova-conductor" / "etc" / "nova" / "nova.conf").read_text() == CONF
