"""Effective configuration: what oslo.config makes of a service's sources, as that service's own release sees them.

This package is the only place that knows oslo.config. It feeds the text of files, the environment and the command line
of the *audited* service to oslo.config's own namespace, substitution and types, in memory; nothing of this machine (its
files, environment, argv) is ever read. The options are those of `auditor.releases`.

`parser` reads a file and remembers where each value stands; `machinery` is what of oslo.config is made to work on
values in memory; `registry` turns a release's options into oslo.config's objects, once; `arguments` and `sources` replay
how a service starts; `settings` answers for one option when it is asked for; `tokens` and `rejection` say what withheld
and rejected values come to.
"""

from typing import TYPE_CHECKING

from auditor.effective.unparsable import Unparsable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from auditor.effective.settings import EffectiveSettings
    from auditor.evidence import Evidence, ServiceRecord
    from auditor.releases import Option

__all__ = ["Unparsable", "resolve"]


def resolve(
    evidence: "Evidence", record: "ServiceRecord", release: str, extra: "Sequence[Option]" = ()
) -> "EffectiveSettings":
    """Return the effective configuration of one service as ``release`` would see it.

    Options are resolved when they are asked for. ``extra`` are options beyond those of the release's data; backports
    that the service's libraries show (`auditor.releases.BACKPORTS`) are known without it.

    Raises:
        Unparsable: oslo.config could not start the service with these sources.
        Unavailable: a source could not be read, so nothing can be said.
        auditor.releases.UnknownRelease: there is no such release.
    """
    # oslo.config takes 0.1 s to import, which commands that resolve nothing need not pay.
    from auditor.effective.sources import start

    return start(evidence, record, release, tuple(extra))
