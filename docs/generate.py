"""Write the pages that are made from code: ``python -m docs.generate``; with ``--check`` say what has drifted.

Made are ``docs/reference/checks/`` (a page per check and an index), ``docs/reference/cli.md``,
``docs/reference/what-the-probe-reads.md``, and the blocks between
``<!-- generated: COMMAND -->`` and ``<!-- end -->`` in README.md, the tutorial and a how-to, which hold a command's real output;
and ``docs/reference/conformance.md``, which replays every recorded truth: whether that one has drifted is a test, which
has the time for it (tests/conformance/test_page.py).
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import click

from auditor.check import Case, Check, Example
from auditor.checks import CATALOGUE
from auditor.cli import main as cli
from auditor.model import Severity
from auditor.profiles import PROFILES, load
from docs import conformance, reads

ROOT = Path(__file__).resolve().parents[1]
CONFORMANCE = Path("docs/reference/conformance.md")
WIDTH = 80
HEADINGS = {Example.BAD: "Fails", Example.GOOD: "Passes", Example.MOOT: "Does not apply"}


def pages() -> Mapping[Path, str]:
    """Every generated page as it should be now."""
    made = {Path("docs/reference/checks") / f"{check.id}.md": check_page(check) for check in CATALOGUE}
    made[Path("docs/reference/checks/README.md")] = index_page()
    made[Path("docs/reference/cli.md")] = cli_page()
    made[reads.PAGE] = reads.page()
    for path in (Path("README.md"), Path("docs/tutorial.md"), Path("docs/how-to/least-privilege.md")):
        made[path] = with_blocks(ROOT / path)
    return made


def check_page(check: Check) -> str:
    """The page of one check: what, why, whom, the cure, and its examples, which are its tests."""
    why = check.doc.strip().split("\n\n", 1)
    lines = [
        f"# {check.id}",
        "",
        f"**{check.title}**",
        "",
        f"Severity {check.severity} · judged once per {check.scope} · {roles(check)}",
        f"· profile {profiles_of(check)}",
        "",
        *(why[1:] and [*paragraphs(why[1]), ""]),
        "## What mends it",
        "",
        check.remediation.strip(),
        "",
    ]
    if check.options:
        lines += [
            "## Options judged",
            "",
            *(f"- `[{group}] {name}`" for group, _, name in map(split, check.options)),
            "",
        ]
    for kind, heading in HEADINGS.items():
        for case in check.examples:
            if case.expected is kind:
                lines += [f"## {heading}", "", *example(case), ""]
    return "\n".join(lines).rstrip() + "\n"


def split(option: str) -> tuple[str, str, str]:
    """``group.name`` at its first dot."""
    return option.partition(".")


def paragraphs(text: str) -> list[str]:
    """A docstring's text with the source's line breaks."""
    return [line.strip() for line in text.strip().splitlines()]


def roles(check: Check) -> str:
    """Whom the check concerns, in words."""
    return "every role" if not check.roles else "roles " + ", ".join(sorted(check.roles))


def profiles_of(check: Check) -> str:
    """The lowest rung of the ladder that holds the check."""
    return next((name for name in PROFILES if check.id in load(name, CATALOGUE).checks), "none")


def example(case: Case) -> Iterator[str]:
    """An example as a reader would write it: the service, the release, and the text."""
    yield f"{case.service} of {case.release}" + (f": {case.why}" if case.why else "") + "."
    yield ""
    yield "```ini"
    yield case.nova_conf.strip("\n")
    yield "```"
    for path, text in case.files.items():
        yield f"with `{path}`:"
        yield ""
        yield "```ini"
        yield text.strip("\n") if "PRIVATE KEY" not in text and "BEGIN CERT" not in text else "(a PEM file)"
        yield "```"


def index_page() -> str:
    """All checks by area, the worst first."""
    lines = ["# Checks", "", f"{len(CATALOGUE)} checks. `nova-auditor explain CHECK` prints a page.", ""]
    for area in dict.fromkeys(check.area for check in CATALOGUE):
        lines += [f"## {area}", "", "| check | severity | profile | the problem |", "|---|---|---|---|"]
        of_area = [check for check in CATALOGUE if check.area == area]
        for check in sorted(of_area, key=lambda one: (-list(Severity).index(one.severity), one.id)):
            lines.append(
                f"| [{check.id}]({check.id}.md) | {check.severity} | {profiles_of(check)} | {check.title} |"
            )
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def cli_page() -> str:
    """Every command's help, as it prints it."""
    lines = ["# The command line", "", "Made from the program's own `--help`.", ""]
    context = click.Context(cli, info_name="nova-auditor", terminal_width=WIDTH, max_content_width=WIDTH)
    for path, command, inner in commands(cli, context):
        lines += [f"## {path}", "", "```text", command.get_help(inner).rstrip(), "```", ""]
    return "\n".join(lines).rstrip() + "\n"


def commands(
    command: click.Command, context: click.Context
) -> Iterator[tuple[str, click.Command, click.Context]]:
    """A command and those below it, with the words that call them."""
    yield context.command_path, command, context
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            if below is not None:
                inner = click.Context(
                    below, parent=context, info_name=name, terminal_width=WIDTH, max_content_width=WIDTH
                )
                yield from commands(below, inner)


def with_blocks(path: Path) -> str:
    """A page whose generated blocks are written anew."""
    return re.sub(
        r"(<!-- generated: (.+?) -->\n).*?(<!-- end -->)",
        lambda match: match[1] + block(match[2]) + match[3],
        path.read_text(),
        flags=re.DOTALL,
    )


def block(command: str) -> str:
    """The real output of a command, at 80 columns and without colour; ``| lines A-B`` keeps some of its lines."""
    words, _, window = command.partition(" | lines ")
    environment = {**os.environ, "COLUMNS": str(WIDTH), "NO_COLOR": "1", "TERM": "dumb"}
    program = [sys.executable, "-m", "auditor.cli", *words.split()[1:]]
    output = subprocess.run(
        program, capture_output=True, text=True, cwd=ROOT, env=environment, check=False
    ).stdout
    lines = output.rstrip().splitlines()
    if window:
        first, _, last = window.partition("-")
        lines = [*lines[int(first) - 1 : int(last)], "..."]
    shown = "\n".join(line.rstrip() for line in lines)
    return f"```text\n$ {words}\n{shown}\n```\n"


def stale() -> list[Path]:
    """Generated pages that no check makes any more."""
    known = {ROOT / path for path in pages()}
    return [path for path in (ROOT / "docs/reference/checks").glob("*.md") if path not in known]


def main() -> int:
    """Write the pages, or with ``--check`` compare them; 1 where one has drifted."""
    drifted = [
        path
        for path, text in pages().items()
        if not (ROOT / path).exists() or (ROOT / path).read_text() != text
    ]
    gone = stale()
    if "--check" in sys.argv[1:]:
        for path in (*drifted, *gone):
            sys.stderr.write(
                f"{path}: not what the code makes of it; run `make docs` and commit the result\n"
            )
        return 1 if drifted or gone else 0
    for path, text in (*pages().items(), (CONFORMANCE, conformance.page())):
        (ROOT / path).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / path).write_text(text)
    for path in gone:
        path.unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main())
