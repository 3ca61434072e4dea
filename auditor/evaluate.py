"""The engine: calls checks with the objects of one host, and turns what settles nothing into `unknown` and `error`.

A check sees one object as one candidate release has it. What the candidates agree on is the verdict
(`auditor.candidates`); verdicts become findings, and the cells of the ledger.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from auditor.candidates import merge_outcomes
from auditor.check import Check, Outcome, Scope, not_applicable
from auditor.evidence import Evidence, ServiceRecord
from auditor.ledger import Cell, lost_cells, settle
from auditor.model import (
    Client,
    Coverage,
    File,
    Host,
    Kind,
    Missing,
    Posture,
    Role,
    Server,
    Service,
    Severity,
    Status,
    Transport,
)
from auditor.report import Disposition, Finding, HostEntry, ServerEntry, subject_name
from auditor.site import Site
from auditor.views import View, attempt, entry_of, views_of

#: Why a host on which nothing was found is not audited.
NO_SERVICE = "no Nova or placement service was found"

#: What a tree does not carry, by the kind of evidence that a check needs.
_NOT_IN_A_TREE = {
    "files": "a captured tree carries no evidence of who owns a file",
    "processes": "a captured tree carries no evidence of processes",
    "servers": "no server runs in a captured tree",
    "wire": "nothing in a captured tree connects anywhere",
}

_NO_OBJECT = {
    Scope.TRANSPORT: "it has no RPC, notification or database connection",
    Scope.CLIENT: "it calls no other service",
    Scope.FILE: "no file was read",
    Scope.SERVER: "no broker or database server runs here",
}

#: Evidence that is only there when it was asked for, and what is said where it was not.
_NOT_ASKED = {
    "processes": "its processes were not looked at when this evidence was collected",
    "wire": "its endpoints were not asked when this evidence was collected: collect it with --live",
    "servers": "its servers were not asked when this evidence was collected: collect it with --servers",
}

#: Postures whose weakness only matters to who can listen or stand in the path.
_EXPOSED = {Posture.PLAINTEXT, Posture.OPPORTUNISTIC, Posture.ENCRYPTED, Posture.VERIFIED_CA}


@dataclass(frozen=True, slots=True)
class HostResult:
    """What one host came to: its entry in the report, a cell per check, findings, and the rest in brief.

    ``passed`` maps a check to the objects on which it passed; ``not_applicable`` to reason to objects.
    """

    host: HostEntry
    cells: Mapping[str, Cell]
    findings: tuple[Finding, ...] = ()
    passed: Mapping[str, tuple[str, ...]] | None = None
    not_applicable: Mapping[str, Mapping[str, tuple[str, ...]]] | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check came to on one object. ``shared`` names the library that many objects fail by."""

    check: Check
    service: str | None
    object: str | None
    outcome: Outcome
    severity: Severity
    shared: str | None = None


def lost(name: str, kind: Kind, coverage: Coverage, reason: str, checks: Sequence[Check]) -> HostResult:
    """The result of a host that could not be audited."""
    return HostResult(
        HostEntry(name, kind, coverage, reason), lost_cells([check.id for check in checks], reason)
    )


def evaluate(
    evidence: Evidence,
    checks: Sequence[Check],
    site: Site,
    release: str | None = None,
    *,
    full: bool = False,
    expects_none: bool = False,
    views: Sequence[tuple[View, ...]] | None = None,
) -> HostResult:
    """Judge one host by its evidence.

    Args:
        evidence: what the host gave.
        checks: the selected checks.
        site: the inputs of the site.
        release: the release of services that show none.
        full: list what passed among the findings.
        expects_none: a host without a service is as it should be.
        views: the services of the evidence as `views_of` has them, by whoever needs them afterwards.
    """
    if not evidence.services and not evidence.servers:
        return _without_services(evidence, checks, expects_none=expects_none)
    if views is None:
        views = [views_of(evidence, record, release) for record in evidence.services]
    denied = _denied(evidence)
    if (
        denied is not None
        and views
        and all(isinstance(one.service, Outcome) for seen in views for one in seen)
    ):
        return lost(evidence.host, evidence.kind, Coverage.DENIED, denied, checks)
    verdicts = [verdict for check in checks for verdict in _judge(check, evidence, views, site)]
    entries = tuple(
        entry_of(evidence, record, seen) for record, seen in zip(evidence.services, views, strict=True)
    )
    releases = {entry.release for entry in entries}
    absent = _absent(evidence)
    host = HostEntry(
        name=evidence.host,
        kind=evidence.kind,
        coverage=Coverage.PARTIAL if evidence.incomplete or absent else Coverage.AUDITED,
        reason="; ".join(text for text in (absent, _left_out(evidence)) if text) or None,
        release=releases.pop() if len(releases) == 1 else None,
        address=evidence.address,
        services=entries,
        servers=tuple(
            ServerEntry(server.id, str(server.role), server.source, server.version)
            for server in evidence.servers
        ),
    )
    return _account(host, checks, verdicts, full=full)


