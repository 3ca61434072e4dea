"""Evidence, checks and reports from literal values, for tests of the engine and of what follows it."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from auditor.check import Check, Outcome, Scope, bad, good, passed
from auditor.evidence import Evidence, ServiceRecord
from auditor.model import (
    Bound,
    Coverage,
    File,
    Judged,
    Kind,
    Libraries,
    Library,
    Missing,
    Origin,
    OriginKind,
    Posture,
    Role,
    Severity,
    Source,
    Status,
    Trust,
)
from auditor.report import (
    ClientEntry,
    Disposition,
    Exit,
    Finding,
    HostEntry,
    LoggingEntry,
    Report,
    Selection,
    ServiceEntry,
    SourceFile,
    Totals,
    TransportEntry,
    WaiverNote,
    WaiversFile,
)

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
CONF = "/etc/nova/nova.conf"

ROLES = {"nova-conductor": Role.CONDUCTOR, "nova-compute": Role.COMPUTE, "nova-scheduler": Role.SCHEDULER}


def service(name: str = "nova-conductor", path: str = CONF, interpreter: str | None = None) -> ServiceRecord:
    """A service that is started with one configuration file."""
    return ServiceRecord(
        id=name,
        name=name,
        project="nova",
        role=ROLES.get(name, Role.UNKNOWN),
        source="unit",
        layout="plain",
        program=name,
        defined=None,
        user="nova",
        home=None,
        is_wsgi=False,
        arguments=("--config-file", path),
        environment={},
        sources=(Source(path, path, "argument"),),
        config_files=(path,),
        config_dirs=(),
        paths={},
        is_opaque=False,
        interpreter=interpreter,
    )


def text_file(path: str, text: str) -> File:
    """A configuration file of root's that was read."""
    return File(path, None, None, None, len(text), "oslo", text)


def evidence(
    conf: str = "[DEFAULT]\ndebug = false\n",
    *,
    services: Sequence[ServiceRecord] | None = None,
    files: Mapping[str, File | Missing] | None = None,
    packages: Mapping[str, str] | None = None,
    host: str = "host",
    kind: Kind = Kind.TREE,
    **rest: Any,
) -> Evidence:
    """The evidence of a host whose one service reads ``conf``; ``packages`` are those of its interpreter."""
    libraries = {}
    if packages is not None:
        installed = {name: Library(name, version, "/usr/lib/python3") for name, version in packages.items()}
        libraries["python"] = Libraries(installed)
    listed = (service(interpreter="python" if packages is not None else None),)
    return Evidence(
        host=host,
        kind=kind,
        salt_id="salt",
        collected="2026-11-21T12:00:00Z",
        services=listed if services is None else tuple(services),
        files={CONF: text_file(CONF, conf)} if files is None else files,
        libraries=libraries,
        **rest,
    )


def fine(_subject: Any, _site: Any) -> Outcome:
    """Pass whatever it is."""
    return passed("fine")


def check(
    evaluate: Callable[[Any, Any], Outcome] = fine,
    id_: str = "area-problem",
    scope: Scope = Scope.SERVICE,
    **rest: Any,
) -> Check:
    """A check of a test's own."""
    return Check(
        id=id_,
        scope=scope,
        evaluate=evaluate,
        **{
            "title": "A problem",
            "severity": Severity.HIGH,
            "doc": "A problem.\n\nIt matters.",
            "remediation": "Mend it.",
            "examples": (bad(""), good("")),
            **rest,
        },
    )


def finding(**rest: Any) -> Finding:
    """A failure of a service, open unless told otherwise."""
    return Finding(
        **{
            "check": "messaging-plaintext",
            "severity": Severity.CRITICAL,
            "host": "cmp01",
            "service": "nova-compute",
            "object": "rpc",
            "status": Status.FAIL,
            "message": "the rpc connection to mq:5672 is plain text",
            "evidence": (
                Judged(
                    "[DEFAULT] transport_url",
                    "rabbit://nova:REDACTED-2-0123456789abcdef@mq:5672/",
                    Origin(OriginKind.FILE, CONF, 2),
                ),
            ),
            "remediation": "[oslo_messaging_rabbit] ssl = true",
            "disposition": Disposition.OPEN,
            **rest,
        }
    )


def report(**rest: Any) -> Report:
    """A report that has a bit of everything."""
    transport = TransportEntry(
        purpose="rpc",
        driver="rabbit",
        endpoints=("mq:5672",),
        posture=Posture.PLAINTEXT,
        when_encrypted=None,
        limited_by=None,
        trust=Trust("none"),
        client_certificate="no",
        reason="nothing asks for TLS",
        origin=Origin(OriginKind.FILE, CONF, 2),
    )
    compute = ServiceEntry(
        id="nova-compute",
        name="nova-compute",
        role=Role.COMPUTE,
        source="unit",
        release="2025.1",
        config_files=(CONF,),
        config_dirs=(),
        libraries=(("nova", "31.0.0"),),
        transports=(transport,),
        logging=LoggingEntry("options", (("root", "INFO"),)),
        clients=(
            ClientEntry(
                section="placement",
                attempts=(("no_answer", 2), ("503", None)),
                request=Bound("finite", 4.5, "2 x 2 s + 0.5 s between attempts = 4.5 s"),
                call=Bound("unknown", None, "16.5 s on zed; 14 s on 2026.2"),
                blocking=(("refused", 0.5), ("dripping", "unbounded")),
                trust=Trust("file", "/etc/nova/ca.pem"),
                names="common-name",
            ),
        ),
    )
    waived = finding(
        check="logging-debug",
        severity=Severity.MEDIUM,
        object=None,
        message="debug is on",
        disposition=Disposition.WAIVED,
        waiver=WaiverNote("lab", "jane", "2027-01-31"),
    )
    unknown = finding(
        check="database-plaintext",
        status=Status.UNKNOWN,
        object="database",
        message="it depends on the release: give --release",
        disposition=None,
        evidence=(),
    )
    checks = ("database-plaintext", "logging-debug", "messaging-plaintext")
    return Report(
        **{
            "tool_version": "0.1.0",
            "started": "2026-11-21T12:00:00Z",
            "finished": "2026-11-21T12:00:01Z",
            "selection": Selection(
                "recommended",
                checks,
                (),
                SourceFile("auditor.checks", "0" * 64),
                waivers=WaiversFile("waivers.yaml", "1" * 64, unused=("old",)),
            ),
            "complete": False,
            "coverage": Totals(2, 1, 6, 6),
            "exit": Exit(1, "1 open failure at or above high on 1 of 2 hosts"),
            "hosts": (
                HostEntry("cmp01", Kind.TREE, Coverage.AUDITED, None, "2025.1", services=(compute,)),
                HostEntry("cmp02", Kind.LIVE, Coverage.TIMEOUT, "no answer within 25 seconds"),
            ),
            "findings": (finding(), waived, unknown),
            "passed": {"messaging-plaintext": {"cmp01": ("nova-compute#notifications",)}},
            "not_applicable": {
                "database-plaintext": {"it never leaves the machine": {"cmp01": ("nova-compute",)}}
            },
            **rest,
        }
    )
