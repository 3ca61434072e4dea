"""``nova-auditor show``: the effective configuration of one service, and where each value stands."""

import json
from collections.abc import Iterator, Mapping, Sequence
from textwrap import TextWrapper
from typing import TYPE_CHECKING, Any

import click

from auditor.cli import complain
from auditor.cli.completion import complete_release
from auditor.cli.output import logged, page, write_out
from auditor.cli.targets import target_options
from auditor.errors import Unavailable, UsageError
from auditor.model import Settings, display

if TYPE_CHECKING:
    from auditor.evidence import Evidence, ServiceRecord


@click.command(short_help="Show effective settings with file and line.")
@click.argument("group", required=False)
@click.argument("option", required=False)
@target_options
@click.option(
    "--release",
    shell_complete=complete_release,
    metavar="NAME",
    help="The release, where the service shows none, such as 2025.1 or epoxy.",
)
@click.option("--all", "everything", is_flag=True, help="Also what is not written, with its default.")
@click.option(
    "-f", "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True
)
@click.option("-v", "--verbose", "verbosity", count=True, help="Tell on standard error what is done.")
@click.pass_context
def show(
    ctx: click.Context,
    group: str | None,
    option: str | None,
    roots: tuple[str, ...],
    config_files: tuple[str, ...],
    config_dirs: tuple[str, ...],
    service: str | None,
    release: str | None,
    form: str,
    verbosity: int,
    *,
    everything: bool,
) -> None:
    """Show what a service's configuration comes to, with the file and line of every value.

    What is written somewhere is shown, or one GROUP of it, or one OPTION. Exit 3 where the configuration cannot be
    read, 4 where there is no service.

    \b
      nova-auditor show database --root /srv/captured/ctl1 --service nova-conductor
      nova-auditor show DEFAULT debug --all
    """  # noqa: D301 - click wants the character itself
    if len(roots) > 1:
        raise UsageError("show looks at one host; give one --root")

    from auditor.collect import Options, collect
    from auditor.collect.targets import read
    from auditor.evidence import Lost
    from auditor.releases import canonical

    known_release = None if release is None else canonical(release)
    with logged(verbosity):
        (source,) = collect(read(roots), Options(config_files, config_dirs, service), jobs=1)
        if isinstance(source, Lost):
            complain(f"{source.host}: {source.coverage}, {source.reason}")
            ctx.exit(3)
        evidence = source.read()
        if not evidence.services:
            complain(f"{evidence.host}: no Nova or placement service was found")
            ctx.exit(4)
        record = choose(evidence.services, service)
        try:
            settings = settings_of(evidence, record, known_release)
        except Unavailable as reason:
            if form == "json":
                write_out("[]\n")
            complain(f"{record.id}: {reason}")
            ctx.exit(3)

        from auditor.show import show as records

        found = tuple(records(settings, group, option, everything=everything))
    if group is not None and not found:
        check_name(settings, group, option)
    if not found:
        complain("nothing is written; --all shows defaults")
    if form == "json":
        write_out("[\n  " + ",\n  ".join(json.dumps(one) for one in found) + "\n]\n" if found else "[]\n")
    else:
        write_out("".join(f"{line}\n" for line in _lines(found, page(None).width)))


def choose(services: "Sequence[ServiceRecord]", name: str | None) -> "ServiceRecord":
    """The one service of a host, or the one of that id or name.

    Raises:
        UsageError: there are several and none is named, or none has that name.
    """
    ids = ", ".join(record.id for record in services)
    if name is None:
        if len(services) > 1:
            raise UsageError(f"several services are here; give --service, one of {ids}")
        return services[0]
    found = [record for record in services if record.id == name] or [
        record for record in services if record.name == name
    ]
    if not found:
        raise UsageError(f"--service {name}: there is none of that name; there are {ids}")
    if len(found) > 1:
        raise UsageError(f"--service {name}: several have that name; give one of {ids}")
    return found[0]


def settings_of(evidence: "Evidence", record: "ServiceRecord", release: str | None) -> Settings:
    """The settings of a service under its release; where several may be installed, under the newest, and said so.

    Raises:
        Unavailable: the configuration cannot be read.
    """
    from auditor.candidates import candidates
    from auditor.effective import resolve

    _, releases = candidates(evidence, record, release)
    *others, newest = releases
    if others:
        complain(f"the release of {record.id} is not in evidence; shown as of {newest}; give --release")
    return resolve(evidence, record, newest)


def check_name(settings: Settings, group: str, option: str | None) -> None:
    """Refuse a group or option that neither the release knows nor anybody wrote.

    Raises:
        UsageError: it does not exist; the text names those most like it.
    """
    from auditor.profiles import near

    names: dict[str, list[str]] = {}
    for setting in settings.effective():
        names.setdefault(setting.group.lower(), []).append(setting.name)
    wanted = group.lower().replace("-", "_")
    known = {name.replace("-", "_"): options for name, options in names.items()}
    if wanted not in known:
        raise UsageError(f"no group {group!r} in this release{near(wanted, tuple(known))}")
    if option is not None and option.replace("-", "_") not in {
        name.replace("-", "_") for name in known[wanted]
    }:
        raise UsageError(f"no option {option!r} in [{group}]{near(option, known[wanted])}")


def _lines(records: Sequence[Mapping[str, Any]], width: int) -> Iterator[str]:
    from auditor.formats import visible, without_tokens

    wrapper = TextWrapper(width, subsequent_indent="    ", break_on_hyphens=False)
    before = None
    for record in records:
        if record["group"] != before:
            if before is not None:
                yield ""
            yield f"[{visible(record['group'])}]"
            before = record["group"]
        value = f"rejected: {record['error']}" if record["error"] is not None else display(record["value"])
        written = visible(f"{record['name']} = {'' if value is None else value}".rstrip())
        text = without_tokens(written, "***")
        note = visible(_note(record))
        if len(text) + len(note) + 4 <= width:
            yield f"{text}  ({note})"
        else:
            yield from wrapper.wrap(text)
            yield from TextWrapper(width, initial_indent="    ", subsequent_indent="    ").wrap(f"({note})")


def _note(record: Mapping[str, Any]) -> str:
    origin = record["origin"]
    where = origin["kind"] if origin["path"] is None else origin["path"]
    notes = [where if origin["line"] is None else f"{where}:{origin['line']}"]
    if record["written_as"] not in (None, f"{record['group']}.{record['name']}"):
        notes.append(f"written as {record['written_as']}")
    if record["unknown"]:
        notes.append("unknown to this release")
    return ", ".join(notes)