def _without_services(evidence: Evidence, checks: Sequence[Check], *, expects_none: bool) -> HostResult:
    denied, left_out = _denied(evidence), _left_out(evidence)
    if not expects_none or evidence.incomplete or denied is not None:
        coverage = Coverage.PARTIAL if denied is None else Coverage.DENIED
        reason = "; ".join(text for text in (NO_SERVICE, denied, left_out) if text is not None)
        return lost(evidence.host, evidence.kind, coverage, reason, checks)
    reason = f"{NO_SERVICE}, and none is expected"
    cell = settle([(Status.NOT_APPLICABLE, reason)])
    return HostResult(
        HostEntry(evidence.host, evidence.kind, Coverage.AUDITED, reason),
        {check.id: cell for check in checks},
        not_applicable={check.id: {reason: ("*",)} for check in checks},
    )


def _denied(evidence: Evidence) -> str | None:
    """The first file that we may not read, and what to do about it; None where there is none."""
    files = (file for file in evidence.files.values() if isinstance(file, Missing))
    denied = next((file for file in files if file.status == "denied"), None)
    return (
        None
        if denied is None
        else f"{denied.path}: {denied.reason}; run it as root, or as the service's user"
    )


def _absent(evidence: Evidence) -> str | None:
    """The services that must be on the host and were not found; None where all were."""
    found = {record.name for record in evidence.services}
    absent = [name for name in evidence.told.services if name not in found]
    return f"{', '.join(absent)} should be here, and was not found" if absent else None


def _left_out(evidence: Evidence) -> str | None:
    reasons = [*evidence.incomplete, *(f"{path} was left out: {why}" for path, why in evidence.left_out)]
    return "; ".join(reasons) or None


def _judge(
    check: Check, evidence: Evidence, views: Sequence[tuple[View, ...]], site: Site
) -> Iterator[Verdict]:
    """The verdicts of one check on one host, at least one."""
    absent = [_NOT_IN_A_TREE[need] for need in sorted(check.needs) if need in _NOT_IN_A_TREE]
    unasked = [need for need in _NOT_ASKED if need in check.needs and need not in evidence.asked]
    if evidence.kind is Kind.TREE and absent:
        yield Verdict(check, None, None, not_applicable(absent[0]), check.severity)
    elif unasked:
        yield Verdict(check, None, None, Outcome(Status.ERROR, _NOT_ASKED[unasked[0]]), check.severity)
    elif check.scope is Scope.SERVER:
        yield from _server_verdicts(check, evidence, site)
    elif check.scope is Scope.HOST:
        yield _merged(check, None, None, _host_outcomes(check, evidence, views, site), site)
    elif check.scope is Scope.FILE:
        yield from _file_verdicts(check, evidence, site)
    else:
        verdicts = [
            verdict
            for record, seen in zip(evidence.services, views, strict=True)
            for verdict in _service_verdicts(check, record, seen, site)
        ]
        yield from _folded(verdicts) if check.is_per_library else verdicts


def _file_verdicts(check: Check, evidence: Evidence, site: Site) -> Iterator[Verdict]:
    seen = {
        path: file
        for path, file in evidence.files.items()
        if (isinstance(file, File) or not file.is_absent)
        and (not check.formats or file.format in check.formats)
    }
    if not seen:
        yield Verdict(check, None, None, not_applicable(_NO_OBJECT[Scope.FILE]), check.severity)
    for path, file in seen.items():
        outcome = (
            Outcome(Status.ERROR, f"{path}: {file.reason}")
            if isinstance(file, Missing)
            else _outcome(check, file, site)
        )
        yield Verdict(check, None, path, outcome, check.severity)


