"""The verdict on one host: the options of ``nova.auditor.audit`` read before the host is asked, its evidence judged after."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from auditor.checks import CATALOGUE
from auditor.errors import FileError
from auditor.evidence import Document, Lost
from auditor.formats import Page
from auditor.formats import json as as_json
from auditor.gate import Gate
from auditor.ledger import is_lost
from auditor.model import Coverage, Severity, Target
from auditor.outputs import write_whole
from auditor.pipeline import audit
from auditor.report import Report
from auditor.standard import Standard, read

#: The options of the module besides those that the probe has too.
OPTIONS: Mapping[str, Mapping[str, Any]] = {
    "profile": {"type": "str", "default": "recommended"},
    "checks": {"type": "list", "elements": "str", "default": []},
    "waivers": {"type": "path"},
    "site": {"type": "path"},
    "fail_on": {
        "type": "str",
        "choices": ["none", "info", "low", "medium", "high", "critical"],
        "default": "high",
    },
    "tolerate": {
        "type": "dict",
        "options": {
            "error": {"type": "int", "default": 0},
            "unknown": {"type": "int", "default": 0},
            "partial": {"type": "int", "default": 0},
        },
    },
    "report_only": {"type": "bool", "default": False},
    "full": {"type": "bool", "default": False},
    "report": {"type": "bool", "default": False},
    "report_file": {"type": "path"},
}


def prepare() -> None:
    """Import what is otherwise imported with the first evidence: oslo.config takes longer than judging a host."""
    import auditor.effective.registry  # noqa: F401


def standard(values: Mapping[str, Any], further: frozenset[str], find: Callable[[str], str]) -> Standard:
    """Return what the options of a task ask for.

    Args:
        values: of `OPTIONS`.
        further: of `arguments.further`.
        find: the path of a file of the operator's on the controller.

    Raises:
        AuditorError: there is no such profile or check, or a file is not as documented.
    """
    name = values["profile"]
    return read(
        CATALOGUE,
        find(name) if name.endswith(".toml") else name,
        only=values["checks"],
        site=None if values["site"] is None else Path(find(values["site"])),
        accepted=None if values["waivers"] is None else Path(find(values["waivers"])),
        further=further,
    )


def gate(values: Mapping[str, Any]) -> Gate:
    """Return what the options of a task let pass."""
    fail_on = values["fail_on"]
    return Gate(None if fail_on == "none" else Severity(fail_on), tuple((values["tolerate"] or {}).items()))


def judge(
    source: Document | Lost, wanted: Target, by: Standard, values: Mapping[str, Any], groups: Sequence[str]
) -> Report:
    """Return the report on one host, a member of those groups."""
    return audit(
        [source],
        CATALOGUE,
        targets=[wanted],
        profile=by.profile,
        only=by.only,
        asked=by.asked,
        site=by.site,
        waivers=by.waivers,
        gate=gate(values),
        full=values["full"],
        groups={wanted.name: tuple(groups)},
    )


def is_failed(report: Report, *, report_only: bool, expects_none: bool) -> bool:
    """Whether a task with this report fails. One that only reports does so where nothing could be judged."""
    host = report.hosts[0]
    if host.coverage is Coverage.AUDITED and not host.services and expects_none:
        return False
    if report_only:
        return report.exit.code not in (0, 1, 3) or is_lost(host.coverage)
    return report.exit.code != 0


def write(report: Report, path: Path) -> None:
    """Write a report as JSON, 0600, with the folders that are missing.

    Raises:
        FileError: it cannot be written, or the file holds the report on another host.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            # The processes of other hosts may be about to write there.
            fcntl.flock(folder, fcntl.LOCK_EX)
            other = _host_in(path)
            if other not in (None, report.hosts[0].name):
                raise FileError(
                    path, f"it holds the report on {other}", "put {{ inventory_hostname }} into report_file"
                )
            write_whole(path, as_json.render(report, CATALOGUE, Page()).encode("ascii"))
        finally:
            os.close(folder)
    except OSError as error:
        raise FileError(path, error.strerror or str(error), "name a file that can be written") from None


def _host_in(path: Path) -> str | None:
    """The host whose report is in a file, None where there is none."""
    try:
        hosts = json.loads(path.read_bytes())["hosts"]
        return str(hosts[0]["name"])
    except (FileNotFoundError, ValueError, KeyError, IndexError, TypeError):
        return None
