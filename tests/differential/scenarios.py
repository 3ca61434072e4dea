"""Sets about where values come from: sources and their order, references, services, broken installations."""

from collections.abc import Iterator
from random import Random

from tests.differential.values import values_for
from tests.differential.writing import (
    HOME,
    PROGRAMS,
    Case,
    Catalogue,
    Cycle,
    configuration,
    deployed,
    named,
    sectioned,
)

# Options that take any text, or any number, in every release; each source writes its own name into them.
TEXTS = (
    "DEFAULT.state_path", "DEFAULT.instances_path", "DEFAULT.my_block_storage_ip", "DEFAULT.console_host", "DEFAULT.transport_url",
    "database.connection", "api_database.connection", "glance.region_name", "placement.region_name", "placement.cafile",
    "vnc.novncproxy_base_url", "oslo_concurrency.lock_path", "libvirt.connection_uri", "keystone_authtoken.cafile",
    "neutron.ovs_bridge", "spice.html5proxy_base_url", "cinder.os_region_name", "oslo_messaging_rabbit.ssl_ca_file",
)  # fmt: skip
MULTIPLE = (
    "oslo_messaging_notifications.driver",
    "pci.alias",
    "pci.device_spec",
    "DEFAULT.dhcpbridge_flagfile",
    "wsgi.wsgi_log_format",
)
PLACES = (f"{HOME}/.nova", HOME, "/etc/nova", "/etc")


def _from(source: str, key: str) -> str:
    if key.endswith(("base_url", "_uri")):
        return f"http://{source.strip('/').replace('/', '.').replace('_', '-')}/"
    return f"from-{source}"


def _marked(rng: Random, source: str, keys: list[str]) -> str:
    return configuration(rng, [(key, _from(source, key)) for key in keys])


def precedence(catalogue: Catalogue, rng: Random) -> Iterator[Case]:
    """The same few options in several sources, with and without arguments that flip their order."""
    explicit = ("/srv/a.conf", "/srv/b.conf", "/etc/nova/nova.conf")
    for _ in range(150):
        program = rng.choice(PROGRAMS)
        keys = [*rng.sample(TEXTS, 4), rng.choice(MULTIPLE)]
        default = (
            "/etc/nova/nova.conf", f"/etc/nova/{program}.conf", "/etc/nova/nova.conf.d/10-a.conf", "/etc/nova/nova.conf.d/20-b.conf",
            f"/etc/nova/{program}.conf.d/10-c.conf", "/etc/nova/nova-other.conf", "/srv/conf.d/05-d.conf", "/srv/conf.d/50-e.conf",
        )  # fmt: skip
        paths = {"/etc/nova/nova.conf", *explicit, "/srv/conf.d/50-e.conf", *rng.sample(default, 4)}
        case: Case = {
            "program": program,
            "files": {
                path: _marked(rng, path, rng.sample(keys, rng.choice((2, 3)))) for path in sorted(paths)
            },
        }
        given: list[str] = []
        for _ in range(rng.choice((0, 0, 1, 1, 2, 3))):
            option, value = rng.choice(
                (
                    ("--config-file", rng.choice(explicit)),
                    ("--config-file", rng.choice(explicit)),
                    ("--config-dir", rng.choice(("/srv/conf.d", "/etc/nova/nova.conf.d"))),
                )
            )
            given += rng.choice(([option, value], [f"{option}={value}"]))
        case["arguments"] = given
        if rng.random() < 0.4:
            case["environment"] = {
                name: value
                for key in rng.sample(keys, 2)
                for name, value in named(key, _from("environment", key)).items()
            }
        yield case


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
    "'$state_path'", "\"${state_path}\"", "%(state_path)s", "$state_path,$my_ip", "$[state_path]", "$(state_path)", "$initial_cpu_allocation_ratio",
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


