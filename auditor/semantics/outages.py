"""What Nova makes of a placement that cannot be reached: a line in the log, or an exception in the middle of its work.

Measured with `nova.scheduler.client.report.SchedulerReportClient` in all releases from Zed to 2026.2
(``tests/conformance/truth/traps``).
"""

from dataclasses import dataclass
from urllib.parse import urlsplit

from auditor.model import Missing, Service

#: What `keystoneauth1.loading.adapter` takes for ``valid_interfaces``; any other word disables the client.
_INTERFACES = frozenset({"public", "internal", "admin"})


@dataclass(frozen=True, slots=True)
class Ending:
    """How a call ends: ``error`` is the exception's class, None where the call never ends.

    ``is_caught``: `safe_connect` logs that placement is not responding and goes on. ``is_at_start``: it ends like that
    already where the client is made, which asks placement for its versions.
    """

    error: str | None
    is_caught: bool = False
    is_at_start: bool = False


def of_refusal(service: Service, *, from_start: bool = False) -> Ending:
    """How a call ends when nobody listens at placement's address.

    ``from_start``: nobody does when Nova makes its client either, which asks for placement's versions; nothing catches
    that (`keystoneauth1.discover`).

    Raises:
        Undecidable: an option that decides was withheld or is rejected.
    """
    never_sent = _before_calling(service)
    if never_sent is not None:
        return never_sent
    if from_start:
        return Ending("DiscoveryFailure", is_at_start=True)
    return Ending("ConnectFailure", is_caught=True)


def of_silence(service: Service, *, from_start: bool = False) -> Ending:
    """How a call ends when placement takes it and does not answer; ``from_start`` as in `of_refusal`.

    `safe_connect` catches ConnectFailure alone; a read that takes too long is a ConnectTimeout
    (`keystoneauth1.session.Session._send_request`). So a timeout, which every call needs, changes how Nova fails.

    Raises:
        Undecidable: an option that decides was withheld or is rejected.
    """
    never_sent = _before_calling(service)
    if never_sent is not None:
        return never_sent
    if service["placement", "timeout"].value is None:
        return Ending(None, is_at_start=from_start)
    return Ending("DiscoveryFailure", is_at_start=True) if from_start else Ending("ConnectTimeout")


def _before_calling(service: Service) -> Ending | None:
    """How a call ends before anything was sent, None where it does not."""
    interfaces = service["placement", "valid_interfaces"].value or ()
    if any(name not in _INTERFACES for name in interfaces):
        return Ending("ServiceDisabledException")
    timeout = service["placement", "timeout"].value
    if timeout is not None and timeout <= 0:
        # urllib3.util.timeout.Timeout takes neither 0 nor less, whatever the help text says.
        return Ending("ValueError", is_at_start=True)
    cafile = service["placement", "cafile"].value
    endpoint = service["placement", "endpoint_override"].value
    is_plain = bool(endpoint) and urlsplit(str(endpoint)).scheme == "http"
    if cafile and not is_plain and not service["placement", "insecure"].value:
        found = service.files.at(str(cafile))
        if isinstance(found, Missing) and found.is_absent:
            # requests.adapters.HTTPAdapter.cert_verify, and no exception of keystoneauth.
            return Ending("OSError", is_at_start=True)
    return None
