"""Services as the probe would find them, from the texts of their files."""

from collections.abc import Mapping, Sequence
from typing import Any

from auditor.effective import resolve
from auditor.effective.settings import EffectiveSettings
from auditor.evidence import Evidence, ServiceRecord
from auditor.model import File, Kind, Libraries, Missing, Origin, OriginKind, Role, Setting, Source

NOVA_CONF = "/etc/nova/nova.conf"
UNIT = Origin(OriginKind.FILE, "/lib/systemd/system/nova-conductor.service", 7)

#: What stands at a path: a text, or the status and reason for which there is none.
Content = str | tuple[str, str]


def evidence_of(
    files: Mapping[str, Content],
    sources: Sequence[tuple[str, str]] | None = None,
    *,
    project: str = "nova",
    program: str = "nova-conductor",
    arguments: Sequence[str] = (),
    environment: Mapping[str, str] | None = None,
    is_wsgi: bool = False,
    capabilities: Mapping[str, bool] | None = None,
    formats: Mapping[str, str] | None = None,
) -> tuple[Evidence, ServiceRecord]:
    """The evidence of a host with one service; ``sources`` are (path, how), by default each file, found by itself."""
    sources = [(path, "default") for path in files] if sources is None else sources
    record = ServiceRecord(
        id=program,
        name=program,
        project=project,
        role=Role.UNKNOWN,
        source="unit",
        layout="plain",
        program=program,
        defined=UNIT,
        user="nova",
        home="/var/lib/nova",
        is_wsgi=is_wsgi,
        arguments=tuple(arguments),
        environment=dict(environment or {}),
        sources=tuple(Source(path, path, how) for path, how in sources),
        config_files=tuple(path for path, how in sources if not how.endswith("-dir")),
        config_dirs=(),
        paths={},
        is_opaque=False,
        interpreter=None if capabilities is None else "python",
    )
    found: dict[str, File | Missing] = {}
    for path, content in files.items():
        if isinstance(content, str):
            form = (formats or {}).get(path, "oslo")
            found[path] = File(path, "root", "nova", "0640", len(content), form, content)
        else:
            found[path] = Missing(path, *content)
    libraries = {} if capabilities is None else {"python": Libraries({}, dict(capabilities))}
    return Evidence("host", Kind.LIVE, "salt", "2026-11-21", (record,), found, libraries), record


def settings_of(
    files: Mapping[str, Content] | str, *rest: Any, release: str = "2025.1", **also: Any
) -> EffectiveSettings:
    """The settings of a service; a text alone is its nova.conf."""
    evidence, record = evidence_of({NOVA_CONF: files} if isinstance(files, str) else files, *rest, **also)
    return resolve(evidence, record, release)


def setting_of(nova_conf: str, group: str, name: str, **rest: Any) -> Setting:
    """One setting of a service with this nova.conf."""
    return settings_of(nova_conf, **rest)[group, name]
