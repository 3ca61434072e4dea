"""systemd units."""

from pathlib import Path

import pytest

from tests.probe.hosts import CONF, evidence, sources, unit


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
