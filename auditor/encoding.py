"""A report as JSON and back: ``docs/reference/report.schema.json`` is the contract, `encode` and `decode` keep it."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from auditor.model import (
    Bound,
    Coverage,
    Judged,
    Kind,
    Limit,
    Origin,
    OriginKind,
    Posture,
    Role,
    Severity,
    Status,
    Trust,
)
from auditor.report import (
    SCHEMA,
    ClientEntry,
    Disposition,
    Exit,
    Finding,
    HostEntry,
    LoggingEntry,
    ProcessEntry,
    Report,
    Selection,
    ServerEntry,
    ServiceEntry,
    SourceFile,
    Totals,
    TransportEntry,
    WaiverNote,
    WaiversFile,
    WriteEntry,
)

TOOL = "nova-auditor"


def encode(report: Report) -> dict[str, Any]:
    """The report as a JSON value, keys in the order of the contract."""
    return {
        "schema": SCHEMA,
        "tool": {"name": TOOL, "version": report.tool_version},
        "started": report.started,
        "finished": report.finished,
        "selection": _selection(report.selection),
        "complete": report.complete,
        "coverage": {
            "hosts_expected": report.coverage.hosts_expected,
            "hosts_audited": report.coverage.hosts_audited,
            "results_expected": report.coverage.results_expected,
            "results_recorded": report.coverage.results_recorded,
        },
        "exit": {"code": report.exit.code, "reason": report.exit.reason},
        "hosts": [encode_host(host) for host in report.hosts],
        "findings": [encode_finding(finding) for finding in report.findings],
        "passed": {
            check: {host: list(names) for host, names in hosts.items()}
            for check, hosts in report.passed.items()
        },
        "not_applicable": {
            check: {
                reason: {host: list(names) for host, names in hosts.items()}
                for reason, hosts in reasons.items()
            }
            for check, reasons in report.not_applicable.items()
        },
    }


def _selection(selection: Selection) -> dict[str, Any]:
    waivers = selection.waivers
    return {
        "profile": selection.profile,
        "checks": list(selection.checks),
        "not_asked": list(selection.not_asked),
        "site": None if selection.site is None else _source(selection.site),
        "waivers": None
        if waivers is None
        else {
            "name": waivers.name,
            "digest": waivers.digest,
            "expired": list(waivers.expired),
            "unused": list(waivers.unused),
            "over_broad": list(waivers.over_broad),
        },
        "catalogue": _source(selection.catalogue),
    }


def _source(source: SourceFile) -> dict[str, Any]:
    return {"name": source.name, "digest": source.digest}


def encode_host(host: HostEntry) -> dict[str, Any]:
    """One host of the report."""
    address = {} if host.address is None else {"address": host.address}
    return {
        "name": host.name,
        "kind": str(host.kind),
        "coverage": str(host.coverage),
        "reason": host.reason,
        "release": host.release,
        **address,
        "services": [_service(service) for service in host.services],
        **({"servers": [asdict(server) for server in host.servers]} if host.servers else {}),
    }


def _service(service: ServiceEntry) -> dict[str, Any]:
    logging = service.logging
    return {
        "id": service.id,
        "name": service.name,
        "role": str(service.role),
        "source": service.source,
        **({} if service.process is None else {"process": asdict(service.process)}),
        "release": service.release,
        "config_files": list(service.config_files),
        "config_dirs": list(service.config_dirs),
        "libraries": dict(service.libraries),
        "transports": [_transport(transport) for transport in service.transports],
        "logging": None if logging is None else _logging(logging),
        "clients": [_client(client) for client in service.clients],
    }


def _client(client: ClientEntry) -> dict[str, Any]:
    return {
        "section": client.section,
        "attempts": dict(client.attempts),
        "request_worst_case": _bound(client.request),
        "call_worst_case": _bound(client.call),
        "blocking": dict(client.blocking),
        "trust": {"kind": client.trust.kind, "path": client.trust.path},
        "names": client.names,
    }


def _bound(bound: Bound) -> dict[str, Any]:
    return {"bound": bound.bound, "seconds": bound.seconds, "arithmetic": bound.arithmetic}


def _logging(logging: LoggingEntry) -> dict[str, Any]:
    return {
        "source": logging.source,
        "levels": dict(logging.levels),
        "writes": [{"kind": one.kind, "logger": one.logger, "level": one.level} for one in logging.writes],
    }


def _transport(transport: TransportEntry) -> dict[str, Any]:
    limit = transport.limited_by
    return {
        "purpose": transport.purpose,
        "driver": transport.driver,
        "endpoints": list(transport.endpoints),
        "posture": str(transport.posture),
        "when_encrypted": None if transport.when_encrypted is None else str(transport.when_encrypted),
        "limited_by": None
        if limit is None
        else {
            "kind": limit.kind,
            "name": limit.name,
            "installed": limit.installed,
            "fixed_in": limit.fixed_in,
        },
        "trust": {"kind": transport.trust.kind, "path": transport.trust.path},
        "client_certificate": transport.client_certificate,
        "reason": transport.reason,
        "origin": encode_origin(transport.origin),
    }


def encode_origin(origin: Origin) -> dict[str, Any]:
    """``{"kind", "path", "line"}``, the same wherever a value's place is told."""
    return {"kind": str(origin.kind), "path": origin.path, "line": origin.line}


