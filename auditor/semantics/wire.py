"""What the answers of a connection's endpoints mean for the client that connects to them.

A handshake is what the host saw (`auditor.model.Handshake`); here it is held against what the service's configuration and
libraries make of it: whose certificates it believes, which names it compares and how. Certificates are judged here, on the
controller, by the file that the configuration names; what the host believes by its system's own store is judged on the
host alone (``verified``). Expiry is judged by the time of the handshake, so that a replay comes to the same verdict.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from auditor import tls
from auditor.model import Client, File, Handshake, Judged, Library, Missing, Posture, Transport, Trust
from auditor.semantics.certificates import PUBLIC_BUNDLES
from auditor.semantics.names import Rule, carries

_DAY = 86400

#: How many names of a certificate a message lists.
_MANY = 8

#: Versions of TLS that RFC 8996 and its predecessors retired.
_OLD = frozenset({"SSLv2", "SSLv3", "TLSv1", "TLSv1.0", "TLSv1.1"})

#: Results of a handshake in which the other side said nothing of use.
_SILENT = frozenset({"refused", "timeout", "unresolved", "garbage", "closed", "failed"})

#: Words of OpenSSL about certificates, by what they speak of (``crypto/x509/x509_txt.c``).
_OF_NAMES = re.compile(r"mismatch|doesn't match|not valid for", re.IGNORECASE)
_OF_TIME = re.compile(r"expired|not yet valid", re.IGNORECASE)
_OF_STRENGTH = re.compile(r"too small|too weak", re.IGNORECASE)

_CUT_OFF = "the service cannot connect"

_PYTHON = re.compile(r"/python3\.(\d+)/")


@dataclass(frozen=True, slots=True)
class Answer:
    """What one endpoint's answer comes to for one question: a problem, or why it is not decided; else all is well.

    ``undecided``: the answer does not show it. ``unasked``: the endpoint was not asked. ``moot``: it does not concern it.
    """

    handshake: Handshake
    problem: str | None = None
    undecided: str | None = None
    unasked: str | None = None
    moot: str | None = None

    def judged(self) -> Judged:
        """Return the answer as a line of evidence."""
        return self.handshake.judged()


@dataclass(frozen=True, slots=True)
class Wire:
    """The answers of a connection's endpoints, and what its client makes of certificates.

    ``ca_file`` is the file that ``trust`` names. ``verifies`` and ``checks_names`` say what it does while TLS is in use;
    ``rule`` is how it compares names, or would. ``every`` are names that each certificate needs beside its own endpoint's.
    ``strictness``: whether it judges as Python 3.13 does (`auditor.tls.verify`); both, where its Python is not in evidence.
    ``refusal`` is what comes of a certificate that it does not accept, ``plainness`` of a server without TLS.
    """

    handshakes: tuple[Handshake, ...]
    trust: Trust
    ca_file: File | Missing | None
    verifies: bool
    checks_names: bool
    rule: Rule
    every: tuple[str, ...] = ()
    strictness: tuple[bool, ...] = (False,)
    refusal: str = _CUT_OFF
    plainness: str = _CUT_OFF
    names_unseen: str | None = None

    def each(self, judge: "Callable[[Wire, Handshake], Answer]") -> tuple[Answer, ...]:
        """The answers of all endpoints to one question."""
        return tuple(judge(self, handshake) for handshake in self.handshakes)


def of_transport(transport: Transport) -> Wire:
    """The wire of a transport that uses TLS, as its driver sees it."""
    found = transport.when_encrypted if transport.posture is Posture.OPPORTUNISTIC else transport.posture
    library = transport.library.name if transport.library is not None else ""
    rule = _RULES.get(library, Rule.SSL)
    is_optional = transport.posture is Posture.OPPORTUNISTIC
    return Wire(
        handshakes=transport.wire or (),
        trust=transport.trust,
        ca_file=transport.ca_file,
        verifies=found in (Posture.VERIFIED_CA, Posture.VERIFIED_FULL),
        checks_names=found is Posture.VERIFIED_FULL,
        rule=rule,
        every=_brokers(transport),
        strictness=_strictness(transport.library) if library == "PyMySQL" else (False,),
        refusal="libpq goes on in plain text" if is_optional and rule is Rule.LIBPQ else _CUT_OFF,
        plainness="the service goes on in plain text, with its login" if is_optional else _CUT_OFF,
        names_unseen="hostaddr is set, and the name that is compared is another than the endpoint's"
        if rule is Rule.LIBPQ and _has_address(transport)
        else None,
    )


def of_client(client: Client) -> Wire:
    """The wire of a client: urllib3 compares names wherever it verifies certificates."""
    verifies = client.trust.kind not in ("none", "unknown")
    rule = Rule.URLLIB3 if client.names == "common-name" else Rule.SSL_ALTERNATIVE
    return Wire(
        handshakes=client.wire or (),
        trust=client.trust,
        ca_file=client.ca_file,
        verifies=verifies,
        checks_names=verifies,
        rule=rule,
        strictness=(False,) if rule is Rule.URLLIB3 else _strictness(client.library),
    )


#: How drivers compare names; py-amqp and PyMySQL leave it to Python.
_RULES = {
    "mysqlclient": Rule.CONNECTOR,
    "psycopg": Rule.LIBPQ,
    "psycopg2": Rule.LIBPQ,
    "psycopg2cffi": Rule.LIBPQ,
}


def _brokers(transport: Transport) -> tuple[str, ...]:
    """The names that kombu may expect of any broker: that of the one it dialled first (`rabbit.freezes_name`)."""
    if transport.driver.partition("+")[0].lower() not in ("rabbit", "kombu"):
        return ()
    hosts = [place.rpartition(":")[0].strip("[]") for place in transport.endpoints]
    distinct = tuple(dict.fromkeys("127.0.0.1" if host == "localhost" else host for host in hosts))
    return distinct if len(distinct) > 1 else ()


def _has_address(transport: Transport) -> bool:
    return any("hostaddr" in f"{one.name} {one.resolved}" for one in (transport.url, *transport.judging))


def _strictness(library: Library | None) -> tuple[bool, ...]:
    """Python's own contexts judge to the letter of RFC 5280 from 3.13 on (`ssl.create_default_context`)."""
    found = _PYTHON.search(f"{library.path}/") if library is not None and library.path else None
    return (False, True) if found is None else (int(found[1]) >= 13,)