def search_path(catalogue: Catalogue, rng: Random) -> Iterator[Case]:
    """What is found without arguments: first hit of each name, folders sorted, other names left alone."""
    names = ("{0}.conf", "{0}.conf.d/10.conf", "{0}.conf.d/9.conf", "{0}.conf.d/B.conf", "{0}.conf.d/a.conf", "{0}.conf.d/.hidden.conf",
             "{0}.conf.d/a.conf.bak", "{0}.conf.d/a.CONF", "{0}.conf.d/.conf", "{0}.conf.d/sub/x.conf", "{0}.conf.d/b[1].conf", "{0}.conf.d/ñ.conf")  # fmt: skip
    for _ in range(100):
        program = rng.choice(PROGRAMS)
        keys = rng.sample(TEXTS, 3)
        places = rng.sample(PLACES, rng.choice((1, 2, 2, 3)))
        paths = {
            f"{place}/{name.format(rng.choice(('nova', 'nova', program, 'nova-api', 'placement')))}"
            for place in places
            for name in rng.sample(names, rng.choice((2, 4, 5)))
        }
        case: Case = {
            "program": program,
            "files": {path: _marked(rng, path, rng.sample(keys, 2)) for path in sorted(paths)},
        }
        if rng.random() < 0.15:
            snap = {
                "/srv/common/etc/nova/nova.conf",
                f"/srv/snap/etc/nova/{program}.conf",
                "/srv/snap/etc/nova/nova.conf.d/1.conf",
            }
            case["files"] |= {path: _marked(rng, path, keys) for path in sorted(snap)}
            case["environment"] = {"SNAP": "/srv/snap", "SNAP_COMMON": "/srv/common"}
        if rng.random() < 0.1:
            case["home"] = rng.choice(("/", "/srv/home/", "/var/lib/nova/../nova", "/no/such/folder", ""))
        if rng.random() < 0.1:
            case["directories"] = [
                rng.choice(
                    (f"/etc/nova/{program}.conf.d", "/etc/nova/nova.conf.d", f"{HOME}/.nova/nova.conf.d")
                )
            ]
        yield case


def applications(catalogue: Catalogue, rng: Random) -> Iterator[Case]:
    """WSGI: the files are named by two variables, folders are still searched, uwsgi may pass arguments."""
    paste = "[composite:osapi_compute]\nuse = call:nova.api.openstack.urlmap:urlmap_factory\n/: oscomputeversions\n\n[filter:authtoken]\npaste.filter_factory = keystonemiddleware.auth_token:filter_factory\n"
    chosen = (
        (),
        (),
        (),
        ("/etc/nova/nova.conf",),
        ("/srv/a.conf", "/srv/b.conf"),
        ("api-paste.ini", "nova.conf"),
        ("nova.conf", "extra.conf"),
        ("nova.conf", ""),
        ("", "nova.conf"),
        ("nova.conf ",),
    )
    for _ in range(90):
        keys = rng.sample(TEXTS, 4)
        application, program = rng.choice(
            (
                ("osapi_compute", "nova-api-wsgi"),
                ("metadata", "nova-metadata-wsgi"),
                ("osapi_compute", "uwsgi"),
                ("metadata", "uwsgi"),
                ("osapi_compute", "mod_wsgi"),
            )
        )
        prog = {"osapi_compute": "nova-api-os-compute", "metadata": "nova-api-metadata"}[application]
        folder = rng.choice(
            ("/etc/nova", "/etc/nova", "/etc/nova", "/srv/wsgi", "/srv/wsgi/", " /srv/wsgi ", "srv/wsgi", "")
        )
        where = "/" + folder.strip().strip("/") if folder.strip() else ""
        paths = {f"{where}/{name}" for name in ("nova.conf", "extra.conf")} | {
            "/srv/a.conf",
            "/srv/b.conf",
            "/etc/nova/nova.conf",
        }
        paths = {path for path in paths if path.startswith(("/etc", "/srv"))}
        more = (
            "/etc/nova/nova.conf.d/1.conf",
            f"/etc/nova/{program}.conf",
            f"/etc/nova/{prog}.conf",
            f"/etc/nova/{prog}.conf.d/1.conf",
            f"/etc/nova/{program}.conf.d/2.conf",
            f"{HOME}/nova.conf",
        )
        paths |= set(rng.sample(more, 3))
        case: Case = {
            "program": program,
            "application": application,
            "files": {path: _marked(rng, path, rng.sample(keys, 2)) for path in sorted(paths)},
        }
        if rng.random() < 0.85:
            case["files"] |= {
                f"{place}/api-paste.ini": paste for place in {"/etc/nova", where or "/etc/nova"}
            }
        case["environment"] = (
            {} if folder == "/etc/nova" and rng.random() < 0.6 else {"OS_NOVA_CONFIG_DIR": folder}
        )
        files = rng.choice(chosen)
        if files:
            case["environment"]["OS_NOVA_CONFIG_FILES"] = ";".join(files)
        if rng.random() < 0.2:
            case["arguments"] = rng.choice(
                (
                    ["--config-file", "/srv/a.conf"],
                    ["--config-dir=/etc/nova/nova.conf.d"],
                    ["--debug"],
                    ["osapi"],
                    ["--config-file=/etc/nova/nova.conf", "--config-file=/srv/b.conf"],
                )
            )
        yield case