def _server_verdicts(check: Check, evidence: Evidence, site: Site) -> Iterator[Verdict]:
    if not evidence.servers:
        yield Verdict(check, None, None, not_applicable(_NO_OBJECT[Scope.SERVER]), check.severity)
    for server in evidence.servers:
        outcome = (
            _outcome(check, server, site)
            if not check.roles or server.role in check.roles
            else not_applicable(f"it does not concern {server.role}")
        )
        yield Verdict(check, None, server.id, outcome, _severity(check, server, site))


def _host_outcomes(
    check: Check, evidence: Evidence, views: Sequence[tuple[View, ...]], site: Site
) -> Mapping[str, tuple[Outcome, Any]]:
    """The host as each candidate release has it; a service whose release is in evidence is the same in all."""
    several = [seen for seen in views if len(seen) > 1]
    releases = [view.release for view in several[0]] if several else [""]
    outcomes: dict[str, tuple[Outcome, Any]] = {}
    for number, release in enumerate(releases):
        services = [seen[number if len(seen) > 1 else 0].service for seen in views]
        unread = [service for service in services if isinstance(service, Outcome)]
        if unread:
            outcomes[release] = (unread[0], None)
        else:
            known = tuple(service for service in services if isinstance(service, Service))
            host = Host(
                evidence.host,
                evidence.kind,
                known,
                evidence.listeners,
                evidence.pairs,
                evidence.clock,
            )
            outcomes[release] = (_outcome(check, host, site), host)
    return outcomes


def _service_verdicts(
    check: Check, record: ServiceRecord, views: Sequence[View], site: Site
) -> Iterator[Verdict]:
    reason = _unconcerned(check, record)
    if reason is not None:
        yield Verdict(check, record.id, None, not_applicable(reason), check.severity)
        return
    by_release = {view.release: _outcomes(check, view, site) for view in views}
    keys = dict.fromkeys(key for outcomes in by_release.values() for key in outcomes)
    if len(keys) > 1:
        keys.pop(None, None)
    for key in keys:
        merged = {
            release: outcomes.get(key) or outcomes.get(None) or (not_applicable(f"it has no {key}"), None)
            for release, outcomes in by_release.items()
        }
        yield _merged(check, record.id, key, merged, site)


def _unconcerned(check: Check, record: ServiceRecord) -> str | None:
    """Why a check does not concern a service whatever its configuration, or None where it does."""
    if not check.roles or record.role in check.roles:
        return None
    if record.role is Role.UNKNOWN:
        return "its role is not known: give --service"
    return f"it does not concern the role {record.role}"


def _outcomes(check: Check, view: View, site: Site) -> Mapping[str | None, tuple[Outcome, Any]]:
    """Outcome and subject per object, as one candidate has them; under None what holds for every object."""
    subjects: Mapping[str | None, Any] | Outcome
    if check.scope is Scope.TRANSPORT:
        subjects = view.transports
    elif check.scope is Scope.CLIENT:
        subjects = view.clients
    else:
        subjects = view.service if isinstance(view.service, Outcome) else {None: view.service}
    if isinstance(subjects, Outcome):
        return {None: (subjects, None)}
    if not subjects:
        return {None: (not_applicable(_NO_OBJECT[check.scope]), None)}
    return {key: (_outcome(check, subject, site), subject) for key, subject in subjects.items()}


def _outcome(check: Check, subject: Any, site: Site) -> Outcome:
    what = f"check {check.id}"
    outcome: Any = attempt(lambda: check.evaluate(subject, site), what)
    if not isinstance(outcome, Outcome):
        return Outcome(
            Status.ERROR, f"{what} returned no outcome but {type(outcome).__name__}: a bug of the check"
        )
    if (
        outcome.status in (Status.UNKNOWN, Status.ERROR)
        and not outcome.evidence
        and isinstance(subject, Transport)
    ):
        return replace(outcome, evidence=subject.evidence())
    return outcome


def _merged(
    check: Check,
    service: str | None,
    key: str | None,
    outcomes: Mapping[str, tuple[Outcome, Any]],
    site: Site,
) -> Verdict:
    outcome = merge_outcomes(
        {release: one for release, (one, _) in outcomes.items()},
        {release: subject for release, (_, subject) in outcomes.items()},
    )
    failing = [subject for one, subject in outcomes.values() if one.status is Status.FAIL]
    severity = max((_severity(check, subject, site) for subject in failing), default=check.severity)
    shared = None
    if check.is_per_library and outcome.status is Status.FAIL:
        names = {_library(subject) for subject in failing}
        shared = (
            names.pop() if len(names) == 1 else " or ".join(sorted({name.split(" ")[0] for name in names}))
        )
    return Verdict(check, service, key, outcome, severity, shared)


