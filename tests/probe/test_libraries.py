"""The libraries of each service's own interpreter."""

from pathlib import Path

import pytest

from tests.probe.hosts import evidence

METADATA = "Metadata-Version: 2.1\nName: x\nVersion: {}\n\nVersion: 0.0\n"
UNIT = "[Service]\nUser=nova\nExecStart={}\n"
SITE = "/usr/lib/python3/dist-packages"


def libraries(root: Path, files: dict[str, str], command: str = "/usr/bin/nova-compute") -> dict[str, object]:
    """The only environment of a host that runs nova-compute, with what the service says of it."""
    document = evidence(root, {**files, "/lib/systemd/system/nova-compute.service": UNIT.format(command)})
    (service,) = document["services"]
    found = {item["id"]: item for item in document["libraries"]}
    return {"interpreter": service["interpreter"], **found.get(service["interpreter"], {})}


def versions(found: dict[str, object]) -> dict[str, str]:
    packages = found["packages"]
    assert isinstance(packages, dict)
    return {name: item["version"] for name, item in packages.items()}


@pytest.mark.parametrize(
    ("entry", "file"),
    [
        ("oslo.messaging-14.0.3.egg-info", "/PKG-INFO"),
        ("oslo.messaging-14.0.3.egg-info", ""),
        ("oslo_messaging-14.0.3.dist-info", "/METADATA"),
        ("oslo.messaging-14.0.3-py3.11.egg-info", "/PKG-INFO"),
        ("oslo.messaging.egg-info", "/PKG-INFO"),
    ],
)
def test_every_form_of_metadata_is_read(tmp_path: Path, entry: str, file: str) -> None:
    files = {
        f"{SITE}/nova-26.2.2.egg-info": METADATA.format("26.2.2"),
        f"{SITE}/{entry}{file}": METADATA.format("14.0.3"),
    }

    assert versions(libraries(tmp_path, files)) == {"nova": "26.2.2", "oslo.messaging": "14.0.3"}


def test_names_are_spelled_as_the_releases_spell_them(tmp_path: Path) -> None:
    entries = (
        "nova-1",
        "pymysql-1",
        "SQLAlchemy-1",
        "PyOpenSSL-1",
        "os_brick-1",
        "placement-1",
        "Unknown-1",
        "oslo_config-1",
    )
    files = {f"{SITE}/{entry}.dist-info/METADATA": METADATA.format("1.0") for entry in entries}

    assert set(versions(libraries(tmp_path, files))) == {
        "nova", "PyMySQL", "SQLAlchemy", "pyOpenSSL", "os-brick", "openstack-placement", "oslo.config"
    }  # fmt: skip


def test_a_development_install_is_read_where_its_source_is(tmp_path: Path) -> None:
    files = {
        f"{SITE}/nova-26.2.2.egg-info": METADATA.format("26.2.2"),
        f"{SITE}/oslo.db.egg-link": "/opt/stack/oslo.db\n.",
        "/opt/stack/oslo.db/oslo.db.egg-info/PKG-INFO": METADATA.format("17.0.1.dev3"),
    }

    assert versions(libraries(tmp_path, files)) == {"nova": "26.2.2", "oslo.db": "17.0.1.dev3"}


def test_the_version_is_never_that_of_the_source(tmp_path: Path) -> None:
    files = {
        f"{SITE}/nova-26.2.2.egg-info": METADATA.format("26.2.2"),
        f"{SITE}/kombu-5.2.4.dist-info/RECORD": "",
        f"{SITE}/kombu/__init__.py": "__version__ = '9.9.9'\n",
    }

    assert versions(libraries(tmp_path, files)) == {"nova": "26.2.2", "kombu": "5.2.4"}


@pytest.mark.parametrize(
    ("head", "command", "expected"),
    [
        ("#!/srv/venv/bin/python3\n", "/usr/bin/nova-compute", "/srv/venv"),
        (
            "#!/bin/sh\n'''exec' \"/srv/venv/bin/python3\" \"$0\" \"$@\"\n' '''\n",
            "/usr/bin/nova-compute",
            "/srv/venv",
        ),
        ("#!/usr/bin/python3\n", "/usr/bin/nova-compute", "/usr"),
        ("#!/usr/bin/env python3\n", "/usr/bin/nova-compute", "/usr"),
        ("#!/usr/bin/python3\n", "nova-compute", "/usr"),
        ("#!/usr/bin/python3\n", "/gone/bin/nova-compute", None),
    ],
)
def test_the_interpreter_is_the_services_own(
    tmp_path: Path, head: str, command: str, expected: str | None
) -> None:
    files = {
        "/usr/bin/nova-compute": head,
        f"{SITE}/nova-26.2.2.egg-info": METADATA.format("26.2.2"),
        "/srv/venv/lib/python3.11/site-packages/nova-30.0.0.dist-info/METADATA": METADATA.format("30.0.0"),
        "/var/lib/openstack/lib/python3.12/site-packages/nova-33.0.0.dist-info/METADATA": METADATA.format(
            "33.0.0"
        ),
    }

    assert libraries(tmp_path, files, command)["interpreter"] == expected


def test_environments_are_never_merged(tmp_path: Path) -> None:
    files = {
        "/usr/bin/nova-compute": "#!/srv/venv/bin/python3\n",
        f"{SITE}/PyMySQL-1.0.2.egg-info": METADATA.format("1.0.2"),
        "/srv/venv/lib/python3.11/site-packages/nova-30.0.0.dist-info/METADATA": METADATA.format("30.0.0"),
    }

    assert versions(libraries(tmp_path, files)) == {"nova": "30.0.0"}


