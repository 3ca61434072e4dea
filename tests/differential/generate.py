"""Makes the configuration sets of the differential test, always the same ones.

    python -m tests.differential.generate OPTIONS.json.gz ... -o tests/differential/sets.json.gz

OPTIONS are what `record.py options` wrote for each release. A set is::

    { "id", "program": argv[0] without its folder, "application": "osapi_compute" | "metadata" (WSGI only),
      "files": {path: text, or {"base64": bytes}}, "directories": [path], "links": {path: target}, "modes": {path: octal},
      "arguments": [...], "environment": {name: value}, "home": folder }
"""

import argparse
import gzip
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any

from tests.differential import installations, references, scenarios, syntax
from tests.differential.values import values_for
from tests.differential.writing import HOME, PROGRAMS, Case, Catalogue, Cycle, configuration, named, sectioned


def read_catalogue(paths: Sequence[Path]) -> Catalogue:
    """The options of several releases as one: {"group.dest": option}, sorted; the first release that has one wins."""
    merged: dict[str, Any] = {}
    for path in paths:
        for key, option in json.loads(gzip.decompress(path.read_bytes())).items():
            known = merged.setdefault(key, option)
            known["deprecated"] = sorted({(a, b) for a, b in [*known["deprecated"], *option["deprecated"]]})
            known["cli"] = sorted({*known["cli"], *option["cli"]})
    return dict(sorted(merged.items()))


def every_option(catalogue: Catalogue, rng: Random) -> Iterator[Case]:
    """Every option gets two values of its type; a value that is no good must not disturb its neighbours."""
    keys = [key for key, option in catalogue.items() if not option["cli"]] * 2
    rng.shuffle(keys)
    pools = {key: Cycle(values_for(key, option), rng) for key, option in catalogue.items()}
    for start in range(0, len(keys), 12):
        assignments = [(key, pools[key].next()) for key in keys[start : start + 12]]
        half = rng.choice((12, 12, 6))
        files = {"/etc/nova/nova.conf": configuration(rng, assignments[:half])}
        if half < 12:
            files["/etc/nova/nova.conf.d/10-more.conf"] = configuration(rng, assignments[half:])
        yield {"program": rng.choice(PROGRAMS), "files": files}


def every_value(catalogue: Catalogue, rng: Random) -> Iterator[Case]:
    """Every value of the rarer types, and of options with choices or a pattern, at least once."""
    rare: dict[str, list[str]] = {}
    for key, option in catalogue.items():
        if option["cli"]:
            continue
        if option["regex"]:
            rare.setdefault(key, []).append(key)
        elif option["choices"]:
            rare.setdefault("choices:" + ",".join(map(str, option["choices"])), []).append(key)
        elif (
            option["type"] in ("Port", "HostAddress", "HostDomain", "URI", "Dict", "MultiString", "function")
            or option["item"]
        ):
            rare.setdefault(f"{option['type']} {option['item']}", []).append(key)
        elif option["type"] in ("Boolean", "Integer", "Float", "String", "str"):
            rare.setdefault(option["type"], []).append(key)
    waiting = [
        [(keys[n % len(keys)], value) for n, value in enumerate(values_for(keys[0], catalogue[keys[0]]))]
        for keys in rare.values()
    ]
    while waiting:
        # One value of each of some twenty kinds in a set, so that no option is written twice.
        batch = [queue.pop(0) for queue in waiting[:20]]
        waiting = [queue for queue in [*waiting[20:], *waiting[:20]] if queue]
        yield {"program": rng.choice(PROGRAMS), "files": {"/etc/nova/nova.conf": configuration(rng, batch)}}


def command_line_options(catalogue: Catalogue, rng: Random) -> Iterator[Case]:
    """Options of the command line are converted while parsing: a bad value stops the service."""
    keys = [key for key, option in catalogue.items() if option["cli"]]
    pools = {key: Cycle(values_for(key, catalogue[key]), rng) for key in keys}
    for key in keys * 2:
        programs = [program for program in catalogue[key]["cli"] if program in PROGRAMS] or list(PROGRAMS)
        chosen = [(key, pools[key].next())]
        case: Case = {"program": rng.choice(programs), "files": {}}
        where = rng.choice(("file", "file", "environment", "both"))
        if where != "environment":
            case["files"] = {"/etc/nova/nova.conf": configuration(rng, chosen)}
        if where != "file":
            case["environment"] = named(key, pools[key].next())
        if rng.random() < 0.3:
            case["files"]["/etc/nova/nova.conf.d/1.conf"] = configuration(rng, [(key, pools[key].next())])
        yield case


