"""``nova-auditor audit``: from targets or evidence to reports and an exit code."""

import os
from contextlib import ExitStack
from pathlib import Path

import click

from auditor.cli import EXIT_CODES
from auditor.cli.completion import complete_check, complete_format, complete_profile, complete_release
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
from auditor.cli.output import logged, outputs, page, write_out, write_private
from auditor.cli.progress import Progress
from auditor.cli.sections import Sections
from auditor.cli.sources import Sources, source_options
from auditor.model import Severity


@click.command(
    cls=Sections, epilog=EXIT_CODES, short_help="Audit this host, a fleet, trees of files, or evidence."
)
@source_options(judges=True)
@judged(
    "--release",
    shell_complete=complete_release,
    metavar="NAME",
    help="The release of services that show none, such as 2025.1 or epoxy.",
)
@judged(
    "--profile",
    shell_complete=complete_profile,
    default="recommended",
    show_default=True,
    metavar="NAME|FILE",
    help="What is checked: essential, recommended, strict, or a file of your own (.toml).",
)
@judged(
    "--check",
    "only",
    shell_complete=complete_check,
    multiple=True,
    metavar="ID",
    help="Run this check instead of a profile; repeatable.",
)
@site_option
@judged(
    "--waivers",
    type=click.Path(path_type=Path, readable=False),
    metavar="FILE",
    help="Accepted failures, in YAML.",
)
@written(
    "-f",
    "--format",
    "formats",
    shell_complete=complete_format,
    multiple=True,
    metavar="NAME[=FILE]",
    help="text (the default), json or junit; repeatable, each to a file of its own.",
)
@output_option
@judged(
    "--fail-on",
    type=click.Choice(["none", *map(str, Severity)]),
    default="high",
    show_default=True,
    help="The lowest severity of an open failure that costs exit 1.",
)
@tolerate_option
@exit_zero_option
@written("--full", is_flag=True, help="List what passed among the findings, with its evidence.")
@click.option(
    "--jobs",
    type=click.IntRange(1, 64),
    metavar="N",
    help="How many processes; by default one per processor.",
)
@verbose_option
@click.pass_context
def audit(
    ctx: click.Context,
    release: str | None,
    profile: str,
    only: tuple[str, ...],
    site: Path | None,
    waivers: Path | None,
    formats: tuple[str, ...],
    output: Path | None,
    fail_on: str,
    tolerate: tuple[str, ...],
    *,
    sources: Sources,
    exit_zero: bool,
    full: bool,
    jobs: int | None,
    verbosity: int,
) -> None:
    """Audit this host, a fleet, containers, trees of files, or collected evidence.

    Without options it audits the host it runs on. Nothing is changed there, and no secret leaves it.

    \b
      nova-auditor audit
      nova-auditor audit --root /srv/captured/cmp01 --release 2025.1
      nova-auditor audit -i inventory.yml --become -f text -f json=report.json
      nova-auditor audit --hosts ssh://cmp01 --hosts podman://nova_api
      nova-auditor audit -i inventory.yml --become --live --cells --servers
      helm template nova openstack-helm/nova | nova-auditor audit --manifest -
      nova-auditor audit --evidence bundles/ --expect inventory.yml --max-age 24h
    """  # noqa: D301 - click wants the character itself
    places = outputs(formats, output)

    from auditor import standard
    from auditor.checks import CATALOGUE
    from auditor.pipeline import audit as run

    by = standard.read(
        CATALOGUE, profile, only=only, site=site, accepted=waivers, release=release, further=sources.asked
    )
    gate = gate_of(fail_on, tolerate, exit_zero=exit_zero, doubt=sources.doubt)
    processes = jobs or os.cpu_count() or 1

    with ExitStack() as stack:
        stack.enter_context(logged(verbosity))
        opened = stack.enter_context(sources.open(processes, by.release))
        progress = Progress(None if opened.targets is None else len(opened.targets), verbosity)
        stack.callback(progress.close)
        report = run(
            opened.documents,
            CATALOGUE,
            targets=opened.targets,
            groups=opened.groups,
            profile=by.profile,
            only=by.only,
            asked=by.asked,
            site=by.site,
            waivers=by.waivers,
            release=by.release,
            gate=gate,
            full=full,
            jobs=processes,
            watch=lambda host: progress(host.name, str(host.coverage), host.reason),
        )
        progress.close()

        from auditor.formats import load

        for name, place in places:
            text = load(name)(report, CATALOGUE, page(place))
            if place is None:
                write_out(text)
            else:
                write_private(place, text.encode("utf-8", "backslashreplace"))
    ctx.exit(report.exit.code)