ARGUMENTS = (
    ("--debug",), ("--nodebug",), ("-d",), ("--debug", "--nodebug"), ("--nodebug", "--debug"), ("--log-file=/srv/x.log",), ("--log-file", "/srv/y.log"),
    ("--logfile", "/srv/z.log"), ("--log-dir=/srv/log",), ("--logdir=/srv/old"), ("--log_file=/srv/x.log",), ("--use-syslog",), ("--nouse-syslog",),
    ("--use-json",), ("--use-journal",), ("--watch-log-file",), ("--syslog-log-facility=LOG_LOCAL1",), ("--syslog-log-facility", "bogus"),
    ("--log-config-append=/srv/logging.conf",), ("--log-config=/srv/logging.conf",), ("--log-date-format=%H:%M",), ("--log-file=",), ("--log-file=$state_path/x",),
    ("--log-file=$no_such_option",), ("--log-dir=${vnc.server_listen}",), ("--config-file=/srv/a.conf",), ("--config-file", "/srv/b.conf"),
    ("--config-dir=/srv/conf.d",), ("--config-dir", "/srv/conf.d"), ("--config-dir=/srv/none.d",), ("--config-file=/srv/none.conf",), ("--config-file", "srv/a.conf"),
    ("--config-file=~/mine.conf",), ("--config-dir=~/mine.d",), ("--config-file=/srv/../srv/a.conf",), ("--config-fil=/srv/a.conf",), ("--config-f", "/srv/b.conf"), ("--config-d=/srv/conf.d",),
    ("--config-file=",), ("--config-dir=",), ("--config-file",), ("--config-dir=/srv/a.conf",), ("--config-file=/srv/conf.d",), ("--deb",), ("--log-f=/srv/x",), ("--debug=true",),
    ("--",), ("--", "--config-file=/srv/a.conf"), ("positional",), ("--no-such-option",), ("--version",), ("--help",), ("-h",), ("-dv",), ("--remote_debug-host=node1",),
    ("--remote_debug-port=70000",), ("--remote_debug-port", "5678"), ("--web=/srv/web",), ("--vnc-novncproxy_port=6099",), ("--vnc-novncproxy_port=99999",), ("--vnc-novncproxy_host", "::1"),
    ("--ssl_only",), ("--nossl_only",), ("--nodaemon",), ("--cert=/srv/$my_ip.pem",), ("--key=",), ("--record=x",), ("--source_is_ipv6",), ("--my_ip=10.9.9.9",), ("--DEBUG",), ("--shell_completion=bash",),
)  # fmt: skip


