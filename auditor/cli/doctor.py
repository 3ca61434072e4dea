"""``nova-auditor doctor``: before an audit, what of each host can be seen, and what allows the rest."""

import os
from contextlib import ExitStack
from pathlib import Path

import click

from auditor.cli.completion import complete_release
from auditor.cli.judging import exit_zero_option, judged, output_option, verbose_option, written
from auditor.cli.output import check_writable, logged, page, write_out, write_private
from auditor.cli.progress import Progress
from auditor.cli.sections import Sections
from auditor.cli.sources import Sources, source_options

EXIT_CODES = """\b
Exit codes:
  0    everything that an audit with these options needs can be seen, on every host
  2    usage, inventory or another file of yours is wrong; nothing was examined
  3    something cannot be seen, or a host not be reached
  4    nothing examined: no host matched
  70   nova-auditor crashed
  130  interrupted; what was examined is still written"""


@click.command(
    cls=Sections, epilog=EXIT_CODES, short_help="Say what an audit could see of hosts, and what not."
)
@source_options(judges=True)
@judged(
    "--release",
    shell_complete=complete_release,
    metavar="NAME",
    help="The release of services that show none, such as 2025.1 or epoxy.",
)
@written(
    "-f",
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
)
@output_option
@written("--full", "everything", is_flag=True, help="Write out what is seen of each of many hosts.")
@exit_zero_option
@verbose_option
@click.pass_context
def doctor(
    ctx: click.Context,
    release: str | None,
    form: str,
    output: Path | None,
    *,
    sources: Sources,
    everything: bool,
    exit_zero: bool,
    verbosity: int,
) -> None:
    """Say what an audit could see of hosts and what not, why, and what allows it with the least privilege.

    Looks as an audit does, through the same doors, and judges nothing: who answers, as whom, what of /proc, which services
    run or are only configured, which files, containers, environments and libraries are seen. What --live, --cells and
    --servers would need is said too; with these options it is asked.

    \b
      nova-auditor doctor
      nova-auditor doctor -i inventory.yml --become
      nova-auditor doctor --hosts ssh://cmp01 --live
      nova-auditor doctor --evidence bundle/ -f json
    """  # noqa: D301 - click wants the character itself
    if output is not None:
        check_writable(output)

    from auditor.doctor.run import visit
    from auditor.releases import canonical

    known = None if release is None else canonical(release)
    with ExitStack() as stack:
        stack.enter_context(logged(verbosity))
        opened = stack.enter_context(sources.open(os.cpu_count() or 1, known))
        progress = Progress(None if opened.targets is None else len(opened.targets), verbosity)
        stack.callback(progress.close)
        found = visit(
            opened.documents,
            targets=opened.targets,
            release=known,
            asked=given(sources),
            doubt=sources.doubt,
            watch=lambda host: progress(host.host, str(host.coverage)),
        )
        progress.close()
    if form == "json":
        from auditor.formats.doctor import json as rendered_json

        text = rendered_json.render(found)
    else:
        from auditor.formats.doctor import text as rendered_text

        text = rendered_text.render(found, page(output), everything=everything)
    if output is None:
        write_out(text)
    else:
        write_private(output, text.encode("utf-8", "backslashreplace"))
    ctx.exit(0 if exit_zero and found.exit.code in (3, 4) else found.exit.code)


def given(sources: Sources) -> tuple[str, ...]:
    """The options that ask for more than every audit does."""
    options = {"--live": sources.live, "--cells": sources.cells, "--servers": sources.servers}
    return tuple(option for option, is_given in options.items() if is_given)
