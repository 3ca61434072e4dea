"""``nova-auditor checks`` and ``explain``: what the catalogue says about itself."""

import json
from typing import TYPE_CHECKING, Any

import click

from auditor.cli.completion import complete_check
from auditor.cli.output import write_out

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from auditor.check import Check

_HEADINGS = {"fail": "Fails", "pass": "Passes", "not_applicable": "Does not apply"}


@click.command(short_help="List the checks.")
@click.option("--profile", metavar="NAME|FILE", help="Only the checks of this profile.")
@click.option(
    "-f", "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True
)
def checks(profile: str | None, form: str) -> None:
    """List the checks: id, severity, the lowest profile that holds it, and the problem."""
    from auditor.checks import CATALOGUE
    from auditor.profiles import load

    rungs = _rungs(CATALOGUE)
    wanted = None if profile is None else load(profile, CATALOGUE).checks
    listed = [check for check in CATALOGUE if wanted is None or check.id in wanted]
    if form == "json":
        write_out(json.dumps([_record(check, rungs) for check in listed], indent=2) + "\n")
        return
    width = max((len(check.id) for check in listed), default=0)
    lines = [
        f"{check.id:{width}}  {check.severity:8}  {rungs.get(check.id, '-'):11}  {check.title}"
        for check in listed
    ]
    write_out("\n".join([*lines, ""]))


def _rungs(catalogue: "Sequence[Check]") -> "Mapping[str, str]":
    """The lowest profile of the ladder that holds each check."""
    from auditor.profiles import PROFILES, load

    return {check: name for name in reversed(PROFILES) for check in load(name, catalogue).checks}


def _record(check: "Check", rungs: "Mapping[str, str]") -> dict[str, Any]:
    return {
        "id": check.id,
        "title": check.title,
        "severity": str(check.severity),
        "scope": str(check.scope),
        "profile": rungs.get(check.id),
        "roles": sorted(str(role) for role in check.roles),
        "needs": sorted(check.needs),
        "options": list(check.options),
    }


@click.command(short_help="Say why a check matters and what mends it.")
@click.argument("check", shell_complete=complete_check)
def explain(check: str) -> None:
    """Say what a check looks for, why it matters, and what mends it, with examples."""
    from auditor.checks import CATALOGUE
    from auditor.profiles import find

    found = find(check, CATALOGUE)
    write_out("\n".join(_page(found, _rungs(CATALOGUE).get(found.id, "none"))) + "\n")


def _page(check: "Check", profile: str) -> "Iterator[str]":
    import textwrap

    yield f"{check.id}: {check.title}"
    yield ""
    roles = ", ".join(sorted(check.roles)) or "every role"
    said = f"severity {check.severity} | judged once per {check.scope} | {roles} | profile {profile}"
    yield textwrap.fill(said, 80)
    for paragraph in check.doc.strip().split("\n\n"):
        yield ""
        yield textwrap.fill(" ".join(paragraph.replace("``", "`").split()), 80)
    yield ""
    yield "What mends it"
    yield textwrap.fill(check.remediation.strip(), 80, initial_indent="  ", subsequent_indent="  ")
    if check.options:
        yield ""
        yield "Options judged"
        for option in check.options:
            group, _, name = option.partition(".")
            yield f"  [{group}] {name}"
    for case in check.examples:
        yield ""
        why = f": {case.why}" if case.why else ""
        yield f"{_HEADINGS[case.expected]} ({case.service} of {case.release}{why})"
        yield textwrap.indent(case.nova_conf.strip("\n"), "  ")
        for path, text in case.files.items():
            yield f"  with {path}:"
            yield textwrap.indent("(a PEM file)" if "-----BEGIN" in text else text.strip("\n"), "    ")
