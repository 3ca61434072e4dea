"""A key does not belong to the certificate beside which it is named.

Loading the two together ends in ``KEY_VALUES_MISMATCH``: a console proxy does not start, a client with a certificate of its own
cannot connect, and oslo.messaging tries again for ever. Often one of the two was renewed and the other was not. The pair is
loaded on the host, and the key stays there.
"""

from auditor.check import (
    Check,
    Host,
    Outcome,
    Scope,
    Severity,
    Site,
    Unavailable,
    Undecidable,
    bad,
    failed,
    good,
    moot,
    not_applicable,
    passed,
)
from auditor.checks.exhibits import AUTHORITIES


def evaluate(host: Host, _site: Site) -> Outcome:
    """Fail where a pair of the host's does not fit."""
    if not host.pairs:
        return not_applicable("no service names a key beside a certificate that is there")
    differing = [pair for pair in host.pairs if pair.status == "differs"]
    if differing:
        told = "; ".join(f"{pair.key} is not the key of {pair.certificate}" for pair in differing)
        return failed(told, *differing)
    unread = [pair for pair in host.pairs if pair.status == "unreadable"]
    if unread:
        raise Unavailable("; ".join(f"{pair.key} for {pair.certificate}: {pair.reason}" for pair in unread))
    hidden = [pair for pair in host.pairs if pair.status == "encrypted"]
    if hidden:
        raise Undecidable("; ".join(f"{pair.key} has a passphrase" for pair in hidden))
    return passed("every key fits its certificate", *host.pairs)


_CONF = (
    "[oslo_messaging_rabbit]\nssl = true\nssl_cert_file = /etc/nova/client.pem\n"
    "ssl_key_file = /etc/nova/client.key\n"
)


def _pair(status: str, reason: str = "") -> dict[str, object]:
    pair = {"certificate": "/etc/nova/client.pem", "key": "/etc/nova/client.key"}
    return {"pairs": [{**pair, "status": status, "reason": reason}]}


CHECK = Check(
    id="files-key-mismatch",
    title="A key does not fit its certificate",
    severity=Severity.HIGH,
    scope=Scope.HOST,
    doc=__doc__,
    remediation="Put the key with which the certificate was requested beside it, or have a certificate issued for the key.",
    needs=frozenset({"config", "files"}),
    options=(
        "oslo_messaging_rabbit.ssl_cert_file",
        "oslo_messaging_rabbit.ssl_key_file",
        "DEFAULT.cert",
        "DEFAULT.key",
    ),
    evaluate=evaluate,
    examples=(
        bad(_CONF, files=AUTHORITIES, evidence=_pair("differs", "its public key is another")),
        good(_CONF, files=AUTHORITIES, evidence=_pair("fits")),
        moot(_CONF, files=AUTHORITIES, evidence={"pairs": []}),
    ),
)
