"""Which containers of a manifest are hosts, what they are called, and what starts in them."""

from pathlib import Path

import pytest

from auditor.collect import Options
from auditor.collect.manifest import open_manifest
from auditor.model import Coverage
from tests.collect import rendered
from tests.collect.rendered import CONF, SNIPPETS, gathered, report, written

PLACEMENT = Path(__file__).parent / "manifests" / "placement.yaml"


def test_variables_of_the_container_count(tmp_path: Path) -> None:
    env = [
        {"name": "REQUESTS_CA_BUNDLE", "value": "/etc/ssl/certs/openstack-helm.crt"},
        {
            "name": "OS_DEFAULT__DEBUG",
            "valueFrom": {"configMapKeyRef": {"name": "debugging", "key": "debug"}},
        },
    ]
    objects = (rendered.config_map("debugging", {"debug": "true"}), rendered.conductor(env=env))
    (found,) = gathered(written(tmp_path, *rendered.secrets(CONF, SNIPPETS), *objects)).values()

    assert dict(found.services[0].environment) == {
        "OS_DEFAULT__DEBUG": "true",
        "REQUESTS_CA_BUNDLE": "/etc/ssl/certs/openstack-helm.crt",
    }


def test_variables_that_come_from_an_object_as_a_whole_count(tmp_path: Path) -> None:
    one = rendered.conductor()
    sources = [
        {"prefix": "OS_", "configMapRef": {"name": "debugging"}},
        {"secretRef": {"name": "absent", "optional": True}},
        {"secretRef": {"name": "lost"}},
    ]
    one["spec"]["template"]["spec"]["containers"][0]["envFrom"] = sources
    objects = (rendered.config_map("debugging", {"DEFAULT__DEBUG": "true"}), one)
    (found,) = gathered(written(tmp_path, *rendered.secrets(CONF, SNIPPETS), *objects)).values()

    assert dict(found.services[0].environment) == {"OS_DEFAULT__DEBUG": "true"}
    assert found.incomplete == ("Secret lost is not in the manifest, which variables are taken from",)


def test_a_variable_of_several_lines_is_not_passed_over(tmp_path: Path) -> None:
    env = [{"name": "OS_DEFAULT__HOST", "value": "a\nOS_DEFAULT__DEBUG=true"}]
    source = written(tmp_path, *rendered.secrets(CONF, SNIPPETS), rendered.conductor(env=env))
    (found,) = gathered(source).values()

    assert dict(found.services[0].environment) == {}
    assert found.incomplete == ("the variable OS_DEFAULT__HOST was not read: it has several lines",)


def test_a_script_in_the_command_itself_is_followed(tmp_path: Path) -> None:
    script = "set -e\nexec nova-scheduler --config-file /etc/nova/nova.conf\n"
    one = rendered.workload("nova-scheduler", ["/bin/bash", "-c", script])
    (found,) = gathered(written(tmp_path, *rendered.secrets(CONF, SNIPPETS), one)).values()

    assert [(service.name, service.config_files) for service in found.services] == [
        ("nova-scheduler", ("/etc/nova/nova.conf",))
    ]


def test_a_configuration_that_only_the_image_holds_is_not_judged_by_defaults(tmp_path: Path) -> None:
    mounts = [rendered.mount("nova-bin", "/etc/nova/nova.conf.d")]
    one = rendered.workload("nova-scheduler", ["nova-scheduler"], mounts)
    found = report(written(tmp_path, rendered.config_map("nova-bin", {"readme": ""}), one))

    assert (found.exit.code, found.passed, found.hosts[0].coverage) == (3, {}, Coverage.PARTIAL)
    assert "/etc/nova/nova.conf was not seen: it is in the image" in str(found.hosts[0].reason)


def test_a_setting_whose_variable_the_manifest_does_not_show_makes_the_host_partial(tmp_path: Path) -> None:
    env = [{"name": "OS_DEFAULT__DEBUG", "valueFrom": {"secretKeyRef": {"name": "absent", "key": "debug"}}}]
    source = written(tmp_path, *rendered.secrets(CONF, SNIPPETS), rendered.conductor(env=env))
    (found,) = gathered(source).values()

    assert found.incomplete == ("the value of the variable OS_DEFAULT__DEBUG is not in the manifest",)


def test_arguments_take_their_variables(tmp_path: Path) -> None:
    env = [{"name": "CONF", "value": "/etc/nova/nova.conf"}]
    one = rendered.workload("nova-scheduler", ["nova-scheduler", "--config-file", "$(CONF)"], env=env)
    (found,) = gathered(written(tmp_path, *rendered.secrets(CONF, SNIPPETS), one)).values()

    assert found.services[0].config_files == ("/etc/nova/nova.conf",)


def test_a_container_whose_command_is_that_of_its_image_is_known_by_its_name_and_partial(
    tmp_path: Path,
) -> None:
    one = rendered.workload("nova-scheduler", None)
    (found,) = gathered(written(tmp_path, *rendered.secrets(CONF, SNIPPETS), one)).values()

    assert [(service.name, str(service.role)) for service in found.services] == [
        ("nova-scheduler", "scheduler")
    ]
    assert any("it is taken for nova-scheduler by its name" in reason for reason in found.incomplete)


