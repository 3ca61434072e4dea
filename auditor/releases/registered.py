# ruff: noqa: D103, RUF005, UP031, UP035, PTH119, T201
"""Print, as JSON, the options that one project registers, or the command line options of one nova command.

    /path/to/venv/bin/python auditor/releases/registered.py --project nova

Run by ``introspect.py``, whose documentation describes what is printed, under the interpreter of an environment that has
nova and openstack-placement.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.metadata
import importlib.util
import json
import os
import pkgutil
import re
import socket
import sys
import sysconfig
import tempfile
from typing import Any, Iterable

# Entry points of the group oslo.config.opts whose options the project's processes really register.
# Not here: oslo.db for nova (it registers [database] itself, without use_db_reconnect), oslo.service.wsgi and
# oslo.service.sslutils (nova uses neither), oslo.metrics (a daemon of its own).
NAMESPACES = {
    "nova": (
        "nova.conf", "castellan.config", "keystonemiddleware.auth_token", "keystonemiddleware.audit",
        "os_brick", "os_brick.lightos", "os_vif", "oslo.cache", "oslo.concurrency", "oslo.limit", "oslo.log",
        "oslo.messaging", "oslo.middleware", "oslo.policy", "oslo.privsep", "oslo.reports",
        "oslo.service.periodic_task", "oslo.service.service", "oslo.versionedobjects", "osprofiler",
    ),
    "placement": (
        "placement.conf", "keystonemiddleware.auth_token", "keystonemiddleware.audit", "oslo.log",
        "oslo.middleware", "oslo.policy", "osprofiler",
    ),
}  # fmt: skip

# Groups whose auth plugin is loaded by a library that registers auth_type only while it loads.
PLUGIN_GROUPS = {
    "nova": ("keystone_authtoken", "oslo_limit", "barbican_service_user"),
    "placement": ("keystone_authtoken",),
}

# The plugins that operators use, in the order in which their definition of an option wins.
FIRST_PLUGINS = ("password", "v3password", "token", "v3token", "v3applicationcredential")


def describe_type(kind: Any) -> dict[str, Any]:
    """Return the JSON description of an oslo.config type object (or of a plain callable used as one)."""
    from oslo_config import types

    if kind in (str, int, float):
        return {"kind": "python:" + kind.__name__}
    if getattr(kind, "__module__", "") == "nova.conf.utils" and kind.__name__ == "<lambda>":
        return {"kind": "ignored"}

    name = type(kind).__name__
    if name == "UnifiedLimitsResource":
        return {"kind": "string", "regex": unified_limits_pattern(kind)}
    if "CapNameOrInt" in (name, getattr(kind, "__name__", "")):
        from oslo_privsep import capabilities  # type: ignore[import-not-found]

        return {"kind": "capability", "names": dict(capabilities.CAPS_BYNAME)}
    if type(kind).__module__ != types.__name__:
        raise SystemExit("no description for the type %r of %s" % (kind, type(kind).__module__))
    if name in ("String", "MultiString"):
        found = {
            "kind": "string",
            "choices": list(kind.choices) if kind.choices is not None else None,
            "ignore_case": kind.ignore_case,
            "quotes": kind.quotes,
            "max_length": kind.max_length,
        }
        if kind.regex is not None:
            found["regex"] = kind.regex.pattern
            found["flags"] = kind.regex.flags & ~re.UNICODE
    elif name == "Boolean":
        found = {"kind": "boolean"}
    elif name in ("Integer", "Float", "Port"):
        found = {
            "kind": name.lower(),
            "min": kind.min,
            "max": kind.max,
            "choices": list(kind.choices) if kind.choices is not None else None,
        }
    elif name == "List":
        found = {
            "kind": "list",
            "item": describe_type(kind.item_type),
            "bounds": kind.bounds,
            "min_length": getattr(kind, "min_length", None),
        }
    elif name == "Dict":
        found = {
            "kind": "dict",
            "value": describe_type(kind.value_type),
            "bounds": kind.bounds,
            "separator": getattr(kind, "key_value_separator", ":"),
            "min_length": getattr(kind, "min_length", None),
        }
    elif name == "Range":
        found = {"kind": "range", "min": kind.min, "max": kind.max, "inclusive": kind.inclusive}
    elif name == "IPAddress":
        found = {"kind": "ip", "version": ip_version(kind)}
    elif name == "Hostname":
        found = {"kind": "hostname"}
    elif name == "HostAddress":
        found = {"kind": "host", "version": ip_version(kind.ip_address)}
    elif name == "HostDomain":
        found = {"kind": "hostdomain", "version": ip_version(kind.ip_address)}
    elif name == "URI":
        found = {
            "kind": "uri",
            "max_length": kind.max_length,
            "schemes": list(kind.schemes) if kind.schemes else None,
        }
    else:
        raise SystemExit("no description for the type %r" % name)
    if found.get("separator") == ":":
        del found["separator"]
    # A bound of 0 means something, a max_length of 0 does not.
    return {
        k: v for k, v in found.items() if v is not None and v is not False and (v != 0 or k in ("min", "max"))
    }


def unified_limits_pattern(kind: Any) -> str:
    """Return what ``nova.conf.quota.UnifiedLimitsResource.__call__`` accepts, as a regular expression."""
    import os_resource_classes  # type: ignore[import-not-found]

    names = set(kind.resources) | {"class:" + name for name in os_resource_classes.STANDARDS}
    return r"\A(?:%s|class:CUSTOM_[A-Z0-9_]+)\Z" % "|".join(sorted(names))


def ip_version(kind: Any) -> int | None:
    name = kind.version_checker.__name__
    return {"_check_ipv4": 4, "_check_ipv6": 6, "_check_both_versions": None}[name]


def first_sentence(text: str | None) -> str:
    words = " ".join((text or "").split())
    match = re.match(r"(.{3,}?[.:?!])(?= [A-Z(*`$<]|$)", words)
    words = match.group(1) if match else words
    return words if len(words) <= 160 else words[:157].rsplit(" ", 1)[0] + " ..."


def machine_values() -> tuple[tuple[str, str], ...]:
    """Return the (text, placeholder) pairs of this machine, longest first."""
    packages = sysconfig.get_paths()["purelib"]
    return ((packages, "<site-packages>"), (sys.prefix, "<prefix>"))


def portable(value: Any, exact: dict[str, str]) -> Any:
    if isinstance(value, str):
        if value in exact:
            return exact[value]
        for text, placeholder in machine_values():
            value = value.replace(text, placeholder)
        return value
    if isinstance(value, (list, tuple)):
        return [portable(item, exact) for item in value]
    if isinstance(value, dict):
        return {str(key): portable(item, exact) for key, item in value.items()}
    if value is None or isinstance(value, (bool, int, float)):
        return value
    raise SystemExit("default %r is not JSON" % (value,))


def describe(info: Any, exact: dict[str, str]) -> dict[str, Any]:
    """Return the OPTION of one entry of a ConfigOpts' table of options."""
    opt = info["opt"]
    default = info.get("default", opt.default)
    if "cpu_count" in str(opt.sample_default):
        default = "<cpus>"
    kind = type(opt).__name__
    builtin = kind in ("_ConfigFileOpt", "_ConfigDirOpt")
    found = {
        "name": opt.name if opt.name != opt.dest else None,
        # The types of these two are not types of oslo_config.types in every release.
        "type": {"kind": "list", "item": {"kind": "string"}} if builtin else describe_type(opt.type),
        "multi": opt.multi,
        "default": None if builtin else portable(default, exact),
        "deprecated": [
            [old.group if old.group is None else str(old.group), old.name]
            for old in opt.deprecated_opts
            if old.group or old.name
        ],
        "short": opt.short,
        "positional": opt.positional,
        "required": bool(opt.required),
        "mutable": opt.mutable,
        "secret": opt.secret,
        "deprecated_for_removal": opt.deprecated_for_removal,
        "deprecated_reason": " ".join(opt.deprecated_reason.split()) if opt.deprecated_reason else None,
        "deprecated_since": opt.deprecated_since,
        "help": first_sentence(opt.help),
    }
    return {
        key: value
        for key, value in found.items()
        if value is not None and (key == "default" or value not in (False, "", []))
    }


