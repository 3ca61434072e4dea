"""The page ``docs/reference/what-the-probe-reads.md``, from the tables of the probe itself."""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from auditor.answers import PROTOCOLS
from auditor.collect import FILE_BYTES, FILES, FURTHER_SECONDS, LIVE_SECONDS, SECONDS
from auditor.evidence import FORMATS
from auditor.probe import cells, door, formats, mysqld, postgres, processes, rabbitmq, schema

PAGE = Path("docs/reference/what-the-probe-reads.md")

#: Entries of /proc/PID that are read, and what for. ``tests/test_reads.py`` holds the probe's source against both tables.
PROC: Mapping[str, str] = {
    "stat, status": "the parent, the start, the users of a process",
    "cmdline, comm": "what it is, with which arguments",
    "exe, cwd": "which program, where its relative paths begin",
    "environ": "variables that configure a service; of others neither names nor values leave",
    "cgroup, mountinfo": "its unit, and which container it is in",
    "root": "the files of its container, as the service sees them",
    "maps": "which Python environment it has loaded: the paths of files only",
    "fd, net/tcp, net/tcp6, ns/net": "which sockets are its own, whom it is connected to, who listens",
    "ns/user, uid_map, gid_map, ns/mnt ...": "with `--cells` and `--servers`: as whom and where a program is run; with the "
    "installed probe, with `loginuid`: whose process it is",
}

#: Entries of proc(5) that tell of content, or that change something: none is opened, whatever is asked.
NEVER_PROC = (
    "mem",
    "auxv",
    "syscall",
    "smaps",
    "pagemap",
    "clear_refs",
    "coredump_filter",
    "kcore",
    "kmsg",
    "sysrq-trigger",
)

_FILES: Mapping[str, tuple[str, str]] = {
    "oslo": (
        "`nova.conf`, `placement.conf` and what they are completed by",
        "values on the list below; tokens for the rest",
    ),
    "my.cnf": (
        "option files of MySQL clients that a connection names",
        "the options that concern TLS and where it connects",
    ),
    "logging": ("`logging.conf`", "loggers, levels, handlers; read as text, never evaluated"),
    "paste": ("`api-paste.ini`", "what `keystonemiddleware` is told"),
    "policy": ("`policy.yaml`", "rules of the form of a rule"),
    "pem": ("certificates and authorities", "CERTIFICATE blocks only; of keys nothing"),
    "environment": ("files that units and scripts read variables from", "variables on the list"),
    "unit": ("systemd units and their drop-ins", "what starts a service, with its arguments redacted"),
    "kolla": ("`config.json` of kolla's containers", "which file goes where"),
    "folder": ("folders of authorities", "the names that OpenSSL looks for"),
    "other": ("log files, keys, scripts, folders that an option names", "nothing: owner, mode, size, time"),
}


def page() -> str:
    """The page as it should be now."""
    return "\n".join(_lines()).rstrip() + "\n"


