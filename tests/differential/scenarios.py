"""Sets about where values come from: sources and their order, references, services, broken installations."""

from collections.abc import Iterator
from random import Random

from tests.differential.writing import (
    HOME,
    PROGRAMS,
    Case,
    Catalogue,
    Cycle,
    configuration,
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


def consoles(catalogue: Catalogue, rng: Random) -> Iterator[Case]:
    """The console proxies: each has command line options and a default of its own."""
    programs = {
        "nova-novncproxy": ("vnc", "novncproxy"),
        "nova-serialproxy": ("serial_console", "serialproxy"),
        "nova-spicehtml5proxy": ("spice", "html5proxy"),
    }
    for number in range(30):
        program = tuple(programs)[number % 3]
        group, prefix = programs[program if number % 2 else rng.choice(tuple(programs))]
        host, port = f"{group}.{prefix}_host", f"{group}.{prefix}_port"
        rows = [
            (host, rng.choice(("10.0.0.1", "::1", "bad host", "$my_ip"))),
            (port, rng.choice(("6090", "0", "x", ""))),
        ]
        rows += rng.sample([("DEFAULT.web", ""), ("DEFAULT.web", "/srv/w"), ("DEFAULT.daemon", "on")], 1)
        case: Case = {"program": program, "files": {}}
        if number % 5:
            case["files"] = {
                "/etc/nova/nova.conf": configuration(rng, rng.sample(rows, rng.choice((1, 2, 3))))
            }
        given = (
            [f"--{group}-{prefix}_host=10.0.0.9"],
            [f"--{group}-{prefix}_port", rng.choice(("6091", "70000", "$metadata_listen_port"))],
            ["--web=/srv/web"],
            ["--daemon", "--ssl_only"],
            ["--nodaemon"],
            [],
        )
        case["arguments"] = [token for part in rng.sample(given, 2) for token in part] if number % 4 else []
        if rng.random() < 0.2:
            case["environment"] = named(rng.choice((host, "DEFAULT.web")), "10.0.0.2")
        yield case
