"""``nova-auditor upgrade``: what another release makes of the same evidence, and nothing else."""

import os
from contextlib import ExitStack
from pathlib import Path

import click

from auditor.cli.completion import complete_check, complete_profile, complete_release
from auditor.cli.judging import (
    exit_zero_option,
    gate_of,
    judged,
    output_option,
    site_option,
    tolerate_option,
    verbose_option,
    written,
)
from auditor.cli.output import check_writable, logged, page, write_out, write_private
from auditor.cli.progress import Progress
from auditor.cli.sections import Sections
from auditor.cli.sources import Sources, source_options
from auditor.errors import UsageError
from auditor.model import Severity

EXIT_CODES = """\b
Exit codes:
  0    complete, and nothing gets worse at or above --fail-on
  1    something gets worse at or above --fail-on (wins over 3)
  2    usage, profile, site or evidence file wrong; nothing was compared
  3    incomplete: hosts lost, services of unknown or newer release, errors or
       unknowns (before or after) beyond --tolerate
  4    nothing compared: no host, no check, or no service
  70   nova-auditor crashed
  130  interrupted; what was compared is still written"""


@click.command(cls=Sections, epilog=EXIT_CODES, short_help="Say what an upgrade changes, before it is made.")
@judged(
    "--to",
    "release",
    required=True,
    shell_complete=complete_release,
    metavar="NAME",
    help="The release to judge by, such as 2026.2 or hibiscus.",
)
@judged(
    "--from",
    "present",
    shell_complete=complete_release,
    metavar="NAME",
    help="The present release of services that show none; never overrides evidence.",
)
@source_options(judges=True, asks=False)
@judged(
    "--profile",
    shell_complete=complete_profile,
    default="strict",
    show_default=True,
    metavar="NAME|FILE",
    help="Whose verdicts are compared: essential, recommended, strict, or a file of your own (.toml).",
)
@judged(
    "--check",
    "only",
    shell_complete=complete_check,
    multiple=True,
    metavar="ID",
    help="Compare the verdicts of this check instead of a profile's; repeatable.",
)
@site_option
@written(
    "-f",
    "--format",
    "forms",
    type=click.Choice(["text", "json"]),
    multiple=True,
    default=["text"],
    show_default=True,
)
@output_option
@written("--all", "everything", is_flag=True, help="List every default that flips (JSON always does).")
@judged(
    "--fail-on",
    type=click.Choice(["none", *map(str, Severity)]),
    default="high",
    show_default=True,
    help="The lowest severity of what gets worse that costs exit 1.",
)
@tolerate_option
@exit_zero_option
@verbose_option
@click.pass_context
def upgrade(
    ctx: click.Context,
    release: str,
    present: str | None,
    profile: str,
    only: tuple[str, ...],
    site: Path | None,
    forms: tuple[str, ...],
    output: Path | None,
    fail_on: str,
    tolerate: tuple[str, ...],
    *,
    sources: Sources,
    everything: bool,
    exit_zero: bool,
    verbosity: int,
) -> None:
    """Say what an upgrade changes, before it is made.

    Judges the same evidence twice, as it is and as if the other release and the libraries of its stable branch were
    installed, and prints the differences only: connections that lose or gain protection, checks that come to another
    verdict, settings that are no longer read, values that are rejected, defaults that flip. Nothing is changed on a
    host. Drivers that the release does not bring (mysqlclient, psycopg) are taken as they are.

    \b
      nova-auditor upgrade --to 2026.2
      nova-auditor upgrade --from 2024.1 --to 2025.1 --root /srv/captured/ctl01
      nova-auditor upgrade --to 2026.2 --evidence bundle/ -f json -o upgrade.json
    """  # noqa: D301 - click wants the character itself
    if len(forms) > 1:
        raise UsageError("one format at a time; collect once, and run again with --evidence for the other")
    if output is not None:
        check_writable(output)

    from auditor import profiles
    from auditor import site as sites
    from auditor.checks import CATALOGUE
    from auditor.pipeline import select
    from auditor.releases import RELEASES, canonical
    from auditor.site import Site, read_thresholds
    from auditor.upgrade.comparison import Comparer
    from auditor.upgrade.run import compare

    wanted = canonical(release)
    known = None if present is None else canonical(present)
    if known is not None and RELEASES.index(known) > RELEASES.index(wanted):
        raise UsageError(f"--from {present} is newer than --to {release}: a downgrade is not supported")
    chosen = profiles.load(profile, CATALOGUE)
    selected = select(CATALOGUE, chosen, only)
    gate = gate_of(fail_on, tolerate, exit_zero=exit_zero, doubt=sources.doubt)
    place = site or sites.locate(os.environ)
    inputs = (
        Site(read_thresholds(chosen.name, chosen.thresholds))
        if place is None
        else sites.read(place, chosen.thresholds).site
    )

    with ExitStack() as stack:
        stack.enter_context(logged(verbosity))
        opened = stack.enter_context(sources.open(os.cpu_count() or 1, known))
        progress = Progress(None if opened.targets is None else len(opened.targets), verbosity)
        stack.callback(progress.close)
        found = compare(
            opened.documents,
            Comparer(selected.checks, inputs, wanted, known),
            targets=opened.targets,
            profile=selected.profile,
            not_asked=selected.not_asked,
            gate=gate,
            watch=lambda host: progress(host.name, str(host.coverage), host.reason),
        )
        progress.close()
    if forms == ("json",):
        from auditor.formats.upgrade import json as rendered_json

        text = rendered_json.render(found)
    else:
        from auditor.formats.upgrade import text as rendered_text

        text = rendered_text.render(found, CATALOGUE, page(output), everything=everything)
    if output is None:
        write_out(text)
    else:
        write_private(output, text.encode("utf-8", "backslashreplace"))
    ctx.exit(found.exit.code)