def plain(wire: Wire, handshake: Handshake) -> Answer:
    """Whether an endpoint that shall use TLS speaks plain text."""
    if handshake.result == "plaintext":
        return Answer(
            handshake,
            f"the configuration says TLS, but {handshake.endpoint} speaks plain text ({handshake.reason}), and"
            f" {wire.plainness}",
        )
    return _unshown(handshake) or Answer(handshake)


def silent(_wire: Wire, handshake: Handshake) -> Answer:
    """Whether an endpoint gave no answer of use."""
    if handshake.result == "failed" and handshake.address is None:
        return Answer(handshake, undecided=f"{handshake.endpoint} was not spoken to: {handshake.reason}")
    if handshake.result in _SILENT:
        return Answer(handshake, f"{handshake.endpoint}: {handshake.reason}")
    return Answer(handshake, unasked=_unasked(handshake))


def old(_wire: Wire, handshake: Handshake) -> Answer:
    """Whether an endpoint knows nothing newer than a retired version of TLS."""
    if handshake.version in _OLD:
        return Answer(handshake, f"{handshake.endpoint} knows nothing newer than {handshake.version}")
    missing = _unshown(handshake)
    if missing is not None:
        return missing
    if handshake.result == "plaintext":
        return _moot(handshake)
    if handshake.version is None:
        return Answer(handshake, undecided=f"{handshake.endpoint}: the version of TLS was not seen")
    return Answer(handshake)


def untrusted(wire: Wire, handshake: Handshake) -> Answer:
    """Whether a certificate leads to no authority that the client believes."""
    missing = _unshown(handshake)
    if missing is not None or handshake.result == "plaintext":
        return missing or _moot(handshake)
    # The host judges as Python before 3.13 does.
    if handshake.verified and _is_judge(wire, handshake) and wire.strictness == (False,):
        return Answer(handshake)
    anchors = _anchors(wire)
    if anchors is None or not handshake.chain:
        return _untrusted_by_host(wire, handshake)
    try:
        verdicts = [
            tls.verify(handshake.chain, anchors, is_strict=is_strict) for is_strict in wire.strictness
        ]
    except tls.Unreadable as error:
        return Answer(handshake, undecided=f"{handshake.endpoint}: {error}")
    refused = [verdict for verdict in verdicts if not verdict.is_trusted]
    if not refused:
        return Answer(handshake)
    if len(refused) < len(verdicts):
        which = "before 3.13" if not verdicts[0].is_trusted else "from 3.13 on"
        return Answer(
            handshake,
            undecided=f"{handshake.endpoint}: Python {which} does not accept its certificate"
            f" ({refused[0].reason}), and which one the service runs is not in evidence",
        )
    return Answer(handshake, _refused(wire, handshake, refused[0]))


def _refused(wire: Wire, handshake: Handshake, verdict: tls.Verdict) -> str:
    shown = verdict.certificate
    about = f" of {shown.subject}, from {shown.issuer}" if shown is not None else ""
    return (
        f"the certificate of {handshake.endpoint} does not lead to {wire.trust.path}, and {wire.refusal}:"
        f" {verdict.reason}{about}"
    )


