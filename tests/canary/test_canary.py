"""A canary in every place of a host that bears secrets: none may sing outside of it.

Looked for raw, percent-encoded and in base64 at its three offsets, in everything that the command line writes: the
evidence bundle, each format, what `show` prints, the log at its loudest, and the folder for temporary files.
"""

import base64
import gzip
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

NUMBER = iter(range(100, 1000))
CANARIES: dict[str, str] = {}


def canary(place: str) -> str:
    """A word that stands nowhere else, remembered with the place it was put in."""
    CANARIES[place] = f"Zk{next(NUMBER)}qVxw"
    return CANARIES[place]


def url(place: str) -> str:
    """A canary with characters that URLs escape, written percent-encoded as an operator must."""
    return canary(place) + "%2Fp%40"


NOVA_CONF = f"""\
# {canary("comment")} before anything
[DEFAULT]
transport_url = rabbit://nova:{url("rabbit password")}@rabbit1.example:5671,nova:{canary("second broker")}@rabbit2.example:5671/?ssl=1&vhost_hint={canary("unknown query value")}
debug = true # {canary("what follows a value")}
service_down_time = {canary("a value of the wrong type")}
log_file = /var/log/nova/nova.log
  {canary("a continuation line")}
host = rabbit://someone:{canary("a URL in a plain option")}@elsewhere.example/
vendor_secret = {canary("an unknown option")}
nova_password: {canary("an unknown option with a colon")}
; {canary("a comment with a semicolon")}
enabled_apis = osapi_compute,metadata
    indented_password = {canary("an indented option")}
default_log_levels = amqp=WARN,{canary("a level that is none")}=DEBUG
[database]
connection = mysql+pymysql://nova:{url("database password")}@db.example/nova?ssl_ca=/etc/ssl/ca.pem&read_default_file=/etc/nova/my.cnf&passwd={canary("password in a query")}
slave_connection = mysql+pymysql://nova:{canary("at sign")}@x/{canary("slash")}@db.example/nova
connection_parameters = passwd={canary("connection_parameters")}&charset=utf8
[api_database]
connection = "mysql+pymysql://nova:{canary("a quoted URL")}@db.example/nova_api"
[keystone_authtoken]
username = nova
password = '{canary("a quoted password")}'
memcache_secret_key = {canary("memcache_secret_key")}
memcache_password = {canary("memcache_password")}
[placement]
auth_type = v3applicationcredential
application_credential_secret = {canary("application credential")}
password = pa${canary("after a dollar")}word
timeout = {canary("a timeout that is none")}
[service_user]
password={canary("service user")}
[neutron]
metadata_proxy_shared_secret = {canary("metadata secret")}
[key_manager]
fixed_key = {canary("fixed_key")}
[profiler]
hmac_keys = {canary("hmac_keys")}
connection_string = redis://:{canary("profiler")}@redis.example:6379
[oslo_messaging_notifications]
driver = messagingv2
transport_url = kafka://user:{canary("notifications")}@kafka.example:9092/
[oslo_messaging_kafka]
ssl_client_key_password = {canary("kafka key password")}
[cache]
backend_argument = password:{canary("cache backend argument")}
memcache_servers = user:{canary("memcached")}@cache.example:11211
[vmware]
host_password = {canary("vmware")}
[vendor {canary("a section with a space")}]
token = {canary("an unknown section")}
{canary("a line without a delimiter")}
"""

HEALTHY_CONF = f"""\
[DEFAULT]
transport_url = rabbit://nova:{url("rabbit password of the healthy service")}@rabbit1.example:5671/?ssl=1
debug = true
log_config_append = /etc/nova/logging.conf
[database]
connection = mysql+pymysql://nova:{url("database password of the healthy service")}@db.example/nova?read_default_file=/etc/nova/my.cnf&ssl_key=/etc/ssl/private/nova.key
[keystone_authtoken]
password = {canary("keystone password of the healthy service")}
[barbican]
auth_endpoint = https://user:{canary("auth endpoint")}@keystone.example/v3
[placement]
auth_url = https://admin:{canary("auth_url")}@keystone.example/v3
endpoint_override = https://placement.example/?token={canary("endpoint override")}
"""

KEY_BODY = canary("private key") * 4