def options_of(conf: Any) -> dict[tuple[str, str], Any]:
    """Return {(group, dest): entry} of every option registered in a ConfigOpts."""
    from oslo_config import cfg

    found = {}
    for dest, info in conf._opts.items():
        found["DEFAULT", dest] = info
    for name, group in conf._groups.items():
        for dest, info in group._opts.items():
            found[name, dest] = info
    return {key: info for key, info in found.items() if not isinstance(info["opt"], cfg.SubCommandOpt)}


def cli_of(conf: Any) -> set[tuple[str, str]]:
    return {(cli["group"].name if cli["group"] else "DEFAULT", cli["opt"].dest) for cli in conf._cli_opts}


def start_nova() -> Any:
    import nova.config

    nova.config.parse_args(["nova-auditor"], default_config_files=[])
    return nova.config.CONF


def start_placement() -> Any:
    from oslo_config import cfg
    from oslo_log import log  # type: ignore[import-not-found]
    from placement import db_api, wsgi

    conf = cfg.ConfigOpts()
    with tempfile.NamedTemporaryFile("w", suffix=".conf") as file:
        # The one required option: only defaults are read from this ConfigOpts.
        file.write("[placement_database]\nconnection = sqlite://\n")
        file.flush()
        wsgi._parse_args(conf, ["nova-auditor"], default_config_files=[file.name])
    # As wsgi.setup_logging does, without touching the logging of this process.
    log.set_defaults(default_log_levels=log.get_default_log_levels() + ["routes=INFO"])
    db_api.configure(conf)
    return conf


