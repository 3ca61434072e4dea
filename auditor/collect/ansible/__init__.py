"""The fleet door: many hosts at once through Ansible, driven by ansible-runner.

    inventory (ansible-inventory) -> expected hosts, frozen -> one play, one task per host -> answers as they come

Ansible runs in a process of its own that knows only the environment it needs (`settings`), in a private folder
(`auditor.collect.private`). Nothing it prints or stores is kept; what a host withholds becomes `Lost`.
"""

import importlib.util
import shutil
from collections.abc import Iterator
from pathlib import Path

from auditor.collect import Options
from auditor.collect.ansible import inventory, settings
from auditor.collect.ansible.fleet import Fleet, Frozen
from auditor.errors import UsageError
from auditor.evidence import Document, Lost

__all__ = ["Fleet", "Frozen", "collect", "freeze"]


def freeze(fleet: Fleet) -> Frozen:
    """Resolve the inventory.

    Raises:
        UsageError: Ansible is not installed, the inventory does not exist, cannot be read, or says something wrong, or a
            file that Ansible is to use does not exist.
    """
    _check_installed()
    _check_files(fleet)
    listed = inventory.resolve(fleet)
    return Frozen(inventory.targets(listed), inventory.groups(listed))


def collect(fleet: Fleet, frozen: Frozen, options: Options) -> Iterator[Document | Lost]:
    """Yield the evidence of each expected host, or why there is none, as the answers come; each host exactly once."""
    from auditor.collect.ansible.job import run

    return run(fleet, frozen.targets, options)


def _check_files(fleet: Fleet) -> None:
    # Ansible would say so in every host's name, or go on without.
    named = {
        "--private-key ": [] if fleet.private_key is None else [fleet.private_key],
        "--vault-password-file ": fleet.vault_password_files,
        "-e @": [Path(text[1:]) for text in fleet.extra_vars if text.startswith("@")],
    }
    for option, paths in named.items():
        for path in paths:
            if not path.expanduser().is_file():
                raise UsageError(f"{option}{path}: there is no such file")


def _check_installed() -> None:
    cure = "install it beside nova-auditor: pip install 'nova-auditor[ansible]'"
    if importlib.util.find_spec("ansible_runner") is None:
        raise UsageError(f"-i needs ansible-runner, which is not installed; {cure}")
    if shutil.which("ansible-playbook", path=settings.search_path()) is None:
        raise UsageError(f"-i needs Ansible, and there is no ansible-playbook; {cure}")
