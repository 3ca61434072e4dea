"""What oslo.log does to the records of a service besides their levels: the files it rotates, and the records it drops.

Source: ``oslo_log.log._setup_logging_from_conf`` and ``oslo_log.rate_limit`` 5.0.0 to 8.3.2; measured in all releases from
Zed to 2026.2 (``tests/conformance/truth/traps``).
"""

from dataclasses import dataclass

from auditor.model import Service
from auditor.semantics.libraries import required


@dataclass(frozen=True, slots=True)
class RateLimit:
    """At most ``burst`` records in ``seconds`` seconds are written, but for those of level ``exempt`` and above."""

    burst: int
    seconds: int
    exempt: str


def rate_limit(service: Service) -> RateLimit | None:
    """The limit on records, None where there is none: it takes both ``rate_limit_burst`` and ``rate_limit_interval``.

    Raises:
        Undecidable: an option was withheld or is rejected.
    """
    if service["DEFAULT", "log_config_append"].value:
        return None
    burst = service["DEFAULT", "rate_limit_burst"].value or 0
    seconds = service["DEFAULT", "rate_limit_interval"].value or 0
    if burst < 1 or seconds < 1:
        return None
    return RateLimit(burst, seconds, str(service["DEFAULT", "rate_limit_except_level"].value or ""))


def rotation(service: Service) -> str:
    """How oslo.log itself rotates the log: ``none``, ``size`` or ``interval``; only a file is ever rotated.

    Raises:
        Undecidable: an option was withheld or is rejected.
    """
    if not _has_file(service) or _is_watched(service):
        return "none"
    return str(service["DEFAULT", "log_rotation_type"].value or "none").lower()


def refusal(service: Service) -> str | None:
    """Why a service does not start with its log file, None where it does.

    oslo.log from 6.0.0 to 7.2.1 has ``watch_log_file`` only to refuse it, where there is a file.

    Raises:
        Undecidable: an option was withheld or is rejected.
    """
    library = required(service, "oslo.log")
    if library.release >= (6,) and _has_file(service) and _is_watched(service):
        return f"{library} no longer watches log files, and watch_log_file = true stops the service: RuntimeError"
    return None


def _has_file(service: Service) -> bool:
    """True where records go to a file by the options."""
    if service["DEFAULT", "log_config_append"].value:
        return False
    return bool(service["DEFAULT", "log_file"].value or service["DEFAULT", "log_dir"].value)


def _is_watched(service: Service) -> bool:
    """True where ``watch_log_file`` is on, which comes before rotation; oslo.log 8 does not have it."""
    watched = service.find("DEFAULT", "watch_log_file")
    return watched is not None and not watched.unknown and bool(watched.value)
