"""Start scripts of Debian and others."""

from pathlib import Path

import pytest

from tests.probe.hosts import CONF, evidence, services, sources, unit

DEBIAN_SCRIPT = """\
#!/bin/sh
DESC="OpenStack Nova Compute (nova-compute)"
PROJECT_NAME=nova
NAME=${PROJECT_NAME}-compute
DAEMON_ARGS=""
if [ -f '/etc/nova/nova-compute.conf' ] ; then
	DAEMON_ARGS="--config-file=/etc/nova/nova-compute.conf"
fi

#!/bin/sh
# The content after this line comes from openstack-pkg-tools
PATH=/sbin:/usr/sbin:/bin:/usr/bin
if [ -z "${CONFIG_FILE}" ] ; then
	CONFIG_FILE=/etc/${PROJECT_NAME}/${PROJECT_NAME}.conf
fi
if [ -z "${NO_OPENSTACK_CONFIG_FILE_DAEMON_ARG}" ] ; then
	DAEMON_ARGS="--config-file=${CONFIG_FILE} ${DAEMON_ARGS}"
fi
"""


DEBIAN_API = """\
DESC="OpenStack Nova API (nova-api)"
PROJECT_NAME=nova
NAME=${PROJECT_NAME}-api
UWSGI_PORT=8774
UWSGI_INI_PATH=/etc/nova/nova-api-uwsgi.ini
UWSGI_INI_APP=/usr/bin/nova-api-wsgi

PATH=/sbin:/usr/sbin:/bin:/usr/bin
	NO_OPENSTACK_CONFIG_FILE_DAEMON_ARG=yes
"""


DEBIAN_PROXY = """\
DESC="OpenStack Nova NoVNC Proxy (nova-novncproxy)"
PROJECT_NAME=nova
NAME=${PROJECT_NAME}-novncproxy
if [ -r /etc/default/nova-consoleproxy ] ; then
	. /etc/default/nova-consoleproxy
fi
PATH=/sbin:/usr/sbin:/bin:/usr/bin
	NO_OPENSTACK_CONFIG_FILE_DAEMON_ARG=yes
"""


def debian(name: str) -> str:
    return unit(f"/etc/init.d/{name} systemd-start")


def test_debians_init_script_computes_the_arguments(tmp_path: Path) -> None:
    document = evidence(
        tmp_path,
        {
            "/lib/systemd/system/nova-compute.service": debian("nova-compute"),
            "/etc/init.d/nova-compute": DEBIAN_SCRIPT,
            "/etc/nova/nova.conf": CONF,
            "/etc/nova/nova-compute.conf": CONF,
            "/etc/nova/nova.conf.d/10.conf": CONF,
        },
    )
    (found,) = document["services"]

    assert (found["id"], found["role"], found["layout"], found["user"]) == (
        "nova-compute",
        "compute",
        "debian",
        "nova",
    )
    assert sources(found) == [
        "/etc/nova/nova.conf.d/10.conf",
        "/etc/nova/nova.conf",
        "/etc/nova/nova-compute.conf",
    ]
    assert found["arguments"][-1] == "--log-file=/var/log/nova/nova-compute.log"
    assert found["defined"] == {"path": "/lib/systemd/system/nova-compute.service", "line": 3}


def test_debians_defaults_change_the_arguments(tmp_path: Path) -> None:
    document = evidence(
        tmp_path,
        {
            "/lib/systemd/system/nova-compute.service": debian("nova-compute"),
            "/etc/init.d/nova-compute": DEBIAN_SCRIPT,
            "/etc/default/openstack": "USE_SYSLOG=yes\nUSE_LOGFILE=no\n",
            "/etc/default/nova-compute": 'DAEMON_ARGS="$DAEMON_ARGS --config-dir /etc/nova/more"\n',
        },
    )

    assert document["services"][0]["arguments"] == [
        "--config-file=/etc/nova/nova.conf",
        "--config-dir",
        "/etc/nova/more",
        "--use-syslog",
    ]


