"""The options of the commands that judge evidence, shared by them: where it comes from, and what a run may cost."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import click

from auditor.cli.targets import read_salt
from auditor.errors import UsageError
from auditor.evidence import Document, Lost
from auditor.gate import Gate, read_tolerance
from auditor.model import Severity, Target

evidence_option = click.option(
    "--evidence",
    multiple=True,
    type=click.Path(path_type=Path, readable=False),
    metavar="PATH",
    help="Judge collected evidence, a bundle or one file, instead of looking at a host; repeatable.",
)

site_option = click.option(
    "--site",
    type=click.Path(path_type=Path, readable=False),
    metavar="FILE",
    help="Thresholds of this site, in TOML.",
)

output_option = click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, readable=False),
    metavar="FILE",
    help="Write there, not to the terminal.",
)

tolerate_option = click.option(
    "--tolerate",
    multiple=True,
    metavar="WORD=N,...",
    help="How many may be lost without exit 3: unreachable, partial (hosts), error, unknown (results).",
)

timeout_option = click.option(
    "--timeout",
    type=click.IntRange(1, 3600),
    metavar="SECONDS",
    help="How long a host may take to answer; by default 20 seconds.",
)

exit_zero_option = click.option("--exit-zero", is_flag=True, help="Only report: exit 0 whatever was found.")

verbose_option = click.option(
    "-v", "--verbose", "verbosity", count=True, help="Tell on standard error what is done; -vvv tells most."
)


@dataclass(frozen=True, slots=True)
class Sources:
    """Where the evidence of a run comes from, as the command line says.

    Raises:
        UsageError: what was collected is to be judged, and something is to be looked at too.
    """

    evidence: tuple[Path, ...]
    roots: tuple[str, ...]
    config_files: tuple[str, ...]
    config_dirs: tuple[str, ...]
    service: str | None
    salt_file: Path | None
    timeout: float | None

    def __post_init__(self) -> None:
        looks = self.roots or self.config_files or self.config_dirs or self.service or self.salt_file
        if self.evidence and looks:
            raise UsageError(
                "--evidence holds what was collected; leave --root, --config-*, --service and --salt-file away"
            )

    def open(self, jobs: int) -> tuple[tuple[Target, ...] | None, Iterable[Document | Lost]]:
        """The targets that are expected, None where the evidence itself says which, and what they give."""
        if self.evidence:
            from auditor.collect import bundle

            return None, bundle.read(self.evidence)
        from auditor.collect import SECONDS, Options, collect
        from auditor.collect.targets import read

        targets = read(self.roots)
        options = Options(
            self.config_files,
            self.config_dirs,
            self.service,
            self.timeout or SECONDS,
            salt=read_salt(self.salt_file),
        )
        return targets, collect(targets, options, jobs=jobs)


def gate_of(fail_on: str, tolerate: tuple[str, ...], *, exit_zero: bool) -> Gate:
    """The gate that ``--fail-on``, ``--tolerate`` and ``--exit-zero`` ask for.

    Raises:
        UsageError: what is tolerated is not a word and a number.
    """
    return Gate(
        None if fail_on == "none" else Severity(fail_on),
        tuple(pair for text in tolerate for pair in read_tolerance(text)),
        exit_zero,
    )
