"""A fleet as the operator names it, and as it is expected."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from auditor.model import Target


@dataclass(frozen=True, slots=True)
class Fleet:
    """Which hosts, and how Ansible reaches them: the options of the same names of ``ansible-playbook``.

    ``inventories`` are paths, or host lists with a comma. ``via`` is a shell command that carries the job of
    ``ansible-runner transmit`` to an ``ansible-runner worker`` elsewhere, and its answer back. ``reach`` is how many
    seconds a host may take beyond the probe's own: to be reached, to become root, to start Python.
    """

    inventories: tuple[str, ...]
    limit: str | None = None
    forks: int | None = None
    become: bool = False
    become_password: str | None = field(default=None, repr=False)
    user: str | None = None
    private_key: Path | None = None
    vault_password_files: tuple[Path, ...] = ()
    extra_vars: tuple[str, ...] = field(default=(), repr=False)
    via: str | None = None
    reach: int = 30


@dataclass(frozen=True, slots=True)
class Frozen:
    """The hosts that a fleet is expected to have, in the inventory's order, and the groups of each."""

    targets: tuple[Target, ...]
    groups: Mapping[str, tuple[str, ...]]