FILES = {
    "/etc/nova/nova.conf": HEALTHY_CONF,
    "/etc/nova/broken.conf": NOVA_CONF,
    "/etc/nova/my.cnf": f"# {canary('my.cnf comment')}\n[client]\nssl-ca=/etc/ssl/ca.pem\npassword={canary('my.cnf password')}\nuser = nova\n",
    "/etc/nova/logging.conf": (
        "[loggers]\nkeys=root\n[handlers]\nkeys=http\n[formatters]\nkeys=\n"
        "[logger_root]\nlevel=DEBUG\nhandlers=http\n"
        f"[handler_http]\nclass=logging.handlers.HTTPHandler\nargs=('log.example', '/in?key={canary('logging args')}', 'POST')\n"
        f"# {canary('logging comment')}\n"
    ),
    "/etc/nova/api-paste.ini": (
        f"[filter:authtoken]\npaste.filter_factory = keystonemiddleware.auth_token:filter_factory\n"
        f"password = {canary('paste password')}\n# {canary('paste comment')}\nadmin_token = {canary('paste token')}\n"
    ),
    "/etc/nova/policy.yaml": f'# {canary("policy comment")}\n"os_compute_api:servers:show": "role:{canary("policy rule")}"\n',
    "/etc/ssl/private/nova.key": f"-----BEGIN PRIVATE KEY-----\n{KEY_BODY}\n-----END PRIVATE KEY-----\n",
    "/etc/default/nova-common": f"OS_DATABASE__CONNECTION=mysql+pymysql://nova:{canary('environment file')}@db.example/nova\nOTHER_SECRET={canary('other variable')}\n",
    "/lib/systemd/system/nova-conductor.service": (
        "[Unit]\n"
        f"# {canary('unit comment')}\n"
        f"Description=conductor {canary('unit description')}\n"
        "[Service]\nUser=nova\nEnvironmentFile=/etc/default/nova-common\n"
        f"Environment=OS_KEYSTONE_AUTHTOKEN__PASSWORD={canary('unit environment')} VENDOR_TOKEN={canary('vendor token')}\n"
        "ExecStart=/usr/bin/nova-conductor --config-file /etc/nova/nova.conf\n"
    ),
    "/lib/systemd/system/nova-scheduler.service": (
        "[Service]\nUser=nova\n"
        f"ExecStart=/usr/bin/nova-scheduler --config-file /etc/nova/broken.conf --password {canary('argument')} "
        f"--vendor-token={canary('argument with =')}\n"
    ),
    "/etc/kolla/passwords.yml": f"database_password: {canary('kolla passwords')}\n",
    "/etc/kolla/nova-compute/config.json": json.dumps(
        {
            "command": "nova-compute --config-file /etc/nova/nova.conf",
            "config_files": [
                {
                    "source": "/var/lib/kolla/config_files/nova.conf",
                    "dest": "/etc/nova/nova.conf",
                    "owner": "nova",
                }
            ],
            "note": canary("kolla config.json"),
        }
    ),
    "/etc/kolla/nova-compute/nova.conf": f"[vnc]\nsecret_hint = {canary('kolla nova.conf')}\n[libvirt]\nrbd_secret_uuid = {canary('rbd')}\n",
    "/etc/placement/placement.conf": f"[placement_database]\nconnection = mysql+pymysql://placement:{canary('placement')}@db.example/placement\n",
}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("trees") / "host"
    for path, text in FILES.items():
        file = folder / path.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return folder


def forms(word: str) -> Iterator[bytes]:
    """The ways a word may be written: raw, percent-encoded, and base64 wherever it starts."""
    yield word.encode()
    yield quote(word, safe="").encode()
    yield "".join(f"%{byte:02X}" for byte in word.encode()).encode()
    for offset in range(3):
        encoded = base64.b64encode(b"\0" * offset + word.encode())
        # The characters at the ends also depend on the neighbours; what lies between belongs to the word alone.
        yield encoded[4 if offset else 0 : -4]


def songs(content: bytes) -> dict[str, bytes]:
    """Where a canary sings: the place it was put in, and the form it was found in."""
    return {place: form for place, word in CANARIES.items() for form in forms(word) if form in content}


def run(arguments: list[str], temporary: Path) -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, "TMPDIR": str(temporary), "COLUMNS": "200"}
    return subprocess.run(
        [sys.executable, "-m", "auditor.cli", *arguments],
        capture_output=True,
        env=environment,
        check=False,
        timeout=120,
    )


def left_in(folder: Path) -> bytes:
    return b"\n".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_the_search_finds_a_canary_in_each_of_its_forms() -> None:
    word = CANARIES["fixed_key"]
    written = [
        word.encode(),
        quote(word).encode(),
        *(base64.b64encode(b"x" * n + word.encode() + b"yy") for n in range(3)),
    ]

    assert all(songs(text) == {"fixed_key": songs(text)["fixed_key"]} for text in written)


def test_the_tree_holds_every_canary(root: Path) -> None:
    assert set(songs(left_in(root))) == set(CANARIES)
    assert len(CANARIES) >= 60


@pytest.mark.parametrize("form", ["text", "json", "junit"])
def test_no_canary_sings_in_a_report(root: Path, tmp_path: Path, form: str) -> None:
    result = run(
        ["audit", "--root", str(root), "--profile", "strict", "--full", "-f", form, "-vvv"], tmp_path
    )

    assert result.returncode == 1, result.stderr.decode()
    assert b"nova-conductor" in result.stdout
    assert songs(result.stdout + result.stderr + left_in(tmp_path)) == {}


def test_no_canary_sings_in_a_bundle(root: Path, tmp_path: Path) -> None:
    bundle = tmp_path / "bundle"
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    result = run(["collect", "--root", str(root), "-o", str(bundle), "-vvv"], temporary)
    documents = [gzip.decompress(path.read_bytes()) for path in bundle.glob("*.gz")]

    assert result.returncode == 0, result.stderr.decode()
    assert len(documents) == 1
    assert b"/etc/nova/broken.conf" in documents[0]
    assert songs(documents[0] + result.stdout + result.stderr + left_in(tmp_path)) == {}


@pytest.mark.parametrize("service", ["nova-conductor", "nova-compute", "placement"])
@pytest.mark.parametrize("form", ["text", "json"])
def test_no_canary_sings_in_what_show_prints(root: Path, tmp_path: Path, service: str, form: str) -> None:
    result = run(
        ["show", "--all", "--root", str(root), "--service", service, "--release", "2025.1", "--format", form],
        tmp_path,
    )

    assert result.returncode == 0, result.stderr.decode()
    assert len(result.stdout) > 5_000
    assert songs(result.stdout + result.stderr + left_in(tmp_path)) == {}