def arguments(catalogue: Catalogue, rng: Random) -> Iterator[Case]:
    """Command lines: order against files, abbreviations, deprecated spellings, wrong ones; the environment above a file but below a bare argument."""
    given = Cycle([(item,) if isinstance(item, str) else item for item in ARGUMENTS], rng)
    usual = Cycle([item for item in ARGUMENTS[:32] if not isinstance(item, str)], rng)
    logging = (
        "debug",
        "log_file",
        "log_dir",
        "use_syslog",
        "use_json",
        "syslog_log_facility",
        "log_config_append",
        "web",
        "cert",
        "ssl_only",
        "logfile",
        "log-file",
        "logdir",
        "log_config",
    )
    text = {
        "debug": ("true", "False", "1"),
        "use_syslog": ("true", "no"),
        "use_json": ("yes", "off"),
        "ssl_only": ("true", "false"),
    }
    for number in range(190):
        program = "nova-novncproxy" if number % 3 == 0 else rng.choice(PROGRAMS)
        files = {}
        for path in (
            "/etc/nova/nova.conf",
            "/srv/a.conf",
            "/srv/b.conf",
            "/srv/conf.d/1.conf",
            f"{HOME}/mine.conf",
            f"{HOME}/mine.d/1.conf",
        ):
            names = rng.sample(logging, 3)
            rows = [("DEFAULT", name, rng.choice(text.get(name, (f"/from{path}",)))) for name in names]
            files[path] = sectioned(rng, [*rows, *(("placement", "region_name", path),)])
        parts = [usual.next() for _ in range(rng.choice((0, 1, 2, 2)))] + [given.next()]
        rng.shuffle(parts)
        case: Case = {
            "program": program,
            "files": files,
            "arguments": [token for part in parts for token in part],
        }
        if rng.random() < 0.3:
            case["environment"] = {
                "OS_DEFAULT__DEBUG": rng.choice(("true", "false", "bogus", "")),
                "OS_DEFAULT__LOG_FILE": "/srv/env.log",
            }
        yield case


def broken_files(catalogue: Catalogue, rng: Random) -> Iterator[Case]:
    """Files that are absent, locked, empty, folders, links, very long or named strangely."""
    good = deployed(rng)
    base: Case = {
        "program": "nova-compute",
        "files": {"/etc/nova/nova.conf": good, "/srv/a.conf": "[DEFAULT]\nhost = other\n"},
    }
    locked = {"/srv/a.conf": "000"}
    extra = {
        "/etc/nova/nova.conf.d/1.conf": "[DEFAULT]\nhost = one\n",
        "/etc/nova/nova.conf.d/2.conf": "[DEFAULT]\nhost = two\n",
    }
    changes: tuple[Case, ...] = (
        {"arguments": ["--config-file=/srv/none.conf"]},
        {"arguments": ["--config-file=/etc/nova/nova.conf", "--config-file=/srv/none.conf"]},
        {"arguments": ["--config-dir=/srv/none.d"]},
        {"arguments": ["--config-file=/srv/a.conf"], "modes": locked},
        {"arguments": ["--config-file=/srv/a.conf", "--config-file=/srv/none.conf"], "modes": locked},
        {"modes": {"/etc/nova/nova.conf": "000"}},
        {"modes": {"/etc/nova": "000"}},
        {"files": {**base["files"], **extra}, "modes": {"/etc/nova/nova.conf.d/2.conf": "000"}},
        {"files": {**base["files"], **extra}, "modes": {"/etc/nova/nova.conf.d": "000"}},
        {"files": {**base["files"], **extra}, "modes": {"/etc/nova/nova.conf.d": "100"}},
        {"files": {**base["files"], **extra}, "modes": {"/etc/nova/nova.conf.d": "400"}},
        {"arguments": ["--config-dir=/etc/nova/nova.conf.d"], "files": {**base["files"], **extra}, "modes": {"/etc/nova/nova.conf.d": "000"}},
        {"files": {}},
        {"files": {"/etc/nova/nova.conf": ""}},
        {"files": {"/etc/nova/nova.conf": "\n\n  \n\t\n"}},
        {"files": {"/etc/nova/nova.conf": "# only\n; comments\n"}},
        {"files": {"/etc/nova/nova.conf": "[DEFAULT]"}},
        {"files": {"/etc/nova/nova.conf": "[DEFAULT]\n[database]\n[DEFAULT]\n"}},
        {"files": {"/etc/nova/nova.conf": "[DEFAULT]\nhost = no-newline"}},
        {"files": {"/etc/nova/nova.conf": "[DEFAULT]\nhost = node\n[database]\nconnection =" + " " * 100000 + "x\n"}},
        {"files": {"/etc/nova/nova.conf": "[DEFAULT]\nconsole_host = " + "y" * 200000 + "\n"}},
        {"files": {"/etc/nova/nova.conf": "[glance]\napi_servers = " + ",".join(f"http://node{n}:9292" for n in range(4000)) + "\n"}},
        {"files": {"/etc/nova/nova.conf": "[DEFAULT]\n" + "# filler\n" * 20000 + "host = last\n"}},
        {"files": {"/etc/nova/nova.conf": "[pci]\n" + "alias = x\n" * 500}},
        {"directories": ["/etc/nova/nova.conf"], "files": {}},
        {"directories": ["/etc/nova/nova.conf.d/1.conf"]},
        {"files": {**base["files"], "/etc/nova/nova.conf.d": "[DEFAULT]\nhost = not-a-folder\n"}},
        {"arguments": ["--config-file=/srv"]},
        {"arguments": ["--config-dir=/srv/a.conf"]},
        {"arguments": ["--config-file=/srv/a.conf/x"]},
        {"links": {"/etc/nova/nova.conf.d/1.conf": "/srv/a.conf"}},
        {"links": {"/etc/nova/nova.conf.d/1.conf": "/srv/none.conf"}},
        {"links": {"/etc/nova/nova.conf.d/1.conf": "1.conf"}},
        {"links": {"/etc/nova/nova.conf.d": "/srv"}},
        {"links": {"/etc/nova/nova-compute.conf": "/srv/none.conf"}},
        {"links": {"/etc/nova/nova-compute.conf": "../../srv/a.conf"}},
        {"links": {f"{HOME}/.nova": "/etc"}},
        {"files": {**base["files"], "/etc/nova/nova.conf.d/bad.conf": "no delimiter here\n"}},
        {"files": {**base["files"], "/etc/nova/nova.conf.d/.bad.conf": "no delimiter here\n"}},
        {"files": {**base["files"], "/etc/nova/nova.conf.d/bad.conf~": "no delimiter here\n"}},
        {"files": {**base["files"], "/etc/nova/nova-compute.conf": "no delimiter here\n"}},
        {"files": {**base["files"], "/etc/nova/nova-conductor.conf": "no delimiter here\n"}},
        {"arguments": ["--config-file=/srv/a.conf", "--config-file=/srv/a.conf"]},
        {"files": {"/etc/nova/nova.conf": "[DEFAULT]\nfatal_deprecations = true\nhost = x\n[placement]\nuser_name = old\n"}},
        {"files": {"/etc/nova/nova.conf": "[DEFAULT]\nfatal_deprecations = false\nlogdir = /srv/log\n[keystone_authtoken]\nuser-name = old\n"}},
    )  # fmt: skip
    for change in changes:
        yield {**base, **change}


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


