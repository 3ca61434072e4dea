"""Recorded truth: what the real libraries of a release did with each case of a subject.

``python -m tests.conformance.truth SUBJECT|all [RELEASE ...]`` measures anew and writes it to ``truth/``. A document
names the versions of the libraries that decided, and the day; `fresh` is one that was measured just now.
"""

import gzip
import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Container, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from tests.conformance import environments

SCHEMA = "conformance-truth/1"
HERE = Path(__file__).parent
TRUTH = HERE / "truth"

#: Subject to the seconds its measurement may take in one release.
SUBJECTS: Mapping[str, int] = {
    "messaging": 600,
    "cells": 120,
    "mysql": 600,
    "postgresql": 600,
    "clients": 600,
    "logs": 600,
    "pools": 120,
    "traps": 120,
}

#: What settings of this machine could change what a library does.
_FOREIGN = (
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "PYTHONPATH",
    "PYTHONWARNINGS",
)
_FOREIGN_PREFIXES = ("OS_", "PG", "MYSQL", "http", "HTTP", "no_proxy", "NO_PROXY")


def cases(subject: str) -> Sequence[Mapping[str, Any]]:
    """The cases of a subject, in their order; ids are unique."""
    found: Sequence[Mapping[str, Any]] = import_module(f"tests.conformance.cases.{subject}").cases()
    return found


def digest(subject: str) -> str:
    """SHA-256 of the cases, by which a truth knows what was asked."""
    return hashlib.sha256(json.dumps(list(cases(subject)), sort_keys=True).encode()).hexdigest()


def recorded(subject: str) -> tuple[str, ...]:
    """What has truth of a subject: releases, oldest first, then overlays."""
    names = {path.name.removesuffix(".json.gz") for path in (TRUTH / subject).glob("*.json.gz")}
    known = [name for name in environments.releases() if name in names]
    return (*known, *sorted(names - set(known)))


@cache
def read(subject: str, release: str) -> Mapping[str, Any]:
    """The recorded truth of a subject and release."""
    found: Mapping[str, Any] = json.loads(
        gzip.decompress((TRUTH / subject / f"{release}.json.gz").read_bytes())
    )
    return found


def fresh(subject: str, release: str, only: Container[str] | None = None) -> Mapping[str, Any]:
    """Measure a subject in a release's environment (or an overlay's) now; ``only`` are the ids of some of its cases.

    Raises:
        subprocess.CalledProcessError: the measuring program failed; its output says why.
    """
    python, extra = _python(release)
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in _FOREIGN and not name.startswith(_FOREIGN_PREFIXES)
    }
    environment |= {"PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1", "LC_ALL": "C.UTF-8", **extra}
    with tempfile.TemporaryDirectory(prefix="conformance-") as folder:
        source, target = Path(folder) / "cases.json", Path(folder) / "results.json"
        chosen = [case for case in cases(subject) if only is None or case["id"] in only]
        source.write_text(json.dumps(chosen))
        environment |= {"HOME": folder, "TMPDIR": folder}
        command = [str(python), str(HERE / "measure" / f"{subject}.py"), str(source), str(target)]
        subprocess.run(command, check=True, timeout=SUBJECTS[subject], env=environment, cwd=folder)
        measured = json.loads(target.read_text())
    return {
        "schema": SCHEMA,
        "subject": subject,
        "release": release,
        "measured": datetime.now(UTC).date().isoformat(),
        "cases": digest(subject),
        **measured,
    }


def _python(name: str) -> tuple[Path, Mapping[str, str]]:
    """The Python of a release or an overlay, and what its environment adds."""
    if name in environments.releases():
        return environments.interpreter(name), {}
    python, folder = environments.overlay(name)
    return python, {"PYTHONPATH": str(folder)}


def record(subject: str, release: str) -> Path:
    """Measure, and keep what came out."""
    path = TRUTH / subject / f"{release}.json.gz"
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(fresh(subject, release), sort_keys=True, separators=(",", ":"))
    path.write_bytes(gzip.compress(text.encode(), mtime=0))
    return path


def main(arguments: Sequence[str]) -> None:
    """Record the truth of one subject or all, for some releases and overlays or all."""
    wanted, *releases = arguments
    for subject in SUBJECTS if wanted == "all" else (wanted,):
        # An overlay is measured for the subjects that its library decides, which have truth of it already.
        for release in releases or dict.fromkeys((*environments.releases(), *recorded(subject))):
            sys.stdout.write(f"{record(subject, release).relative_to(HERE)}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
