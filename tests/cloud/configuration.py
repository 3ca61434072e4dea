"""What Nova and placement of the plane are told: everything encrypted, nothing that the auditor would call wrong."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

#: Who logs in at broker and database, and the password that no report may show.
LOGIN, PASSWORD = "nova", "Clouds-never-rain-on-loopback-7"

#: What every connection to the database is told beside its authority.
OPTIONS = "charset=utf8&read_timeout=60&write_timeout=60"

#: The name under which everything is dialled, and which the certificates carry.
HOST = "localhost"

#: An address that is no loopback's, on the loopback interface: what listens there counts as open to other machines.
OPEN = "192.0.2.7"


@dataclass(frozen=True, slots=True)
class Ends:
    """Where the services of one release find each other: the ports of all that they talk to."""

    release: str
    broker: int
    database: int
    api: int
    placement: int
    identity: int
    authority: Path

    @property
    def label(self) -> str:
        """The release as part of a name: of a virtual host, of a schema."""
        return self.release.replace(".", "_")

    def transport_url(self, cell: str = "") -> str:
        """The broker of the API's services, or of a cell."""
        return f"rabbit://{LOGIN}:{PASSWORD}@{HOST}:{self.broker}/{self.vhost(cell)}"

    def vhost(self, cell: str = "") -> str:
        """The virtual host of the API's services, or of a cell."""
        return f"{self.label}-{cell}" if cell else self.label

    def connection(self, schema: str) -> str:
        """The URL of a schema of the database."""
        where = f"{LOGIN}:{PASSWORD}@{HOST}:{self.database}/{self.schema(schema)}"
        return f"mysql+pymysql://{where}?{OPTIONS}&ssl_ca={self.authority}"

    def schema(self, name: str) -> str:
        """The name of a schema: those of the releases stand in one server."""
        return f"{self.label}_{name}"


def file_of(cell: str = "") -> str:
    """The name of the configuration file of the API's services, or of a cell's conductor."""
    return f"nova-{cell}.conf" if cell else "nova.conf"


SCHEMAS = ("api", "cell0", "cell1", "cell2", "placement")
CELLS = ("cell1", "cell2")


def nova(ends: Ends, cell: str = "") -> str:
    """The nova.conf of the API's services, or of a cell's conductor."""
    host = "-".join(["controller", *filter(None, [cell])])
    return f"""\
[DEFAULT]
host = {host}
my_ip = 127.0.0.1
transport_url = {ends.transport_url(cell)}
debug = false
use_stderr = true
rpc_response_timeout = 60

[api_database]
connection = {ends.connection("api")}

[database]
connection = {ends.connection(cell or "cell0")}

[oslo_messaging_rabbit]
ssl = true
ssl_ca_file = {ends.authority}
heartbeat_timeout_threshold = 60
{names_checked(ends.release)}
[conductor]
workers = 2

[scheduler]
workers = 1

[placement]
{credentials(ends, "placement")}
valid_interfaces = internal
timeout = 5
{retried(ends.release)}
[keystone_authtoken]
www_authenticate_uri = https://{HOST}:{ends.identity}/identity
{credentials(ends, "nova")}
"""


def names_checked(release: str) -> str:
    """Zed's oslo.messaging has no option for it."""
    return "" if release == "zed" else "ssl_enforce_hostname_verification = true\n"


def retried(release: str) -> str:
    """Zed's openstacksdk ignores it."""
    return "" if release == "zed" else "connect_retries = 2\n"


def credentials(ends: Ends, user: str) -> str:
    """How a service logs in at keystone."""
    return f"""\
auth_type = password
auth_url = https://{HOST}:{ends.identity}/identity
username = {user}
password = {PASSWORD}
project_name = service
user_domain_name = Default
project_domain_name = Default
cafile = {ends.authority}
region_name = {ends.label}
"""


def placement(ends: Ends) -> str:
    """The placement.conf."""
    return f"""\
[DEFAULT]
debug = false
use_stderr = true

[api]
auth_strategy = keystone

[placement_database]
connection = {ends.connection("placement")}

[keystone_authtoken]
www_authenticate_uri = https://{HOST}:{ends.identity}/identity
{credentials(ends, "placement")}
"""


def broker(port: int, certificate: Path, definitions: Path) -> str:
    """The rabbitmq.conf: one listener, with TLS."""
    return f"""\
listeners.tcp = none
listeners.ssl.1 = 127.0.0.1:{port}
ssl_options.certfile = {certificate}
ssl_options.keyfile = {certificate}
ssl_options.verify = verify_none
ssl_options.versions.1 = tlsv1.3
ssl_options.versions.2 = tlsv1.2
load_definitions = {definitions}
log.console = true
log.console.level = info
log.file = false
"""


def database(port: int, data: Path, socket: Path, certificate: Path, first: Path) -> str:
    """The my.cnf: TLS for all. ``first`` are statements that the server begins with."""
    return f"""\
[mariadbd]
datadir = {data}
socket = {socket}
pid-file = {socket.with_suffix(".pid")}
init-file = {first}
bind-address = 127.0.0.1,{OPEN}
port = {port}
ssl-cert = {certificate}
ssl-key = {certificate}
tls-version = TLSv1.2,TLSv1.3
require-secure-transport = ON
skip-name-resolve
max-connections = 500
innodb-log-file-size = 8M
innodb-flush-log-at-trx-commit = 0
innodb-flush-method = nosync
innodb-doublewrite = OFF
sync-binlog = 0
"""


def definitions(vhosts: Sequence[str]) -> Mapping[str, object]:
    """What RabbitMQ begins with: an account, and the virtual hosts that it may use."""
    everything = {"configure": ".*", "write": ".*", "read": ".*"}
    return {
        "users": [{"name": LOGIN, "password": PASSWORD, "tags": []}],
        "vhosts": [{"name": name} for name in vhosts],
        "permissions": [{"user": LOGIN, "vhost": name, **everything} for name in vhosts],
    }
