"""What a container finds where volumes are mounted, and paths that must not lead out."""

from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from auditor.collect import Options
from auditor.collect.manifest import open_manifest
from auditor.collect.manifest.objects import Malformed, read
from auditor.collect.manifest.volumes import Filesystem, State, expanded, mounted, volumes
from auditor.errors import FileError
from tests.collect import rendered
from tests.collect.rendered import mount

SECRET = {"name": "etc", "secret": {"secretName": "etc"}}
OBJECTS = (
    rendered.secret("etc", {"nova.conf": "a", "logging.conf": "b"}),
    rendered.config_map("map", {"c": "c"}),
)


def seen(
    mounts: Sequence[Mapping[str, Any]],
    *held: Mapping[str, Any],
    environment: Mapping[str, str] | None = None,
) -> Filesystem:
    manifest = read(None, BytesIO(rendered.yaml_of(*OBJECTS).encode()))
    container = {"volumeMounts": [*mounts]}
    return mounted(container, volumes({"volumes": [*held]}, None, manifest), environment or {})


def test_a_volume_shows_every_key_below_its_mount() -> None:
    assert seen([mount("etc", "/etc/nova/")], SECRET).files == {
        "/etc/nova/nova.conf": b"a",
        "/etc/nova/logging.conf": b"b",
    }


def test_a_sub_path_is_one_file() -> None:
    found = seen([mount("etc", "/etc/nova/mine.conf", "nova.conf")], SECRET)

    assert found.files == {"/etc/nova/mine.conf": b"a"}
    assert [found.state(path) for path in ("/etc/nova/mine.conf", "/etc/nova/other.conf")] == [
        State.SHOWN,
        State.IMAGE,
    ]


def test_items_choose_and_rename() -> None:
    volume = {
        "name": "etc",
        "secret": {"secretName": "etc", "items": [{"key": "nova.conf", "path": "x/y.conf"}]},
    }

    assert seen([mount("etc", "/e")], volume).files == {"/e/x/y.conf": b"a"}
    assert seen([mount("etc", "/e", "x")], volume).files == {"/e/y.conf": b"a"}


def test_a_projected_volume_joins_its_sources() -> None:
    sources = [
        {"secret": {"name": "etc", "items": [{"key": "nova.conf", "path": "n"}]}},
        {"configMap": {"name": "map"}},
        {"downwardAPI": {"items": []}},
        {"serviceAccountToken": {"path": "token"}},
    ]

    assert seen([mount("all", "/e")], {"name": "all", "projected": {"sources": sources}}).files == {
        "/e/n": b"a",
        "/e/c": b"c",
    }


def test_what_is_mounted_deeper_covers_what_lies_above_in_any_order() -> None:
    mounts = [mount("etc", "/e/nova.conf", "logging.conf"), mount("map", "/e/x"), mount("etc", "/e")]
    config_map = {"name": "map", "configMap": {"name": "map"}}

    assert seen(mounts, SECRET, config_map).files == {
        "/e/nova.conf": b"b",
        "/e/logging.conf": b"b",
        "/e/x/c": b"c",
    }


def test_an_empty_folder_covers_what_lies_below() -> None:
    found = seen(
        [mount("etc", "/e/nova.conf", "nova.conf"), mount("tmp", "/e/")],
        SECRET,
        {"name": "tmp", "emptyDir": {}},
    )

    assert found.files == {"/e/nova.conf": b"a"}
    assert found.state("/e/other") is State.RUNTIME


@pytest.mark.parametrize(
    "volume",
    [
        {"name": "v", "hostPath": {"path": "/etc"}},
        {"name": "v", "persistentVolumeClaim": {"claimName": "c"}},
        {"name": "v", "csi": {"driver": "d"}},
        {"name": "other"},
    ],
)
def test_volumes_of_other_kinds_are_not_shown(volume: Mapping[str, Any]) -> None:
    found = seen([mount("v", "/e")], volume)

    assert (found.files, found.state("/e/x")) == ({}, State.MISSING)


def test_a_key_that_is_not_there_is_told() -> None:
    wanted = {"name": "etc", "secret": {"secretName": "etc", "items": [{"key": "absent", "path": "x"}]}}
    by_item = seen([mount("etc", "/e")], wanted)
    by_sub_path = seen([mount("etc", "/e/x", "absent")], SECRET)

    assert by_item.missing == (
        "Secret etc has no key of the name that items asks for, which is mounted at /e",
    )
    assert by_sub_path.missing == (
        "Secret etc has no key of the name that subPath asks for, which is mounted at /e/x",
    )
    assert {found.state("/e/x") for found in (by_item, by_sub_path)} == {State.MISSING}


