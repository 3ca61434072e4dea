"""Services are found in every layout that deployers leave."""

from pathlib import Path

import pytest

from tests.probe.hosts import CONF, evidence, services, sources, unit


def test_rdo_reads_what_it_ships_first(tmp_path: Path) -> None:
    document = evidence(
        tmp_path,
        {
            "/usr/lib/systemd/system/openstack-nova-compute.service": unit("/usr/bin/nova-compute"),
            "/usr/share/nova/nova-dist.conf": CONF,
            "/etc/nova/nova.conf": CONF,
            "/etc/nova/nova-compute.conf": CONF,
        },
    )
    (found,) = document["services"]

    assert found["layout"] == "rdo"
    assert sources(found) == [
        "/usr/share/nova/nova-dist.conf",
        "/etc/nova/nova.conf",
        "/etc/nova/nova-compute.conf",
    ]


VENV = "/openstack/venvs/nova-29.2.3"


def test_openstack_ansible_links_etc_nova_to_its_venv(tmp_path: Path) -> None:
    document = evidence(
        tmp_path,
        {
            "/etc/nova": f"-> {VENV}/etc/nova",
            f"{VENV}/etc/nova/nova.conf": CONF,
            f"{VENV}/etc/nova/api-paste.ini": "",
            f"{VENV}/bin/nova-conductor": f"#!{VENV}/bin/python3\n",
            f"{VENV}/lib/python3.11/site-packages/nova-29.2.0.dist-info/METADATA": "Name: nova\nVersion: 29.2.0\n",
            "/openstack/venvs/nova-28.0.0/lib/python3.11/site-packages/nova-28.0.0.dist-info/METADATA": "Version: 28.0.0\n",
            "/etc/systemd/system/nova-conductor.service": unit(f"{VENV}/bin/nova-conductor"),
            "/etc/systemd/system/nova-novncproxy.service": unit(f"{VENV}/bin/nova-novncproxy --ssl_only --cert /var/lib/nova/nova.pem --key /k"),
            "/etc/systemd/system/nova-api-os-compute.service": unit("/openstack/venvs/uwsgi-1/bin/uwsgi --autoload --ini /etc/uwsgi/api.ini"),
            "/etc/uwsgi/api.ini": f"[uwsgi]\nvirtualenv = {VENV}\nwsgi-file = {VENV}/bin/nova-api-wsgi\nenv = OS_DATABASE__MAX_RETRIES=3\n",
        },
    )  # fmt: skip
    found = services(document)

    assert set(found) == {"nova-api", "nova-conductor", "nova-novncproxy"}
    assert {item["layout"] for item in found.values()} == {"openstack-ansible"}
    assert {item["interpreter"] for item in found.values()} == {VENV}
    assert found["nova-novncproxy"]["arguments"] == [
        "--ssl_only",
        "--cert",
        "/var/lib/nova/nova.pem",
        "--key",
        "/k",
    ]
    assert found["nova-api"]["environment"] == {"OS_DATABASE__MAX_RETRIES": "3"}
    assert document["libraries"][0]["packages"]["nova"]["version"] == "29.2.0"


def test_openstack_helm_starts_by_scripts(tmp_path: Path) -> None:
    script = "#!/bin/bash\nset -ex\nexec nova-compute \\\n  --config-file /etc/nova/nova.conf \\\n  --config-dir /etc/nova/nova.conf.d\n"
    document = evidence(
        tmp_path,
        {
            "/tmp/nova-compute.sh": script,
            "/etc/nova/nova.conf": CONF,
            "/etc/nova/nova.conf.d/a.conf": CONF,
            "/tmp/other.sh": "nova-conductor\n",
        },
    )
    (found,) = document["services"]

    assert (found["id"], found["layout"], found["defined"]["line"]) == ("nova-compute", "openstack-helm", 3)
    assert [item["how"] for item in found["sources"]] == ["argument", "argument-dir"]


def test_a_snap_has_its_own_etc(tmp_path: Path) -> None:
    common = "/var/snap/openstack-hypervisor/common/etc/nova"
    document = evidence(tmp_path, {f"{common}/nova.conf": CONF, f"{common}/nova.conf.d/x.conf": CONF})
    (found,) = document["services"]

    assert (found["id"], found["layout"], found["user"]) == ("nova-compute", "snap", "root")
    assert sources(found) == [f"{common}/nova.conf", f"{common}/nova.conf.d/x.conf"]


