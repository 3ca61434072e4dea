"""Manifests in the shape in which the charts of OpenStack-Helm (2026.1) render Nova, from texts of configuration.

What is of no consequence here (probes, labels, resources, affinity) is left away.
"""

import base64
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from auditor.checks import CATALOGUE
from auditor.checks.exhibits import AUTHORITY
from auditor.collect import Options
from auditor.collect.manifest import open_manifest
from auditor.evidence import Document, Evidence
from auditor.pipeline import audit
from auditor.report import Report

IMAGE = "quay.io/airshipit/nova:2025.1-ubuntu_noble"
CERTIFICATE = AUTHORITY

CONDUCTOR = (
    "nova-conductor",
    "--config-file",
    "/etc/nova/nova.conf",
    "--config-dir",
    "/etc/nova/nova.conf.d",
)

NOVA_COMPUTE_SH = r"""#!/bin/bash

set -ex

exec nova-compute \
      --config-file /etc/nova/nova.conf \
      --config-file /tmp/pod-shared/nova-console.conf \
      --config-file /tmp/pod-shared/nova-libvirt.conf \
      --config-dir /etc/nova/nova.conf.d
"""

NOVA_CONSOLE_PROXY_SH = r"""#!/bin/bash

set -x

console_kind="novnc"
if [ "${console_kind}" == "novnc" ] ; then
    exec nova-novncproxy \
        --config-file /etc/nova/nova.conf \
        --config-file /tmp/pod-shared/nova-vnc.ini \
        --config-dir /etc/nova/nova.conf.d
elif [ "${console_kind}" == "spice" ] ; then
    exec nova-spicehtml5proxy\
        --config-file /etc/nova/nova.conf \
        --config-file /tmp/pod-shared/nova-spice.ini \
        --config-dir /etc/nova/nova.conf.d
elif [ "${console_kind}" == "serial" ] ; then
    exec nova-serialproxy\
        --config-file /etc/nova/nova.conf \
        --config-file /tmp/pod-shared/nova-serial.ini \
        --config-dir /etc/nova/nova.conf.d
fi
"""

NOVA_COMPUTE_INIT_SH = r"""#!/bin/bash

set -ex

migration_address=$(ip a s $migration_interface | grep 'inet ' | head -1)

if [ -z "${migration_address}" ] ; then
  echo "Var live_migration_interface is empty"
  exit 1
fi

tee > /tmp/pod-shared/nova-libvirt.conf << EOF
[libvirt]
live_migration_inbound_addr = $migration_address
EOF
"""

NOVA_CONSOLE_COMPUTE_INIT_SH = r"""#!/bin/bash

touch /tmp/pod-shared/nova-console.conf
if [ "${console_kind}" == "novnc" ] ; then
  cat > /tmp/pod-shared/nova-console.conf <<EOF
[vnc]
server_proxyclient_address = $client_address
server_listen = $listen_ip
EOF
elif [ "${console_kind}" == "serial" ] ; then
  cat > /tmp/pod-shared/nova-console.conf <<EOF
[serial_console]
proxyclient_address = $client_address
EOF
fi
"""

NOVA_API_UWSGI_INI = """[uwsgi]
enable-threads = true
http-socket = 0.0.0.0:8774
master = true
module = nova.wsgi.osapi_compute:application
"""

PASSWORD = "tr0ub4dor-of-the-broker"

CONF = f"""[DEFAULT]
transport_url = rabbit://nova:{PASSWORD}@mq.example:5672/
log_config_append = /etc/nova/logging.conf
[database]
connection = mysql+pymysql://nova:secret-of-the-database@db.example/nova?ssl_ca=/etc/mysql/certs/ca.crt&ssl_verify_cert
[oslo_messaging_rabbit]
ssl = true
ssl_ca_file = /etc/rabbitmq/certs/ca.crt
[placement]
auth_type = password
auth_url = https://keystone.example/v3
cafile = /etc/ssl/certs/openstack-helm.crt
"""

SNIPPETS = {"nova_placement.conf": "[placement]\nusername = placement\npassword = of-placement\n"}