def encode_finding(finding: Finding) -> dict[str, Any]:
    """One finding of the report."""
    waiver = finding.waiver
    return {
        "check": finding.check,
        "severity": str(finding.severity),
        "host": finding.host,
        "service": finding.service,
        "object": finding.object,
        "status": str(finding.status),
        "disposition": None if finding.disposition is None else str(finding.disposition),
        "waiver": None
        if waiver is None
        else {"id": waiver.id, "owner": waiver.owner, "expires": waiver.expires},
        "message": finding.message,
        "evidence": [
            {"setting": line.setting, "value": line.value, "origin": encode_origin(line.origin)}
            for line in finding.evidence
        ],
        "remediation": finding.remediation,
        "fingerprint": finding.fingerprint,
        "controls": list(finding.controls),
    }


def decode(content: Mapping[str, Any]) -> Report:
    """A report from its JSON value.

    Raises:
        ValueError: another schema, or not of its form; the text says what.
    """
    if content.get("schema") != SCHEMA:
        raise ValueError(f"schema {content.get('schema')!r} is not {SCHEMA!r}")
    try:
        return Report(
            tool_version=content["tool"]["version"],
            started=content["started"],
            finished=content["finished"],
            selection=_read_selection(content["selection"]),
            complete=content["complete"],
            coverage=Totals(**content["coverage"]),
            exit=Exit(**content["exit"]),
            hosts=tuple(_read_host(item) for item in content["hosts"]),
            findings=tuple(_read_finding(item) for item in content["findings"]),
            passed={check: _read_hosts(hosts) for check, hosts in content["passed"].items()},
            not_applicable={
                check: {reason: _read_hosts(hosts) for reason, hosts in reasons.items()}
                for check, reasons in content["not_applicable"].items()
            },
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not of the form of {SCHEMA}: {type(error).__name__} {error}") from None


def _read_hosts(hosts: Mapping[str, Iterable[str]]) -> dict[str, tuple[str, ...]]:
    return {host: tuple(names) for host, names in hosts.items()}


def _read_selection(item: Mapping[str, Any]) -> Selection:
    waivers, site = item["waivers"], item["site"]
    return Selection(
        profile=item["profile"],
        checks=tuple(item["checks"]),
        not_asked=tuple(item["not_asked"]),
        catalogue=SourceFile(**item["catalogue"]),
        site=None if site is None else SourceFile(**site),
        waivers=None
        if waivers is None
        else WaiversFile(
            waivers["name"],
            waivers["digest"],
            tuple(waivers["expired"]),
            tuple(waivers["unused"]),
            tuple(waivers["over_broad"]),
        ),
    )


def _read_host(item: Mapping[str, Any]) -> HostEntry:
    return HostEntry(
        name=item["name"],
        kind=Kind(item["kind"]),
        coverage=Coverage(item["coverage"]),
        reason=item["reason"],
        release=item["release"],
        address=item.get("address"),
        services=tuple(_read_service(service) for service in item["services"]),
        servers=tuple(ServerEntry(**server) for server in item.get("servers", ())),
    )


def _read_service(item: Mapping[str, Any]) -> ServiceEntry:
    logging = item["logging"]
    return ServiceEntry(
        id=item["id"],
        name=item["name"],
        role=Role(item["role"]),
        source=item["source"],
        release=item["release"],
        config_files=tuple(item["config_files"]),
        config_dirs=tuple(item["config_dirs"]),
        libraries=tuple(item["libraries"].items()),
        transports=tuple(_read_transport(transport) for transport in item["transports"]),
        logging=None
        if logging is None
        else LoggingEntry(
            logging["source"],
            tuple(logging["levels"].items()),
            tuple(WriteEntry(**one) for one in logging.get("writes", ())),
        ),
        clients=tuple(_read_client(client) for client in item["clients"]),
        process=ProcessEntry(**item["process"]) if "process" in item else None,
    )


def _read_client(item: Mapping[str, Any]) -> ClientEntry:
    # Earlier reports of this schema have less.
    request = _read_bound(item["request_worst_case"])
    return ClientEntry(
        section=item["section"],
        attempts=tuple(item["attempts"].items()),
        request=request,
        call=_read_bound(item["call_worst_case"]) if "call_worst_case" in item else request,
        blocking=tuple(item.get("blocking", {}).items()),
        trust=Trust(**item["trust"]) if "trust" in item else Trust("unknown"),
        names=item.get("names", "unknown"),
    )


def _read_bound(item: Mapping[str, Any]) -> Bound:
    return Bound(item["bound"], item["seconds"], item.get("arithmetic", ""))


def _read_transport(item: Mapping[str, Any]) -> TransportEntry:
    return TransportEntry(
        purpose=item["purpose"],
        driver=item["driver"],
        endpoints=tuple(item["endpoints"]),
        posture=Posture(item["posture"]),
        when_encrypted=None if item["when_encrypted"] is None else Posture(item["when_encrypted"]),
        limited_by=None if item["limited_by"] is None else Limit(**item["limited_by"]),
        trust=Trust(**item["trust"]),
        client_certificate=item["client_certificate"],
        reason=item["reason"],
        origin=_read_origin(item["origin"]),
    )


def _read_origin(item: Mapping[str, Any]) -> Origin:
    return Origin(OriginKind(item["kind"]), item["path"], item["line"])


def _read_finding(item: Mapping[str, Any]) -> Finding:
    waiver, disposition = item["waiver"], item["disposition"]
    return Finding(
        check=item["check"],
        severity=Severity(item["severity"]),
        host=item["host"],
        service=item["service"],
        object=item["object"],
        status=Status(item["status"]),
        message=item["message"],
        evidence=tuple(
            Judged(line["setting"], line["value"], _read_origin(line["origin"])) for line in item["evidence"]
        ),
        remediation=item["remediation"],
        disposition=None if disposition is None else Disposition(disposition),
        waiver=None if waiver is None else WaiverNote(**waiver),
        controls=tuple(item["controls"]),
    )
