"""What is written, where, and what leaves of it: files, origins, settings."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from auditor.errors import Undecidable
from auditor.model.words import OriginKind


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value was written: a path on the audited host and a line (from 1), as far as there is one."""

    kind: OriginKind
    path: str | None = None
    line: int | None = None

    def __str__(self) -> str:
        if self.path is None:
            return str(self.kind)
        return self.path if self.line is None else f"{self.path}:{self.line}"


DEFAULT_ORIGIN = Origin(OriginKind.DEFAULT)


@dataclass(frozen=True, slots=True)
class Missing:
    """Something the host did not give, and why. Data, never an exception.

    ``status`` is the word the probe recorded: ``absent``, ``denied``, ``too-large``, ``not-regular``, ``binary``,
    ``undecodable``, ``loop``, ``outside``, ``limit``, ``timeout``, or ``elsewhere`` (inside a container image that
    this target does not show).
    """

    path: str
    status: str
    reason: str
    format: str = "other"

    @property
    def is_absent(self) -> bool:
        """True where we looked and there is nothing, False where we could not look."""
        return self.status == "absent"


@dataclass(frozen=True, slots=True)
class File:
    """A file as the probe saw it: its metadata, and its redacted text where its format is known.

    ``path`` is the path on the host (below the root), which for a container's file may differ from the path that
    the service uses. ``owner`` and ``group`` are names or numbers as text, None in a tree. ``mode`` is octal text
    such as ``"0640"``. ``format`` is one of `auditor.evidence.FORMATS`. ``changed`` is when its content last changed,
    in seconds since the epoch by the host's clock, None in a tree; ``seen`` is when it was looked at.
    """

    path: str
    owner: str | None
    group: str | None
    mode: str | None
    size: int
    format: str
    text: str | None
    changed: float | None = None
    seen: float = field(default=0.0, compare=False, repr=False)


class Files(Protocol):
    """The files of one service, by the path that the service uses."""

    def at(self, path: str) -> "File | Missing":
        """The file at ``path``, or why there is none to read. Never raises."""
        ...


@dataclass(frozen=True, slots=True)
class Withheld:
    """A value that stayed on its host, and what may be known of it.

    ``traits`` are single letters, explained in `auditor.probe.tokens`. Two of them are comparable by ``digest``
    only where ``salt_id`` is the same.
    """

    token: str
    traits: str
    digest: str

    def __str__(self) -> str:
        return "(withheld)"


@dataclass(frozen=True, slots=True)
class Judged:
    """One line of a finding's evidence: what was judged, its value as it may be shown, and where it stands."""

    setting: str
    value: str | None
    origin: Origin


@dataclass(frozen=True, slots=True)
class Setting:
    """An option's value in effect for one service.

    ``resolved`` is what oslo.config gives the service (typed), a `Withheld`, or None; ``error`` is set instead
    where oslo.config rejects what is written. ``written_as`` is ``group.name`` as it stands in the file, which
    differs from the option's own where a deprecated name was used. ``unknown`` marks a written option that Nova of
    that release does not know (its value is the raw text).
    """

    group: str
    name: str
    resolved: Any
    origin: Origin
    written_as: str | None = None
    default: Any = None
    error: str | None = None
    unknown: bool = False

    @property
    def value(self) -> Any:
        """The typed value; raises `Undecidable` where it was withheld or where oslo.config rejects it."""
        if self.error is not None:
            raise Undecidable(f"{self} is rejected by oslo.config: {self.error}")
        if isinstance(self.resolved, Withheld):
            raise Undecidable(f"{self} was withheld on the host: it is not in the form its type requires")
        return self.resolved

    @property
    def is_written(self) -> bool:
        """True where somebody wrote it, False where the default applies."""
        return self.origin.kind is not OriginKind.DEFAULT

    @property
    def is_withheld(self) -> bool:
        """True where the value as a whole stayed on the host."""
        return isinstance(self.resolved, Withheld)

    def judged(self) -> Judged:
        """Return the setting as a line of evidence; never raises, never shows what was withheld."""
        shown = f"rejected: {self.error}" if self.error is not None else display(self.resolved)
        return Judged(str(self), shown, self.origin)

    def __str__(self) -> str:
        return f"[{self.group}] {self.name}"


def display(value: Any) -> str | None:
    """A value as an operator would write it in nova.conf: ``true``, ``a,b``; None stays None."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return ",".join(str(display(item)) for item in value)
    if isinstance(value, Mapping):
        return ",".join(f"{key}:{display(item)}" for key, item in value.items())
    return str(value)


class Settings(Protocol):
    """The effective configuration of one service under one release: made by `auditor.effective`."""

    def __getitem__(self, option: tuple[str, str]) -> Setting:
        """The setting of ``(group, name)``; raises KeyError where this release does not know the option."""
        ...

    def find(self, group: str, name: str) -> Setting | None:
        """The setting, or None where this release does not know the option."""
        ...

    def written(self) -> Iterator[Setting]:
        """What is written somewhere, known or not, in the order of group and name."""
        ...

    def effective(self) -> Iterator[Setting]:
        """Every option of the release with the value in effect, then the written ones it does not know."""
        ...

    def overridden(self) -> Iterator[tuple[Setting, Setting]]:
        """What a file says of a known option and what counts in its place, where these differ: (lost, in effect)."""
        ...