def import_modules(package: str) -> None:
    """Import every module of a package that can be: what registers options on import does so now."""
    skipped = re.compile(
        r"\.(tests|cmd|wsgi|migrations|alembic|legacy_migrations|migrate_repo)(\.|$)|\.(monkey_patch|test)$"
    )
    root = importlib.import_module(package)
    stack = [(package, root)]
    while stack:
        name, module = stack.pop()
        for found in pkgutil.iter_modules(getattr(module, "__path__", ())):
            full = name + "." + found.name
            if skipped.search(full):
                continue
            try:
                stack.append((full, importlib.import_module(full)))
            except (ImportError, AttributeError) as problem:
                # AttributeError: an old pyOpenSSL under a new cryptography.
                print("not imported: %s (%s)" % (full, problem), file=sys.stderr)


def register(conf: Any, opts: Iterable[Any], group: str | None) -> None:
    from oslo_config import cfg

    for opt in opts:
        if isinstance(opt, cfg.SubCommandOpt):
            continue
        try:
            conf.register_opt(opt, group=group)
        except cfg.DuplicateOptError:
            # The registered object is the one a service has; the listed one differs in default or help only.
            print("kept as registered: [%s] %s" % (getattr(group, "name", group), opt.dest), file=sys.stderr)


def register_late(project: str, conf: Any) -> None:
    """Register what the project's libraries register later than at start."""
    listed = {point.name: point for point in entry_points("oslo.config.opts")}
    for namespace in NAMESPACES[project]:
        if namespace not in listed:
            print("no namespace %s" % namespace, file=sys.stderr)
            continue
        for group, opts in listed[namespace].load()():
            name = getattr(group, "name", group)
            register(conf, opts, None if name in (None, "DEFAULT") else name)
    if project == "nova":
        register_per_value(conf)


def register_per_value(conf: Any) -> None:
    """Register the groups that nova makes for values of other options, under a name with an asterisk."""
    import nova.conf.devices
    import nova.conf.neutron

    types_option = "enabled_mdev_types" if "enabled_mdev_types" in conf.devices else "enabled_vgpu_types"
    conf.set_override(types_option, ["*"], "devices")
    conf.set_override("physnets", ["*"], "neutron")
    nova.conf.devices.register_dynamic_opts(conf)
    nova.conf.neutron.register_dynamic_opts(conf)
    conf.clear_override(types_option, "devices")
    conf.clear_override("physnets", "neutron")