def _untrusted_by_host(wire: Wire, handshake: Handshake) -> Answer:
    """What the host itself said of a certificate, by its own store or by a file that is not in evidence."""
    error = handshake.verify_error or ""
    believed = wire.trust.path or "the system's authorities"
    if wire.trust.kind == "unknown":
        return Answer(handshake, undecided="whose certificates it believes is not known")
    if not _is_judge(wire, handshake):
        return Answer(handshake, undecided=f"{handshake.endpoint} was not judged on the host by {believed}")
    if handshake.verified:
        return Answer(handshake)
    if _OF_TIME.search(error):
        return Answer(handshake)  # OpenSSL looks at the time when the way to an authority is found.
    if _OF_NAMES.search(error) or _OF_STRENGTH.search(error):
        return Answer(handshake, undecided=f"{handshake.endpoint} is refused before that: {error}")
    return Answer(
        handshake,
        f"the certificate of {handshake.endpoint} does not lead to {believed}, and {wire.refusal}:"
        f" {error or handshake.reason}",
    )


def unnamed(wire: Wire, handshake: Handshake) -> Answer:
    """Whether a certificate lacks the name that the configuration has for its endpoint, or those of the other brokers."""
    missing = _unshown(handshake)
    if missing is not None or handshake.result == "plaintext":
        return missing or _moot(handshake)
    place = handshake.endpoint
    if not handshake.chain:
        is_of_names = _OF_NAMES.search(handshake.verify_error or "") is not None
        return _without_chain(handshake, _cut_off(wire, handshake, None) if is_of_names else None)
    if wire.names_unseen is not None:
        return Answer(handshake, undecided=f"{place}: {wire.names_unseen}")
    try:
        leaf = tls.read(handshake.chain[0])[0]
    except (tls.Unreadable, IndexError) as error:
        return Answer(handshake, undecided=f"{place}: {error or 'there is no certificate'}")
    if not carries(leaf, handshake.host, wire.rule):
        return Answer(handshake, _cut_off(wire, handshake, leaf))
    others = [name for name in wire.every if not carries(leaf, name, wire.rule)]
    if not others:
        return Answer(handshake)
    ends = "fails" if wire.checks_names else "would fail once names are verified"
    return Answer(
        handshake,
        f"the certificate of {place} carries its own name but not {', '.join(others)}: kombu goes on to expect the name of"
        f" the broker that it dialled first, so that failover to {place} {ends}",
    )


def _cut_off(wire: Wire, handshake: Handshake, leaf: tls.Certificate | None) -> str:
    carried = () if leaf is None else (*leaf.names, *leaf.addresses)
    if leaf is not None and not carried:
        carried = tuple(f"{name} as its common name alone" for name in leaf.common_names)
    more = f" and {len(carried) - _MANY} more" if len(carried) > _MANY else ""
    shown = f" (it carries {', '.join(carried[:_MANY]) or 'none'}{more})" if leaf is not None else ""
    ends = f"names are verified, and {wire.refusal}"
    if not wire.checks_names:
        ends = "turning on name verification would cut off this host"
    return f"the certificate of {handshake.endpoint} does not carry the name {handshake.host}{shown}: {ends}"


def expiring(days: int) -> Callable[[Wire, Handshake], Answer]:
    """Make the question whether a certificate on the way to the authority is over, or will be within so many days."""

    def judge(wire: Wire, handshake: Handshake) -> Answer:
        missing = _unshown(handshake)
        if missing is not None or handshake.result == "plaintext":
            return missing or _moot(handshake)
        if not handshake.chain:
            error = handshake.verify_error or ""
            problem = f"the certificate of {handshake.endpoint} is refused: {error}"
            return _without_chain(handshake, problem if _OF_TIME.search(error) else None)
        try:
            wrong = _untimely(wire, handshake, days)
        except tls.Unreadable as error:
            return Answer(handshake, undecided=f"{handshake.endpoint}: {error}")
        if wrong is None:
            return Answer(handshake)
        outcome = (
            f", and {wire.refusal}" if wire.verifies else ", which nobody notices, as it is not verified"
        )
        is_over = not wrong.starts <= handshake.at <= wrong.ends
        said = timeliness(wrong, handshake.at)
        return Answer(
            handshake,
            f"the certificate {wrong.subject} of {handshake.endpoint} {said}{outcome if is_over else ''}",
        )

    return judge


