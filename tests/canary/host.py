"""A host with a canary, a word that stands nowhere else, in every place that bears secrets."""

import json
import secrets
import string
from pathlib import Path

from tests.trees import grow

NUMBER = iter(range(100, 1000))

#: Of this process alone: what another run of these tests writes at the same time is not ours.
TAG = "".join(secrets.choice(string.ascii_letters) for _ in range(5))

CANARIES: dict[str, str] = {}


def canary(place: str) -> str:
    """A word that stands nowhere else, remembered with the place it was put in."""
    CANARIES[place] = f"Zk{next(NUMBER)}{TAG}"
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


def write_host(folder: Path) -> Path:
    """Write the host's files below a folder."""
    return grow(folder, FILES)