def register_plugins(project: str, conf: Any) -> set[tuple[str, str]]:
    """Register the options of every auth plugin in every group that can name one; return their keys."""
    from keystoneauth1 import loading

    # Not get_available_plugin_names: it leaves out what lacks an optional library here.
    points = {point.name: point for point in entry_points("keystoneauth1.plugin")}
    order = [name for name in FIRST_PLUGINS if name in points] + sorted(set(points) - set(FIRST_PLUGINS))
    merged: dict[str, Any] = {}
    for plugin in order:
        for opt in loading.get_auth_plugin_conf_options(points[plugin].load()()):
            known = merged.setdefault(opt.dest, opt)
            known.secret = known.secret or opt.secret
            # Required by one plugin is not required by the section.
            known.required = False
            for old in opt.deprecated_opts:
                if old.name not in [other.name for other in known.deprecated_opts] + [known.dest]:
                    known.deprecated_opts.append(old)

    groups = {group for group, dest in options_of(conf) if dest == "auth_type"} | set(PLUGIN_GROUPS[project])
    added = set()
    for group in sorted(groups):
        register(conf, loading.get_auth_common_conf_options(), group)
        for dest, opt in merged.items():
            if (group, dest) not in options_of(conf):
                conf.register_opt(opt, group=group)
                added.add((group, dest))
    return added


def entry_points(group: str) -> Iterable[Any]:
    points = importlib.metadata.entry_points()
    return points.select(group=group) if hasattr(points, "select") else points.get(group, ())


def read_project(project: str, also: list[str]) -> dict[str, dict[str, dict[str, Any]]]:
    """Return {group: {dest: OPTION}} of one project; runs once per process."""
    conf = {"nova": start_nova, "placement": start_placement}[project]()
    overridden = [key for key, info in options_of(conf).items() if "override" in info]
    if overridden:
        raise SystemExit("set_override at start: %s" % overridden)
    plain = set(options_of(conf))
    cli = cli_of(conf)

    sys.path.extend(also)
    if project == "nova":
        for package in (
            "nova",
            "vif_plug_ovs",
            "vif_plug_linux_bridge",
            "os_brick",
            "oslo_messaging",
            "oslo_limit",
        ):
            try:
                import_modules(package)
            except ImportError as problem:
                print("not imported: %s (%s)" % (package, problem), file=sys.stderr)
    # Before the listed options: nova.conf lists those of two plugins among its own.
    plugins = register_plugins(project, conf)
    register_late(project, conf)

    exact = {socket.gethostname(): "<hostname>", os.path.basename(sys.argv[0]): "<program>"}
    if project == "nova":
        from oslo_utils import netutils  # type: ignore[import-not-found]

        exact[netutils.get_my_ipv4()] = "<ip>"
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for (group, dest), info in options_of(conf).items():
        option = describe(info, exact)
        if (group, dest) in cli:
            option["cli"] = True
        if (group, dest) in plugins:
            option["plugin"] = True
        if (group, dest) not in plain:
            option["late"] = True
        found.setdefault(group, {})[dest] = option
    return found


def command_line_of(command: str) -> list[tuple[str, str]]:
    """Return the (group, dest) pairs that importing one nova command registers for the command line."""
    if importlib.util.find_spec("nova.cmd." + command) is None:
        return []
    importlib.import_module("nova.cmd." + command)
    import nova.conf

    return sorted(cli_of(nova.conf.CONF))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--project", choices=("nova", "placement"))
    parser.add_argument("--command")
    parser.add_argument("--also", action="append", default=[])
    arguments = parser.parse_args()
    # This script's own directory must not answer imports of the environment.
    sys.path.pop(0)

    # Libraries print warnings while they are imported.
    report, sys.stdout = sys.stdout, sys.stderr
    if arguments.command:
        found: Any = command_line_of(arguments.command)
    else:
        found = read_project(arguments.project, arguments.also)
    json.dump(found, report)


if __name__ == "__main__":
    main()
