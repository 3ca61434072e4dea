"""Write the option definitions of one Nova release, read from the Opt objects that its own code registers.

    /path/to/venv/bin/python auditor/releases/introspect.py --release 2025.1 -o auditor/releases/data/2025.1.json.gz

Runs under the interpreter of an environment that has nova and openstack-placement installed (Python 3.8 or
later); nothing of this project is imported. Each project is read in a process of its own (``registered.py``), because libraries
keep their defaults in module globals. ``--also DIR`` adds a directory (``pip install --target``) with optional
libraries that deployments have and the environment has not (osprofiler); it is added after the service has
"started", so that the options of these libraries are marked late.

Three layers of options:

plain   in the project's ConfigOpts when a service has started (``nova.config.parse_args`` with no file, or what
        ``placement.wsgi.init_application`` does before it loads the application)
late    registered afterwards, when a module is imported or a feature is used: "late": true
plugin  registered when keystoneauth loads the plugin that ``auth_type`` names: "plugin": true (and late)

The file: ``{"schema": 1, "release", "nova", "placement", "libraries": {distribution: version},
"projects": {"nova" | "placement": {GROUP: {DEST: OPTION}}}}``. GROUP is the name as registered; ``mdev_*`` and
``neutron_physnet_*`` stand for the groups that nova makes per device type and per physical network
(``nova.conf.devices``, ``nova.conf.neutron``: ``register_dynamic_opts``). OPTION (absent keys are false or null):

name         as declared, when it is not DEST
type         {"kind": ...} and the constructor's attributes that parsing depends on, see ``describe_type``
multi        may be repeated (MultiOpt); the type is then that of one value
default      the effective default: ``set_defaults`` and ``set_default`` applied
deprecated   [[group or null, name or null], ...] as declared, and the underscore forms that oslo.config adds;
             null is the option's own group, or its dest
cli          registered as a command line option in every service
cli_in       the nova commands that register it as one (``nova.cmd.*``), when not every service does
short        one-letter command line option
positional, required, mutable, secret, deprecated_for_removal   as declared
deprecated_reason, deprecated_since, help                        text; help is its first sentence
late, plugin                                                     see above

Values of the machine that ran this are replaced: ``<site-packages>``, ``<hostname>``, ``<ip>``, ``<prefix>``,
``<cpus>``, ``<program>``.
"""

from __future__ import annotations

import argparse
import gzip
import importlib.metadata
import io
import json
import os
import re
import subprocess
import sys
import tempfile
from typing import Any

SCHEMA = 1

HERE = os.path.dirname(os.path.abspath(__file__))

NOVA_COMMANDS = (
    "api", "api_metadata", "api_os_compute", "compute", "conductor", "novncproxy", "scheduler", "serialproxy",
    "spicehtml5proxy",
)  # fmt: skip


def child(*arguments: str) -> Any:
    """Run ``registered.py`` in a process of its own, away from this user's configuration; return what it prints."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("OS_")}
    command = [sys.executable, os.path.join(HERE, "registered.py"), *arguments]
    with tempfile.TemporaryDirectory() as home:
        environment["HOME"] = home
        run = subprocess.run(command, stdout=subprocess.PIPE, env=environment)
    if run.returncode:
        raise SystemExit("failed: %s" % " ".join(command))
    return json.loads(run.stdout)


def add_commands(options: dict[str, dict[str, dict[str, Any]]]) -> None:
    """Note on nova's options which commands read them from their command line too."""
    for command in NOVA_COMMANDS:
        found = child("--command", command)
        for group, dest in found:
            option = options.get(group, {}).get(dest)
            if option is not None and not option.get("cli"):
                option.setdefault("cli_in", []).append("nova-" + command.replace("_", "-"))


def versions(release: str, also: list[str]) -> dict[str, str]:
    def canonical(name: str) -> str:
        return re.sub(r"[-_.]+", "-", name).lower()

    installed: dict[str, str] = {}
    for path in (None, also):
        found = (
            importlib.metadata.distributions()
            if path is None
            else importlib.metadata.distributions(path=path)
        )
        for distribution in found:
            installed.setdefault(canonical(distribution.metadata["Name"]), distribution.version)
    with open(os.path.join(HERE, "pins.json")) as file:
        pins = json.load(file)
    known = {name: installed[canonical(name)] for name in pins["relevant"] if canonical(name) in installed}
    known.update(pins["pins"].get(release, {}))
    return known


def write(path: str, document: Any) -> None:
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    buffer = io.BytesIO()
    # No name and no time in the header: the same input gives the same bytes.
    with gzip.GzipFile(filename="", mode="wb", fileobj=buffer, mtime=0, compresslevel=9) as file:
        file.write(text.encode())
    with open(path, "wb") as out:
        out.write(buffer.getvalue())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument(
        "--release", required=True, help="the name under which the project knows this release, as 2025.1"
    )
    parser.add_argument("-o", "--output", required=True, help="where to write the .json.gz")
    parser.add_argument("--also", action="append", default=[], help="a directory with optional libraries")
    arguments = parser.parse_args()

    also = [word for directory in arguments.also for word in ("--also", directory)]
    projects = {project: child("--project", project, *also) for project in ("nova", "placement")}
    add_commands(projects["nova"])
    libraries = versions(arguments.release, arguments.also)
    document = {
        "schema": SCHEMA,
        "release": arguments.release,
        "nova": libraries["nova"],
        "placement": libraries["openstack-placement"],
        "libraries": libraries,
        "projects": projects,
    }
    write(arguments.output, document)


if __name__ == "__main__":
    main()
