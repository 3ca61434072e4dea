"""What keeps an audit from seeing a host, as values: sightings, their obstacles, and what a host and a run come to."""

from dataclasses import dataclass
from enum import StrEnum

from auditor.model import Coverage, Kind
from auditor.report import Exit

SCHEMA = "nova-auditor/doctor/1"

#: What every audit needs; what else may be asked for is named by its option.
AUDIT = "audit"
LIVE, CELLS, SERVERS = "--live", "--cells", "--servers"


class Aspect(StrEnum):
    """What an audit looks at, in the order in which one depends on another."""

    REACH = "reachability"
    PYTHON = "python"
    USER = "user"
    PROCESSES = "processes"
    SERVICES = "services"
    CONTAINERS = "containers"
    FILES = "files"
    ENVIRONMENT = "environment"
    CONNECTIONS = "connections"
    LIBRARIES = "libraries"
    ENDPOINTS = "endpoints"
    CELLS = "cells"
    SERVERS = "servers"


class Sight(StrEnum):
    """How much of an aspect is seen: ``not_asked`` where its option was not given."""

    ALL = "all"
    SOME = "some"
    NONE = "none"
    NOT_ASKED = "not_asked"
    NOT_APPLICABLE = "not_applicable"


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Something that cannot be seen: why, and the one thing that allows it.

    ``objects`` are what it concerns (files, services, endpoints). ``needed_for`` is `AUDIT`, or the option that asks
    for it.
    """

    reason: str
    cure: str
    objects: tuple[str, ...] = ()
    needed_for: str = AUDIT


@dataclass(frozen=True, slots=True)
class Sighting:
    """How much of one aspect of a host is seen: a few words for a table, a sentence, and what it consists of."""

    aspect: Aspect
    sight: Sight
    brief: str
    said: str
    items: tuple[str, ...] = ()
    obstacles: tuple[Obstacle, ...] = ()


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What can be seen of an expected host. ``asked`` are the options that were given with the question."""

    host: str
    kind: Kind
    coverage: Coverage
    sightings: tuple[Sighting, ...]
    asked: tuple[str, ...] = ()

    @property
    def obstacles(self) -> tuple[tuple[Aspect, Obstacle], ...]:
        """Every obstacle with the aspect that it stands in the way of."""
        return tuple((seen.aspect, one) for seen in self.sightings for one in seen.obstacles)

    def counts(self, obstacle: Obstacle) -> bool:
        """Whether an obstacle stands in the way of what was asked for, not only of what could be."""
        return obstacle.needed_for in (AUDIT, *self.asked)

    @property
    def is_clear(self) -> bool:
        """True where everything is seen that an audit with these options needs."""
        return not any(self.counts(one) for _, one in self.obstacles)

    def of(self, aspect: Aspect) -> Sighting | None:
        """What is seen of an aspect, None where the host did not come to it."""
        return next((seen for seen in self.sightings if seen.aspect is aspect), None)


@dataclass(frozen=True, slots=True)
class Round:
    """Everything that a run found out, host by host."""

    tool_version: str
    started: str
    finished: str
    asked: tuple[str, ...]
    exit: Exit
    diagnoses: tuple[Diagnosis, ...]