def yaml_of(*objects: Mapping[str, Any]) -> str:
    """The documents as `helm template` writes them: one after another, each behind its line of dashes."""
    return "".join(f"---\n# Source: nova/templates/one.yaml\n{yaml.safe_dump(dict(one))}" for one in objects)


def secret(name: str, texts: Mapping[str, str | bytes], **metadata: str) -> dict[str, Any]:
    """A Secret whose data are encoded, as charts do it."""
    data = {
        key: base64.b64encode(text.encode() if isinstance(text, str) else text).decode()
        for key, text in texts.items()
    }
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, **metadata},
        "type": "Opaque",
        "data": data,
    }


def config_map(name: str, texts: Mapping[str, str], **metadata: str) -> dict[str, Any]:
    """A ConfigMap of plain texts."""
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name, **metadata},
        "data": dict(texts),
    }


def mount(name: str, path: str, sub_path: str | None = None) -> dict[str, Any]:
    """A mount of a volume, of one key of it where ``sub_path`` says which."""
    found = {"name": name, "mountPath": path, "readOnly": True}
    return found if sub_path is None else {**found, "subPath": sub_path}


#: What every container of the chart finds, and those that talk to RabbitMQ and MariaDB over TLS.
ETC = (
    mount("pod-tmp", "/tmp"),
    mount("nova-etc", "/etc/nova/nova.conf", "nova.conf"),
    mount("nova-etc-snippets", "/etc/nova/nova.conf.d/"),
    mount("nova-etc", "/etc/nova/logging.conf", "logging.conf"),
    mount("nova-etc", "/etc/nova/policy.yaml", "policy.yaml"),
    *(
        mount("client-certs", f"{folder}/{name}", name)
        for folder in ("/etc/mysql/certs", "/etc/rabbitmq/certs")
        for name in ("tls.crt", "tls.key", "ca.crt")
    ),
    mount("keystone-tls", "/etc/ssl/certs/openstack-helm.crt", "ca.crt"),
)

VOLUMES: tuple[dict[str, Any], ...] = (
    {"name": "pod-tmp", "emptyDir": {}},
    {"name": "pod-shared", "emptyDir": {}},
    {"name": "varlibnova", "hostPath": {"path": "/var/lib/nova"}},
    {"name": "nova-bin", "configMap": {"name": "nova-bin", "defaultMode": 0o555}},
    {"name": "nova-etc", "secret": {"secretName": "nova-etc", "defaultMode": 0o444}},
    {"name": "nova-etc-snippets", "projected": {"sources": [{"secret": {"name": "nova-ks-etc"}}]}},
    {"name": "client-certs", "secret": {"secretName": "nova-tls-api", "defaultMode": 292}},
    {"name": "keystone-tls", "secret": {"secretName": "keystone-tls", "defaultMode": 292}},
)


def workload(
    name: str,
    command: Iterable[str] | None,
    mounts: Sequence[Mapping[str, Any]] = ETC,
    *,
    kind: str = "Deployment",
    container: str | None = None,
    image: str = IMAGE,
    volumes: Sequence[Mapping[str, Any]] = VOLUMES,
    env: Sequence[Mapping[str, Any]] = (),
    initial: Sequence[str] = (),
    **metadata: str,
) -> dict[str, Any]:
    """A workload of one container."""
    one: dict[str, Any] = {"name": container or name, "image": image, "volumeMounts": [*map(dict, mounts)]}
    if command is not None:
        one["command"] = [*command]
    if env:
        one["env"] = [*map(dict, env)]
    pod = {"containers": [one], "volumes": [*map(dict, volumes)]}
    if initial:
        pod["initContainers"] = [_initial(name) for name in initial]
    return {
        "apiVersion": "apps/v1",
        "kind": kind,
        "metadata": {"name": name, **metadata},
        "spec": {"template": {"spec": pod}},
    }


def _initial(script: str) -> dict[str, Any]:
    path = f"/tmp/{script}"
    mounts = [
        mount("pod-tmp", "/tmp"),
        mount("nova-bin", path, script),
        mount("pod-shared", "/tmp/pod-shared"),
    ]
    return {"name": script.removesuffix(".sh"), "image": IMAGE, "command": [path], "volumeMounts": mounts}


INITIAL = ("nova-compute-init.sh", "nova-console-compute-init.sh")


