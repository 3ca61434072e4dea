"""What an author of a check imports: the frame of a check, its three outcomes, and its examples.

A check is one file of the catalogue: a docstring (the problem as a sentence, then why it matters), a pure
``evaluate(subject, site)`` that judges one object, and a frozen ``CHECK``. See `docs/how-to/add-a-check.md`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from auditor.errors import Unavailable, Undecidable
from auditor.model import (
    Client,
    File,
    Host,
    Judged,
    Kind,
    Library,
    Missing,
    Posture,
    Role,
    Server,
    Service,
    Setting,
    Severity,
    Status,
    Transport,
)
from auditor.site import Site

__all__ = [
    "Case",
    "Check",
    "Client",
    "Example",
    "File",
    "Host",
    "Judged",
    "Kind",
    "Library",
    "Missing",
    "Outcome",
    "Posture",
    "Role",
    "Scope",
    "Server",
    "Service",
    "Setting",
    "Severity",
    "Site",
    "Status",
    "Transport",
    "Unavailable",
    "Undecidable",
    "bad",
    "failed",
    "good",
    "moot",
    "not_applicable",
    "passed",
]


class Scope(StrEnum):
    """What the engine calls a check with, once per object."""

    SERVICE = "service"
    TRANSPORT = "transport"
    CLIENT = "client"
    FILE = "file"
    HOST = "host"
    SERVER = "server"
    FLEET = "fleet"


class Evident(Protocol):
    """Anything that can stand as evidence of an outcome: a setting, a library."""

    def judged(self) -> Judged: ...


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a check says about one object.

    ``remedy`` replaces the check's general remediation where the subject knows the exact line to write.
    """

    status: Status
    message: str
    evidence: tuple[Judged, ...] = ()
    remedy: str | None = None


def failed(message: str, *judged: "Evident | Transport | None", remedy: str | None = None) -> Outcome:
    """The problem is there. ``judged`` are the settings, libraries or transports that show it."""
    return Outcome(Status.FAIL, message, _lines(judged), remedy)


def passed(message: str, *judged: "Evident | Transport | None") -> Outcome:
    """The problem is not there, by what was judged. Only this returned value is ever a pass."""
    return Outcome(Status.PASS, message, _lines(judged))


def not_applicable(reason: str) -> Outcome:
    """The problem cannot concern this object, with the reason; the reason is a constant, so that it can be counted."""
    return Outcome(Status.NOT_APPLICABLE, reason)


def _lines(judged: "tuple[Evident | Transport | None, ...]") -> tuple[Judged, ...]:
    lines: list[Judged] = []
    for item in judged:
        if isinstance(item, Transport):
            lines.extend(item.evidence())
        elif item is not None:
            lines.append(item.judged())
    return tuple(dict.fromkeys(lines))


class Example(StrEnum):
    """What an example of a check must come to."""

    BAD = "fail"
    GOOD = "pass"
    MOOT = "not_applicable"


@dataclass(frozen=True, slots=True)
class Case:
    """An example: raw configuration text that goes through the real parser, and what must come of it.

    ``files`` maps further paths to texts; ``service`` is the program, ``release`` the release it runs. ``evidence`` and
    ``record`` are what a running host would have beside that, in the form of the evidence's JSON: keys of the document and
    of the service's record. With either the example is a live host's.
    """

    expected: Example
    nova_conf: str
    service: str = "nova-conductor"
    release: str = "2025.1"
    why: str = ""
    files: Mapping[str, str] = field(default_factory=dict)
    arguments: tuple[str, ...] = ()
    evidence: Mapping[str, Any] = field(default_factory=dict)
    record: Mapping[str, Any] = field(default_factory=dict)


def bad(nova_conf: str, **rest: Any) -> Case:
    """An example with the problem; keywords are the fields of `Case`."""
    return Case(Example.BAD, nova_conf, **rest)


def good(nova_conf: str, **rest: Any) -> Case:
    """An example without the problem."""
    return Case(Example.GOOD, nova_conf, **rest)


def moot(nova_conf: str, **rest: Any) -> Case:
    """An example which the problem cannot concern."""
    return Case(Example.MOOT, nova_conf, **rest)


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A check of the catalogue: the problem's name and weight, who it concerns, its judgement and its proof.

    ``id`` is ``<area>-<problem>``, the file's own path. ``doc`` is the module's docstring. ``roles`` empty means
    every role. ``needs`` are the kinds of evidence it reads: ``config``, ``files``, ``processes``, ``wire``, ``cells``,
    ``servers``. ``formats`` limit a check of files to those of a format. ``options`` are ``group.name`` of what it judges.
    ``is_per_library``: outcomes that share ``limited_by`` become one finding per host and library version.
    ``is_of_path``: the problem only serves who can listen or answer on a connection's path, so that it weighs little
    where nobody can: on the loopback interface, and on an underlay that encrypts.
    ``examples`` are its tests and stand on its page.
    """

    id: str
    title: str
    severity: Severity
    scope: Scope
    doc: str
    remediation: str
    evaluate: Callable[[Any, Site], Outcome]
    examples: tuple[Case, ...]
    roles: frozenset[Role] = frozenset()
    needs: frozenset[str] = frozenset({"config"})
    formats: frozenset[str] = frozenset()
    options: tuple[str, ...] = ()
    is_per_library: bool = False
    is_of_path: bool = False

    @property
    def area(self) -> str:
        """The first word of the id."""
        return self.id.partition("-")[0]
