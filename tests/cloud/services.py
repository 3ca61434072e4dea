"""How the services of a plane are started: as packages, DevStack and operators do, each a little differently."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.cloud.configuration import Ends, file_of

NOVA, PLACEMENT = "nova", "placement"


@dataclass(frozen=True, slots=True)
class Service:
    """A service: whose it is, where it runs and logs, how it is started, and what its log says when it is ready."""

    user: str
    folder: Path
    command: tuple[str | Path, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    ready: str = ""


def services(folder: Path, ends: Ends) -> Mapping[str, Service]:
    """The services of a plane by name, in the order in which they start."""
    etc, programs = folder / "etc", folder / "venv" / "bin"

    def daemon(name: str, program: str, ready: str, *files: str) -> Service:
        named = [word for file in files for word in ("--config-file", etc / "nova" / file)]
        return Service(NOVA, folder / name, (programs / program, *named), {}, ready)

    return {
        "placement": placement(folder, ends),
        "conductor": daemon("conductor", "nova-conductor", "Starting conductor node", file_of()),
        "scheduler": daemon("scheduler", "nova-scheduler", "Starting scheduler node", file_of()),
        **{
            cell: daemon(cell, "nova-conductor", "Starting conductor node", file_of(cell))
            for cell in ("cell1", "cell2")
        },
        "api": api(folder, ends),
    }


def api(folder: Path, ends: Ends) -> Service:
    """The compute API: a script in Zed, a module in 2026.2."""
    environment = {"OS_NOVA_CONFIG_DIR": str(folder / "etc" / "nova")}
    application = (
        {"wsgi-file": str(folder / "venv" / "bin" / "nova-api-wsgi")}
        if ends.release == "zed"
        else {"module": "nova.wsgi.osapi_compute:application"}
    )
    options = {"procname-prefix": "nova-api ", **uwsgi(folder, NOVA, ends.api), **application}
    return Service(NOVA, folder / "api", ("uwsgi", *words(options)), environment, READY)


def placement(folder: Path, ends: Ends) -> Service:
    """Placement: told by an .ini file in Zed, by arguments in 2026.2."""
    environment = {"OS_PLACEMENT_CONFIG_DIR": str(folder / "etc" / "placement")}
    options = (
        {"ini": str(folder / "etc" / "placement" / "placement-uwsgi.ini")}
        if ends.release == "zed"
        else {**uwsgi(folder, PLACEMENT, ends.placement), "module": "placement.wsgi.api:application"}
    )
    return Service(PLACEMENT, folder / "placement", ("uwsgi", *words(options)), environment, READY)


def placement_ini(folder: Path, ends: Ends) -> str:
    """The .ini file of uWSGI for Zed's placement."""
    script = {"wsgi-file": str(folder / "venv" / "bin" / "placement-api")}
    options = {**uwsgi(folder, PLACEMENT, ends.placement), **script}
    return "\n".join(["[uwsgi]", *(f"{name} = {value}" for name, value in options.items()), ""])


#: What uWSGI says when a worker has loaded its application.
READY = "WSGI app 0 (mountpoint='') ready"


def uwsgi(folder: Path, user: str, port: int) -> Mapping[str, str]:
    """The options of uWSGI with their values: HTTPS, a master and two workers."""
    own = folder / f"{user}.pem"
    return {
        "plugin": "python3",
        "master": "true",
        "processes": "2",
        "enable-threads": "true",
        "lazy-apps": "true",
        "need-app": "true",
        "die-on-term": "true",
        "virtualenv": str(folder / "venv"),
        "https-socket": f"127.0.0.1:{port},{own},{own}",
    }


def words(options: Mapping[str, str]) -> tuple[str, ...]:
    """Options of uWSGI on its command line, where what is true has no value."""
    return tuple(
        word
        for name, value in options.items()
        for word in (f"--{name}", *(() if value == "true" else (value,)))
    )
