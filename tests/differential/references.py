"""Sets about values that depend on other values: references, and groups that exist because an option names them."""

# ruff: noqa: RUF001 - a letter that only looks like another is among the names

from collections.abc import Iterator
from random import Random

from tests.differential.writing import PROGRAMS, Case, Catalogue, Cycle, configuration, named, sectioned

REFERENCES = (
    "$state_path", "${state_path}", "$state_path/x", "${state_path}x", "$state_pathx", "$my_ip:$metadata_listen_port", "${my_ip}.${my_ip}",
    "${vnc.server_listen}", "$vnc.server_listen", "$vnc.server_listen/x", "${database.connection}", "$my_ip.", "$my_ip.x", "$my_ip-x",
    "$$state_path", "$$$state_path", "$$$$", "\\$state_path", "\\\\$state_path", "\\$$state_path", "$\\state_path", "a$", "$", "$ x", "$1", "$1state_path",
    "${state_path", "$state_path}", "${}", "${ state_path }", "${1}", "$-x", "$_", "${_}", "$no_such_option", "${no_such.option}", "${DEFAULT.my_ip}",
    "$DEFAULT.my_ip", "$My_Ip", "$MY_IP", "${VNC.server_listen}", "${vnc.SERVER_LISTEN}", "$vnc", "${vnc}", "${vnc.}", "${vnc.server_listen.x}",
    "$my-ip", "${my-ip}", "$debug", "$enabled_filters", "${filter_scheduler.enabled_filters}", "$rpc_response_timeout", "$default_schedule_zone",
    "${placement.timeout}", "${libvirt.cpu_mode}", "${placement.password}", "$password", "$region_name", "$connection", "${pci.alias}", "$reserved_huge_pages",
    "${oslo_messaging_notifications.driver}", "${oslo_concurrency.lock_path}", "$instances_path", "$log_dir", "$logdir", "${DATABASE.sql_connection}",
    "${database.idle_timeout}", "$pybasedir", "$host", "$node_ñ", "$ñ", "${oslo_messaging_rabbit.ssl}", "$config_file", "$publish_errors", "$ſtate_path",
    "'$state_path'", '"${state_path}"', "%(state_path)s", "$state_path,$my_ip", "$[state_path]", "$(state_path)", "$initial_cpu_allocation_ratio",
)  # fmt: skip
TAKING = (
    "DEFAULT.instances_path", "DEFAULT.my_block_storage_ip", "DEFAULT.transport_url", "DEFAULT.console_host", "DEFAULT.compute_driver",
    "database.connection", "placement.region_name", "placement.cafile", "glance.api_servers", "vnc.novncproxy_base_url",
    "oslo_concurrency.lock_path", "libvirt.images_rbd_pool", "cinder.endpoint_template", "filter_scheduler.enabled_filters",
    "oslo_messaging_notifications.driver", "pci.alias", "DEFAULT.rpc_response_timeout", "placement.timeout", "libvirt.cpu_mode",
    "oslo_messaging_rabbit.ssl", "vnc.server_listen", "DEFAULT.reserved_huge_pages", "glance.retriable_status_codes",
    "spice.html5proxy_host", "metrics.weight_setting", "DEFAULT.metadata_listen_port", "neutron.default_floating_pool",
)  # fmt: skip


