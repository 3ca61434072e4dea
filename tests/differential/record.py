"""Records what the real nova makes of every configuration set: run by the Python of an environment that holds nova.

    .real/RELEASE/bin/python tests/differential/record.py options OPTIONS.json.gz
    .real/RELEASE/bin/python tests/differential/record.py truth SETS.json.gz TRUTH.json.gz

Needs root on Linux: it restarts itself in private mount, host name and network namespaces, without the right to
override file modes, and lays each set's files out on empty tmpfs over /etc, /srv and /var/lib/nova, so that nova
finds them under their real names. The service's own entry point runs (`nova.cmd.*.main`, `nova.wsgi.*`) up to the
return of the real `nova.config.parse_args`; then the options that services register later are registered, and each
one is read. A set is a process: nothing leaks from one into the next.
"""

import ast
import base64
import contextlib
import ctypes
import datetime
import gc
import gzip
import importlib
import importlib.metadata
import importlib.util
import json
import os
import pathlib
import platform
import shutil
import socket
import subprocess
import sys

MASKED = ("/etc", "/srv", "/var/lib/nova")
# What this machine must look like, so that its part in the defaults can be told from values that are written.
HOST = "host-placeholder"
ADDRESS = "198.51.100.77"
CPUS = 97

NAMESPACES = (
    "nova.conf", "oslo.log", "oslo.messaging", "oslo.cache", "oslo.concurrency", "oslo.middleware",
    "oslo.policy", "oslo.privsep", "oslo.reports", "oslo.limit", "oslo.service.periodic_task",
    "oslo.service.service", "osprofiler", "keystonemiddleware.auth_token", "os_vif", "os_brick",
)  # fmt: skip
"""Entry points that list what nova's processes register; oslo.db is not here, nova registers [database] itself."""

REGISTERING = (
    "nova.privsep", "os_brick.privileged", "vif_plug_ovs.privsep", "vif_plug_linux_bridge.privsep",
    "oslo_messaging.notify._impl_routing",
)  # fmt: skip
"""Modules that register options when they are imported, and that a service imports when it first needs them."""

COMMANDS = {
    "nova-compute": "nova.cmd.compute",
    "nova-conductor": "nova.cmd.conductor",
    "nova-scheduler": "nova.cmd.scheduler",
    "nova-novncproxy": "nova.cmd.novncproxy",
    "nova-serialproxy": "nova.cmd.serialproxy",
    "nova-spicehtml5proxy": "nova.cmd.spicehtml5proxy",
}
APPLICATIONS = {
    "osapi_compute": ("nova.wsgi.osapi_compute", "nova.api.openstack.compute.wsgi"),
    "metadata": ("nova.wsgi.metadata", "nova.api.metadata.wsgi"),
}
LIBRARIES = (
    "nova", "oslo.config", "oslo.log", "oslo.messaging", "oslo.db", "keystoneauth1", "netaddr", "rfc3986",
)  # fmt: skip
CLONE_NEWNS = 0x00020000  # linux/sched.h; os.unshare is newer than the oldest Python here
TROUBLE = pathlib.Path("/tmp/nova-auditor-record.log")
PER_VALUE = ("mdev_", "neutron_physnet_")
UNSEEN = frozenset({("DEFAULT", "config_file"), ("DEFAULT", "config_dir"), ("DEFAULT", "shell_completion")})
"""Of the parser itself: what it was told to read, no setting of nova. [os_win] is not read either: os-brick on Windows."""


class Parsed(BaseException):
    """Ends the service once its configuration is parsed."""


def enter_namespaces(arguments):
    """Replaces this process by itself inside private namespaces."""
    os.environ["NOVA_AUDITOR_RECORDER"] = "inside"
    os.environ["OS_NOVA_DISABLE_EVENTLET_PATCHING"] = "1"
    os.environ["LC_ALL"] = "C.UTF-8"
    caps = "-dac_override,-dac_read_search"
    os.execvp(
        "unshare",
        ["unshare", "--mount", "--uts", "--net", "--propagation", "private", "setpriv", "--bounding-set", caps,
         "--inh-caps", caps, sys.executable, str(pathlib.Path(__file__).resolve()), *arguments],
    )  # fmt: skip


