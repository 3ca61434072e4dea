"""``nova-auditor collect``: evidence into a bundle, to be judged elsewhere or later."""

import gzip
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote

import click

from auditor.cli import complain
from auditor.cli.output import logged, write_private
from auditor.cli.targets import Progress, read_targets, target_options
from auditor.errors import FileError, UsageError
from auditor.evidence import Document, Lost


@click.command(short_help="Collect evidence into a bundle.")
@target_options
@click.option(
    "-o",
    "--output",
    "bundle",
    required=True,
    type=click.Path(path_type=Path),
    metavar="BUNDLE",
    help="The folder to make: one redacted document per host, and a manifest.",
)
@click.option("--jobs", type=click.IntRange(1, 64), metavar="N", help="How many hosts at a time.")
@click.option(
    "--timeout", type=click.FloatRange(1, 3600), metavar="SECONDS", help="How long a host may take; 20."
)
@click.option("-v", "--verbose", "verbosity", count=True, help="Tell on standard error what is done.")
@click.pass_context
def collect(
    ctx: click.Context,
    roots: tuple[str, ...],
    config_files: tuple[str, ...],
    config_dirs: tuple[str, ...],
    service: str | None,
    bundle: Path,
    jobs: int | None,
    timeout: float | None,
    verbosity: int,
) -> None:
    """Collect the evidence of this host or of trees, for `audit --evidence`.

    Secrets are replaced on the host; the bundle holds none. Exit 3 where a host gave nothing.
    """
    if bundle.exists():
        raise UsageError(f"-o {bundle}: it exists already; name a new folder")
    if not bundle.absolute().parent.is_dir():
        raise UsageError(f"-o {bundle}: there is no folder {bundle.absolute().parent}; make it first")

    from auditor.collect import SECONDS, Options
    from auditor.collect import collect as gather

    targets = read_targets(roots)
    options = Options(config_files, config_dirs, service, timeout or SECONDS)
    with logged(verbosity):
        progress = Progress(len(targets), verbosity)
        lost = write_bundle(bundle, gather(targets, options, jobs=jobs), progress)
        progress.close()
    for host in lost:
        complain(f"{host.host}: {host.coverage}, {host.reason}")
    ctx.exit(3 if lost else 0)


def write_bundle(bundle: Path, sources: Iterable[Document | Lost], progress: Progress) -> tuple[Lost, ...]:
    """Write the documents that come and a manifest into a new folder; return the hosts that gave none.

    Raises:
        FileError: the folder cannot be written.
    """
    lost: list[Lost] = []
    manifest: list[str] = []
    try:
        temporary = Path(tempfile.mkdtemp(prefix=f".{bundle.name}.", dir=bundle.absolute().parent))
    except OSError as error:
        raise FileError(bundle, error.strerror or str(error), "name a folder that can be made") from None
    try:
        for source in sources:
            if isinstance(source, Lost):
                lost.append(source)
                progress(source.host, str(source.coverage))
                continue
            name = f"{file_name(source.host)}.json.gz"
            content = gzip.compress(
                json.dumps(source.content, separators=(",", ":")).encode("ascii"), mtime=0
            )
            write_private(temporary / name, content)
            manifest.append(f"{hashlib.sha256(content).hexdigest()}  {name}\n")
            progress(source.host, "collected")
        write_private(temporary / "MANIFEST.sha256", "".join(manifest).encode("ascii"))
        os.rename(temporary, bundle)  # noqa: PTH104 - refuses a folder that has come to be meanwhile
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise
    return tuple(lost)


def file_name(host: str) -> str:
    """A host's name as the name of a file: what is no letter, digit, dot or dash is percent-encoded."""
    quoted = quote(host, safe="")
    return f"%2E{quoted[1:]}" if quoted.startswith(".") else quoted
