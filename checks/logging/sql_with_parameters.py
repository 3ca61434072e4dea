"""SQL is written with its parameters.

At INFO, SQLAlchemy writes every statement with its parameters, and at DEBUG every row: user data, connection data of
volumes with CHAP passwords, console tokens. ``connection_debug`` of 50 and more leads there whatever ``debug`` says,
because oslo.db sets the level of ``sqlalchemy.engine`` when it makes an engine (``engines._setup_logging``); for the same
reason ``default_log_levels = sqlalchemy.engine=DEBUG`` does not, and ``sqlalchemy.engine.Engine=INFO`` does. All measured.
"""

from auditor.check import (
    Check,
    Outcome,
    Role,
    Scope,
    Service,
    Severity,
    Site,
    bad,
    failed,
    good,
    moot,
    not_applicable,
    passed,
)
from auditor.checks.logfiles import LOGGING, at, root_at
from auditor.semantics.logs import levels


def evaluate(service: Service, _site: Site) -> Outcome:
    """Fail where the engine's messages reach a log."""
    if service.role is Role.COMPUTE:
        return not_applicable("nova-compute never opens a database connection")
    found = levels(service)
    if found.broken is not None:
        return not_applicable("the service cannot start with this logging")
    record = found.holding("sql-with-parameters")
    if record is not None:
        verbose = [
            setting
            for group in ("database", "api_database", "placement_database")
            if (setting := service.find(group, "connection_debug")) is not None
            and setting.error is None
            and setting.value >= 50
        ]
        return failed(
            f"SQL is written with its parameters: {at(found, record.logger)}",
            *verbose,
            *found.evidence(record.logger),
            remedy=f"Remove {' and '.join(f'`{setting}`' for setting in verbose)}." if verbose else None,
        )
    return passed("SQL is not written", *found.evidence("sqlalchemy.engine.Engine"))


CHECK = Check(
    id="logging-sql-with-parameters",
    title="SQL is written with its parameters",
    severity=Severity.HIGH,
    scope=Scope.SERVICE,
    doc=__doc__,
    remediation="Remove `connection_debug`, and `sqlalchemy.engine.Engine` from `default_log_levels`.",
    options=("database.connection_debug", "api_database.connection_debug", "DEFAULT.default_log_levels"),
    evaluate=evaluate,
    examples=(
        bad(
            "[database]\nconnection = mysql+pymysql://nova:yFw7hPq2kZ4tLm9sXc@db.example/nova\nconnection_debug = 50\n"
        ),
        bad("[DEFAULT]\ndefault_log_levels = sqlalchemy.engine.Engine=INFO\n"),
        good("[DEFAULT]\ndebug = true\n"),
        good(
            "[DEFAULT]\ndefault_log_levels = sqlalchemy.engine=DEBUG\n",
            why="oslo.db sets it back to WARNING when it makes the engine",
        ),
        good(f"[DEFAULT]\nlog_config_append = {LOGGING}\n", files={LOGGING: root_at("INFO")}),
        moot("[database]\nconnection_debug = 100\n", service="nova-compute"),
    ),
)