def test_what_is_optional_may_be_absent() -> None:
    found = seen([mount("v", "/e")], {"name": "v", "secret": {"secretName": "absent", "optional": True}})

    assert (found.missing, found.absent) == (
        (),
        ("Secret absent is not in the manifest, which is mounted at /e",),
    )
    assert found.state("/e/x") is State.SHOWN


def test_a_sub_path_takes_variables() -> None:
    one = {"name": "etc", "mountPath": "/e/x", "subPathExpr": "$(FILE).conf"}

    assert seen([one], SECRET, environment={"FILE": "nova"}).files == {"/e/x": b"a"}


@pytest.mark.parametrize(
    ("text", "result"),
    [("$(A)", "1"), ("$$(A)", "$(A)"), ("$(B)", "$(B)"), ("$A $", "$A $"), ("$(A", "$(A"), ("x$(A)y", "x1y")],
)
def test_variables_are_replaced_as_kubernetes_does(text: str, result: str) -> None:
    assert expanded(text, {"A": "1"}) == result


@pytest.mark.parametrize(
    "path",
    ["", "/", "//", "/..", "../etc", "/etc/../../x", "/a/..", "/a:b", "/a\0b", 5, ["/a"]],
)
def test_a_mount_path_that_leads_out_is_malformed(path: Any) -> None:
    with pytest.raises(Malformed):
        seen([{"name": "etc", "mountPath": path}], SECRET)


@pytest.mark.parametrize("path", ["..", "../x", "a/../../x", "/etc/passwd", "a/..", "\0", "..\0", 5])
def test_a_path_inside_a_volume_that_leads_out_is_malformed(path: Any) -> None:
    items = {"name": "etc", "secret": {"secretName": "etc", "items": [{"key": "nova.conf", "path": path}]}}

    for mounts, volume in (
        ([mount("etc", "/e")], items),
        ([mount("etc", "/e", path)], SECRET),
        ([{"name": "etc", "mountPath": "/e", "subPathExpr": path}], SECRET),
    ):
        with pytest.raises(Malformed):
            seen(mounts, volume)


def test_a_variable_cannot_lead_a_sub_path_out() -> None:
    one = {"name": "etc", "mountPath": "/e", "subPathExpr": "$(UP)/x"}

    with pytest.raises(Malformed):
        seen([one], SECRET, environment={"UP": "../.."})


def test_nothing_is_mounted_below_a_file() -> None:
    with pytest.raises(Malformed):
        seen([mount("etc", "/e", "nova.conf"), mount("etc", "/e/x", "nova.conf")], SECRET)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        (
            {"mounts": [mount("nova-etc", "/../../etc/x", "nova.conf")]},
            "a mountPath is no path that Kubernetes takes",
        ),
        ({"mounts": [mount("nova-etc", "/etc/nova", "../../x")]}, "subPath leads out of its volume"),
        ({"mounts": ["one"]}, "volumeMounts is no list of mappings"),
        ({"volumes": [{"name": "x", "secret": {}}]}, "a volume names no Secret"),
        ({"volumes": [{"name": "x", "secret": "nova-etc"}]}, "the source of a volume is no mapping"),
        ({"container": "../x"}, "a container has a name that Kubernetes refuses"),
        ({"image": 5}, "image is not text"),
    ],
)
def test_a_workload_that_kubernetes_refuses_is_named(
    tmp_path: Path, changes: dict[str, Any], problem: str
) -> None:
    mounts = changes.pop("mounts", None)
    one = rendered.conductor(**changes)
    if mounts is not None:
        one["spec"]["template"]["spec"]["containers"][0]["volumeMounts"] = mounts
    path = tmp_path / "rendered.yaml"
    path.write_text(rendered.yaml_of(one, *rendered.secrets("[DEFAULT]\n")))

    with pytest.raises(FileError) as raised, open_manifest(path, Options()):
        pass

    assert str(raised.value).startswith(f"{path}:3: Deployment nova-conductor: {problem}; ")


def test_a_name_that_no_folder_can_have_is_an_error_of_the_file(tmp_path: Path) -> None:
    one = rendered.conductor(mounts=[*rendered.ETC, mount("nova-etc", "/" + "x" * 300)])
    path = tmp_path / "rendered.yaml"
    path.write_text(rendered.yaml_of(one, *rendered.secrets("[DEFAULT]\n")))

    with (
        pytest.raises(FileError, match="container nova-conductor cannot be laid out: File name too long"),
        open_manifest(path, Options()),
    ):
        pass
