"""Services in containers whose configuration the host prepares."""

import json
from pathlib import Path

from tests.probe.hosts import CONF, evidence, services, sources


def kolla(command: str, *copied: tuple[str, str]) -> str:
    entries = [
        {"source": f"/var/lib/kolla/config_files/{source}", "dest": dest, "owner": "nova", "perm": "0600"}
        for source, dest in copied
    ]
    return json.dumps({"command": command, "config_files": entries})


def test_kolla_copies_files_into_containers(tmp_path: Path) -> None:
    document = evidence(
        tmp_path,
        {
            "/etc/kolla/nova-conductor/config.json": kolla(
                "nova-conductor", ("nova.conf", "/etc/nova/nova.conf")
            ),
            "/etc/kolla/nova-conductor/nova.conf": "[DEFAULT]\nlog_config_append = /etc/nova/logging.conf\n",
            "/etc/kolla/nova-super-conductor/config.json": kolla(
                "nova-conductor", ("nova.conf", "/etc/nova/nova.conf")
            ),
            "/etc/kolla/nova-super-conductor/nova.conf": CONF,
            "/etc/kolla/nova-libvirt/config.json": kolla("/usr/sbin/libvirtd"),
            "/etc/kolla/rabbitmq/config.json": kolla("/usr/sbin/rabbitmq-server"),
            "/etc/nova/nova.conf": CONF,
        },
    )
    found = services(document)

    assert set(found) == {"nova-conductor", "nova-super-conductor"}
    assert sources(found["nova-conductor"]) == ["/etc/nova/nova.conf -> /etc/kolla/nova-conductor/nova.conf"]
    assert found["nova-super-conductor"]["program"] == "nova-conductor"
    assert found["nova-conductor"]["opaque"] is True
    assert found["nova-conductor"]["paths"]["/etc/nova/logging.conf"] is None
    assert document["files"]["/etc/kolla/nova-conductor/config.json"]["format"] == "kolla"


def test_kollas_api_reads_its_uwsgi_file_in_the_container(tmp_path: Path) -> None:
    document = evidence(
        tmp_path,
        {
            "/etc/kolla/nova-metadata/config.json": kolla(
                "uwsgi /etc/nova/m.ini", ("nova.conf", "/etc/nova/nova.conf"), ("m.ini", "/etc/nova/m.ini")
            ),
            "/etc/kolla/nova-metadata/m.ini": "[uwsgi]\nmodule = nova.wsgi.metadata:application\npyargv = --log-file /var/log/x.log\n",
            "/etc/kolla/nova-metadata/nova.conf": CONF,
        },
    )
    (found,) = document["services"]

    assert (found["id"], found["role"], found["wsgi"]) == ("nova-metadata", "metadata", True)
    assert found["arguments"] == ["--log-file", "/var/log/x.log"]
    assert sources(found) == ["/etc/nova/nova.conf -> /etc/kolla/nova-metadata/nova.conf"]
    assert {"path": "/etc/nova/api-paste.ini", "reason": "it lies in the image of nova-metadata"} in document[
        "left_out"
    ]


def test_a_kolla_folder_without_a_readable_description_is_still_a_service(tmp_path: Path) -> None:
    document = evidence(
        tmp_path, {"/etc/kolla/nova-compute/config.json": "{", "/etc/kolla/nova-compute/nova.conf": CONF}
    )
    (found,) = document["services"]

    assert (found["id"], found["role"]) == ("nova-compute", "compute")
    assert sources(found) == ["/etc/nova/nova.conf -> /etc/kolla/nova-compute/nova.conf"]


def test_kolla_may_serve_with_apache(tmp_path: Path) -> None:
    document = evidence(
        tmp_path,
        {
            "/etc/kolla/nova-api/config.json": kolla(
                "/usr/sbin/apache2 -DFOREGROUND", ("nova.conf", "/etc/nova/nova.conf"), ("wsgi.conf", "/etc/apache2/conf-enabled/wsgi.conf")
            ),
            "/etc/kolla/nova-api/nova.conf": CONF,
            "/etc/kolla/nova-api/wsgi.conf": "WSGIScriptAlias / /var/lib/kolla/venv/bin/nova-api-wsgi\n",
            "/etc/kolla/placement-api/config.json": kolla("/usr/sbin/apache2 -DFOREGROUND", ("placement.conf", "/etc/placement/placement.conf")),
            "/etc/kolla/placement-api/placement.conf": CONF,
        },
    )  # fmt: skip
    found = services(document)

    assert {name: item["program"] for name, item in found.items()} == {
        "nova-api": "mod_wsgi",
        "placement-api": "mod_wsgi",
    }
    assert sources(found["placement-api"]) == [
        "/etc/placement/placement.conf -> /etc/kolla/placement-api/placement.conf"
    ]


