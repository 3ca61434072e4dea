"""placement inside Apache, as mod_wsgi's daemons run it: found by Apache's own files and processes.

All of it lives in namespaces of its own, in which Apache's folder is empty before and its processes are the only ones.
"""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.servers.process import owned_folder

pytestmark = pytest.mark.real

PROGRAM = Path(sys.executable).with_name("nova-auditor")

APACHE = """\
ServerRoot /etc/apache2
ServerName localhost
Listen 127.0.0.1:8778
PidFile @DIR@/apache.pid
ErrorLog @DIR@/error.log
LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
LoadModule wsgi_module /usr/lib/apache2/modules/mod_wsgi.so
WSGISocketPrefix @DIR@/socket
User placement
Group placement
IncludeOptional sites-enabled/*.conf
"""

SITE = """\
WSGIDaemonProcess placement processes=2 threads=1 user=placement group=placement display-name=%{GROUP}
WSGIProcessGroup placement
WSGIScriptAlias / @DIR@/placement-api
"""

SCRIPT = "def application(environ, start):\n    start('200 OK', [])\n    return [b'']\n"

CONF = "[placement_database]\nconnection = mysql+pymysql://placement:s3cretOfTheBase@db.example/placement\n"

#: A network, processes and an /etc/apache2 of their own; the audit while Apache runs.
INSIDE = """
set -e
ip link set lo up
mount -t tmpfs none /etc/apache2
mkdir /etc/apache2/sites-enabled
cp "$1/apache2.conf" /etc/apache2/
cp "$1/placement.conf" /etc/apache2/sites-enabled/
export OS_PLACEMENT_CONFIG_DIR="$1/etc"
apache2 -k start
for attempt in $(seq 100); do
    [ "$(pgrep -fc '^.wsgi:placement')" = 2 ] && break
    sleep 0.1
done
shift
env -u OS_PLACEMENT_CONFIG_DIR "$@"
"""


@pytest.fixture(scope="module")
def report() -> Mapping[str, Any]:
    """The report of a machine on which Apache runs placement, and nothing else of ours does."""
    with owned_folder("placement") as folder:
        for name, text in {"apache2.conf": APACHE, "placement.conf": SITE, "placement-api": SCRIPT}.items():
            (folder / name).write_text(text.replace("@DIR@", str(folder)))
        (folder / "etc").mkdir()
        (folder / "etc" / "placement.conf").write_text(CONF)
        audit = [PROGRAM, "audit", "--name", "h", "--profile", "strict", "-f", "json", "--exit-zero"]
        apart = ["unshare", "-fpmn", "--mount-proc", "--kill-child", "sh", "-c", INSIDE, "sh"]
        done = subprocess.run(
            [*apart, folder, *audit], capture_output=True, text=True, check=False, timeout=120
        )

        assert done.returncode == 0, done.stderr

        read: Mapping[str, Any] = json.loads(done.stdout)
        return read


def test_the_service_is_found_with_the_file_that_its_variables_name(report: Mapping[str, Any]) -> None:
    (host,) = report["hosts"]
    (service,) = host["services"]

    assert (service["name"], service["role"]) == ("placement-api", "placement")
    assert service["config_files"][0].endswith("/etc/placement.conf")
    assert service["process"]["status"] == "running"
    # The first, the one that accepts, and two daemons.
    assert service["process"]["count"] >= 4
    assert [one["purpose"] for one in service["transports"]] == ["placement_database"]


def test_what_its_file_says_is_judged(report: Mapping[str, Any]) -> None:
    failed = {one["check"] for one in report["findings"] if one["status"] == "fail"}

    assert failed & {"database-plaintext", "database-tls-optional-by-configuration"}
    assert "s3cretOfTheBase" not in json.dumps(report)
