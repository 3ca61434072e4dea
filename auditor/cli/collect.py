"""``nova-auditor collect``: evidence into a bundle, to be judged elsewhere or later."""

import os
from pathlib import Path

import click

from auditor.cli import complain
from auditor.cli.output import logged
from auditor.cli.progress import Progress
from auditor.cli.sections import Sections
from auditor.cli.sources import Sources, source_options


@click.command(cls=Sections, short_help="Collect evidence into a bundle.")
@source_options(judges=False)
@click.option(
    "-o",
    "--output",
    "bundle",
    required=True,
    type=click.Path(path_type=Path, readable=False),
    metavar="BUNDLE",
    help="The folder to write: one redacted document per host, and a manifest.",
)
@click.option("--jobs", type=click.IntRange(1, 64), metavar="N", help="How many hosts at a time.")
@click.option("-v", "--verbose", "verbosity", count=True, help="Tell on standard error what is done.")
@click.pass_context
def collect(
    ctx: click.Context,
    bundle: Path,
    jobs: int | None,
    verbosity: int,
    *,
    sources: Sources,
) -> None:
    """Collect the evidence of this host, of a fleet or of trees, for `audit --evidence`.

    Secrets are replaced on the host; the bundle holds none. An earlier bundle in the folder is replaced. Exit 3 where a
    host gave nothing, 4 where no host matched.
    """
    from auditor.collect.bundle import write
    from auditor.evidence import Lost

    lost = []
    with logged(verbosity), sources.open(jobs or os.cpu_count() or 1) as opened:
        progress = Progress(None if opened.targets is None else len(opened.targets), verbosity)
        for source in write(bundle, opened.documents, opened.targets or ()):
            if isinstance(source, Lost):
                lost.append(source)
                progress(source.host, str(source.coverage))
            else:
                progress(source.host, "collected")
        progress.close()
    if opened.targets is not None and not opened.targets:
        complain("nothing collected: no host matched")
        ctx.exit(4)
    for host in lost:
        complain(f"{host.host}: {host.coverage}, {host.reason}")
    ctx.exit(3 if lost else 0)
