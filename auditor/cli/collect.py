"""``nova-auditor collect``: evidence into a bundle, to be judged elsewhere or later."""

from pathlib import Path

import click

from auditor.cli import complain
from auditor.cli.output import logged
from auditor.cli.targets import Progress, read_salt, salt_option, target_options


@click.command(short_help="Collect evidence into a bundle.")
@target_options
@salt_option
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
@click.option(
    "--timeout", type=click.IntRange(1, 3600), metavar="SECONDS", help="How long a host may take; 20."
)
@click.option("-v", "--verbose", "verbosity", count=True, help="Tell on standard error what is done.")
@click.pass_context
def collect(
    ctx: click.Context,
    roots: tuple[str, ...],
    config_files: tuple[str, ...],
    config_dirs: tuple[str, ...],
    service: str | None,
    salt_file: Path | None,
    bundle: Path,
    jobs: int | None,
    timeout: float | None,
    verbosity: int,
) -> None:
    """Collect the evidence of this host or of trees, for `audit --evidence`.

    Secrets are replaced on the host; the bundle holds none. An earlier bundle in the folder is replaced. Exit 3 where a
    host gave nothing.
    """
    from auditor.collect import SECONDS, Options
    from auditor.collect import collect as gather
    from auditor.collect.bundle import write
    from auditor.collect.targets import read
    from auditor.evidence import Lost

    targets = read(roots)
    options = Options(config_files, config_dirs, service, timeout or SECONDS, salt=read_salt(salt_file))
    lost = []
    with logged(verbosity):
        progress = Progress(len(targets), verbosity)
        for source in write(bundle, gather(targets, options, jobs=jobs)):
            if isinstance(source, Lost):
                lost.append(source)
                progress(source.host, str(source.coverage))
            else:
                progress(source.host, "collected")
        progress.close()
    for host in lost:
        complain(f"{host.host}: {host.coverage}, {host.reason}")
    ctx.exit(3 if lost else 0)
