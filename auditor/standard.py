"""What hosts are judged by, as an operator names it: read and checked before anything is looked at."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from auditor import profiles, waivers
from auditor import site as sites
from auditor.check import Check
from auditor.pipeline import ASKED, select
from auditor.profiles import Profile
from auditor.releases import canonical
from auditor.site import SiteFile
from auditor.waivers import Waivers


@dataclass(frozen=True, slots=True)
class Standard:
    """A selection of checks with the inputs of the site, what was accepted, and the release of services that show none.

    ``asked`` are the kinds of evidence that were asked for: a check that needs another is not judged.
    """

    profile: Profile
    only: tuple[str, ...]
    site: SiteFile | None
    waivers: Waivers | None
    release: str | None
    asked: frozenset[str] = ASKED


def read(
    catalogue: Sequence[Check],
    profile: str,
    *,
    only: Sequence[str] = (),
    site: Path | None = None,
    accepted: Path | None = None,
    release: str | None = None,
    further: frozenset[str] = frozenset(),
) -> Standard:
    """Read what hosts are judged by.

    Args:
        catalogue: every check there is.
        profile: its name, or a file.
        only: ids of checks to run instead.
        site: the site file; by default the one that `auditor.site.locate` finds.
        accepted: the file of waivers.
        release: a name of a release.
        further: the kinds of evidence that are asked for beyond `auditor.pipeline.ASKED`.

    Raises:
        AuditorError: a name stands for nothing, or a file is not as documented.
    """
    known = None if release is None else canonical(release)
    chosen = profiles.load(profile, catalogue)
    asked = ASKED | further
    select(catalogue, chosen, only, asked)
    place = site or sites.locate(os.environ)
    today = datetime.now(UTC).date()
    return Standard(
        chosen,
        tuple(only),
        None if place is None else sites.read(place, chosen.thresholds),
        None if accepted is None else waivers.read(accepted, catalogue, today),
        known,
        asked,
    )
