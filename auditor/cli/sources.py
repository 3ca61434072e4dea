"""Where evidence comes from, as the command line says: the doors, shared by the commands that look at hosts."""

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from auditor.cli.sections import section
from auditor.cli.targets import OPTIONS as TREES
from auditor.errors import UsageError
from auditor.evidence import Document, Lost
from auditor.model import Target

if TYPE_CHECKING:
    from auditor.collect import Options

_Command = TypeVar("_Command", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Opened:
    """An open door: the expected hosts (None where the evidence itself says which), their groups, what they give."""

    targets: tuple[Target, ...] | None
    groups: Mapping[str, Sequence[str]]
    documents: Iterator[Document | Lost]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """The options of the doors; each is documented where it is declared, below.

    Raises:
        UsageError: they name several doors, or belong to another door than the one that is named.
    """

    roots: tuple[str, ...] = ()
    name: str | None = None
    config_files: tuple[str, ...] = ()
    config_dirs: tuple[str, ...] = ()
    service: str | None = None
    inventories: tuple[str, ...] = ()
    limit: str | None = None
    forks: int | None = None
    become: bool = False
    asks_become_password: bool = False
    user: str | None = None
    private_key: Path | None = None
    vault_password_files: tuple[Path, ...] = ()
    extra_vars: tuple[str, ...] = ()
    via: str | None = None
    hosts: tuple[str, ...] = ()
    manifest: Path | None = None
    salt_file: Path | None = None
    evidence: tuple[Path, ...] = ()
    expect: str | None = None
    max_age: str | None = None
    timeout: float | None = None
    live: bool = False
    cells: bool = False
    servers: bool = False
    probe: str | None = None

    def __post_init__(self) -> None:
        doors = {
            "--root": self.roots,
            "-i": self.inventories,
            "--hosts": self.hosts,
            "--manifest": self.manifest,
            "--evidence": self.evidence,
        }
        named = [name for name, value in doors.items() if value]
        if named and self.name is not None:
            raise UsageError(f"--name is for this host, not for what {named[0]} looks at; leave it away")
        if len(named) > 1:
            raise UsageError(f"{' and '.join(named)} are two ways to look; give one of them")
        self._refuse("-i INVENTORY", self.inventories, self._of_ansible())
        self._refuse("--evidence BUNDLE", self.evidence, {"--expect": self.expect})
        self._refuse("--expect INVENTORY", self.expect, {"--max-age": self.max_age})
        asked = {
            "--config-file": self.config_files,
            "--config-dir": self.config_dirs,
            "--service": self.service,
            "--salt-file": self.salt_file,
        }
        if self.evidence:
            self._refuse("another way to look", None, asked)
        if self.manifest:
            self._refuse(
                "another way to look", None, {name: asked[name] for name in asked if "config" in name}
            )
        for option, is_given in {
            "--live": self.live,
            "--cells": self.cells,
            "--servers": self.servers,
        }.items():
            if is_given and (self.roots or self.manifest):
                door = "--root" if self.roots else "--manifest"
                raise UsageError(
                    f"{option} asks what runs, and nothing runs in the files of {door}; leave it away"
                )
        if self.probe is not None:
            self._check_probe(named)
        if self.inventories or self.hosts:
            relative = [path for path in (*self.config_files, *self.config_dirs) if not path.startswith("/")]
            if relative:
                raise UsageError(f"{relative[0]}: give its path on the hosts, from /")

    def _check_probe(self, doors: Sequence[str]) -> None:
        from auditor.collect.installed import check_path

        check_path(str(self.probe))
        files = [
            *doors,
            *["--config-file"] * bool(self.config_files),
            *["--config-dir"] * bool(self.config_dirs),
        ]
        wrong = next((name for name in files if name not in ("-i", "--hosts")), None)
        if wrong is not None:
            raise UsageError(
                f"--probe asks what is installed on a running host, and {wrong} names something else; leave one away"
            )

    def _of_ansible(self) -> Mapping[str, object]:
        return {
            "--limit": self.limit,
            "--forks": self.forks,
            "--become": self.become,
            "-K": self.asks_become_password,
            "--user": self.user,
            "--private-key": self.private_key,
            "--vault-password-file": self.vault_password_files,
            "--extra-vars": self.extra_vars,
            "--via": self.via,
        }

    def _refuse(self, owner: str, door: object, options: Mapping[str, object]) -> None:
        wrong = next((name for name, value in options.items() if value), None)
        if wrong is not None and not door:
            raise UsageError(f"{wrong} belongs to {owner}; leave it away, or give that")

    @property
    def asked(self) -> frozenset[str]:
        """The kinds of evidence that are asked for beyond what every run asks for, or that are judged of a bundle."""
        given = {"wire": self.live, "cells": self.cells, "servers": self.servers}
        return frozenset(kind for kind, is_given in given.items() if is_given)

    @contextmanager
    def open(self, jobs: int, release: str | None = None) -> Iterator[Opened]:
        """Open the door for the time of a `with`; it freezes the expected hosts at once.

        Args:
            jobs: how many hosts are asked at a time, where that is ours to say.
            release: the operator's word on services that show none.

        Raises:
            AuditorError: what the operator named cannot be used.
        """
        with self._opened(jobs, release) as opened, closing(_as_generator(opened.documents)) as documents:
            yield Opened(opened.targets, opened.groups, documents)

    @contextmanager
    def _opened(self, jobs: int, release: str | None) -> Iterator[Opened]:
        if self.evidence:
            yield self._from_bundles()
        elif self.inventories:
            yield self._over_ansible(release)
        elif self.manifest is not None:
            from auditor.collect.manifest import open_manifest

            source = None if str(self.manifest) == "-" else self.manifest
            with open_manifest(source, self._options(release), release=release, jobs=jobs) as (
                targets,
                documents,
            ):
                yield Opened(targets, {}, documents)
        else:
            yield self._one_by_one(jobs, release)

    def _one_by_one(self, jobs: int, release: str | None) -> Opened:
        from auditor.collect import collect

        if self.hosts:
            from auditor.collect import testinfra

            targets = testinfra.hosts(self.hosts)
            # They are waited for, not worked for.
            waits = max(jobs, min(len(targets), 16))
            documents = collect(targets, self._options(release), collector="testinfra", jobs=waits)
            return Opened(targets, testinfra.groups(targets), documents)
        from auditor.collect.targets import read

        targets = read(self.roots, self.name)
        return Opened(targets, {}, collect(targets, self._options(release), jobs=jobs))

    def _over_ansible(self, release: str | None) -> Opened:
        from auditor.collect import ansible

        fleet = ansible.Fleet(
            self.inventories,
            limit=self.limit,
            forks=self.forks,
            become=self.become or self.asks_become_password,
            become_password=_ask("BECOME password") if self.asks_become_password else None,
            user=self.user,
            private_key=self.private_key,
            vault_password_files=self.vault_password_files,
            extra_vars=self.extra_vars,
            via=self.via,
        )
        options = self._options(release)
        frozen = ansible.freeze(fleet)
        return Opened(frozen.targets, frozen.groups, ansible.collect(fleet, frozen, options))

    def _from_bundles(self) -> Opened:
        if self.expect is None:
            from auditor.collect import bundle

            return Opened(None, {}, bundle.read(self.evidence))
        from auditor.collect.ages import read_age
        from auditor.collect.merged import merge

        max_age = None if self.max_age is None else read_age(self.max_age)
        targets, groups = _expected(self.expect)
        return Opened(targets, groups, merge(self.evidence, targets, max_age, datetime.now(UTC)))

    @property
    def doubt(self) -> str | None:
        """Why nobody vouches for the hosts of the evidence or for its age, None where somebody does."""
        if self.expect is not None:
            return None if self.max_age is not None else "--max-age does not say how old evidence may be"
        return "no --expect says which hosts the bundles must hold" if len(self.evidence) > 1 else None

    def _options(self, release: str | None) -> "Options":
        from auditor.collect import FURTHER, Options, salt

        return Options(
            self.config_files,
            self.config_dirs,
            self.service,
            self.timeout,
            salt=salt.fresh() if self.salt_file is None else salt.read(self.salt_file),
            live=self.live,
            ask=tuple(kind for kind in FURTHER if kind in self.asked),
            release=release,
            probe=self.probe,
        )


def _expected(inventory: str) -> tuple[tuple[Target, ...], Mapping[str, Sequence[str]]]:
    """The hosts of a plain list of names, or of an inventory of Ansible's with their groups."""
    from auditor.collect.expected import is_plain, read_names

    if "," not in inventory and is_plain(Path(inventory)):
        return read_names(Path(inventory)), {}
    from auditor.collect import ansible

    frozen = ansible.freeze(ansible.Fleet((inventory,)))
    return frozen.targets, frozen.groups


def _as_generator(documents: Iterator[Document | Lost]) -> Any:
    # What is closed ends its work at once: an interrupted run leaves no Ansible behind.
    return documents if hasattr(documents, "close") else (document for document in documents)


def _ask(what: str) -> str:
    password: str = click.prompt(what, hide_input=True, err=True)
    return password


def source_options(*, judges: bool, asks: bool = True) -> Callable[[_Command], _Command]:
    """Add the options of the doors to a command, which is called with them as one argument, ``sources``.

    Args:
        judges: the command judges evidence, and so also takes what was collected before.
        asks: it takes the options that ask for more than what lies there.
    """
    options = [*_DOORS, *(_EVIDENCE if judges else ()), *(_FURTHER if asks else ())]

    def add(command: _Command) -> _Command:
        @functools.wraps(command)
        def with_sources(*args: Any, **values: Any) -> Any:
            asked = {name: values.pop(name) for name in Sources.__dataclass_fields__ if name in values}
            return command(*args, sources=Sources(**asked), **values)

        decorated: Any = with_sources
        for option in reversed(options):
            decorated = option(decorated)
        return decorated  # type: ignore[no-any-return]

    return add


_option = section("Where to look")
_ansible = section("Over Ansible")

_FILE = click.Path(path_type=Path, readable=False)

_DOORS: tuple[Callable[[Any], Any], ...] = (
    *TREES,
    _option(
        "--name", metavar="NAME", help="What this host is called in the inventory, if not by its host name."
    ),
    _ansible(
        "-i",
        "--inventory",
        "inventories",
        multiple=True,
        metavar="INVENTORY",
        help="Look at the hosts of an Ansible inventory: a file, a folder, or hosts with a comma; repeatable.",
    ),
    _ansible("-l", "--limit", metavar="PATTERN", help="Only hosts of the inventory that match."),
    _ansible(
        "--forks",
        type=click.IntRange(1, 1000),
        metavar="N",
        help="How many hosts Ansible looks at at a time.",
    ),
    _ansible("-b", "--become", is_flag=True, help="Become root on the hosts, as Ansible is told to."),
    _ansible(
        "-K", "--ask-become-pass", "asks_become_password", is_flag=True, help="Ask for the password of that."
    ),
    _ansible("-u", "--user", metavar="NAME", help="Log in as this user."),
    _ansible("--private-key", type=_FILE, metavar="FILE", help="Log in with this key."),
    _ansible(
        "--vault-password-file",
        "vault_password_files",
        type=_FILE,
        multiple=True,
        metavar="FILE",
        help="Where the password of the inventory's vault is; repeatable.",
    ),
    _ansible(
        "-e",
        "--extra-vars",
        multiple=True,
        metavar="NAME=VALUE|@FILE",
        help="Variables for Ansible, such as nova_auditor_release=2025.1; repeatable.",
    ),
    _ansible(
        "--via",
        metavar="COMMAND",
        help="Run Ansible elsewhere: a shell command that carries the job to an `ansible-runner worker`.",
    ),
    _option(
        "--hosts",
        multiple=True,
        metavar="SPEC",
        help="Look at hosts without Ansible: ssh://, podman://, docker://, kubectl://, ansible:// of testinfra.",
    ),
    _option(
        "--manifest",
        type=_FILE,
        metavar="FILE|-",
        help="Look at what `helm template` renders: workloads, Secrets and ConfigMaps.",
    ),
    _option(
        "--salt-file",
        type=_FILE,
        metavar="FILE",
        help="A secret that hosts share, so that equal passwords are seen as equal across runs; 0600.",
    ),
    _option(
        "--probe",
        metavar="PATH",
        help="Ask the probe that is installed there, by sudo's rule for it, instead of becoming root; see `nova-auditor probe`.",
    ),
    _option(
        "--timeout",
        type=click.IntRange(1, 3600),
        metavar="SECONDS",
        help="How long a host may take to answer; by default 20 seconds, and more with --live, --cells, --servers.",
    ),
)

_further = section("What is asked besides")

_FURTHER: tuple[Callable[[Any], Any], ...] = (
    _further(
        "--live",
        is_flag=True,
        help="Have each host ask the endpoints of its services how they speak TLS, once; nobody logs in.",
    ),
    _further(
        "--cells",
        is_flag=True,
        help="List the cells with `nova-manage`, run as the service's own user.",
    ),
    _further(
        "--servers",
        is_flag=True,
        help="Ask the RabbitMQ, MariaDB and PostgreSQL servers of a host for their settings, as their own users.",
    ),
)

_EVIDENCE: tuple[Callable[[Any], Any], ...] = (
    _option(
        "--evidence",
        multiple=True,
        type=_FILE,
        metavar="PATH",
        help="Judge collected evidence, a bundle or one file, instead of looking at a host; repeatable. "
        "--live, --cells and --servers say what of it is judged besides.",
    ),
    _option(
        "--expect",
        metavar="INVENTORY",
        help="The hosts that evidence must come from: an Ansible inventory, or a file with a name on each line.",
    ),
    _option(
        "--max-age", metavar="AGE", help="How old evidence may be: 24h, 90m, 7d. Older hosts are not audited."
    ),
)
