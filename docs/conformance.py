"""The page that says how far the auditor agrees with the real libraries: `docs/reference/conformance.md`."""

from collections.abc import Iterator

from tests.conformance import truth
from tests.conformance.agreement import Agreement, agreement, known

#: Subject to its heading, what a case is, and the libraries of the first column, which decide.
SUBJECTS = {
    "messaging": (
        "RPC and notifications",
        "A case is a configuration shown to six faces: no TLS, and certificates right and wrong.",
        ("oslo.messaging", "kombu", "amqp", "confluent-kafka"),
    ),
    "cells": (
        "Templates of cells",
        "A case is a template of a cell and the URL it is filled from; compared is the URL that the cell gets.",
        ("nova",),
    ),
    "mysql": (
        "MySQL and MariaDB",
        "A case is a configuration shown to the same faces.",
        ("PyMySQL", "mysqlclient", "SQLAlchemy", "oslo.db"),
    ),
    "pools": (
        "Database pools and retries",
        "A case is a setting of oslo.db against a server that refuses or stays silent.",
        ("oslo.db", "SQLAlchemy", "PyMySQL"),
    ),
    "postgresql": (
        "PostgreSQL",
        "A case is a configuration shown to the same faces.",
        ("psycopg2", "psycopg", "libpq", "SQLAlchemy"),
    ),
    "clients": (
        "HTTP clients",
        "A case is a configuration against a server that refuses, stays silent, drips or answers with an error; no measured time may be above the bound.",
        ("keystoneauth1", "openstacksdk", "keystonemiddleware", "urllib3"),
    ),
    "logs": (
        "Logging",
        "A case is a configuration; compared are the levels of the sensitive loggers and what was really written.",
        ("oslo.log", "oslo.db", "keystoneauth1", "SQLAlchemy"),
    ),
    "traps": (
        "Facts of their own",
        "A case is a trap that no other subject holds.",
        ("oslo.messaging", "oslo.db", "oslo.config"),
    ),
}


def page() -> str:
    """The page, from every recorded truth, replayed now."""
    found = {subject: [agreement(subject, name) for name in truth.recorded(subject)] for subject in SUBJECTS}
    every = [one for several in found.values() for one in several]
    cases = sum(len(ids) for one in every for ids in one.cases.values())
    differing = sum(len(one.disagreements) for one in every)
    lines = [
        "# Conformance: the auditor against the real libraries",
        "",
        "What the auditor says of a configuration is compared with what the real client libraries of a release did",
        "with it: Nova's own option registration, the real driver, and servers on the loopback that show one face",
        "each. The results are kept in `tests/conformance/truth/`; `make test` replays the auditor against them, and",
        "`make test-real` measures Zed and 2026.2 anew (`make conformance` all of them).",
        "",
        f"**{cases:,} results in {len(every)} measurements; the auditor agrees with {cases - differing:,} of them.**",
        "",
    ]
    for subject, (heading, what, libraries) in SUBJECTS.items():
        if found[subject]:
            lines += [f"## {heading}", "", what, "", *table(found[subject], libraries), ""]
    lines += ["## Disagreements", "", *(disagreements(every) or ["None."]), ""]
    return "\n".join(lines).rstrip() + "\n"


def table(measured: list[Agreement], libraries: tuple[str, ...]) -> Iterator[str]:
    """Releases (and releases with another version of one library) by driver: cases that agree, of how many."""
    drivers = list(dict.fromkeys(driver for one in measured for driver in one.cases))
    yield f"| release | measured | libraries | {' | '.join(drivers)} |"
    yield "|---|---|---|" + "---|" * len(drivers)
    for one in measured:
        versions = ", ".join(f"{name} {one.libraries[name]}" for name in libraries if name in one.libraries)
        counts = (agreed(one, driver) for driver in drivers)
        yield f"| {one.release} | {one.measured} | {versions} | {' | '.join(counts)} |"


def agreed(one: Agreement, driver: str) -> str:
    """How many cases of a driver agree, of how many."""
    ids = one.cases.get(driver, ())
    if not ids:
        return "not measured"
    return f"{sum(id_ not in one.disagreements for id_ in ids)} of {len(ids)}"


def disagreements(every: list[Agreement]) -> list[str]:
    """Each case on which auditor and library differ, with what each says and, where it is known, why."""
    return [
        f"- {one.subject}, {one.release}, `{case}`: {line}"
        + (f" ({known(one.subject)[case]})" if case in known(one.subject) else "")
        for one in every
        for case, line in one.disagreements.items()
    ]
