"""The options of the commands that judge evidence, shared by them: what it is judged by, and what a run may cost."""

from pathlib import Path

import click

from auditor.cli.sections import section
from auditor.gate import Gate, read_tolerance
from auditor.model import Severity

judged = section("How it is judged")
written = section("What is written")

site_option = judged(
    "--site",
    type=click.Path(path_type=Path, readable=False),
    metavar="FILE",
    help="Thresholds of this site, in TOML.",
)

output_option = written(
    "-o",
    "--output",
    type=click.Path(path_type=Path, readable=False),
    metavar="FILE",
    help="Write there, not to the terminal.",
)

tolerate_option = judged(
    "--tolerate",
    multiple=True,
    metavar="WORD=N,...",
    help="How many may be lost without exit 3: unreachable, partial (hosts), error, unknown (results).",
)

exit_zero_option = judged("--exit-zero", is_flag=True, help="Only report: exit 0 whatever was found.")

verbose_option = written(
    "-v", "--verbose", "verbosity", count=True, help="Tell on standard error what is done; -vvv tells most."
)


def gate_of(fail_on: str, tolerate: tuple[str, ...], *, exit_zero: bool, doubt: str | None = None) -> Gate:
    """The gate that ``--fail-on``, ``--tolerate`` and ``--exit-zero`` ask for, with the doubt about the sources.

    Raises:
        UsageError: what is tolerated is not a word and a number.
    """
    return Gate(
        None if fail_on == "none" else Severity(fail_on),
        tuple(pair for text in tolerate for pair in read_tolerance(text)),
        exit_zero,
        doubt,
    )
