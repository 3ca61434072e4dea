"""Which command lines start a service."""

import pytest

from auditor.probe import commands, programs


@pytest.mark.parametrize(
    ("command", "name", "arguments"),
    [
        ("/usr/bin/nova-compute --config-file /a", "nova-compute", "--config-file /a"),
        ("nova-conductor", "nova-conductor", ""),
        ("/usr/bin/python3 /usr/bin/nova-scheduler --debug", "nova-scheduler", "--debug"),
        ("/usr/bin/sg libvirt -c 'nova-compute --config-file /etc/nova/nova-cpu.conf'", "nova-compute", "--config-file /etc/nova/nova-cpu.conf"),
        ("/bin/bash -c 'exec nova-api-metadata --debug >> /var/log/x 2>&1'", "nova-api-metadata", "--debug"),
        ("env A=b nova-novncproxy --web /x && true", "nova-novncproxy", "--web /x"),
        ("delay-nova-compute --delay 180 --nova-binary /usr/bin/nova-compute", "nova-compute", ""),
    ],
)  # fmt: skip
def test_a_service_is_found_behind_wrappers(command: str, name: str, arguments: str) -> None:
    found = programs.find(commands.split(command))

    assert found is not None
    assert (found.name, " ".join(found.arguments), found.server) == (name, arguments, None)


@pytest.mark.parametrize(
    "command",
    [
        "",
        "/usr/bin/nova-manage db sync",
        "nova-rootwrap x",
        "/usr/sbin/libvirtd",
        "docker start -a nova_compute",
        "nova-status upgrade check",
        "DAEMON=/usr/bin/nova-compute",
    ],
)
def test_other_programs_are_none(command: str) -> None:
    assert programs.find(commands.split(command)) is None


@pytest.mark.parametrize(
    ("command", "name", "ini", "server"),
    [
        ("/usr/bin/uwsgi --ini /etc/x.ini", "", "/etc/x.ini", "uwsgi"),
        ("/usr/bin/uwsgi_python311 --ini=/etc/x.ini", "", "/etc/x.ini", "uwsgi"),
        ("uwsgi /etc/nova/x.ini", "", "/etc/nova/x.ini", "uwsgi"),
        ("uwsgi --wsgi-file /usr/bin/nova-api-wsgi", "nova-api", None, "uwsgi"),
        ("gunicorn -b :8774 nova.wsgi.osapi_compute:application", "nova-api", None, "gunicorn"),
        ("gunicorn placement.wsgi.api", "placement-api", None, "gunicorn"),
    ],
)
def test_a_wsgi_server_is_known_with_what_it_loads(
    command: str, name: str, ini: str | None, server: str
) -> None:
    found = programs.find(commands.split(command))

    assert found is not None
    assert (found.name, programs.ini_of(found.arguments), found.server) == (name, ini, server)


@pytest.mark.parametrize(
    ("application", "service"),
    [
        ("/usr/bin/nova-api-wsgi", "nova-api"),
        ("nova.wsgi.osapi_compute:application", "nova-api"),
        ("/var/www/cgi-bin/nova/nova-api", "nova-api"),
        ("/usr/bin/nova-metadata-wsgi", "nova-metadata"),
        ("/var/www/cgi-bin/nova/nova-metadata-api", "nova-metadata"),
        ("nova.wsgi.metadata:application", "nova-metadata"),
        ("/usr/bin/placement-api", "placement-api"),
        ("placement.wsgi.api:application", "placement-api"),
        ("/var/www/cgi-bin/keystone/main", None),
        ("keystone.wsgi.api:application", None),
    ],
)
def test_scripts_and_modules_hold_services(application: str, service: str | None) -> None:
    assert programs.application(application) == service