def mask_file_system():
    """Lays empty folders over `MASKED`, for this process and its children only."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNS) != 0:
        raise OSError(ctypes.get_errno(), "cannot unshare the mount namespace")
    for path in MASKED:
        pathlib.Path(path).mkdir(parents=True, exist_ok=True)
        if libc.mount(b"tmpfs", path.encode(), b"tmpfs", 0, b"mode=0755") != 0:
            raise OSError(ctypes.get_errno(), f"cannot mount a tmpfs over {path}")


def disguise_machine():
    socket.sethostname(HOST)
    for command in (
        f"addr add {ADDRESS}/24 dev lo",
        "link set lo up",
        f"route add default dev lo src {ADDRESS}",
    ):
        subprocess.run(["ip", *command.split()], check=True)
    os.cpu_count = lambda: CPUS


def lay_out(case):
    """Writes the files of one set on the masked file system."""
    for path in map(pathlib.Path, MASKED):
        for child in path.iterdir():
            if child.is_dir() and not child.is_symlink():
                for folder in (child, *child.rglob("*")):
                    if folder.is_dir() and not folder.is_symlink():
                        folder.chmod(0o755)
                shutil.rmtree(child)
            else:
                child.unlink()
    for path in ("/etc/nova", "/var/lib/nova", *case.get("directories", ())):
        pathlib.Path(path).mkdir(parents=True, exist_ok=True)
    for name, content in case["files"].items():
        path = beneath_folders(name)
        path.write_bytes(
            content.encode() if isinstance(content, str) else base64.b64decode(content["base64"])
        )
    for name, target in case.get("links", {}).items():
        beneath_folders(name).symlink_to(target)
    for name, mode in case.get("modes", {}).items():
        pathlib.Path(name).chmod(int(mode, 8))


def beneath_folders(name):
    path = pathlib.Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def entry_point(case):
    """The function that starts the service of a set, its modules imported."""
    if "application" not in case:
        return importlib.import_module(COMMANDS[case["program"]]).main
    importlib.import_module("nova.api.openstack.wsgi_app")
    newer, older = APPLICATIONS[case["application"]]
    if importlib.util.find_spec(older) is not None:
        return importlib.import_module(older).init_application
    # Not imported: it would start the service with the arguments of this process, and forbid eventlet to all of it.
    names = constants(importlib.util.find_spec(newer).origin)
    return lambda: importlib.import_module("nova.api.openstack.wsgi_app").init_application(
        names["NAME"], names["PROG"]
    )


def constants(path):
    """The names that a module assigns texts to at its top, read without running it."""
    assigned = [
        node for node in ast.parse(pathlib.Path(path).read_text()).body if isinstance(node, ast.Assign)
    ]
    return {node.targets[0].id: node.value.value for node in assigned if isinstance(node.value, ast.Constant)}


def import_registering_modules():
    for module in REGISTERING:
        if importlib.util.find_spec(module.split(".")[0]) is not None:
            importlib.import_module(module)


def stop_after_parsing():
    """Lets the real parse_args run, without the connections that it prepares, and ends the service there."""
    import nova.config

    real = nova.config.parse_args

    def parse_args(argv, default_config_files=None, configure_db=True, init_rpc=True, **others):
        real(argv, default_config_files=default_config_files, configure_db=False, init_rpc=False, **others)
        raise Parsed

    nova.config.parse_args = parse_args


def find_listings():
    """The functions of the libraries that list their options."""
    import stevedore

    extensions = {
        extension.name: extension.plugin for extension in stevedore.ExtensionManager("oslo.config.opts")
    }
    return [extensions[name] for name in NAMESPACES if name in extensions]


def later_options():
    """The options that services register after parsing: [(group name, Opt)], first registration wins."""
    import nova.config
    import stevedore
    from keystoneauth1 import loading
    from oslo_config import cfg
    from oslo_messaging._drivers import base

    # What parse_args begins with: the listings are copies, and nova changes the libraries' defaults.
    nova.config.set_lib_defaults()
    extensions = {
        extension.name: extension.plugin for extension in stevedore.ExtensionManager("oslo.config.opts")
    }
    listed = [entry for name in NAMESPACES if name in extensions for entry in extensions[name]()]
    named = [
        (group.name if isinstance(group, cfg.OptGroup) else group or "DEFAULT", option)
        for group, options in listed
        for option in options
    ]
    # Later releases list the pool's options among the others.
    found = [("oslo_messaging_rabbit", option) for option in getattr(base, "base_opts", ())]
    found += [("oslo_limit", option) for option in loading.get_auth_common_conf_options()]
    # A section that names auth_type gets that plug-in's options: nearly always those of password.
    known = [*found, *named, *((group, info["opt"]) for group, info in registered(nova.config.CONF))]
    for group in sorted({group for group, option in known if option.dest == "auth_type"} - {"key_manager"}):
        found += [(group, option) for option in loading.get_auth_plugin_conf_options("password")]
    return found + named


def register(conf, options):
    from oslo_config import cfg

    for group, option in options:
        with contextlib.suppress(cfg.DuplicateOptError):
            conf.register_opt(option, group=None if group == "DEFAULT" else group)


def register_per_value(conf):
    """Registers the groups that nova-compute makes for values of other options, where those can be read."""
    import nova.conf.devices
    import nova.conf.neutron

    for module in (nova.conf.neutron, nova.conf.devices):
        with contextlib.suppress(Exception):
            module.register_dynamic_opts(conf)


def registered(conf):
    """Every option of a ConfigOpts, sorted: [(group name, its registration)]."""
    found = [(group.name if group else "DEFAULT", info) for info, group in conf._all_opt_infos()]
    found.sort(key=lambda item: (item[0], item[1]["opt"].dest))
    return [item for item in found if item[0] != "os_win" and (item[0], item[1]["opt"].dest) not in UNSEEN]


def plain(value):
    """A value as JSON carries it, this machine's names replaced by placeholders."""
    if isinstance(value, str):
        if value == pathlib.Path(sys.argv[0]).name:
            return "<program>"
        return value.replace(SITE, "<site-packages>").replace(HOST, "<hostname>").replace(ADDRESS, "<ip>")
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return {"float": str(value)}
    if type(value) is int and value == CPUS:
        return "<cpus>"
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {plain(key): plain(item) for key, item in value.items()}
    raise TypeError(f"{value!r} of {type(value)} has no JSON form")


