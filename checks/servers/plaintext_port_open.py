"""A server takes connections in plain text on its well-known port, beside those with TLS or in their place.

As long as the port is open, a client whose TLS was never switched on, or got lost in an edit, goes on to work: nobody
notices, and its login and messages can be read and changed on the way. Only a closed port proves that all clients moved.
"""

from auditor.check import (
    Check,
    Host,
    Outcome,
    Scope,
    Severity,
    Site,
    bad,
    failed,
    good,
    moot,
    not_applicable,
    passed,
)
from auditor.semantics.listeners import conventional, in_plain_text, place

_NO_SERVER = "neither RabbitMQ nor libvirt listens here"


def evaluate(host: Host, _site: Site) -> Outcome:
    """Fail where RabbitMQ or libvirt listens on a port of plain text that other machines reach."""
    found = conventional(host)
    if not found:
        return not_applicable(_NO_SERVER)
    plain = in_plain_text(found)
    if not plain:
        return passed("every port speaks TLS, or stays on the machine", *(listener for listener, _ in found))
    encrypted = {(listener.root, listener.port) for listener, _ in found}
    told = "; ".join(
        f"{listener.program} speaks {convention.protocol} in plain text on {place(listener)}"
        + (f", beside TLS on {convention.tls}" if (listener.root, convention.tls) in encrypted else "")
        for listener, convention in plain
    )
    return failed(told, *(listener for listener, _ in plain))


_CONF = "[DEFAULT]\ndebug = false\n"


def _listening(*listeners: tuple[str, int, str]) -> dict[str, object]:
    rows = [
        {"address": address, "port": port, "program": program, "pid": 812, "root": ""}
        for address, port, program in listeners
    ]
    return {"listeners": rows}


CHECK = Check(
    id="servers-plaintext-port-open",
    title="A server's plain-text port is open",
    severity=Severity.MEDIUM,
    scope=Scope.HOST,
    needs=frozenset({"config", "processes"}),
    doc=__doc__,
    remediation=(
        "Close it once every client uses TLS: `listeners.tcp = none` and `management.ssl.port` in rabbitmq.conf, "
        "`listen_tcp = 0` in libvirtd.conf (or `systemctl disable --now virtproxyd-tcp.socket libvirtd-tcp.socket`)."
    ),
    evaluate=evaluate,
    examples=(
        bad(_CONF, evidence=_listening(("::", 5671, "beam.smp"), ("::", 5672, "beam.smp"))),
        bad(_CONF, evidence=_listening(("192.0.2.10", 16509, "libvirtd")), why="without TLS beside it"),
        bad(
            _CONF,
            evidence=_listening(("::", 16514, "systemd"), ("::", 16509, "systemd")),
            why="systemd opens the ports",
        ),
        good(_CONF, evidence=_listening(("::", 5671, "beam.smp"), ("127.0.0.1", 5672, "beam.smp"))),
        good(_CONF, evidence=_listening(("::", 15671, "beam.smp"), ("::", 16514, "virtproxyd"))),
        moot(_CONF, evidence=_listening(("::", 22, "sshd"), ("192.0.2.10", 5672, "haproxy"))),
    ),
)