def _untimely(wire: Wire, handshake: Handshake, days: int) -> tls.Certificate | None:
    """The first certificate that is over now, or then; by the way to the authority where there is one."""
    anchors, strict = _anchors(wire), wire.strictness[0]
    way: tuple[tls.Certificate, ...] = ()
    if anchors is not None:
        way = tls.verify(handshake.chain, anchors, is_strict=strict).path
    if anchors is None or not way:
        way = tls.read(handshake.chain[0])[:1]
    wrong = next((one for one in way if is_untimely(one, handshake.at, days)), None)
    if wrong is None or anchors is None or len(way) == 1:
        return wrong
    # Another way may lead on: an authority can have a successor of the same name.
    for at in (handshake.at, handshake.at + days * _DAY):
        verdict = tls.verify(handshake.chain, anchors, at=at, is_strict=strict)
        if not verdict.is_trusted:
            return verdict.certificate
    return None


def is_untimely(certificate: tls.Certificate, at: float, days: int) -> bool:
    """True where a certificate is not valid at a time, or will not be so many days later."""
    return not certificate.starts <= at <= certificate.ends - days * _DAY


def timeliness(certificate: tls.Certificate, at: float) -> str:
    """What the time makes of a certificate, as the end of a sentence."""
    if at < certificate.starts:
        return f"is valid only from {_date(certificate.starts)} on"
    if at > certificate.ends:
        return f"expired on {_date(certificate.ends)}"
    left = int((certificate.ends - at) // _DAY)
    return f"expires on {_date(certificate.ends)}, in {left} {'day' if left == 1 else 'days'}"


def weak(wire: Wire, handshake: Handshake) -> Answer:
    """Whether a certificate on the way to the authority has a key or a signature that is too weak."""
    missing = _unshown(handshake)
    if missing is not None or handshake.result == "plaintext":
        return missing or _moot(handshake)
    if not handshake.chain:
        error = handshake.verify_error or ""
        problem = f"the certificate of {handshake.endpoint} is refused: {error}"
        return _without_chain(handshake, problem if _OF_STRENGTH.search(error) else None)
    try:
        found = [
            f"{one.subject} has {weakness}" for one in _way(wire, handshake) for weakness in one.weaknesses
        ]
    except tls.Unreadable as error:
        return Answer(handshake, undecided=f"{handshake.endpoint}: {error}")
    return Answer(handshake, f"{handshake.endpoint}: {', '.join(found)}" if found else None)


def _way(wire: Wire, handshake: Handshake) -> tuple[tls.Certificate, ...]:
    """The certificates that count: the way to the authority, else all that were sent."""
    anchors = _anchors(wire)
    sent = tuple(certificate for pem in handshake.chain for certificate in tls.read(pem))
    if anchors is None:
        return sent
    verdict = tls.verify(handshake.chain, anchors, is_strict=wire.strictness[0])
    return verdict.path if verdict.is_trusted else sent


def _anchors(wire: Wire) -> str | None:
    """The text of the file of authorities, None where there is none to judge by."""
    if wire.trust.kind != "file" or not isinstance(wire.ca_file, File) or wire.ca_file.format == "folder":
        return None
    text = wire.ca_file.text or ""
    return text if "-----BEGIN CERTIFICATE-----" in text else None


def _is_judge(wire: Wire, handshake: Handshake) -> bool:
    """True where the host judged the certificate by the authorities that the client believes.

    An endpoint is asked once, for the strictest of those who connect to it; its trust names files by their key on the host.
    """
    by, own = handshake.trust, wire.trust
    if handshake.verified is None or own.kind not in ("system", "file"):
        return False
    path = (by.path or "").rpartition(":")[2]
    if own.path is not None:
        is_found = wire.ca_file is not None and by.path == wire.ca_file.path
        return by.kind == "file" and (is_found or path == own.path)
    return by.kind == "system" or path in PUBLIC_BUNDLES or path.endswith("/certifi/cacert.pem")


def _unshown(handshake: Handshake) -> Answer | None:
    """The answer of an endpoint that showed nothing, None where it showed something."""
    unasked = _unasked(handshake)
    if unasked is not None:
        return Answer(handshake, unasked=unasked)
    if handshake.result in _SILENT and not handshake.chain:
        return Answer(handshake, undecided=f"{handshake.endpoint} gave no answer: {handshake.reason}")
    return None


def _unasked(handshake: Handshake) -> str | None:
    return f"{handshake.endpoint}: {handshake.reason}" if handshake.result == "unasked" else None


def _moot(handshake: Handshake) -> Answer:
    return Answer(handshake, moot="it speaks plain text, which is a finding of its own")


def _without_chain(handshake: Handshake, problem: str | None) -> Answer:
    if problem is not None:
        return Answer(handshake, problem)
    return Answer(
        handshake, undecided=f"{handshake.endpoint}: its certificate was not seen: {handshake.reason}"
    )


def _date(at: float) -> str:
    return str(datetime.fromtimestamp(at, UTC).date())