def test_only_what_an_init_script_exports_reaches_the_service(tmp_path: Path) -> None:
    document = evidence(
        tmp_path,
        {
            "/etc/init.d/nova-compute": DEBIAN_SCRIPT,
            "/etc/default/nova-compute": "OS_DEFAULT__DEBUG=true\nexport OS_DEFAULT__HOST=node1\n",
        },
    )

    assert document["services"][0]["environment"] == {"OS_DEFAULT__HOST": "node1"}
    assert document["files"]["/etc/default/nova-compute"]["format"] == "environment"


def test_an_init_script_of_another_make_is_read_for_what_it_names(tmp_path: Path) -> None:
    script = "#!/bin/sh\nDAEMON=/usr/bin/nova-scheduler\nstart-stop-daemon --start --exec $DAEMON -- --config-file=/srv/a.conf\n"
    direct = "#!/bin/sh\nexec /usr/bin/nova-conductor --config-file /srv/b.conf --config-dir /srv/d\n"
    document = evidence(
        tmp_path, {"/etc/init.d/nova-scheduler": script, "/etc/init.d/nova-conductor": direct}
    )
    found = services(document)

    assert sources(found["nova-scheduler"]) == ["/srv/a.conf"]
    assert sources(found["nova-conductor"]) == ["/srv/b.conf", "/srv/d"]


def test_debians_serial_proxy_may_be_off(tmp_path: Path) -> None:
    document = evidence(
        tmp_path,
        {
            "/etc/init.d/nova-serialproxy": DEBIAN_PROXY.replace("novncproxy", "serialproxy"),
            "/etc/default/nova-consoleproxy": "NOVA_SERIAL_PROXY_START=false\n",
        },
    )

    assert document["services"] == []
    assert "NOVA_SERIAL_PROXY_START" in document["left_out"][0]["reason"]


@pytest.mark.parametrize("mask", ["-> /dev/null", ""])
def test_an_init_script_whose_unit_is_masked_starts_nothing(tmp_path: Path, mask: str) -> None:
    document = evidence(
        tmp_path,
        {
            "/etc/init.d/nova-compute": DEBIAN_SCRIPT,
            "/etc/init.d/nova-scheduler": DEBIAN_SCRIPT.replace("nova-compute", "nova-scheduler"),
            "/etc/systemd/system/nova-scheduler.service": mask,
        },
    )

    assert [service["name"] for service in document["services"]] == ["nova-compute"]
    assert {
        "path": "/etc/init.d/nova-scheduler",
        "reason": "its unit is masked: systemd does not start it",
    } in (document["left_out"])


def test_an_init_script_without_a_unit_is_a_service(tmp_path: Path) -> None:
    document = evidence(tmp_path, {"/etc/init.d/nova-compute": DEBIAN_SCRIPT})

    assert document["services"][0]["defined"] == {"path": "/etc/init.d/nova-compute", "line": 1}


def test_debians_api_is_loaded_by_uwsgi(tmp_path: Path) -> None:
    document = evidence(
        tmp_path,
        {
            "/lib/systemd/system/nova-api.service": debian("nova-api"),
            "/etc/init.d/nova-api": DEBIAN_API,
            "/etc/nova/nova-api-uwsgi.ini": "[uwsgi]\nuid = nova\nwsgi-file = /usr/bin/nova-api-wsgi\nchdir = /var/lib/nova\n",
            "/etc/nova/nova.conf": CONF,
            "/etc/nova/api-paste.ini": "[filter:cors]\n",
        },
    )
    (found,) = document["services"]

    assert (found["name"], found["role"], found["wsgi"], found["program"]) == (
        "nova-api",
        "api",
        True,
        "uwsgi",
    )
    assert sources(found) == ["/etc/nova/api-paste.ini", "/etc/nova/nova.conf"]


@pytest.mark.parametrize(("selected", "count"), [("novnc", 1), ("spicehtml5", 0)])
def test_debians_console_proxy_runs_where_it_is_selected(tmp_path: Path, selected: str, count: int) -> None:
    document = evidence(
        tmp_path,
        {
            "/lib/systemd/system/nova-novncproxy.service": debian("nova-novncproxy"),
            "/etc/init.d/nova-novncproxy": DEBIAN_PROXY,
            "/etc/default/nova-consoleproxy": f"NOVA_CONSOLE_PROXY_TYPE={selected}\n",
        },
    )

    assert len(document["services"]) == count
    assert len(document["left_out"]) == 1 - count
