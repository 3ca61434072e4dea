"""The audit as tests: ``pytest --pyargs auditor.suite --hosts=...``, or a file of the one line ``from auditor.suite import *``.

`auditor.pytest_plugin` fills them in: one `test_check` for each host, service and check, one `test_host_audited` for each
host, and `test_audit_ran`, which fails where the others would have nothing to say.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from auditor.cases import Case

__all__ = ["test_audit_ran", "test_check", "test_host_audited"]


def test_audit_ran(nova_audit_run: "Case") -> None:
    """At least one host was looked at, and at least one check passed or failed there."""
    nova_audit_run.conclude()


def test_host_audited(nova_audit_host: "Case") -> None:
    """The host could be looked at as a whole."""
    nova_audit_host.conclude()


def test_check(nova_audit_check: "Case") -> None:
    """The check found nothing wrong with the service."""
    nova_audit_check.conclude()