def environment(catalogue: Catalogue, rng: Random) -> Iterator[Case]:
    """Values from the environment: not stripped, no quotes taken off, above files, known by the current name only."""
    keys = Cycle([key for key, option in catalogue.items() if not option["cli"]], rng)
    old = Cycle([key for key, option in catalogue.items() if option["deprecated"]], rng)
    strings = Cycle([key for key, option in catalogue.items() if option["type"] in ("String", "str")], rng)
    for _ in range(60):
        chosen = [keys.next() for _ in range(6)] + [strings.next()]
        found: dict[str, str] = {}
        for key in chosen:
            found |= named(key, rng.choice(values_for(key, catalogue[key])))
        key = old.next()
        group, name = rng.choice(catalogue[key]["deprecated"])
        found |= named(f"{group or key.split('.', 1)[0]}.{name or key.split('.', 1)[1]}", "old")
        spelled = rng.choice(chosen)
        odd = rng.choice(
            (
                f"os_{spelled.replace('.', '__')}",
                f"OS_{spelled.upper().replace('.', '_')}",
                f"OS_{spelled.replace('.', '__')}",
            )
        )
        found.setdefault(odd, "other")
        below = [(key, rng.choice(values_for(key, catalogue[key]))) for key in rng.sample(chosen, 3)]
        yield {
            "program": rng.choice(PROGRAMS),
            "files": {"/etc/nova/nova.conf": configuration(rng, below)},
            "environment": dict(sorted(found.items())),
        }


def renamed_options(catalogue: Catalogue, rng: Random) -> Iterator[Case]:
    """Deprecated names: beside the current one, in later files, in other groups, misspelt with hyphens or case."""
    old = Cycle([key for key, option in catalogue.items() if option["deprecated"]], rng)
    files = ("/etc/nova/nova.conf", "/etc/nova/nova.conf.d/20-old.conf", "/etc/nova/nova.conf.d/30-new.conf")
    for _ in range(170):
        chosen = [old.next() for _ in range(5)]
        contents: dict[str, list[tuple[str, str, str]]] = {}
        for key in chosen:
            group, dest = key.split(".", 1)
            names = [(group, dest), *((g or group, n or dest) for g, n in catalogue[key]["deprecated"])]
            names.append(
                rng.choice(
                    (
                        (group, dest.replace("_", "-")),
                        (group.upper(), dest),
                        (group, dest.upper()),
                        ("DEFAULT", dest),
                    )
                )
            )
            good = [value for value in values_for(key, catalogue[key]) if value.strip()]
            for path in rng.sample(files, rng.choice((1, 1, 2, 3))):
                for spelled in rng.sample(names, min(len(names), rng.choice((1, 1, 2, 3)))):
                    contents.setdefault(path, []).append((*spelled, rng.choice(good[:12])))
        case: Case = {
            "program": rng.choice(PROGRAMS),
            "files": {path: sectioned(rng, rows) for path, rows in sorted(contents.items())},
        }
        if rng.random() < 0.15:
            case["environment"] = named(rng.choice(chosen), "7")
        if rng.random() < 0.3:
            case["arguments"] = ["--config-file", "/etc/nova/nova.conf"]
        yield case


FAMILIES = (
    every_option,
    every_value,
    command_line_options,
    environment,
    renamed_options,
    scenarios.precedence,
    references.substitution,
    scenarios.search_path,
    scenarios.applications,
    scenarios.arguments,
    scenarios.consoles,
    installations.broken_files,
    references.per_value_groups,
    installations.deployments,
    syntax.spelled_oddly,
    syntax.raw_bytes,
)


def generate(catalogue: Catalogue, seed: str) -> list[Case]:
    """All sets, in order; each family has a generator of random numbers of its own."""
    cases: list[Case] = []
    for family in FAMILIES:
        rng = Random(f"{seed} {family.__name__}")  # noqa: S311 - the same numbers every time are the point
        for number, case in enumerate(family(catalogue, rng), 1):
            rest: Mapping[str, Any] = {"arguments": [], "environment": {}, "home": HOME, **case}
            # No environment can hold a NUL.
            variables = {name: value.replace("\0", "0") for name, value in rest["environment"].items()}
            cases.append({"id": f"{family.__name__}-{number:03}", **rest, "environment": variables})
    return cases


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("options", nargs="+", type=Path)
    parser.add_argument("-o", "--output", required=True, type=Path)
    parser.add_argument(
        "--seed", default="nova-auditor", help="another one gives other sets, to look for more"
    )
    given = parser.parse_args()
    cases = generate(read_catalogue(given.options), given.seed)
    raw = json.dumps(cases, sort_keys=True, separators=(",", ":")).encode()
    given.output.write_bytes(gzip.compress(raw, mtime=0))
    sys.stderr.write(f"{len(cases)} sets, {given.output.stat().st_size} bytes\n")


if __name__ == "__main__":
    main()