def substitution(catalogue: Catalogue, rng: Random) -> Iterator[Case]:
    """References: to set and unset options, in lists, of other types, escaped, unknown, chained and in circles."""
    references = Cycle(REFERENCES, rng)
    taking = Cycle(TAKING, rng)
    setting = (
        ("DEFAULT.state_path", "/srv/nova"), ("DEFAULT.my_ip", "10.1.1.1"), ("vnc.server_listen", "10.2.2.2"), ("DEFAULT.debug", "true"),
        ("database.connection", "sqlite://"), ("placement.password", "a$$b"), ("DEFAULT.host", "node7"), ("DEFAULT.my_ip", "$host"),
        ("DEFAULT.rpc_response_timeout", "77"), ("placement.timeout", "0.5"), ("pci.alias", "one"), ("pci.alias", "two"),
        ("oslo_messaging_rabbit.ssl", "enabled"), ("placement.timeout", "soon"), ("DEFAULT.state_path", "$no_such_option"),
        ("libvirt.cpu_mode", "bogus"), ("DEFAULT.my_ip", ""), ("database.connection", "$$x"), ("DEFAULT.state_path", "a\\$b"),
    )  # fmt: skip
    for _ in range(190):
        rows = rng.sample(setting, rng.choice((1, 3, 4)))
        rows += [
            (taking.next(), rng.choice(("", "", "a/", "x ", "1", "a,")) + references.next()) for _ in range(6)
        ]
        case: Case = {
            "program": rng.choice(PROGRAMS),
            "files": {"/etc/nova/nova.conf": configuration(rng, rows)},
        }
        if rng.random() < 0.25:
            case["environment"] = named(rng.choice(TAKING), references.next())
        yield case
    circles = (
        [("DEFAULT.state_path", "$instances_path"), ("DEFAULT.instances_path", "$state_path")],
        [("DEFAULT.state_path", "$state_path")],
        [("DEFAULT.state_path", "x${state_path}"), ("oslo_concurrency.lock_path", "$state_path/l")],
        [
            ("placement.cafile", "$certfile"),
            ("placement.certfile", "$keyfile"),
            ("placement.keyfile", "$cafile"),
        ],
        [("placement.cafile", "${glance.cafile}"), ("glance.cafile", "${placement.cafile}")],
        [("placement.cafile", "$cafile")],
        [
            ("database.connection", "${database.connection}"),
            ("api_database.connection", "${database.connection}"),
        ],
        [("placement.timeout", "$timeout")],
        [
            ("placement.timeout", "${placement.connect_retries}"),
            ("placement.connect_retries", "${placement.timeout}"),
        ],
        [("glance.api_servers", "http://node1,$api_servers")],
        [("pci.alias", "${pci.alias}")],
        [("DEFAULT.my_ip", "$my_block_storage_ip"), ("placement.cafile", "$my_ip")],
        [("database.connection", "${api_database.connection}"), ("api_database.connection", "$connection")],
    )
    for rows in circles:
        yield {"program": "nova-compute", "files": {"/etc/nova/nova.conf": configuration(rng, rows)}}


def per_value_groups(catalogue: Catalogue, rng: Random) -> Iterator[Case]:
    """Groups that exist because another option names them."""
    names = ("foo", "Bar", "nvidia-35", "a b", "$my_ip", "")
    for _ in range(24):
        chosen = rng.sample(names, rng.choice((1, 2, 3)))
        rows = [
            ("neutron", "physnets", ",".join(chosen)),
            ("devices", rng.choice(("enabled_mdev_types", "enabled_vgpu_types")), ",".join(chosen)),
        ]
        for name in rng.sample(names[:4], 2):
            rows += [
                (
                    f"neutron_physnet_{rng.choice((name, name, name.lower()))}",
                    "numa_nodes",
                    rng.choice(("0", "0,1", "x", "")),
                ),
                (
                    f"mdev_{rng.choice((name, name, name.upper()))}",
                    "device_addresses",
                    "0000:84:00.0,0000:85:00.0",
                ),
                (f"mdev_{name}", "mdev_class", rng.choice(("VGPU", "CUSTOM_X", "custom"))),
                (f"mdev_{name}", "max_instances", rng.choice(("1", "0"))),
                (f"vgpu_{name}", "device_addresses", "0000:86:00.0"),
            ]
        rows += [("neutron_tunnel", "numa_nodes", rng.choice(("1", "1,2", "one")))]
        yield {"program": "nova-compute", "files": {"/etc/nova/nova.conf": sectioned(rng, rows)}}