def _lines() -> Iterator[str]:
    yield from (
        "# What the probe reads, and what it never does",
        "",
        "Made from the tables that the probe itself goes by. What is not here it does not do: a test traces its system calls.",
        "",
        (
            "The probe is a program in Python's standard library that is piped to the host, answers once, and is gone. "
            f"It looks at no more than {FILES:,} files of {FILE_BYTES >> 20} MiB and {processes.MOST:,} processes "
            f"in {SECONDS} seconds (`--timeout` changes that), and says what it left out. "
            "It opens nothing for writing, imports and evaluates nothing that it finds, and reads regular files only: no device, "
            "no pipe, no link out of the root that it looks at."
        ),
        "",
        "## Without further options",
        "",
        "No program is run, no connection is made, no name is resolved.",
        "",
        "| /proc/PID/ | for |",
        "|---|---|",
        *(
            f"| {', '.join(f'`{name}`' for name in names.split(', '))} | {why} |"
            for names, why in PROC.items()
        ),
        "",
        (
            f"Never: {', '.join(f'`{name}`' for name in NEVER_PROC)}, nor `ptrace`. Most entries are read of processes that may be "
            "Nova's, placement's or a web server's by their command line; of all others the command line and the sockets are looked at."
        ),
        "",
        "| files | which | what of them leaves the host |",
        "|---|---|---|",
        *(f"| {_text_or_not(name)} | {_FILES[name][0]} | {_FILES[name][1]} |" for name in FORMATS),
        "",
        (
            "Besides: the metadata of installed Python distributions (`*.dist-info`, `*.egg-info`), a few marked lines of their source "
            "as text, `/etc/passwd`, `/etc/group`, `/etc/hosts`, and what docker and podman keep of the names of containers. "
            "[Where configuration is looked for](layouts.md) names the folders."
        ),
        "",
        _allowed(),
        "",
        "A private key never leaves and is never shown; whether it fits its certificate is judged on the host, in memory.",
        "",
        "## `--live`: the endpoints of the configuration",
        "",
        (
            f"A second program, with no code to read configuration, makes one handshake per endpoint and host, within {LIVE_SECONDS} "
            f"seconds: {_list(sorted({*PROTOCOLS.values(), 'https'}))}. It resolves their names, offers TLS, "
            "takes the certificates and hangs up. Nobody logs in; nothing is asked of the other side, and no other port is tried. "
            "Where the configuration names a client's certificate, that and its key are used on the host as the service would."
        ),
        "",
        "## `--cells`: the table of cells",
        "",
        (
            f"For services of the roles {_list(cells.ROLES)}, `nova-manage cell_v2 list_cells` of the service's own installation is "
            "run with the service's own files, as the service's own user and never as root, without input, without rights to gain, "
            f"without a file to write, within {cells.SECONDS:g} seconds. It reads the API database, and masks the passwords. Whatever it started is "
            "ended with it."
        ),
        "",
        "## `--servers`: brokers and databases of the host",
        "",
        (
            "Each is asked by its own client, as its own user and never as root, through its own socket, within "
            f"{FURTHER_SECONDS} seconds:"
        ),
        "",
        "| server | what is run | settings that are taken |",
        "|---|---|---|",
        f"| RabbitMQ | `rabbitmqctl environment`, `status`, `list_users` | {_names(rabbitmq.KINDS)} |",
        f"| MariaDB, MySQL | `SHOW GLOBAL VARIABLES`; name, host, TLS and lock of the accounts | {_names(mysqld.KINDS)} |",
        f"| PostgreSQL | `pg_settings`, `pg_hba_file_rules`, `pg_roles`, read-only | {_names(postgres.KINDS)} |",
        "",
        "No table of Nova's is read, and no hash of a password. Where a server cannot be asked, its own files are read for the same.",
        "",
        "## The installed probe",
        "",
        (
            f"It takes one line of JSON of at most {door.MOST >> 10} KiB with exactly these keys: "
            f"{_list([f'`{key}`' for key in door._KEYS])}. "
            "No path can be named, neither a root nor a file; it connects nowhere, and can run programs only where it was written with "
            "`--allow cells` or `--allow servers`. See [least privilege](../how-to/least-privilege.md)."
        ),
        "",
    )


def _text_or_not(name: str) -> str:
    return f"`{name}`" if name in formats._REDACTORS or name == "folder" else f"`{name}` (metadata)"


def _allowed() -> str:
    content = json.loads((Path(schema.__file__).parent / "allowed.json").read_text())
    known = sum(len(names) for names in content["groups"].values())
    withheld = sum(len(text.split()) for text in content["withheld"].values())
    return (
        f"Of {known + withheld:,} options under all their names in nine releases, {known:,} are reviewed and let their value leave, and only where it has the form "
        f"that the option's type demands; {withheld:,}, and whatever nobody knows, never do. In their place stands a "
        "[token](glossary.md#what-is-withheld-and-what-is-known-of-it)."
    )


def _names(kinds: Iterable[str]) -> str:
    return _list([f"`{name.rstrip('.')}`" for name in kinds])


def _list(names: Iterable[str]) -> str:
    return ", ".join(names)
