"""What the doctor found, for a reader: a line per host, what is seen, and what is not with the one thing that allows it.

Readable at 80 columns and without colour. An obstacle that hosts share stands there once, with the hosts.
"""

from collections.abc import Iterator, Sequence

from rich.table import Table
from rich.text import Text

from auditor.doctor.diagnosis import Aspect, Diagnosis, Obstacle, Round, Sight
from auditor.formats import Page, visible
from auditor.formats.lines import Line, inset, write_up
from auditor.gate import counted

#: How many objects or hosts of one kind are written out.
_SHOWN = 4

#: Up to so many hosts, what is seen of each is written out.
_DETAILED = 3

#: Columns of the table: heading and aspect.
_COLUMNS: tuple[tuple[str, Aspect], ...] = (
    ("answers", Aspect.REACH),
    ("as", Aspect.USER),
    ("python", Aspect.PYTHON),
    ("/proc", Aspect.PROCESSES),
    ("svc", Aspect.SERVICES),
    ("files", Aspect.FILES),
    ("release", Aspect.LIBRARIES),
)

_STYLES = {Sight.ALL: "green", Sight.SOME: "yellow", Sight.NONE: "red"}


def render(found: Round, page: Page, *, everything: bool = False) -> str:
    """The diagnoses as text; ``everything`` writes out what is seen of however many hosts."""
    is_detailed = everything or len(found.diagnoses) <= _DETAILED
    parts = (
        _head(found),
        _hosts(found),
        *(_seen(host) for host in found.diagnoses if is_detailed),
        _obstacles(found, counts=True),
        _obstacles(found, counts=False),
    )
    return write_up(parts, found.exit, page)


def _head(found: Round) -> Iterator[Text]:
    clear = sum(host.is_clear for host in found.diagnoses)
    with_options = f" with {' '.join(found.asked)}" if found.asked else ""
    yield Text(
        f"{clear} of {counted(len(found.diagnoses), 'host')} can be seen as an audit{with_options} needs it",
        style="bold",
    )
    yield Text()


def _hosts(found: Round) -> Iterator[Table | Text]:
    if not found.diagnoses:
        return
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="bold")
    table.add_column("host", overflow="fold", max_width=24)
    for heading, _ in _COLUMNS:
        table.add_column(heading, overflow="fold")
    table.add_column("obstacles", justify="right")
    for host in found.diagnoses:
        count = sum(host.counts(one) for _, one in host.obstacles)
        cells = [_cell(host, aspect) for _, aspect in _COLUMNS]
        table.add_row(Text(visible(host.host)), *cells, Text(str(count or "-")))
    yield table
    yield Text()


def _cell(host: Diagnosis, aspect: Aspect) -> Text:
    seen = host.of(aspect)
    return Text("-") if seen is None else Text(visible(seen.brief), style=_STYLES.get(seen.sight, ""))


def _seen(host: Diagnosis) -> Iterator[Text | Line]:
    yield Text(visible(f"{host.host}: {host.kind}"), style="bold")
    for seen in host.sightings:
        yield inset(f"{seen.aspect}: {seen.said}", by=2, hang=4)
        for item in seen.items[:_SHOWN]:
            yield inset(item, by=4, mark="- ", style="dim")
        if len(seen.items) > _SHOWN:
            yield inset(f"and {len(seen.items) - _SHOWN} more", by=4, mark="- ", style="dim")
    yield Text()


def _obstacles(found: Round, *, counts: bool) -> Iterator[Text | Line]:
    """What is not seen: of what was asked for, or of what else could be; by what allows it."""
    by_cure: dict[str, dict[tuple[Aspect, str], list[tuple[str, Obstacle]]]] = {}
    for host in found.diagnoses:
        for aspect, one in host.obstacles:
            if host.counts(one) is counts:
                reasons = by_cure.setdefault(one.cure, {})
                reasons.setdefault((aspect, one.reason), []).append((host.host, one))
    if not by_cure:
        return
    yield Text("Not seen" if counts else "Not seen, and not asked for", style="bold")
    for cure, reasons in by_cure.items():
        for (aspect, reason), places in reasons.items():
            yield inset(f"{aspect}: {reason}", mark="- ")
            objects = list(dict.fromkeys(name for _, one in places for name in one.objects))
            if objects:
                yield inset(_several(objects, "more"), by=4)
            yield inset(f"on {_several(list(dict.fromkeys(host for host, _ in places)), 'more hosts')}", by=4)
        yield inset(cure, mark="> ", style="green")
    yield Text()


def _several(names: Sequence[str], rest: str) -> str:
    shown = ", ".join(names[:_SHOWN])
    return shown if len(names) <= _SHOWN else f"{shown} and {len(names) - _SHOWN} {rest}"