def deployments(catalogue: Catalogue, rng: Random) -> Iterator[Case]:
    """Command lines and folders as distributions and deployment tools write them, with a few random settings."""
    keys = Cycle([key for key, option in catalogue.items() if not option["cli"]], rng)
    for _ in range(70):
        program = rng.choice(PROGRAMS)
        own = [
            (key, rng.choice(values_for(key, catalogue[key])[:12])) for key in (keys.next() for _ in range(6))
        ]
        layout = rng.choice(("debian", "rdo", "kolla", "helm", "osa"))
        files = {"/etc/nova/nova.conf": deployed(rng, *own[:3])}
        given: list[str] = []
        if layout == "debian":
            files[f"/etc/nova/{program}.conf"] = configuration(
                rng, [*own[3:], ("DEFAULT.compute_driver", "libvirt.LibvirtDriver")]
            )
            given = [
                "--config-file=/etc/nova/nova.conf",
                f"--config-file=/etc/nova/{program}.conf",
                "--log-file=/var/log/nova/service.log",
            ]
        elif layout == "rdo":
            files["/etc/nova/nova-dist.conf"] = configuration(rng, own[3:])
            given = rng.choice(
                ([], ["--config-file", "/etc/nova/nova-dist.conf", "--config-file", "/etc/nova/nova.conf"])
            )
        elif layout == "helm":
            files["/etc/nova/nova.conf.d/nova_console.conf"] = configuration(rng, own[3:])
            given = ["--config-file", "/etc/nova/nova.conf", "--config-dir", "/etc/nova/nova.conf.d"]
        elif layout == "osa":
            files["/etc/nova/nova.conf.d/99-local.conf"] = configuration(rng, own[3:])
            given = ["--config-file", "/etc/nova/nova.conf"]
        yield {"program": program, "files": files, "arguments": given}
