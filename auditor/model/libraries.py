"""What is installed, and what keeps a connection from being better."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from auditor.model.settings import DEFAULT_ORIGIN, Judged, Origin
from auditor.model.words import OriginKind


@dataclass(frozen=True, slots=True)
class Library:
    """An installed distribution. ``assumed`` marks a version taken from a release's pins for want of evidence."""

    name: str
    version: str
    path: str | None = None
    assumed: bool = False

    @property
    def release(self) -> tuple[int, ...]:
        """The version as numbers for comparison: ``"1.2.4"`` is ``(1, 2, 4)``; suffixes are left out."""
        numbers = []
        for part in self.version.split("."):
            digits = part[: next((i for i, c in enumerate(part) if not c.isdigit()), len(part))]
            if not digits:
                break
            numbers.append(int(digits))
        return tuple(numbers)

    def judged(self) -> Judged:
        """Return the library as a line of evidence."""
        shown = f"{self.version} (assumed from the release)" if self.assumed else self.version
        return Judged(
            self.name, shown, DEFAULT_ORIGIN if self.path is None else Origin(OriginKind.FILE, self.path)
        )

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


@dataclass(frozen=True, slots=True)
class Libraries:
    """The distributions of a service's own interpreter.

    ``capabilities`` maps a marker looked for in installed source (see `auditor.probe.libraries`) to whether it was
    found; a marker whose file was not seen is absent. Capability beats version: distributions backport.
    """

    installed: Mapping[str, Library]
    capabilities: Mapping[str, bool] = field(default_factory=dict)

    def find(self, name: str) -> Library | None:
        """The distribution, or None where the interpreter does not have it."""
        return self.installed.get(name)


@dataclass(frozen=True, slots=True)
class Limit:
    """What keeps a posture down: a library (with the version that lifts it), the configuration, or the release."""

    kind: str
    name: str
    installed: str | None = None
    fixed_in: str | None = None
