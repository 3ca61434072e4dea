"""A host on which a scheduler is configured, for the tests of how its cells are asked for."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from auditor.probe import cells, filesystem, gather, order, roots, services, view
from tests.probe.redaction import REDACTOR


class Host:
    """A folder that stands for a host on which a scheduler is configured."""

    def __init__(self, root: Path, files: Mapping[str, str] | None = None, **definition: Any) -> None:
        for path, text in (files or {}).items():
            file = root / path.lstrip("/")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        tree = roots.Roots(filesystem.Tree(str(root), filesystem.Budget(time.monotonic() + 20, 100, 1 << 20)))
        self.gathered = gather.Gathered(tree, REDACTOR, shows_owners=True)
        self.definition = services.Definition(
            "nova-scheduler", "nova", "plain", view.View(tree), **{"user": "nova", **definition}
        )
        made = self.definition
        self.found = order.order(
            "nova", made.program, made.arguments, made.environment, None, made.wsgi, made.view
        )

    def listings(self, seconds: float = 60) -> cells.Listings:
        """Listings that have so many seconds, of which some are left to the rest of the probe."""
        return cells.Listings(self.gathered, time.monotonic() + seconds)

    def asked(
        self,
        record: Mapping[str, str] | None = None,
        *,
        seconds: float = 60,
        listings: cells.Listings | None = None,
    ) -> dict[str, Any] | None:
        """What is listed for the service."""
        known = {"project": "nova", "role": "scheduler", "home": self.definition.home, "interpreter": None}
        user = {"user": self.definition.user}
        listings = listings or self.listings(seconds)
        return listings.of(self.definition, self.found, {**known, **user, **(record or {})})