def test_a_container_that_nothing_names_is_a_service_of_unknown_role_and_partial(tmp_path: Path) -> None:
    one = rendered.workload("sidecar", ["/opt/run"])
    (found,) = gathered(written(tmp_path, *rendered.secrets(CONF, SNIPPETS), one)).values()

    assert [str(service.role) for service in found.services] == ["unknown"]
    assert found.incomplete == ("what Deployment sidecar, container sidecar, starts is not in the manifest",)


def test_a_secret_alone_is_a_host_called_after_it(tmp_path: Path) -> None:
    one = rendered.secret("nova-etc", {"nova.conf": CONF, "nova-compute.conf": CONF}, namespace="openstack")
    ((host, found),) = gathered(written(tmp_path, one)).items()

    assert host == "openstack.nova-etc"
    assert [(service.name, service.config_files) for service in found.services] == [
        ("nova", ("/etc/nova/nova.conf",))
    ]
    assert (
        "what else its services read",
        "no workload in the manifest mounts Secret openstack/nova-etc",
    ) in found.left_out
    assert any(path == "/etc/nova/nova-compute.conf" for path, _ in found.left_out)


def test_the_secret_of_a_job_alone_is_audited_by_itself(tmp_path: Path) -> None:
    found = gathered(written(tmp_path, *rendered.secrets(CONF, SNIPPETS), rendered.job()))

    assert list(found) == ["nova-etc"]


def test_a_placement_configuration_alone_is_one_of_placement(tmp_path: Path) -> None:
    one = rendered.config_map("placement-etc", {"placement.conf": "[placement]\n"})
    (found,) = gathered(written(tmp_path, one)).values()

    assert [(service.project, service.config_files) for service in found.services] == [
        ("placement", ("/etc/placement/placement.conf",))
    ]


def test_the_chart_of_placement_is_audited() -> None:
    found = report(PLACEMENT)
    (host,) = found.hosts

    assert (host.name, host.coverage, host.release, [str(one.role) for one in host.services]) == (
        "placement-api",
        Coverage.AUDITED,
        "2026.1",
        ["placement"],
    )
    assert {one.check for one in found.findings if str(one.status) == "fail"} == {
        "database-plaintext",
        "database-tls-optional-by-configuration",
    }


def test_what_a_workload_owns_and_what_ends_is_not_audited_twice(tmp_path: Path) -> None:
    owned = rendered.conductor(kind="ReplicaSet")
    owned["metadata"] = {"name": "nova-conductor-5d4f", "ownerReferences": [{"kind": "Deployment"}]}
    pod = {
        "kind": "Pod",
        "metadata": {"name": "nova-test"},
        "spec": rendered.conductor()["spec"]["template"]["spec"],
    }
    pod["spec"]["restartPolicy"] = "Never"
    objects = (rendered.conductor(), owned, pod, rendered.job())

    assert list(gathered(written(tmp_path, *rendered.secrets(CONF), *objects))) == ["nova-conductor"]


def test_names_of_hosts_are_told_apart(tmp_path: Path) -> None:
    objects = (
        rendered.conductor(),
        rendered.conductor(kind="StatefulSet"),
        rendered.conductor(namespace="other"),
    )
    with open_manifest(written(tmp_path, *rendered.secrets(CONF), *objects), Options()) as (asked, _):
        names = [target.name for target in asked]

    assert names == ["nova-conductor", "nova-conductor.2", "other.nova-conductor"]


@pytest.mark.parametrize(
    ("image", "release"),
    [
        ("quay.io/airshipit/nova:2025.1-ubuntu_noble", "2025.1"),
        ("docker.io/openstackhelm/nova:zed-ubuntu_jammy", "zed"),
        ("registry:5000/nova:epoxy", "2025.1"),
        ("nova:stable-2024.2-rocky-9@sha256:abc", "2024.2"),
        ("nova:latest", None),
        ("nova:31.0.0", None),
        ("nova:2024.1-to-2025.1", None),
        ("registry:5000/nova", None),
        ("nova@sha256:0123", None),
        ("", None),
    ],
)
def test_the_release_is_that_of_the_tag_where_it_names_one(
    tmp_path: Path, image: str, release: str | None
) -> None:
    source = written(tmp_path, *rendered.secrets(CONF), rendered.conductor(image=image))
    with open_manifest(source, Options()) as (asked, _):
        told = [target.told.release for target in asked]

    assert told == [release]


def test_the_release_of_the_operator_stands_before_that_of_the_tag(tmp_path: Path) -> None:
    source = written(tmp_path, *rendered.secrets(CONF), rendered.conductor())
    with open_manifest(source, Options(), release="2026.1") as (asked, _):
        told = [target.told.release for target in asked]

    assert told == [None]