def _severity(check: Check, subject: Any, site: Site) -> Severity:
    """Nobody stands in the path of a connection that stays on its host or on an underlay that encrypts: low."""
    if check.is_of_path and isinstance(subject, Server) and subject.is_loopback:
        return min(check.severity, Severity.LOW)
    is_exposed = check.is_of_path and isinstance(subject, Transport) and subject.posture in _EXPOSED
    if is_exposed and (subject.is_loopback or site.encrypts(subject.endpoints)):
        return min(check.severity, Severity.LOW)
    return check.severity


def _library(subject: Any) -> str:
    """The library that an object fails by, with its version unless that is assumed."""
    library = subject.library if isinstance(subject, (Transport, Client)) else None
    if isinstance(subject, Transport) and subject.limited_by is not None:
        limit = subject.limited_by
        is_assumed = library is not None and library.name == limit.name and library.assumed
        return limit.name if limit.installed is None or is_assumed else f"{limit.name} {limit.installed}"
    if library is None:
        return "the installed libraries"
    return library.name if library.assumed else str(library)


def _folded(verdicts: Sequence[Verdict]) -> Iterator[Verdict]:
    """Failures that share a library as one verdict of the host, which says whom it concerns; the rest stays as it is."""
    groups: dict[str, list[Verdict]] = {}
    for verdict in verdicts:
        if verdict.shared is None:
            yield verdict
        else:
            groups.setdefault(verdict.shared, []).append(verdict)
    for library, group in groups.items():
        services: dict[str, list[str]] = {}
        for verdict in group:
            services.setdefault(verdict.service or "the host", []).append(verdict.object or "itself")
        first = max(group, key=lambda verdict: verdict.severity)
        listed = "; ".join(f"{service}: {', '.join(objects)}" for service, objects in services.items())
        evidence = tuple(dict.fromkeys(line for verdict in group for line in verdict.outcome.evidence))
        remedies = {verdict.outcome.remedy for verdict in group}
        outcome = replace(
            first.outcome,
            message=f"{first.outcome.message} (concerns {listed})",
            evidence=evidence,
            remedy=first.outcome.remedy if len(remedies) == 1 else None,
        )
        yield replace(first, service=None, object=library, outcome=outcome)


def _account(
    host: HostEntry, checks: Sequence[Check], verdicts: Sequence[Verdict], *, full: bool
) -> HostResult:
    statuses: dict[str, list[tuple[Status, str]]] = {check.id: [] for check in checks}
    passed: dict[str, list[str]] = {}
    unconcerned: dict[str, dict[str, list[str]]] = {}
    findings = []
    for verdict in verdicts:
        check, outcome = verdict.check.id, verdict.outcome
        statuses[check].append((outcome.status, outcome.message))
        name = subject_name(verdict.service, verdict.object)
        if outcome.status is Status.PASS:
            passed.setdefault(check, []).append(name)
        elif outcome.status is Status.NOT_APPLICABLE:
            unconcerned.setdefault(check, {}).setdefault(outcome.message, []).append(name)
        if outcome.status in (Status.FAIL, Status.UNKNOWN, Status.ERROR) or (
            full and outcome.status is Status.PASS
        ):
            findings.append(_finding(host.name, verdict))
    return HostResult(
        host=host,
        cells={check: settle(said) for check, said in statuses.items()},
        findings=tuple(findings),
        passed={check: tuple(names) for check, names in passed.items()},
        not_applicable={
            check: {reason: tuple(names) for reason, names in reasons.items()}
            for check, reasons in unconcerned.items()
        },
    )


def _finding(host: str, verdict: Verdict) -> Finding:
    outcome = verdict.outcome
    return Finding(
        check=verdict.check.id,
        severity=verdict.severity,
        host=host,
        service=verdict.service,
        object=verdict.object,
        status=outcome.status,
        message=outcome.message,
        evidence=outcome.evidence,
        remediation=outcome.remedy or verdict.check.remediation,
        disposition=Disposition.OPEN if outcome.status is Status.FAIL else None,
    )
