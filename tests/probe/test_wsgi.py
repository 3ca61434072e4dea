"""Services that a WSGI server loads."""

from pathlib import Path

import pytest

from tests.probe.hosts import CONF, evidence, services, sources, unit


@pytest.mark.parametrize("folder", ["/etc/apache2/sites-enabled", "/etc/httpd/conf.d"])
def test_apache_loads_wsgi_scripts(tmp_path: Path, folder: str) -> None:
    text = "WSGIDaemonProcess nova-api user=nova python-home=/venv\nWSGIProcessGroup nova-api\nWSGIScriptAlias / /usr/bin/nova-api-wsgi\n"
    document = evidence(
        tmp_path,
        {
            f"{folder}/x.conf": text,
            "/etc/apache2/envvars": "export OS_NOVA_CONFIG_DIR=/srv/nova\n",
            "/srv/nova/nova.conf": CONF,
            "/srv/nova/api-paste.ini": "",
        },
    )
    (found,) = document["services"]

    assert (found["id"], found["program"], found["user"]) == ("nova-api", "mod_wsgi", "nova")
    assert sources(found) == ["/srv/nova/api-paste.ini", "/srv/nova/nova.conf"]
    assert found["environment"] == {"OS_NOVA_CONFIG_DIR": "/srv/nova"}


def test_a_uwsgi_file_that_no_unit_starts_is_a_service(tmp_path: Path) -> None:
    document = evidence(
        tmp_path, {"/etc/uwsgi/apps-enabled/p.ini": "[uwsgi]\nmodule = placement.wsgi.api:application\n"}
    )

    assert document["services"][0]["id"] == "placement-api"


def test_nova_33_names_itself_under_wsgi(tmp_path: Path) -> None:
    document = evidence(
        tmp_path,
        {
            "/usr/lib/python3/dist-packages/nova-33.0.0.dist-info/METADATA": "Version: 33.0.0\n",
            "/etc/uwsgi/nova.ini": "[uwsgi]\nmodule = nova.wsgi.osapi_compute:application\n",
            "/etc/nova/nova-api-os-compute.conf.d/x.conf": CONF,
        },
    )
    (found,) = document["services"]

    assert found["program"] == "nova-api-os-compute"
    assert sources(found)[-1] == "/etc/nova/nova-api-os-compute.conf.d/x.conf"


def test_an_emperor_starts_every_vassal(tmp_path: Path) -> None:
    document = evidence(
        tmp_path,
        {
            "/lib/systemd/system/uwsgi-emperor.service": unit("/usr/bin/uwsgi --emperor /etc/vassals"),
            "/etc/vassals/a.ini": "[uwsgi]\nmodule = nova.wsgi.osapi_compute:application\n",
            "/etc/vassals/b.ini": "[uwsgi]\nmodule = nova.wsgi.metadata:application\n",
            "/etc/vassals/c.ini": "[uwsgi]\nmodule = keystone.wsgi:application\n",
        },
    )

    assert set(services(document)) == {"nova-api", "nova-metadata"}


def test_a_uwsgi_service_may_be_on_its_command_line_alone(tmp_path: Path) -> None:
    command = "/usr/bin/uwsgi --wsgi-file /srv/venv/bin/nova-api-wsgi --virtualenv=/srv/venv --pyargv '--config-file /srv/a.conf'"
    document = evidence(
        tmp_path, {"/lib/systemd/system/nova-api.service": unit(command), "/srv/a.conf": CONF}
    )
    (found,) = document["services"]

    assert (found["id"], found["arguments"]) == ("nova-api", ["--config-file", "/srv/a.conf"])


def test_gunicorn_loads_a_module(tmp_path: Path) -> None:
    document = evidence(
        tmp_path,
        {
            "/lib/systemd/system/nova-api.service": unit(
                "/usr/bin/gunicorn -b :8774 nova.wsgi.osapi_compute:application"
            )
        },
    )
    (found,) = document["services"]

    assert (found["id"], found["program"], found["wsgi"]) == ("nova-api", "gunicorn", True)


def test_a_uwsgi_file_that_cannot_be_read_is_known_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "etc/nova").mkdir(parents=True)
    (tmp_path / "etc/nova/nova-api-uwsgi.ini").write_bytes(b"\0")
    document = evidence(
        tmp_path,
        {"/lib/systemd/system/nova-api.service": unit("/usr/bin/uwsgi --ini /etc/nova/nova-api-uwsgi.ini")},
    )

    assert document["services"][0]["id"] == "nova-api"
    assert {"path": "/etc/nova/nova-api-uwsgi.ini", "reason": "it holds NUL bytes"} in document["left_out"]
