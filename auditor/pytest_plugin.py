"""The pytest plugin: fills in the tests of `auditor.suite`. Every pytest in the environment loads it, so it imports nothing.

Evidence is gathered when the tests are collected, once for a session: with pytest-xdist by one worker for all of them.
"""

from collections.abc import Generator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from auditor.cases import Asked, Case
    from auditor.report import Report

SEVERITIES = ("critical", "high", "medium", "low", "info")

AREAS = (
    "clients",
    "compute",
    "consoles",
    "database",
    "files",
    "fleet",
    "identity",
    "limits",
    "logging",
    "messaging",
    "placement",
    "policy",
    "release",
    "resilience",
    "servers",
)

#: testinfra's options that say how hosts are reached.
_REACHED_BY = (
    "connection",
    "ssh_config",
    "ssh_identity_file",
    "sudo",
    "sudo_user",
    "ansible_inventory",
    "force_ansible",
)

_CHECK, _HOST, _RUN = "nova_audit_check", "nova_audit_host", "nova_audit_run"

#: Where the workers of pytest-xdist share the report.
_FOLDER = "nova_auditor_folder"

_REPORTS: "pytest.StashKey[dict[Asked, Report]]" = pytest.StashKey()
_SHARED: "pytest.StashKey[tuple[Any, str]]" = pytest.StashKey()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options ``--audit-*``; which hosts is said with testinfra's ``--hosts`` and ``testinfra_hosts``."""
    group = parser.getgroup("nova-auditor", "nova-auditor (pytest --pyargs auditor.suite)")
    group.addoption(
        "--audit-profile",
        default="recommended",
        metavar="NAME|FILE",
        help="What is checked: essential, recommended, strict, or a file of your own (.toml).",
    )
    group.addoption("--audit-waivers", metavar="FILE", help="Accepted failures, in YAML.")
    group.addoption("--audit-site", metavar="FILE", help="Thresholds of this site, in TOML.")
    group.addoption("--audit-release", metavar="NAME", help="The release of services that show none.")
    group.addoption(
        "--audit-fail-on",
        default="high",
        choices=("none", *SEVERITIES),
        help="The lowest severity of a failure that fails a test; below it the failure is expected (xfail).",
    )
    group.addoption(
        "--audit-live",
        action="store_true",
        help="Have each host ask the endpoints of its services how they speak TLS, once; nobody logs in.",
    )
    group.addoption(
        "--audit-cells",
        action="store_true",
        help="List the cells with nova-manage, run as the service's own user.",
    )
    group.addoption(
        "--audit-servers",
        action="store_true",
        help="Ask the brokers and databases of a host for their settings, as their own users.",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register the markers."""
    for severity in SEVERITIES:
        config.addinivalue_line("markers", f"severity_{severity}: a check of nova-auditor of that severity")
    for area in AREAS:
        config.addinivalue_line("markers", f"area_{area}: a check of nova-auditor of that area")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Gather, and make one test of each case."""
    wanted = next((name for name in (_CHECK, _HOST, _RUN) if name in metafunc.fixturenames), None)
    if wanted is None:
        return
    from auditor import cases
    from auditor.errors import AuditorError

    try:
        asked = _asked(metafunc.config, metafunc.module)
        report = _report(metafunc.config, asked)
    except AuditorError as error:
        raise pytest.Collector.CollectError(f"nova-auditor: {error}") from None
    if wanted == _RUN:
        found = [cases.run_case(report)]
    elif wanted == _HOST:
        found = list(cases.host_cases(report))
    else:
        from auditor.checks import CATALOGUE

        found = list(cases.check_cases(report, CATALOGUE, asked.fail_on))
    metafunc.parametrize(wanted, [_parameter(case) for case in found])


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Generator[None, None, None]:
    """Keep the tests that say whether there was anything to look at, whatever ``-m`` and ``-k`` choose of the others."""
    before = list(items)
    yield
    hosts = {case.host for item in items if (case := _case(item, _CHECK)) is not None}
    if not hosts or len(items) == len(before):
        return
    kept = {id(item) for item in items}
    for item in reversed(before):
        host = _case(item, _HOST)
        if id(item) not in kept and (
            _case(item, _RUN) is not None or (host is not None and host.host in hosts)
        ):
            items.insert(0, item)


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Say what the command line would have said last."""
    reports = [*config.stash.get(_REPORTS, {}).values()]
    if _SHARED in config.stash:
        reports += _left(config.stash[_SHARED][1])
    for report in reports:
        from auditor.formats import visible

        terminalreporter.section("nova-auditor")
        terminalreporter.line(visible(report.exit.reason))


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Give the workers of pytest-xdist one private folder, in which the first leaves the report for the others."""
    config: pytest.Config = node.config
    if _SHARED not in config.stash:
        from auditor.collect import private

        context = private.folder()
        config.stash[_SHARED] = context, str(context.__enter__())
    node.workerinput[_FOLDER] = config.stash[_SHARED][1]


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove that folder."""
    if _SHARED in config.stash:
        config.stash[_SHARED][0].__exit__(None, None, None)


def _asked(config: pytest.Config, module: Any) -> "Asked":
    from auditor.cases import Asked
    from auditor.model import Severity

    hosts = config.getoption("hosts", None)
    specs = hosts.split(",") if hosts is not None else getattr(module, "testinfra_hosts", None)
    fail_on = config.getoption("--audit-fail-on")
    return Asked(
        specs=None if specs is None else tuple(specs),
        defaults=tuple((name, config.getoption(name, None)) for name in _REACHED_BY),
        profile=config.getoption("--audit-profile"),
        waivers=config.getoption("--audit-waivers"),
        site=config.getoption("--audit-site"),
        release=config.getoption("--audit-release"),
        fail_on=None if fail_on == "none" else Severity(fail_on),
        live=config.getoption("--audit-live"),
        ask=tuple(kind for kind in ("cells", "servers") if config.getoption(f"--audit-{kind}")),
    )


def _report(config: pytest.Config, asked: "Asked") -> "Report":
    reports = config.stash.setdefault(_REPORTS, {})
    if asked not in reports:
        folder = getattr(config, "workerinput", {}).get(_FOLDER)
        reports[asked] = asked.run() if folder is None else _shared(folder, asked)
    return reports[asked]


def _shared(folder: str, asked: "Asked") -> "Report":
    """The report that the workers of pytest-xdist share: whoever comes first makes it."""
    import fcntl
    import hashlib
    import json
    from pathlib import Path

    from auditor.encoding import decode, encode
    from auditor.outputs import write_whole

    path = Path(folder, hashlib.sha256(repr(asked).encode()).hexdigest() + ".report")
    with path.with_suffix(".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            write_whole(path, json.dumps(encode(asked.run())).encode())
        return decode(json.loads(path.read_bytes()))


def _left(folder: str) -> "list[Report]":
    """The reports that the workers have left."""
    import json
    from pathlib import Path

    from auditor.encoding import decode

    return [decode(json.loads(path.read_bytes())) for path in sorted(Path(folder).glob("*.report"))]


def _parameter(case: "Case") -> Any:
    return pytest.param(case, id=case.id, marks=[getattr(pytest.mark, name) for name in case.marks])


def _case(item: pytest.Item, name: str) -> "Case | None":
    parameters: dict[str, Any] = getattr(getattr(item, "callspec", None), "params", {})
    return parameters.get(name)
