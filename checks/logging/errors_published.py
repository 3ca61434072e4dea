"""Every error that the service logs is sent over the notification bus.

``publish_errors`` hands the text of each record of level ERROR to whoever reads notifications: billing, monitoring,
other projects' services (``oslo_messaging.notify.log_handler``). Errors hold paths, addresses and parts of requests.
"""

from auditor.check import (
    Check,
    Outcome,
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
from auditor.semantics.transports import SENDING


def evaluate(service: Service, _site: Site) -> Outcome:
    """Fail where publish_errors is on and a notification driver sends."""
    publish, append = service.find("DEFAULT", "publish_errors"), service["DEFAULT", "log_config_append"]
    driver = service.find("oslo_messaging_notifications", "driver")
    if publish is None or driver is None:
        return not_applicable("placement sends no notifications")
    if append.value:
        return not_applicable("log_config_append decides alone, and publish_errors is ignored")
    if not publish.value:
        return passed("errors stay in the log", publish)
    drivers = set(driver.value or ())
    if "log" in drivers or not drivers & SENDING:
        return not_applicable("no notification driver sends them")
    return failed("errors are sent over the notification bus", publish, driver)


CHECK = Check(
    id="logging-errors-published",
    title="Errors are sent over the notification bus",
    severity=Severity.LOW,
    scope=Scope.SERVICE,
    doc=__doc__,
    remediation="Write `[DEFAULT] publish_errors = false`.",
    options=("DEFAULT.publish_errors", "oslo_messaging_notifications.driver"),
    evaluate=evaluate,
    examples=(
        bad("[DEFAULT]\npublish_errors = true\n[oslo_messaging_notifications]\ndriver = messagingv2\n"),
        good("[DEFAULT]\npublish_errors = false\n[oslo_messaging_notifications]\ndriver = messagingv2\n"),
        moot("[DEFAULT]\npublish_errors = true\n", why="without a driver nothing is sent"),
    ),
)