def conductor(**changes: Any) -> dict[str, Any]:
    """nova-conductor, whose command the chart writes into the pod."""
    return workload("nova-conductor", CONDUCTOR, **changes)


def compute(initial: Sequence[str] = INITIAL) -> dict[str, Any]:
    """nova-compute: a script starts it, with files that init containers write, and a configuration of its own."""
    mounts = [item for item in ETC if item["mountPath"] != "/etc/nova/nova.conf"]
    mounts += [
        mount("nova-etc", "/etc/nova/nova.conf", "nova-compute.conf"),
        mount("nova-bin", "/tmp/nova-compute.sh", "nova-compute.sh"),
        mount("varlibnova", "/var/lib/nova"),
        mount("pod-shared", "/tmp/pod-shared"),
    ]
    ca = {"name": "REQUESTS_CA_BUNDLE", "value": "/etc/ssl/certs/openstack-helm.crt"}
    return workload(
        "nova-compute-default",
        ["/tmp/nova-compute.sh"],
        mounts,
        kind="DaemonSet",
        container="nova-compute",
        env=[ca],
        initial=initial,
    )


def api() -> dict[str, Any]:
    """The compute API under uWSGI, whose file is a key of the Secret."""
    ini = mount("nova-etc", "/etc/nova/nova-api-uwsgi.ini", "nova-api-uwsgi.ini")
    command = ["uwsgi", "--ini", "/etc/nova/nova-api-uwsgi.ini"]
    return workload("nova-api-osapi", command, [*ETC, ini], container="nova-osapi")


def novncproxy() -> dict[str, Any]:
    """The console proxy: one script for three of them."""
    mounts = [
        *ETC,
        mount("nova-bin", "/tmp/nova-console-proxy.sh", "nova-console-proxy.sh"),
        mount("pod-shared", "/tmp/pod-shared"),
    ]
    return workload("nova-novncproxy", ["/tmp/nova-console-proxy.sh"], mounts)


def job() -> dict[str, Any]:
    """A job that reads the same configuration and ends."""
    return {**workload("nova-db-sync", ["/tmp/db-sync.sh"]), "apiVersion": "batch/v1", "kind": "Job"}


def secrets(conf: str, snippets: Mapping[str, str] | None = None, **more: str) -> tuple[dict[str, Any], ...]:
    """The Secrets and the ConfigMap of the chart, with the certificates that cert-manager makes in a cluster."""
    texts = {
        "nova.conf": conf,
        "nova-compute.conf": conf,
        "logging.conf": "",
        "policy.yaml": "{}\n",
        "nova-api-uwsgi.ini": NOVA_API_UWSGI_INI,
        **more,
    }
    certificates = {"ca.crt": CERTIFICATE, "tls.crt": CERTIFICATE, "tls.key": "a key"}
    scripts = {
        "nova-compute.sh": NOVA_COMPUTE_SH,
        "nova-compute-init.sh": NOVA_COMPUTE_INIT_SH,
        "nova-console-compute-init.sh": NOVA_CONSOLE_COMPUTE_INIT_SH,
        "nova-console-proxy.sh": NOVA_CONSOLE_PROXY_SH,
    }
    return (
        config_map("nova-bin", scripts),
        secret("nova-etc", texts),
        secret("nova-ks-etc", snippets or {"nova_placement.conf": "[placement]\nusername = placement\n"}),
        secret("nova-tls-api", certificates),
        secret("keystone-tls", certificates),
    )


def written(folder: Path, *objects: Mapping[str, Any]) -> Path:
    """A file of these objects."""
    path = folder / "rendered.yaml"
    path.write_text(yaml_of(*objects))
    return path


def gathered(source: Path, **rest: Any) -> dict[str, Evidence]:
    """The evidence of each host of a manifest."""
    with open_manifest(source, Options(), **rest) as (_, documents):
        return {item.host: item.read() for item in documents if isinstance(item, Document)}


def report(source: Path, options: Options | None = None) -> Report:
    """What the catalogue comes to on a manifest."""
    with open_manifest(source, options or Options()) as (asked, documents):
        return audit(documents, CATALOGUE, targets=asked)
