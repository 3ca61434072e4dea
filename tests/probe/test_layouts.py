"""Services are found in every layout that deployers leave."""

import json
from pathlib import Path

import pytest

from tests.probe.hosts import evidence, services, sources

CONF = "[DEFAULT]\ndebug = false\n"

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


def unit(command: str, *more: str) -> str:
    return "\n".join(["[Service]", "User=nova", *more, f"ExecStart={command}", ""])


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
        tmp_path, {"/etc/nova/nova.conf": CONF, "/etc/nova/nova-compute.conf": CONF}, service="nova-compute"
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
        service="nova-compute",
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


@pytest.mark.parametrize(
    "files",
    [
        {"/etc/systemd/system/nova-compute.service": "-> /dev/null"},
        {"/etc/systemd/system/nova-compute.service": ""},
    ],
)
def test_a_masked_unit_is_no_service(tmp_path: Path, files: dict[str, str]) -> None:
    document = evidence(
        tmp_path, {**files, "/lib/systemd/system/nova-compute.service": unit("/usr/bin/nova-compute")}
    )

    assert document["services"] == []


def test_a_unit_is_read_with_its_drop_ins_and_variables(tmp_path: Path) -> None:
    document = evidence(
        tmp_path,
        {
            "/usr/lib/systemd/system/nova-conductor.service": unit("/usr/bin/nova-conductor --config-file /a"),
            "/etc/systemd/system/nova-conductor.service.d/10.conf": (
                "[Service]\nUser=other\nExecStart=\nExecStart=/usr/bin/nova-conductor $OPTIONS \\\n  --config-file=${WHERE}/b\nEnvironmentFile=-/etc/sysconfig/x\n"
                "Environment='OS_DEFAULT__DEBUG=true' WHERE=/srv\n"
            ),
            "/etc/sysconfig/x": 'OPTIONS="--config-file /c --log-file \'/d\'"\nOS_DATABASE__CONNECTION=mysql://u:p@h/n\n',
        },
    )  # fmt: skip
    (found,) = document["services"]

    assert found["arguments"] == ["--config-file", "/c", "--log-file", "/d", "--config-file=/srv/b"]
    assert found["user"] == "other"
    assert found["environment"]["OS_DEFAULT__DEBUG"] == "true"
    assert found["environment"]["OS_DATABASE__CONNECTION"].startswith("mysql://u:REDACTED-")
    assert found["defined"] == {"path": "/etc/systemd/system/nova-conductor.service.d/10.conf", "line": 4}


def test_the_home_of_the_user_comes_from_passwd(tmp_path: Path) -> None:
    document = evidence(
        tmp_path,
        {
            "/etc/passwd": "nova:x:42:42::/srv/home:/bin/false\n",
            "/srv/home/.nova/nova.conf": CONF,
            "/etc/nova/nova.conf": CONF,
            "/lib/systemd/system/nova-conductor.service": unit("/usr/bin/nova-conductor"),
        },
    )

    assert sources(document["services"][0]) == ["/srv/home/.nova/nova.conf"]


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
