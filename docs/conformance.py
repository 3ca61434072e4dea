"""The page that says how far the auditor agrees with the real libraries: `docs/reference/conformance.md`."""

from collections.abc import Callable, Iterator

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


#: Fewer cases than these do not get a column of their own.
_FEW = 8

#: A driver of the cases to the distribution without which they only show that it is missing.
_DISTRIBUTIONS = {"psycopg": "psycopg", "confluent-kafka": "confluent-kafka", "mysqlclient": "mysqlclient"}


def page() -> str:
    """The page, from every recorded truth, replayed now."""
    found = {subject: [agreement(subject, name) for name in truth.recorded(subject)] for subject in SUBJECTS}
    every = [one for several in found.values() for one in several]
    cases = sum(len(ids) for one in every for ids in one.cases.values())
    undecided = sum(is_undecided(line) for one in every for line in one.disagreements.values())
    differing = sum(len(one.disagreements) for one in every) - undecided
    lines = [
        "# Conformance: the auditor against the real libraries",
        "",
        "What the auditor says of a configuration is compared with what the real client libraries of a release did",
        "with it: Nova's own option registration, the real driver, and servers on the loopback that show one face",
        "each. The results are kept in `tests/conformance/truth/`; `make test` replays the auditor against them, and",
        "`make test-real` measures Zed and 2026.2 anew (`make conformance` all of them) and confirms the impostors by",
        "real RabbitMQ, MariaDB and PostgreSQL.",
        "",
        f"**{cases:,} results in {len(every)} measurements: the auditor agrees with {cases - undecided - differing:,},",
        f"says `unknown` of {undecided:,} where the library is certain, and differs on {differing:,}.**",
        "",
        "A name such as `zed+pymysql-1.2.4` is a release with another version of one library.",
        "",
    ]
    for subject, (heading, what, libraries) in SUBJECTS.items():
        if found[subject]:
            lines += [f"## {heading}", "", what, "", *table(found[subject], libraries), ""]
    lines += ["## Undecided", "", *listed(every, is_listed=is_undecided), ""]
    lines += ["## Disagreements", "", *listed(every, is_listed=lambda line: not is_undecided(line)), ""]
    return "\n".join(lines).rstrip() + "\n"


def is_undecided(line: str) -> bool:
    """True where the auditor claims nothing, so that it cannot be wrong."""
    return any(
        word in line
        for word in ("auditor says unknown", "auditor says None", "auditor says error", "undecided")
    )


def table(measured: list[Agreement], libraries: tuple[str, ...]) -> Iterator[str]:
    """Releases (and releases with another version of one library) by driver: cases that agree, of how many."""
    sizes: dict[str, int] = {}
    for one in measured:
        for driver, ids in one.cases.items():
            sizes[driver] = max(sizes.get(driver, 0), len(ids))
    drivers = [driver for driver, size in sizes.items() if size >= _FEW]
    others = [driver for driver, size in sizes.items() if size < _FEW]
    columns = [*drivers, *(["others"] if others else [])]
    yield f"| release | measured | libraries | {' | '.join(columns)} |"
    yield "|---|---|---|" + "---|" * len(columns)
    for one in measured:
        versions = ", ".join(f"{name} {one.libraries[name]}" for name in libraries if name in one.libraries)
        counts = [agreed(one, driver) for driver in drivers]
        if others:
            counts.append(counted(one, [id_ for driver in others for id_ in one.cases.get(driver, ())]))
        yield f"| {one.release} | {one.measured} | {versions} | {' | '.join(counts)} |"


def agreed(one: Agreement, driver: str) -> str:
    """How many cases of a driver agree, of how many."""
    wanted = _DISTRIBUTIONS.get(driver)
    if wanted is not None and wanted not in one.libraries:
        return "not installed"
    return counted(one, list(one.cases.get(driver, ())))


def counted(one: Agreement, ids: list[str]) -> str:
    """``12 of 12``, with what of the rest is undecided."""
    if not ids:
        return "not measured"
    lines = [one.disagreements[id_] for id_ in ids if id_ in one.disagreements]
    undecided = sum(map(is_undecided, lines))
    return f"{len(ids) - len(lines)} of {len(ids)}" + (f" ({undecided} unknown)" if undecided else "")


def listed(every: list[Agreement], *, is_listed: Callable[[str], bool]) -> list[str]:
    """Each case on which auditor and library say something else, once, with what each says, where, and why."""
    places: dict[tuple[str, str, str], list[str]] = {}
    for one in every:
        for case, line in one.disagreements.items():
            if is_listed(line):
                places.setdefault((one.subject, case, line), []).append(one.release)
    lines = []
    for (subject, case, line), releases in places.items():
        why = known(subject).get(case)
        where = f"{len(releases)} measurements" if len(releases) > 3 else ", ".join(releases)
        lines.append(
            f"- {subject}, `{case}` ({where}): {line}" + (f". {why[0].upper()}{why[1:]}." if why else "")
        )
    return lines or ["None."]