def test_devstack_tells_its_conductors_apart(tmp_path: Path) -> None:
    document = evidence(
        tmp_path,
        {
            "/etc/systemd/system/devstack@n-cpu.service": unit("/usr/bin/sg libvirt -c 'nova-compute --config-file /etc/nova/nova-cpu.conf'"),
            "/etc/systemd/system/devstack@n-cond-cell1.service": unit("/x/nova-conductor --config-file /etc/nova/nova_cell1.conf"),
            "/etc/systemd/system/devstack@n-super-cond.service": unit("/x/nova-conductor --config-file /etc/nova/nova.conf"),
            "/etc/nova/nova-cpu.conf": CONF,
        },
    )  # fmt: skip
    found = services(document)

    assert set(found) == {"nova-compute", "nova-conductor@n-cond-cell1", "nova-conductor@n-super-cond"}
    assert sources(found["nova-compute"]) == ["/etc/nova/nova-cpu.conf"]


@pytest.mark.parametrize(
    ("path", "program"),
    [
        ("/etc/nova/nova.conf", "nova"),
        ("/etc/placement/placement.conf", "placement"),
        ("/etc/nova.conf", "nova"),
    ],
)
def test_a_configuration_alone_is_one_service(tmp_path: Path, path: str, program: str) -> None:
    document = evidence(tmp_path, {path: CONF})
    (found,) = document["services"]

    assert (found["id"], found["source"], found["program"]) == (program, "tree", "")
    assert found["role"] == ("placement" if program == "placement" else "unknown")
    assert sources(found) == [path]


def test_a_name_makes_it_that_service(tmp_path: Path) -> None:
    document = evidence(
        tmp_path,
        {"/etc/nova/nova.conf": CONF, "/etc/nova/nova-compute.conf": CONF},
        services=["nova-compute"],
    )
    (found,) = document["services"]

    assert (found["id"], found["role"], found["program"]) == ("nova-compute", "compute", "nova-compute")
    assert sources(found) == ["/etc/nova/nova.conf", "/etc/nova/nova-compute.conf"]


def test_the_folder_of_the_configuration_alone_stands_for_etc_nova(tmp_path: Path) -> None:
    document = evidence(
        tmp_path,
        {
            "/nova.conf": "[database]\nconnection = mysql://h/?ssl_ca=/etc/ssl/ca.pem\n",
            "/nova.conf.d/x.conf": CONF,
        },
    )
    (found,) = document["services"]

    assert sources(found) == [
        "/etc/nova/nova.conf -> /nova.conf",
        "/etc/nova/nova.conf.d/x.conf -> /nova.conf.d/x.conf",
    ]
    assert found["paths"]["/etc/ssl/ca.pem"] is None


def test_named_files_are_the_only_service(tmp_path: Path) -> None:
    document = evidence(
        tmp_path,
        {"/a.conf": CONF, "/d/b.conf": CONF, "/etc/nova/nova.conf": CONF},
        config_files=["/a.conf"],
        config_dirs=["/d"],
        services=["nova-compute"],
    )
    (found,) = document["services"]

    assert (found["id"], sources(found)) == ("nova-compute", ["/a.conf", "/d/b.conf"])


def test_a_host_without_nova_has_no_services(tmp_path: Path) -> None:
    document = evidence(
        tmp_path,
        {
            "/etc/hostname": "x\n",
            "/etc/systemd/system/nova-manage.service": unit("/usr/bin/nova-manage db purge"),
        },
    )

    assert (document["services"], document["incomplete"]) == ([], [])


def test_the_units_of_a_snap_tell_its_services(tmp_path: Path) -> None:
    common = "/var/snap/openstack-hypervisor/common/etc/nova"
    document = evidence(
        tmp_path,
        {
            f"{common}/nova.conf": CONF,
            "/etc/systemd/system/snap.openstack-hypervisor.nova-compute.service": unit("/usr/bin/snap run openstack-hypervisor.nova-compute"),
            "/etc/systemd/system/snap.openstack-hypervisor.nova-api-metadata.service": unit("/usr/bin/snap run openstack-hypervisor.nova-api-metadata"),
            "/etc/systemd/system/snap.openstack-hypervisor.ovs.service": unit("/usr/bin/snap run openstack-hypervisor.ovs"),
        },
    )  # fmt: skip

    assert set(services(document)) == {"nova-compute", "nova-api-metadata"}


def test_services_that_nothing_tells_apart_are_numbered(tmp_path: Path) -> None:
    files = {
        f"/etc/uwsgi/{folder}/x.ini": "[uwsgi]\nmodule = placement.wsgi.api\n"
        for folder in ("vassals", "apps-enabled")
    }
    document = evidence(tmp_path, files)

    assert set(services(document)) == {"placement-api@x.ini", "placement-api@x.ini@2"}
