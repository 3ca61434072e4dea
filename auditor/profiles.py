"""Profiles: selections of checks, each on top of the one it extends.

A profile is TOML: ``name``, ``extends`` (optional), ``why``, ``checks`` (ids) and ``[thresholds]`` (optional, as in
the site file). The ladder of the catalogue is ``essential``, ``recommended``, ``strict``; another profile is given as
the path of its file. An older name of a check (``checks/aliases.toml``) is understood.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from importlib import resources
from pathlib import Path
from typing import Any

from auditor import inputs
from auditor.check import Check
from auditor.errors import FileError, UsageError
from auditor.site import read_thresholds

PROFILES: tuple[str, ...] = ("essential", "recommended", "strict")
DEFAULT = "recommended"

_KEYS = ("name", "extends", "why", "checks", "thresholds")


@dataclass(frozen=True, slots=True)
class Profile:
    """A selection: the ids of its checks, those of what it extends first, and its thresholds."""

    name: str
    why: str
    checks: tuple[str, ...]
    thresholds: Mapping[str, float] = field(default_factory=dict)


def load(name: str, catalogue: Sequence[Check], folder: Path | None = None) -> Profile:
    """A profile by its name on the ladder, or by the path of its file.

    Args:
        name: one of `PROFILES`, or a path that ends in ``.toml``.
        catalogue: the checks that it may select.
        folder: where the profiles of the ladder are; by default beside the catalogue.

    Raises:
        UsageError: there is no such profile.
        FileError: it is not as documented, or selects a check that does not exist.
    """
    path = Path(name) if name.endswith(".toml") else _shipped(folder) / f"{name}.toml"
    if not name.endswith(".toml") and name not in PROFILES:
        raise UsageError(f"unknown profile {name!r}{near(name, PROFILES)}; known are {', '.join(PROFILES)}")
    return _read(path, catalogue, folder, ())


def _shipped(folder: Path | None) -> Path:
    return folder or Path(str(resources.files("auditor"))) / "checks" / "profiles"


def _read(path: Path, catalogue: Sequence[Check], folder: Path | None, above: tuple[Path, ...]) -> Profile:
    content = _toml(path, "name a profile of the catalogue, or the path of one")
    unknown = next((key for key in content if key not in _KEYS), None)
    if unknown is not None:
        raise FileError(path, f"unknown key {unknown}", f"known are {', '.join(_KEYS)}")
    name, why, extends = content.get("name"), content.get("why"), content.get("extends")
    if not isinstance(name, str) or not isinstance(why, str):
        raise FileError(path, "name or why is missing", "write both as text")
    own = content.get("checks", [])
    if not isinstance(own, list) or not all(isinstance(check, str) for check in own):
        raise FileError(path, "checks is no list of ids", 'write checks = ["database-plaintext"]')
    thresholds = content.get("thresholds", {})
    read_thresholds(path, thresholds)
    below = Profile("", "", ())
    if extends is not None:
        if not isinstance(extends, str):
            raise FileError(path, "extends is no name", 'write extends = "recommended"')
        base = path.parent / extends if extends.endswith(".toml") else _shipped(folder) / f"{extends}.toml"
        if path in above:
            raise FileError(path, "it extends itself", "take one extends away")
        below = _read(base, catalogue, folder, (*above, path))
    checks = [find(check, catalogue, where=path).id for check in own]
    return Profile(
        name, why, tuple(dict.fromkeys((*below.checks, *checks))), {**below.thresholds, **thresholds}
    )


def find(name: str, catalogue: Sequence[Check], where: object = None) -> Check:
    """The check of that id, or of that older name.

    Raises:
        UsageError: there is none; or `FileError`, where the name stands in the file ``where``.
    """
    by_id = {check.id: check for check in catalogue}
    found = by_id.get(name) or by_id.get(aliases().get(name, ""))
    if found is not None:
        return found
    problem, cure = f"unknown check {name!r}{near(name, tuple(by_id))}", "`nova-auditor checks` lists them"
    if where is None:
        raise UsageError(f"{problem}; {cure}")
    raise FileError(where, problem, cure)


def near(name: str, known: Sequence[str]) -> str:
    """``, did you mean ...?`` with the names most like it, or nothing."""
    matches = get_close_matches(name, known, n=3, cutoff=0.6)
    return f", did you mean {' or '.join(matches)}?" if matches else ""


def aliases() -> Mapping[str, str]:
    """Older names of checks, with the ids that replaced them."""
    content = _toml(_shipped(None).parent / "aliases.toml", "install nova-auditor again")
    return {str(old): str(new) for old, new in content.get("renamed", {}).items()}


def _toml(path: Path, cure: str) -> dict[str, Any]:
    text = inputs.read_text(path, cure)
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise FileError(path, str(error), "write it in TOML") from None
