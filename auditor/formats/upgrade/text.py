"""What an upgrade changes, for a reader: what gets worse first and how to mend it, then the rest, then the exit reason.

Readable at 80 columns and without colour. A difference that hosts share stands there once, with the hosts.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from rich.table import Table
from rich.text import Text

from auditor.check import Check
from auditor.formats import Page, visible
from auditor.formats.lines import COLOURS, Line, inset, shown, write_up
from auditor.gate import counted
from auditor.ledger import is_lost
from auditor.model import Coverage, Judged, OriginKind, Severity
from auditor.upgrade.difference import Aspect, Difference, Effect, HostUpgrade, Upgrade

#: How many places or lines of one kind are written out.
_SHOWN = 4

#: How many defaults are named that no check judges.
_NAMED = 12

#: A host, and a service of it or None for the host as a whole.
Place = tuple[str, str | None]

#: What a reader tells apart: evidence that differs by its line only is the same.
Key = tuple[object, ...]


def render(upgrade: Upgrade, catalogue: Sequence[Check], page: Page, *, everything: bool = False) -> str:
    """The differences as text; ``everything`` lists defaults that no check judges."""
    titles = {check.id: check.title for check in catalogue}
    groups = _grouped(upgrade)
    parts = (
        _head(upgrade),
        _hosts(upgrade),
        _worse(upgrade, groups, titles),
        _told(groups, Effect.UNDECIDED, "Cannot be decided then"),
        _told(groups, Effect.BETTER, "Gets better"),
        _told(groups, Effect.OTHER, "Different, for better or worse"),
        _defaults(groups, everything=everything),
        _uncompared(upgrade),
        _rest(upgrade),
    )
    return write_up(parts, upgrade.exit, page)


class Group:
    """A difference with every place that has it, and the evidence of all of them."""

    def __init__(self, first: Difference) -> None:
        self.first = first
        self.places: list[Place] = []
        self.subjects: dict[str, None] = {}
        self.lines: dict[tuple[str, str | None], dict[str, None]] = {}
        self.then: dict[str, dict[str, None]] = {}

    def add(self, place: Place, difference: Difference, verdicts: Mapping[str, str]) -> None:
        """Take in another place; ``verdicts`` are the checks told with it, to their status then."""
        self.places.append(place)
        self.subjects[difference.subject] = None
        for line in difference.evidence:
            self.lines.setdefault((line.setting, line.value), {})[_origin(line)] = None
        for check, status in verdicts.items():
            self.then.setdefault(status, {})[check] = None


def _grouped(upgrade: Upgrade) -> Sequence[Group]:
    found: dict[Key, Group] = {}
    for host in upgrade.hosts:
        listed = host.found()
        told: dict[tuple[str | None, str | None], dict[str, str]] = {}
        for service, one in listed:
            if one.within is not None:
                told.setdefault((service, one.within), {}).update(dict.fromkeys(one.checks, one.after or ""))
        for service, one in listed:
            if one.within is None:
                group = found.setdefault(_key(one), Group(one))
                group.add((host.name, service), one, told.get((service, one.subject), {}))
    return tuple(found.values())


def _key(one: Difference) -> Key:
    # Connections that change alike stand together; of what is not worse no evidence is shown.
    subject = None if one.aspect is Aspect.TRANSPORT else one.subject
    known: Key = (one.aspect, one.effect, subject, one.message)
    if one.effect is not Effect.WORSE:
        return known
    values = tuple((line.setting, line.value) for line in one.evidence)
    return (*known, one.severity, one.before, one.after, values, one.remedy, one.is_early)


def _head(upgrade: Upgrade) -> Iterator[Text]:
    compared = sum(host.is_compared for host in upgrade.hosts)
    yield Text(
        f"Upgrade to {upgrade.release}: {compared} of {counted(upgrade.hosts_expected, 'host')} compared; "
        f"profile {visible(upgrade.profile)}, {counted(len(upgrade.checks), 'check')}",
        style="bold",
    )
    yield Text()


def _hosts(upgrade: Upgrade) -> Iterator[Table | Text]:
    """A line per host, or per hosts to which the same happens."""
    alike: dict[Key, list[HostUpgrade]] = {}
    for host in upgrade.hosts:
        services = tuple((one.id, one.release, one.reason, one.differences) for one in host.services)
        alike.setdefault((host.coverage, services, host.differences), []).append(host)
    if not alike:
        return
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="bold")
    table.add_column("host", overflow="fold", max_width=40)
    table.add_column("from")
    for word in ("svc", "worse", "undecided", "better", "other", "defaults"):
        table.add_column(word, justify="right")
    for hosts in alike.values():
        counts = _counts(hosts[0])
        table.add_row(
            Text(visible(_several([host.name for host in hosts], "host"))),
            Text(visible(_from(hosts[0]))),
            Text(str(len(hosts[0].services) or "-")),
            *(Text(str(counts[word] or "-")) for word in (*map(str, Effect), "defaults")),
        )
    yield table
    yield Text()


def _counts(host: HostUpgrade) -> Mapping[str, int]:
    """How many different things change on a host, by effect; defaults apart."""
    kinds = {
        (_key(one), one.aspect is Aspect.DEFAULT, one.effect) for _, one in host.found() if one.within is None
    }
    counts = dict.fromkeys((*map(str, Effect), "defaults"), 0)
    for _, is_default, effect in kinds:
        counts["defaults" if is_default else str(effect)] += 1
    return counts


def _from(host: HostUpgrade) -> str:
    if is_lost(host.coverage):
        return str(host.coverage)
    releases = {service.release or "?" for service in host.services}
    return releases.pop() if len(releases) == 1 else "mixed" if releases else "-"


def _several(names: Sequence[str], noun: str) -> str:
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (
        f" and {more} more {noun}{'s' if more > 1 else ''}" if more > 0 else ""
    )


def _worse(upgrade: Upgrade, groups: Sequence[Group], titles: Mapping[str, str]) -> Iterator[Text | Line]:
    worse = [group for group in groups if group.first.effect is Effect.WORSE]
    if not worse:
        is_any = any(group.first.effect is not Effect.WORSE for group in groups)
        compared = any(host.is_compared for host in upgrade.hosts)
        yield Text(
            "Nothing gets worse." if is_any else "No differences." if compared else "Nothing was compared."
        )
        yield Text()
        return
    yield Text("Gets worse", style="bold")
    yield Text()
    blocks: dict[tuple[Severity, str], list[Group]] = {}
    for group in worse:
        severity = group.first.severity or Severity.INFO
        blocks.setdefault((severity, _heading(group, titles)), []).append(group)
    order = list(Severity)
    for (severity, heading), found in sorted(blocks.items(), key=lambda item: -order.index(item[0][0])):
        yield Text.assemble((f"{severity.upper()}  ", COLOURS[severity]), (shown(heading), "bold"))
        for group in found[:_SHOWN]:
            yield from _entry(group)
        if len(found) > _SHOWN:
            rest = [place for group in found[_SHOWN:] for place in group.places]
            yield inset(f"and {len(found) - _SHOWN} more like these, on {_places(rest)}", mark="- ")
        yield Text()


def _heading(group: Group, titles: Mapping[str, str]) -> str:
    one = group.first
    if one.aspect is Aspect.TRANSPORT:
        turn = "turns" if len(group.subjects) == 1 else "turn"
        return f"{', '.join(group.subjects)} {turn} {one.after or 'unconfigured'}"
    if one.aspect is Aspect.CHECK:
        check = one.checks[0] if one.checks else one.subject
        return f"{check}  {titles.get(check, '')}"
    if one.aspect is Aspect.SETTING:
        return f"{one.subject} is {one.after}"
    return {Aspect.START: "the service does not start", Aspect.LOGGING: "logging"}.get(
        one.aspect, one.subject
    )


def _entry(group: Group) -> Iterator[Line]:
    first = group.first
    yield inset(first.message, mark="- ")
    yield inset(f"on {_places(group.places)}", by=4)
    for (setting, value), places in group.lines.items():
        said = setting if value is None else f"{setting} = {value}"
        named = [place for place in places if place]
        where = ", ".join(named[:2]) + (f" and {len(named) - 2} more" if len(named) > 2 else "")
        yield inset(f"{said}  ({where})" if where else said, by=4, style="dim")
    yield from _verdicts(group)
    yield from _remedy(first)


def _remedy(one: Difference) -> Iterator[Line]:
    if one.remedy is not None:
        when = {True: "Before the upgrade: ", False: "With the upgrade: ", None: ""}[one.is_early]
        yield inset(f"{when}{one.remedy}", by=4, mark="> ", style="green")


def _verdicts(group: Group) -> Iterator[Line]:
    is_worse = group.first.effect is Effect.WORSE
    fails = "fails then" if is_worse or group.first.aspect is not Aspect.TRANSPORT else "but fails"
    words = {"fail": fails, "pass": "passes then", "not_applicable": "does not apply then"}
    for status, checks in group.then.items():
        yield inset(f"{words.get(status, status)}: {', '.join(checks)}", by=4)


def _told(groups: Sequence[Group], effect: Effect, title: str) -> Iterator[Text | Line]:
    found = [one for one in groups if one.first.effect is effect and one.first.aspect is not Aspect.DEFAULT]
    if not found:
        return
    yield Text(title, style="bold")
    for group in sorted(found, key=lambda one: list(Aspect).index(one.first.aspect)):
        first = group.first
        named = "" if first.aspect is Aspect.START else f"{', '.join(group.subjects)}: "
        yield inset(f"{named}{first.message}", mark="- ")
        yield inset(f"on {_places(group.places)}", by=4)
        if first.aspect is Aspect.SETTING:
            places = [place for lines in group.lines.values() for place in lines if place]
            yield inset(f"({_several(places, 'place')})", by=4, style="dim")
        yield from _verdicts(group)
        yield from _remedy(first)
    yield Text()


def _defaults(groups: Sequence[Group], *, everything: bool) -> Iterator[Text | Line]:
    """Defaults that flip, those alike on the same services together."""
    found = [group for group in groups if group.first.aspect is Aspect.DEFAULT]
    if not found:
        return
    yield Text("Defaults that flip, of options that nobody wrote", style="bold")
    by_place: dict[str, list[Group]] = {}
    hidden: dict[str, None] = {}
    for group in found:
        if everything or group.first.is_judged:
            by_place.setdefault(_places(group.places), []).append(group)
        else:
            hidden[group.first.subject] = None
    for places, some in by_place.items():
        for group in some:
            yield inset(f"{group.first.subject}: {group.first.message}", mark="- ")
        yield inset(f"on {places}", by=4)
    if hidden:
        more = "more, which no check judges" if by_place else "that no check judges"
        names = list(hidden)
        listed = ", ".join(names[:_NAMED]) + (", ..." if len(names) > _NAMED else "")
        yield inset(f"{len(names)} {more} (--all tells their values): {listed}")
    yield Text()


def _uncompared(upgrade: Upgrade) -> Iterator[Text | Line]:
    reasons: dict[str, list[Place]] = {}
    for host in upgrade.hosts:
        for service in host.services:
            if service.reason is not None:
                reasons.setdefault(service.reason, []).append((host.name, service.id))
    if reasons:
        yield Text("Not compared", style="bold")
        for reason, places in reasons.items():
            yield inset(reason, mark="- ")
            yield inset(f"on {_places(places)}", by=4)
        yield Text()
    noted = [host for host in upgrade.hosts if host.coverage is not Coverage.AUDITED]
    if noted:
        yield Text("Coverage", style="bold")
        alike: dict[str, list[str]] = {}
        for host in noted:
            said = f"{host.coverage}" + (f", {host.reason}" if host.reason else "")
            alike.setdefault(said, []).append(host.name)
        for said, names in alike.items():
            yield inset(f"{_several(names, 'host')}: {said}", mark="- ")
        yield Text()


def _rest(upgrade: Upgrade) -> Iterator[Text | Line]:
    unchanged = sum(host.unchanged for host in upgrade.hosts)
    if unchanged:
        yield inset(
            f"{counted(unchanged, 'failure')} of today {'stays as it is' if unchanged == 1 else 'stay as they are'}: "
            f"nova-auditor audit lists {'it' if unchanged == 1 else 'them'}.",
            by=0,
        )
    undecided = sum(host.errors + host.unknowns for host in upgrade.hosts)
    if undecided:
        yield inset(
            f"{counted(undecided, 'result')} could not be had today or then, so that a difference may hide there: "
            "nova-auditor audit says why.",
            by=0,
        )


def _places(places: Iterable[Place]) -> str:
    """``host1, host2 (nova-api, nova-conductor); host3 (nova-compute)``."""
    services: dict[str, list[str]] = {}
    for host, service in places:
        services.setdefault(host, []).extend([] if service is None else [service])
    alike: dict[str, list[str]] = {}
    for host, names in services.items():
        alike.setdefault(", ".join(dict.fromkeys(names)), []).append(host)
    parts = [
        f"{_several(hosts, 'host')} ({names})" if names else _several(hosts, "host")
        for names, hosts in alike.items()
    ]
    return "; ".join(parts[:_SHOWN]) + (f"; and {len(parts) - _SHOWN} more" if len(parts) > _SHOWN else "")


def _origin(line: Judged) -> str:
    """Where a line of evidence stands; what is a default stands nowhere, and libraries will stand elsewhere."""
    is_option = line.setting.startswith("[") and line.origin.kind is not OriginKind.DEFAULT
    return str(line.origin) if is_option or line.origin.line is not None else ""
