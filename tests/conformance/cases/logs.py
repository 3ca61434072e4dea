"""Configurations of logging: options, databases, files of `logging.config`, and the traps of area D.

A case has the role of the service that starts with it. Every logger's level and everything that is written is compared,
so that each case says more than its id.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from itertools import product
from typing import Any

from tests.conformance.cases.logfiles import BROKEN_FILES, FILES, HANDLERS, ROOT, WHOLE

#: What Nova's default list has (oslo.log 8.0 and later), as an operator would copy it.
GUARDS = (
    "amqp=WARN",
    "sqlalchemy=WARN",
    "oslo.messaging=INFO",
    "oslo_messaging=INFO",
    "urllib3.connectionpool=WARN",
    "keystonemiddleware=WARN",
    "stevedore=WARN",
    "keystoneauth=WARN",
    "oslo.cache=INFO",
    "oslo_policy=INFO",
    "glanceclient=WARN",
    "oslo.privsep.daemon=INFO",
)

#: default_log_levels by what is special about it.
LISTS: Mapping[str, str] = {
    "unset": "",
    "empty": "default_log_levels =\n",
    "nova-debug": "default_log_levels = nova=DEBUG\n",
    "guards": f"default_log_levels = {','.join(GUARDS)}\n",
    "engine-debug": "default_log_levels = sqlalchemy.engine=DEBUG\n",
    "statements-info": "default_log_levels = sqlalchemy.engine.Engine=INFO\n",
}

#: Lists that are tried with one role each.
PAIRS: Mapping[str, str] = {
    "statements-debug": "sqlalchemy.engine.Engine=DEBUG",
    "statements-error": "sqlalchemy.engine.Engine=ERROR",
    "sqlalchemy-notset": "sqlalchemy=NOTSET",
    "sqlalchemy-debug": "sqlalchemy=DEBUG",
    "requests-debug": "requests=DEBUG",
    "session-debug": "keystoneauth.session=DEBUG",
    "keystoneauth-debug": "keystoneauth=DEBUG,amqp=WARN",
    "keystoneauth-later": "keystoneauth=DEBUG,keystoneauth=WARN",
    "keystoneauth-first": "keystoneauth=WARN,keystoneauth=DEBUG",
    "child-of-guard": "keystoneauth=WARN,keystoneauth.session=DEBUG",
    "glance-http": "glanceclient.common.http=DEBUG",
    "connectionpool": "urllib3.connectionpool=DEBUG",
    "urllib3": "urllib3=DEBUG",
    "messaging-dot": "oslo.messaging=DEBUG",
    "messaging-underscore": "oslo_messaging=DEBUG",
    "messaging-driver": "oslo_messaging._drivers.amqpdriver=DEBUG",
    "privsep-dot": "oslo.privsep.daemon=DEBUG",
    "privsep-underscore": "oslo_privsep.daemon=DEBUG",
    "privsep-notset": "oslo.privsep.daemon=NOTSET",
    "brick": "os_brick=DEBUG",
    "brick-privileged": "os_brick.privileged=DEBUG,oslo.privsep.daemon=DEBUG",
    "brick-held": "os_brick.privileged=INFO,oslo.privsep.daemon=INFO",
    "brick-hidden": "brick_privsep_hide_output=DEBUG",
    "libvirt": "nova.virt.libvirt.driver=DEBUG",
    "libvirt-held": "nova.virt.libvirt.driver=INFO,nova=DEBUG",
    "wsgi": "nova.api.openstack.wsgi=DEBUG",
    "dump": "nova.api.openstack.wsgi_app=DEBUG,oslo_service=DEBUG,cotyledon=DEBUG,nova.cmd=DEBUG",
    "dump-held": "nova=INFO,oslo_service=INFO,cotyledon=INFO",
    "root-name": "root=DEBUG",
    "root-empty": "=DEBUG",
    "root-warning": "root=WARNING",
    "integer": "keystoneauth=10,oslo_messaging=5,sqlalchemy.engine.Engine=20",
    "integer-spaced": "keystoneauth= 10",
    "integer-odd": "keystoneauth=15,amqp=7",
    "integer-zero": "keystoneauth=0",
    "integer-negative": "keystoneauth=-1",
    "integer-underscore": "keystoneauth=1_0",
    "trace": "keystoneauth=TRACE",
    "fatal": "keystoneauth=FATAL",
    "critical-and-error": "nova=CRITICAL,oslo_messaging=ERROR",
    "warn": "root=WARN",
}

#: Variants that databases or the API have a part in.
BOTH = frozenset(
    [
        "statements-debug",
        "statements-error",
        "sqlalchemy-notset",
        "sqlalchemy-debug",
        "session-debug",
        "connectionpool",
        "messaging-driver",
        "wsgi",
        "dump",
        "dump-held",
        "root-name",
        "root-warning",
        "integer",
        "critical-and-error",
        "root-debug",
        "root-no-level",
        "root-null",
        "root-quiet",
        "guarded",
        "qualname-root",
        "engine-debug",
        "trace",
    ]
)

#: Lists that stop the service.
BROKEN: Mapping[str, str] = {
    "spaced": "amqp = WARN , keystoneauth=WARN",
    "lower": "amqp=warn",
    "mixed": "amqp=Warning",
    "no-level": "amqp",
    "empty-level": "amqp=",
    "loud": "amqp=LOUD",
    "number-text": "amqp=1O",
    "float": "amqp=10.0",
    "colon": "amqp:WARN",
    "later": "keystoneauth=WARN,amqp=NOISY",
    "two-signs": "amqp==WARN",
}

#: The sections that have a session of their own.
CLIENTS = ("placement", "cinder", "glance", "neutron", "keystone", "ironic", "cyborg", "barbican", "manila")

ROLES = ("api", "metadata", "conductor", "scheduler", "compute", "console-proxy")

#: Statements about databases, for what an engine sets.
_CONNECTED = "[api_database]\nconnection = sqlite://\n"

#: Traps of area D: id to nova.conf and files. Where a file is named, it is the one beside it.
TRAPS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "D01": ("[DEFAULT]\ndebug = true\n", {}),
    "D02": ("[DEFAULT]\ndebug = true\ndefault_log_levels = nova=DEBUG\n", {}),
    "D04": ("[DEFAULT]\ndefault_log_levels = sqlalchemy.engine=DEBUG\n", {}),
    "D05": ("[DEFAULT]\ndefault_log_levels = sqlalchemy.engine.Engine=INFO\n", {}),
    "D06": ("[DEFAULT]\ndefault_log_levels = sqlalchemy=WARN\n[database]\nconnection_debug = 50\n", {}),
    "D08": (
        "[DEFAULT]\ndebug = false\ndefault_log_levels = keystoneauth=WARN\nlog_config_append = @DIR@/logging.conf\n",
        {
            "@DIR@/logging.conf": "[loggers]\nkeys=root\n[handlers]\nkeys=h\n[formatters]\nkeys=f\n"
            "[logger_root]\nlevel=DEBUG\nhandlers=h\n[handler_h]\nclass=StreamHandler\nargs=(sys.stderr,)\n"
            "formatter=f\n[formatter_f]\nformat=%(message)s\n"
        },
    ),
    "D09": ("[DEFAULT]\nlog-config-append = @DIR@/missing.conf\n", {}),
    "D11": ("[glance]\ndebug = true\n[cinder]\ndebug = true\n", {}),
    "D12": ("[DEFAULT]\ndefault_log_levels = amqp = WARN , keystoneauth=WARN\n", {}),
    "D13": (
        "[DEFAULT]\ndebug = true\ndefault_log_levels = keystoneauth=WARN\ndefault_log_levels = amqp=WARN\n",
        {},
    ),
    "D14": ("[DEFAULT]\nrate_limit_burst = 100\n", {}),
    "D15": ("[DEFAULT]\nlog_rotation_type = size\nlog_config_append =\n", {}),
    "D16": ("[profiler]\nenabled = true\n", {}),
    "D18": ("[DEFAULT]\ndebug = true\nlog_options = false\n", {}),
}


@cache
def cases() -> tuple[Mapping[str, Any], ...]:
    """Every case; an id is ``subject/variant/role``."""
    return (*_options(), *_databases(), *_files(), *_others())


def _case(
    name: str, role: str, conf: str, files: Mapping[str, str] | None = None, driver: str = "options"
) -> Any:
    return {"id": f"{name}/{role}", "role": role, "driver": driver, "conf": conf, "files": dict(files or {})}


def _options() -> Iterator[Any]:
    for debug, (name, pairs), role in product((False, True), LISTS.items(), ROLES):
        if role not in ("conductor", "compute") and name in ("empty", "guards", "engine-debug"):
            continue
        switch = "debug = true\n" if debug else ""
        yield _case(f"list/{name}{'+debug' if debug else ''}", role, f"[DEFAULT]\n{switch}{pairs}")
    for name, pairs in PAIRS.items():
        for role in ("compute", "api") if name in BOTH else ("compute",):
            yield _case(f"pairs/{name}", role, f"[DEFAULT]\ndefault_log_levels = {pairs}\n")
    for guard in GUARDS:
        left = ",".join(one for one in GUARDS if one != guard)
        for role in ("compute", "api"):
            conf = f"[DEFAULT]\ndebug = true\ndefault_log_levels = {left}\n"
            yield _case(f"without/{guard.partition('=')[0]}", role, conf)
    for name, pairs in BROKEN.items():
        yield _case(f"broken/{name}", "compute", f"[DEFAULT]\ndefault_log_levels = {pairs}\n")
    for name, (conf, files) in TRAPS.items():
        for role in ("conductor", "compute") if "database" in conf or "sqlalchemy" in conf else ("compute",):
            yield _case(f"trap/{name}", role, conf, files, "file" if files else "options")


def _databases() -> Iterator[Any]:
    for value in (1, 49, 99):
        yield _case(
            f"database/{value}", "conductor", f"[database]\nconnection_debug = {value}\n", None, "engines"
        )
    for value, role in product((0, 50, 100), ROLES):
        yield _case(f"database/{value}", role, f"[database]\nconnection_debug = {value}\n", None, "engines")
    for value, role in product((50, 100), ROLES):
        conf = f"{_CONNECTED}connection_debug = {value}\n"
        yield _case(f"api-database/{value}", role, conf, None, "engines")
    for value in (50, 100):
        conf = f"[api_database]\nconnection_debug = {value}\n"
        yield _case(f"api-database-without-url/{value}", "conductor", conf, None, "engines")
    for first, second in product((0, 50, 100), (0, 50, 100)):
        conf = f"[database]\nconnection_debug = {first}\n{_CONNECTED}connection_debug = {second}\n"
        yield _case(f"both-databases/{first}-{second}", "conductor", conf, None, "engines")
    for (name, pairs), value in product(LISTS.items(), (0, 50, 100)):
        conf = f"[DEFAULT]\n{pairs}[database]\nconnection_debug = {value}\n"
        yield _case(f"database/{value}+{name}", "scheduler", conf, None, "engines")
    for text in ("-1", "101", "much", "50 "):
        for group in ("database", "api_database"):
            conf = f"[{group}]\nconnection_debug = {text}\n"
            yield _case(f"rejected/{group}-{text.strip()}", "conductor", conf, None, "engines")
    yield _case("rejected/database-much", "compute", "[database]\nconnection_debug = much\n", None, "engines")
    yield _case("traced/database", "conductor", "[database]\nconnection_trace = true\n", None, "engines")


def _files() -> Iterator[Any]:
    append = "[DEFAULT]\nlog_config_append = @DIR@/logging.conf\n"
    for name, (keys, sections) in {**FILES, **BROKEN_FILES}.items():
        text = f"[loggers]\nkeys={keys}\n{HANDLERS}{sections}"
        for role in ("compute", "api") if name in BOTH else ("compute",):
            yield _case(f"file/{name}", role, append, {"@DIR@/logging.conf": text}, "file")
    for name, text in WHOLE.items():
        yield _case(f"file/{name}", "compute", append, {"@DIR@/logging.conf": text}, "file")
    keys, sections = FILES["root-debug"]
    text = f"[loggers]\nkeys={keys}\n{HANDLERS}{sections}"
    for role in ROLES:
        for value in (0, 100):
            conf = f"{append}[database]\nconnection_debug = {value}\n"
            yield _case(f"file+database/{value}", role, conf, {"@DIR@/logging.conf": text}, "file")
    quiet = f"[loggers]\nkeys=root\n{HANDLERS}{ROOT}"
    for options in (
        "debug = true\n",
        "default_log_levels = keystoneauth=DEBUG\n",
        "default_log_levels = amqp=LOUD\n",
    ):
        name = options.partition(" ")[0] + ("-broken" if "LOUD" in options else "")
        yield _case(f"file+{name}", "compute", append + options, {"@DIR@/logging.conf": quiet}, "file")
    yield _case("file/missing", "compute", append, None, "file")
    yield _case(
        "file/old-name", "compute", append.replace("_append", ""), {"@DIR@/logging.conf": text}, "file"
    )
    yield _case("file/folder", "compute", append, {"@DIR@/logging.conf/README": ""}, "file")


def _others() -> Iterator[Any]:
    notify = "[oslo_messaging_notifications]\ndriver = log\n"
    for name, conf in {
        "log": notify,
        "log-debug": f"[DEFAULT]\ndebug = true\n{notify}",
        "log-held": f"[DEFAULT]\ndefault_log_levels = oslo.messaging=WARN\n{notify}",
        "log-underscore": f"[DEFAULT]\ndefault_log_levels = oslo_messaging=WARN\n{notify}",
        "log-notification-held": f"[DEFAULT]\ndefault_log_levels = oslo.messaging.notification=ERROR\n{notify}",
        "noop": notify.replace("log", "noop"),
        "log-and-noop": notify.replace("= log", "= noop\ndriver = log"),
        "versioned": f"[notifications]\nnotification_format = versioned\n{notify}",
    }.items():
        for role in ("compute", "conductor"):
            yield _case(f"notifications/{name}", role, conf)
    split = "".join(f"[{group}]\nsplit_loggers = true\n" for group in CLIENTS)
    for name, pairs in {
        "debug": "keystoneauth=DEBUG",
        "body": "keystoneauth=WARN,keystoneauth.session.body=DEBUG",
        "request": "keystoneauth=WARN,keystoneauth.session.request=DEBUG",
        "response": "keystoneauth=WARN,keystoneauth.session.response=DEBUG",
        "session-held": "keystoneauth.session=DEBUG,keystoneauth.session.body=WARN",
        "unset": "glanceclient=WARN",
    }.items():
        yield _case(f"split/{name}", "compute", f"[DEFAULT]\ndefault_log_levels = {pairs}\n{split}")
        yield _case(f"split-not/{name}", "compute", f"[DEFAULT]\ndefault_log_levels = {pairs}\n")
    logger = "[nova_sys_admin]\nlogger_name = nova.privileged\n[privsep_osbrick]\nlogger_name = nova.bricks\n"
    for name, options in {
        "debug": "debug = true\n",
        "plain": "",
        "held": "debug = true\ndefault_log_levels = nova.privileged=INFO,nova.bricks=INFO\n",
        "daemon-held": "debug = true\ndefault_log_levels = oslo.privsep.daemon=INFO\n",
        "own-debug": "default_log_levels = nova.privileged=DEBUG\n",
    }.items():
        yield _case(f"logger-name/{name}", "compute", f"[DEFAULT]\n{options}{logger}")
    for name, options in {
        "json": "debug = true\nuse_json = true\n",
        "stderr": "debug = true\nuse_stderr = true\n",
        "file": "debug = true\nlog_file = @DIR@/nova.log\n",
        "folder": "debug = true\nlog_dir = @DIR@\nlog_file = nova.log\n",
        "file-rotated": "debug = true\nlog_file = @DIR@/nova.log\nlog_rotation_type = size\n",
        "rate-limit": "debug = true\nrate_limit_burst = 100000\nrate_limit_interval = 1\n",
        "log-options": "debug = true\nlog_options = false\ndefault_log_levels = keystoneauth=WARN\n",
    }.items():
        for role in ("compute", "api"):
            yield _case(f"output/{name}", role, f"[DEFAULT]\n{options}")
