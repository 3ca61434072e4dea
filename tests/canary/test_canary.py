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
default_log_levels = amqp=WARN,{canary("a level that is none")}=DEBUG,nova=DEBUG={canary("after a level")},amqp={canary("for a level")}
my_ip = 192.0.2.1 {canary("after an address")}
[libvirt]
live_migration_uri = qemu+ssh://nova:{canary("a URL of libvirt")}@%s/system
[vault]
root_token_id = {canary("vault token")}
approle_secret_id = {canary("vault secret")}
[spice]
html5proxy_base_url = http://nova:{canary("a URL of spice")}@spice.example:6082/
[iscsi]
chap_password = {canary("CHAP secret")}
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
[oslo_messaging_rabbit]
ssl_key_password = {canary("rabbit key password")}
rabbit_password = {canary("an option of old")}
[oslo_messaging_kafka]
ssl_client_key_password = {canary("kafka key password")}
ssl_cafile = /etc/ssl/${{keystone_authtoken.password}}/ca.pem
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
transport_url = rabbit://nova:{url("rabbit password of the healthy service")}@rabbit1.example:5671/?ssl=1&ssl_key_password={canary("a key's password in a query")}
debug = true
log_config_append = /etc/nova/logging.conf
default_log_levels = nova=INFO,{canary("a logger in the healthy service")}=DEBUG
[oslo_messaging_rabbit]
ssl_ca_file = /etc/ssl/both.pem
[database]
connection = mysql+pymysql://nova:{url("database password of the healthy service")}@db.example/nova?read_default_file=/etc/nova/my.cnf&ssl_key=/etc/ssl/private/nova.key
[keystone_authtoken]
password = {canary("keystone password of the healthy service")}
cafile = /etc/ssl/$password/ca.pem
[wsgi]
api_paste_config = api-paste.ini {canary("after the name of a file")}
[oslo_policy]
policy_file = /etc/nova/policy.yaml {canary("after a path")}
policy_dirs = policy.d {canary("after a folder")}
[keystone_authtoken]
certfile = /etc/ssl/$vault.root_token_id
[vault]
root_token_id = {canary("a token that a path refers to")}
[barbican]
auth_endpoint = https://user:{canary("auth endpoint")}@keystone.example/v3
[placement]
auth_url = https://admin:{canary("auth_url")}@keystone.example/v3
endpoint_override = https://placement.example/?token={canary("endpoint override")}
"""

POSTGRESQL_CONF = f"""\
[DEFAULT]
transport_url = kafka://nova:{url("kafka password")}@kafka.example:9093/
[oslo_messaging_kafka]
security_protocol = SASL_SSL
sasl_mechanism = PLAIN
ssl_cafile = /etc/ssl/ca.pem
ssl_client_key_password = {canary("password of kafka's key")}
[database]
connection = postgresql+psycopg2://nova:{url("PostgreSQL password")}@db1.example,db2.example/nova?sslmode=verify-full&sslrootcert=/etc/ssl/ca.pem&sslpassword={canary("password of a client key")}&options=-c%20x%3D{canary("options of libpq")}
connection_parameters = sslpassword={canary("sslpassword in connection_parameters")}&passfile=/etc/nova/pgpass
[api_database]
connection = postgresql://db.example/nova_api?user=nova&password={canary("password in a query of libpq")}
[placement]
username = nova
password = {canary("placement password")}
auth_type = password
auth_url = https://keystone.example/v3
system_scope = {canary("a scope that is none")} all
"""

KEY_BODY = canary("private key") * 4

FILES = {
    "/etc/nova/nova.conf": HEALTHY_CONF,
    "/etc/nova/broken.conf": NOVA_CONF,
    "/etc/nova/my.cnf": f"# {canary('my.cnf comment')}\n[client] {canary('after a heading')}\nssl-ca=/etc/ssl/ca.pem\npassword={canary('my.cnf password')}\nuser = nova\n"
    f"   password = {canary('an indented password')}\n   loose-password={canary('a loose password')}\n"
    f"  {canary('an indented word')}\n{canary('a word alone')}\n[{canary('heading')} x]\nssl-key-password = {canary('key password')}\n"
    f"!include /etc/nova/other.cnf {canary('after an include')}\n",
    "/etc/nova/pgpass": f"db1.example:5432:nova:nova:{canary('pgpass')}\n",
    "/etc/ssl/both.pem": f"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----\n{canary('a key beside its certificate') * 4}\n-----END PRIVATE KEY-----\n",
    "/etc/nova/postgresql.conf": POSTGRESQL_CONF,
    "/lib/systemd/system/nova-metadata.service": (
        "[Service]\nUser=nova\n"
        f"Environment=PGPASSWORD={canary('PGPASSWORD')} PGSSLMODE=verify-full PGSSLROOTCERT=/etc/ssl/ca.pem PGOPTIONS={canary('PGOPTIONS')}\n"
        f'Environment="PGREQUIREAUTH=https://u:{canary("a URL in PGREQUIREAUTH")}@x" PGSSLPASSWORD={canary("PGSSLPASSWORD")}\n'
        f"ExecStart=/usr/bin/env PGPASSWORD={canary('argument of env')} /usr/bin/nova-api-metadata --config-file /etc/nova/postgresql.conf\n"
    ),
    "/etc/nova/logging.conf": (
        "[loggers]\nkeys=root\n[handlers]\nkeys=http\n[formatters]\nkeys=\n"
        "[logger_root]\nlevel=DEBUG\nhandlers=http\n"
        f"[handler_http]\nclass=logging.handlers.HTTPHandler\nargs=('log.example', '/in?key={canary('logging args')}', 'POST')\n"
        f"kwargs={{'credentials': ('log', '{canary('logging kwargs')}')}}\n"
        f"[formatter_plain]\nformat=%(message)s {canary('logging format')}\n"
        f"[logger_web]\nlevel=%({canary('level by a key')})s\nqualname=https://u:{canary('a URL for a logger')}@x\nhandlers=\n"
        f"# {canary('logging comment')}\n"
    ),
    "/etc/nova/api-paste.ini": (
        f"[filter:authtoken]\npaste.filter_factory = keystonemiddleware.auth_token:filter_factory\n"
        f"password = {canary('paste password')}\n# {canary('paste comment')}\nadmin_token = {canary('paste token')}\n"
        f"memcache_secret_key = {canary('paste memcache key')}\n[filter:osprofiler]\nhmac_keys = {canary('paste hmac_keys')}\n"
        f"[app:vendor]\nset api_key = {canary('paste set')}\n[DEFAULT]\ntoken = {canary('paste default')}\n"
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
    assert len(CANARIES) >= 100


@pytest.mark.parametrize("form", ["text", "json", "junit"])
def test_no_canary_sings_in_a_report(root: Path, tmp_path: Path, form: str) -> None:
    result = run(
        ["audit", "--root", str(root), "--profile", "strict", "--full", "-f", form, "-vvv"], tmp_path
    )

    assert result.returncode == 1, result.stderr.decode()
    assert b"nova-conductor" in result.stdout
    assert songs(result.stdout + result.stderr + left_in(tmp_path)) == {}


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize("steps", [("zed", "2026.2"), ("2024.2", "2025.1")])
def test_no_canary_sings_in_what_an_upgrade_changes(
    root: Path, tmp_path: Path, form: str, steps: tuple[str, str]
) -> None:
    words = [
        "upgrade",
        "--root",
        str(root),
        "--from",
        steps[0],
        "--to",
        steps[1],
        "--all",
        "-f",
        form,
        "-vvv",
    ]
    result = run(words, tmp_path)

    assert result.returncode in (1, 3), result.stderr.decode()
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


@pytest.mark.parametrize("service", ["nova-conductor", "nova-compute", "nova-api-metadata", "placement"])
@pytest.mark.parametrize("form", ["text", "json"])
def test_no_canary_sings_in_what_show_prints(root: Path, tmp_path: Path, service: str, form: str) -> None:
    result = run(
        ["show", "--all", "--root", str(root), "--service", service, "--release", "2025.1", "--format", form],
        tmp_path,
    )

    assert result.returncode == 0, result.stderr.decode()
    assert len(result.stdout) > 5_000
    assert songs(result.stdout + result.stderr + left_in(tmp_path)) == {}