def read(conf, group, name):
    """What a service gets when it reads one option: {"value": ...} or {"error": class name}."""
    try:
        return {"value": plain(conf[name] if group == "DEFAULT" else conf[group][name])}
    except TypeError:
        raise
    except Exception as error:  # whatever it is, it is what the service would meet
        return {"error": type(error).__name__}


def run(case, start, later):
    """One set in this process: {"fatal": class name} or {"read": {option: outcome}}."""
    import nova.conf

    os.chdir("/")
    os.environ.clear()
    os.environ.update({"OS_NOVA_DISABLE_EVENTLET_PATCHING": "1", "HOME": case["home"], **case["environment"]})
    sys.argv[1:] = case["arguments"]
    try:
        start()
    except Parsed:
        register(nova.conf.CONF, later)
        register_per_value(nova.conf.CONF)
    except ImportError:
        raise
    except BaseException as error:
        return {"fatal": type(error).__name__}
    options = registered(nova.conf.CONF)
    return {
        "read": {
            plain(f"{group}.{info['opt'].dest}"): read(nova.conf.CONF, group, info["opt"].dest)
            for group, info in options
        }
    }


def fork(work):
    """Calls work in a child process and returns its JSON-able result."""
    return result_of(*begin(work))


def begin(work):
    """Calls work in a child process; returns what `result_of` takes."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        status = 1
        try:
            silence = os.open(os.devnull, os.O_RDWR)
            os.dup2(silence, 1)
            os.dup2(silence, 2)
            text = json.dumps(work())
            with os.fdopen(writer, "w") as stream:
                stream.write(text)
            status = 0
        except BaseException:
            import traceback

            with TROUBLE.open("a") as stream:
                traceback.print_exc(file=stream)
        finally:
            os._exit(status)
    os.close(writer)
    return child, reader


def result_of(child, reader):
    with os.fdopen(reader) as stream:
        text = stream.read()
    _, status = os.waitpid(child, 0)
    if status != 0 or not text:
        raise SystemExit(f"a recording process failed: see {TROUBLE}")
    return json.loads(text)


def run_program(cases):
    """All sets of one program, each in its own process: {set id: result}; "" is the result of no configuration."""
    # Some defaults are taken from it while modules are imported.
    sys.argv = [f"/usr/bin/{cases[0]['program']}"]
    start = entry_point(cases[0])
    import_registering_modules()
    stop_after_parsing()
    later = later_options()
    importlib.import_module("oslo_log.versionutils")
    # What is there now stays as it is: the children share it, and a fork is cheap.
    gc.freeze()
    service = {key: value for key, value in cases[0].items() if key in ("program", "application")}
    empty = {**service, "id": "", "arguments": [], "environment": {}, "home": "/var/lib/nova"}
    empty["files"] = {"/etc/nova/nova.conf": "", "/etc/nova/api-paste.ini": ""}
    found = {}
    for case in [empty, *cases]:
        lay_out(case)
        found[case["id"]] = fork(lambda case=case: run(case, start, later))
    return found


def describe(option, programs):
    kind = option.type
    item = getattr(kind, "item_type", None)
    return {
        "name": option.name,
        "class": type(option).__name__,
        "type": type(kind).__name__ if not isinstance(kind, type) else kind.__name__,
        "item": type(item).__name__ if item is not None else None,
        "choices": list(getattr(item or kind, "choices", None) or ()),
        "min": getattr(kind, "min", None),
        "max": getattr(kind, "max", None),
        "regex": getattr(getattr(kind, "regex", None), "pattern", None),
        "deprecated": sorted({(old.group or "", old.name or "") for old in option.deprecated_opts}),
        "cli": programs,
    }


def list_options(program):
    sys.argv = [program]
    start = entry_point({"program": program})
    import_registering_modules()
    stop_after_parsing()
    later = later_options()
    lay_out({"files": {}})

    def work():
        import nova.conf

        with contextlib.suppress(Parsed):
            start()
        on_command_line = {
            (group.name if group else "DEFAULT", option.dest)
            for option, group in nova.conf.CONF._all_cli_opts()
        }
        register(nova.conf.CONF, later)
        register_per_value(nova.conf.CONF)
        return {
            f"{group}.{info['opt'].dest}": describe(
                info["opt"], [program] if (group, info["opt"].dest) in on_command_line else []
            )
            for group, info in registered(nova.conf.CONF)
        }

    return fork(work)


def write(path, value):
    raw = json.dumps(value, sort_keys=True, separators=(",", ":")).encode()
    pathlib.Path(path).write_bytes(gzip.compress(raw, mtime=0))


def record_options(output):
    merged = {}
    for program in COMMANDS:
        for key, option in fork(lambda program=program: list_options(program)).items():
            merged.setdefault(key, option)
            merged[key]["cli"] = sorted({*merged[key]["cli"], *option["cli"]})
    write(output, merged)


def record_truth(sets, output):
    cases = json.loads(gzip.decompress(pathlib.Path(sets).read_bytes()))
    by_service = {}
    for case in cases:
        by_service.setdefault((case.get("application", ""), case["program"]), []).append(case)
    # Largest first, each to the processor that has least to do.
    shares = [[] for _ in os.sched_getaffinity(0)]
    for service in sorted(by_service, key=lambda service: (-len(by_service[service]), service)):
        min(shares, key=lambda share: sum(len(by_service[one]) for one in share)).append(service)
    begun = [begin(lambda share=share: run_share(share, by_service)) for share in shares]
    results_of = {service: results for one in begun for service, results in result_of(*one)}
    found, baseline = {}, {}
    for service in sorted(by_service):
        results = results_of[" ".join(service)]
        for key, outcome in results.pop("").get("read", {}).items():
            baseline.setdefault(key, outcome)
        found.update(results)
        print(service, len(results), file=sys.stderr)
    results = {key: changes(result, baseline) for key, result in sorted(found.items())}
    version = importlib.metadata.version("nova")
    write(
        output,
        {
            "release": RELEASES[int(version.split(".")[0])],
            "libraries": {name: importlib.metadata.version(name) for name in LIBRARIES},
            "python": platform.python_version(),
            "recorded": datetime.datetime.now(datetime.timezone.utc).date().isoformat(),
            "baseline": {key: outcome["value"] for key, outcome in sorted(baseline.items())},
            "results": results,
        },
    )


def run_share(services, by_service):
    """Some services one after the other, on a masked file system of their own: [(name, what `run_program` returns)]."""
    mask_file_system()
    return [
        (" ".join(service), fork(lambda service=service: run_program(by_service[service])))
        for service in services
    ]


def changes(result, baseline):
    """One set's result without the options that have their default."""
    if "fatal" in result:
        return result
    outcomes = result["read"]
    if not baseline.keys() <= outcomes.keys():
        raise SystemExit(f"not registered everywhere: {sorted(baseline.keys() - outcomes.keys())}")
    changed = [
        key for key in outcomes if key.startswith(PER_VALUE) or not same(outcomes[key], baseline.get(key))
    ]
    return {
        "changed": {key: outcomes[key] for key in changed if key.startswith(PER_VALUE) or key in baseline}
    }


def same(one, other):
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


RELEASES = {
    26: "zed", 27: "2023.1", 28: "2023.2", 29: "2024.1", 30: "2024.2", 31: "2025.1", 32: "2025.2", 33: "2026.1",
    34: "2026.2",
}  # fmt: skip
SITE = str(pathlib.Path(importlib.util.find_spec("nova").origin).parents[1])


if __name__ == "__main__":
    if os.environ.get("NOVA_AUDITOR_RECORDER") != "inside":
        enter_namespaces(sys.argv[1:])
    mask_file_system()
    disguise_machine()
    if sys.argv[1] == "options":
        record_options(sys.argv[2])
    else:
        record_truth(sys.argv[2], sys.argv[3])