def test_what_is_installed_locally_comes_first(tmp_path: Path) -> None:
    files = {
        "/usr/bin/nova-compute": "#!/usr/bin/python3\n",
        f"{SITE}/nova-26.2.2.egg-info": METADATA.format("26.2.2"),
        "/usr/local/lib/python3.11/dist-packages/nova-26.3.0.dist-info/METADATA": METADATA.format("26.3.0"),
    }

    assert versions(libraries(tmp_path, files)) == {"nova": "26.3.0"}


def test_of_several_pythons_the_one_with_nova_counts(tmp_path: Path) -> None:
    files = {
        "/usr/bin/nova-compute": "#!/usr/bin/python3 -s\n",
        "/usr/lib/python3.12/site-packages/PyMySQL-1.1.1.dist-info/METADATA": METADATA.format("1.1.1"),
        "/usr/lib/python3.9/site-packages/nova-31.0.0.dist-info/METADATA": METADATA.format("31.0.0"),
    }
    found = libraries(tmp_path, files)

    assert (found["python"], versions(found)) == ("3.9", {"nova": "31.0.0"})


def test_an_ambiguous_host_has_no_libraries_and_says_so(tmp_path: Path) -> None:
    document = evidence(
        tmp_path,
        {
            "/etc/nova/nova.conf": "",
            f"{SITE}/nova-26.2.2.egg-info": METADATA.format("26.2.2"),
            "/var/lib/openstack/lib/python3.12/site-packages/nova-33.0.0.dist-info/METADATA": METADATA.format(
                "33.0.0"
            ),
        },
    )

    assert document["services"][0]["interpreter"] is None
    assert "several environments hold nova" in document["left_out"][0]["reason"]


OLD = "rabbit_opts = []\n"
BACKPORTED = """\
    cfg.BoolOpt('ssl_enforce_hostname_verification',
                default=False,
            if (self.ssl_ca_file and self.ssl_enforce_hostname_verification):
                self.ssl_server_hostname = self._get_ssl_server_hostname(url)
                if self.ssl_enforce_hostname_verification:
                    ssl_params['server_hostname'] = self.ssl_server_hostname
"""
ALWAYS = """\
    cfg.BoolOpt('ssl_enforce_hostname_verification',
                default=True,
            self.ssl_server_hostname = self._get_ssl_server_hostname(url)
                ssl_params['server_hostname'] = self.ssl_server_hostname
"""


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (OLD, (False, False, False)),
        (BACKPORTED, (True, False, False)),
        (BACKPORTED.replace("default=False", "default=True"), (True, True, False)),
        (ALWAYS, (True, True, True)),
    ],
)
def test_capabilities_are_read_in_installed_source(
    tmp_path: Path, source: str, expected: tuple[bool, ...]
) -> None:
    files = {
        f"{SITE}/nova-26.2.2.egg-info": METADATA.format("26.2.2"),
        f"{SITE}/oslo.messaging-14.0.3.egg-info/PKG-INFO": METADATA.format("14.0.3"),
        f"{SITE}/oslo_messaging/_drivers/impl_rabbit.py": source,
    }
    capabilities = libraries(tmp_path, files)["capabilities"]

    names = ("ssl_enforce_hostname_verification", "hostname_default_true", "hostname_always")
    assert capabilities == {
        f"oslo.messaging:{name}": value for name, value in zip(names, expected, strict=True)
    }


#: What openstacksdk 4.10 and keystoneauth1 5.13 have, and what their successors do.
PROXY = "    def request(\n        self,\n        connect_retries: int = 1,\n"
REGION = "        kwargs.setdefault(\n            'connect_retries', self.get_connect_retries(service_type)\n        )\n"
SESSION = "_RETRIABLE_STATUS_CODES = [503]\n"


@pytest.mark.parametrize("is_new", [False, True])
def test_what_clients_do_with_their_options_is_read_in_installed_source(tmp_path: Path, is_new: bool) -> None:
    proxy, region, session = PROXY, REGION, SESSION
    if is_new:
        proxy = proxy.replace("int = 1", "int | None = None")
        session = session.replace("[503]", "[429, 503]") + "retry_after = resp.headers.get('Retry-After')\n"
        for option in ("connect_retry_delay", "status_code_retry_delay", "retriable_status_codes"):
            region += REGION.replace("connect_retries", option)
    files = {
        f"{SITE}/nova-33.0.0.egg-info": METADATA.format("33.0.0"),
        f"{SITE}/openstacksdk-4.10.0.egg-info/PKG-INFO": METADATA.format("4.10.0"),
        f"{SITE}/keystoneauth1-5.13.1.egg-info/PKG-INFO": METADATA.format("5.13.1"),
        f"{SITE}/openstack/proxy.py": proxy,
        f"{SITE}/openstack/config/cloud_region.py": region,
        f"{SITE}/keystoneauth1/session.py": session,
    }

    assert libraries(tmp_path, files)["capabilities"] == {
        "keystoneauth1:retry_after": is_new,
        "keystoneauth1:retries_429": is_new,
        "openstacksdk:connect_retries": is_new,
        "openstacksdk:connect_retry_delay": is_new,
        "openstacksdk:status_code_retry_delay": is_new,
        "openstacksdk:retriable_status_codes": is_new,
    }


def test_a_capability_whose_source_is_not_there_is_not_told(tmp_path: Path) -> None:
    files = {
        f"{SITE}/nova-26.2.2.egg-info": METADATA.format("26.2.2"),
        f"{SITE}/PyMySQL-1.0.2.egg-info": METADATA.format("1.0.2"),
    }

    assert libraries(tmp_path, files)["capabilities"] == {}