PUPPET = "/var/lib/config-data/puppet-generated"


def tripleo(command: str) -> str:
    return json.dumps(
        {
            "command": command,
            "config_files": [{"source": "/var/lib/kolla/config_files/src/*", "dest": "/", "merge": True}],
        }
    )


def test_tripleo_reads_what_puppet_generated(tmp_path: Path) -> None:
    document = evidence(
        tmp_path,
        {
            "/var/lib/kolla/config_files/nova_conductor.json": tripleo("/usr/bin/nova-conductor "),
            "/var/lib/kolla/config_files/nova_compute.json": tripleo("/var/lib/nova/delay-nova-compute --delay 180 --nova-binary /usr/bin/nova-compute "),
            "/var/lib/kolla/config_files/nova_api.json": tripleo("/usr/sbin/httpd -DFOREGROUND"),
            "/var/lib/kolla/config_files/nova_vnc_proxy.json": tripleo("/usr/bin/nova-novncproxy --web /usr/share/novnc/ "),
            f"{PUPPET}/nova/etc/nova/nova.conf": "[database]\nconnection = mysql+pymysql://n:p@h/n?read_default_file=/etc/my.cnf.d/tripleo.cnf\n",
            f"{PUPPET}/nova/etc/my.cnf.d/tripleo.cnf": "[tripleo]\nssl-ca=/etc/ipa/ca.crt\n",
            f"{PUPPET}/nova/etc/httpd/conf.d/10-nova_api_wsgi.conf": 'WSGIScriptAlias / "/var/www/cgi-bin/nova/nova-api"\n',
            f"{PUPPET}/nova_libvirt/etc/nova/nova.conf": CONF,
            "/etc/nova/nova.conf": "[DEFAULT]\n# the package's own, unused\n",
        },
    )  # fmt: skip
    found = services(document)

    assert set(found) == {"nova-conductor", "nova-compute", "nova-api", "nova-novncproxy"}
    assert sources(found["nova-conductor"]) == [f"/etc/nova/nova.conf -> {PUPPET}/nova/etc/nova/nova.conf"]
    assert sources(found["nova-compute"]) == [
        f"/etc/nova/nova.conf -> {PUPPET}/nova_libvirt/etc/nova/nova.conf"
    ]
    assert found["nova-api"]["program"] == "mod_wsgi"
    assert (
        found["nova-conductor"]["paths"]["/etc/my.cnf.d/tripleo.cnf"]
        == f"{PUPPET}/nova/etc/my.cnf.d/tripleo.cnf"
    )
    assert found["nova-conductor"]["paths"]["/etc/ipa/ca.crt"] is None
    assert "/etc/nova/nova.conf" not in document["files"]


def test_rhoso_puts_everything_into_drop_ins(tmp_path: Path) -> None:
    folder = "/var/lib/openstack/config/nova"
    document = evidence(
        tmp_path,
        {
            f"{folder}/config.json": kolla("nova-compute", ("nova-blank.conf", "/etc/nova/nova.conf"), ("*nova*.conf", "/etc/nova/nova.conf.d/")),
            f"{folder}/nova-blank.conf": "",
            f"{folder}/01-nova.conf": "[DEFAULT]\ntransport_url = rabbit://h:5671/?ssl=1\n",
            f"{folder}/02-nova-host-specific.conf": CONF,
            "/var/lib/openstack/config/containers/nova_compute.json": '{"volumes": ["/var/lib/openstack/cacerts/tls.pem:/etc/pki/tls.pem:ro,z"]}',
            "/var/lib/openstack/cacerts/tls.pem": "",
        },
    )  # fmt: skip
    (found,) = document["services"]

    assert (found["id"], found["layout"]) == ("nova-compute", "rhoso")
    assert sources(found) == [
        f"/etc/nova/nova.conf -> {folder}/nova-blank.conf",
        f"/etc/nova/nova.conf.d/01-nova.conf -> {folder}/01-nova.conf",
        f"/etc/nova/nova.conf.d/02-nova-host-specific.conf -> {folder}/02-nova-host-specific.conf",
        f"/etc/nova/nova.conf.d/nova-blank.conf -> {folder}/nova-blank.conf",
    ]


def test_rhoso_without_a_description_still_has_drop_ins(tmp_path: Path) -> None:
    document = evidence(tmp_path, {"/var/lib/openstack/config/nova/01-nova.conf": CONF})
    (found,) = document["services"]

    assert sources(found) == [
        "/etc/nova/nova.conf.d/01-nova.conf -> /var/lib/openstack/config/nova/01-nova.conf"
    ]
