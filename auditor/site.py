"""What the operator says about the site, which no host can know: thresholds of what is acceptable here.

The file is ``nova-auditor.toml``; unknown keys are refused. `Site()` is the default.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Limits of what is acceptable, with their defaults.

    ``placement_call_seconds``: the longest that one call to placement may block.
    ``secret_characters``: the length below which a password counts as short.
    """

    placement_call_seconds: float = 30.0
    secret_characters: int = 16


@dataclass(frozen=True, slots=True)
class Site:
    """The inputs of the site, as checks see them."""

    thresholds: Thresholds = field(default_factory=Thresholds)
