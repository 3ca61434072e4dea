"""What keystoneauth1 makes of a client's section: timeouts, repetitions and their pauses, and whose certificates it believes.

Read in keystoneauth1 5.0.1 to 5.18.1 and measured (``tests/conformance/measure/clients.py``):

- ``timeout`` limits connecting, the TLS handshake and each read of a socket, never a request as a whole
  (`keystoneauth1.session.Session.request` hands it to requests, which hands it to urllib3). Unset it is for ever.
- A request is repeated after no answer (refused, reset, timed out) ``connect_retries`` times, after a status of
  ``retriable_status_codes`` ``status_code_retries`` times; pauses are fixed, or 0.5, 1, 2 ... 60 s
  (`Session._send_request`, `_Retries`). The codes are 503, from 5.16 on 429 too; from there on ``Retry-After`` of such an
  answer replaces the pause, without limit.
- After a 401 one new token is fetched and the request sent again, with counts as at first; the pauses go on growing
  (`Session.request`). Version discovery and requests for tokens are never repeated.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from auditor.model import Bound, Service, Setting, Trust
from auditor.semantics.libraries import is_capable, required

_FIRST_DELAY = 0.5
_LONGEST_DELAY = 60.0

UNBOUNDED = "unbounded"
FINITE = "finite"
UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Repetition:
    """How often a request is repeated, on top of the first attempt, and the fixed pauses (None or 0: they double).

    ``is_one_budget``: silence and status codes are repeated from the same count, ``no_answer``.
    """

    no_answer: int = 0
    no_answer_delay: float | None = None
    status: int = 0
    status_delay: float | None = None
    codes: frozenset[int] = frozenset({503})
    is_one_budget: bool = False
    obeys_retry_after: bool = False

    def attempts(self) -> Mapping[str, int]:
        """How often a request is sent, by what comes back: ``no_answer``, or a status."""
        repeated = self.no_answer if self.is_one_budget else self.status
        counts = {"no_answer": 1 + self.no_answer}
        for code in (503, 429, *sorted(self.codes - {503, 429})):
            counts[str(code)] = 1 + (repeated if code in self.codes else 0)
        return MappingProxyType(counts)

    def pauses(self, rounds: int = 1) -> float:
        """The seconds slept between the attempts of that many rounds, all of which fail."""
        return delays(rounds * self.no_answer, self.no_answer_delay) + delays(
            rounds * self.status, self.status_delay
        )


@dataclass(frozen=True, slots=True)
class Conversation:
    """What a whole first call sends besides one request and its repetitions, and what a 401 makes it send again.

    ``tokens`` counts requests to Keystone for its versions and tokens, ``versions`` those for the other side's versions,
    ``requests`` those of each attempt. ``renewal`` counts requests for new tokens after a 401, after which the request is
    sent again with all its repetitions (0: it is not). ``again``: all but ``tokens`` and ``versions`` happens that often.
    """

    tokens: int = 2
    versions: int = 0
    renewal: int = 1
    requests: int = 1
    again: int = 1


def obeys_retry_after(service: Service) -> bool:
    """True where the installed keystoneauth1 waits as long as a ``Retry-After`` header says (from 5.16 on)."""
    by_version = required(service, "keystoneauth1").release >= (5, 16)
    return is_capable(service, "keystoneauth1:retry_after", by_version)


def default_codes(service: Service) -> frozenset[int]:
    """The statuses after which a request is repeated unless ``retriable_status_codes`` says otherwise."""
    by_version = required(service, "keystoneauth1").release >= (5, 16)
    is_busy = is_capable(service, "keystoneauth1:retries_429", by_version)
    return frozenset({429, 503}) if is_busy else frozenset({503})


def delays(count: int, fixed: float | None) -> float:
    """The seconds slept after ``count`` failures (`keystoneauth1.session._Retries`; a delay of 0 is none)."""
    if fixed:
        return count * fixed
    return sum((min(_FIRST_DELAY * 2.0**index, _LONGEST_DELAY) for index in range(count)), 0.0)


def refused_timeout(timeout: float) -> Bound:
    """The bound of requests that are never sent: requests and urllib3 raise ValueError for 0 and below."""
    return Bound(UNKNOWN, None, f"timeout = {timeout:g}: requests refuses it and every call fails")


def one_request(timeout: float | None, repetition: Repetition) -> Bound:
    """The longest that one request blocks while the other side stays silent or answers with what is worth repeating."""
    if timeout is None:
        return Bound(UNBOUNDED, None, "no timeout: one attempt can last for ever")
    if timeout <= 0:
        return refused_timeout(timeout)
    attempts = 1 + repetition.no_answer + repetition.status
    pauses = repetition.pauses()
    seconds = attempts * timeout + pauses
    note = ", plus what a Retry-After header asks for" if _is_told_to_wait(repetition) else ""
    return Bound(FINITE, seconds, f"{attempts} x {timeout:g} s{_between(pauses)} = {seconds:g} s{note}")


def worst_cases(timeout: float | None, repetition: Repetition) -> Mapping[str, Bound]:
    """The longest that one request blocks, by what the other side does.

    ``refused`` nobody listens, or the connection is reset; ``silent`` accepts and never answers, or drops every packet;
    ``503`` and ``429`` answers so at once; ``retry_after`` so, with that header; ``dripping`` sends a byte now and then.
    """
    if timeout is not None and timeout <= 0:
        refused = refused_timeout(timeout)
        return MappingProxyType(
            dict.fromkeys(("refused", "silent", "503", "429", "retry_after", "dripping"), refused)
        )
    pauses = delays(repetition.no_answer, repetition.no_answer_delay)
    told = "the status is not repeated: 0 s"
    found = {
        "refused": Bound(
            FINITE, pauses, f"{1 + repetition.no_answer} attempts{_between(pauses)} = {pauses:g} s"
        ),
        "silent": one_request(timeout, Repetition(repetition.no_answer, repetition.no_answer_delay)),
    }
    for code in (503, 429):
        waits = _status_pauses(repetition) if code in repetition.codes else 0.0
        attempts = repetition.attempts()[str(code)]
        found[str(code)] = Bound(FINITE, waits, f"{attempts} attempts{_between(waits)} = {waits:g} s")
    if _is_told_to_wait(repetition):
        found["retry_after"] = Bound(UNBOUNDED, None, "Retry-After is obeyed without a limit")
    else:
        longest = max(found["503"], found["429"], key=lambda bound: bound.seconds or 0.0)
        found["retry_after"] = longest if longest.seconds else Bound(FINITE, 0.0, told)
    found["dripping"] = Bound(
        UNBOUNDED, None, "a timeout limits each read and starts anew with every byte that arrives"
    )
    return MappingProxyType(found)


def whole_call(
    timeout: float | None, repetition: Repetition, conversation: Conversation, token_timeout: float | None
) -> Bound:
    """The longest finite sum of one call: tokens, versions, the request with its repetitions, and all again after a 401.

    Every part is taken to end just before its timeout; ``token_timeout`` is that of requests for tokens.
    """
    is_asking = bool(conversation.tokens or conversation.renewal)
    if timeout is None:
        return Bound(UNBOUNDED, None, "no timeout: one attempt can last for ever")
    if is_asking and token_timeout is None:
        return Bound(UNBOUNDED, None, "no timeout for tokens: Keystone can let the call wait for ever")
    tokens = (token_timeout or 0.0) if is_asking else timeout
    if timeout <= 0 or tokens <= 0:
        return refused_timeout(min(timeout, tokens))
    attempts = (1 + repetition.no_answer + repetition.status) * conversation.requests
    once = attempts * timeout + repetition.pauses()
    parts = [(once, f"{once:g} s for the request")]
    if conversation.renewal:
        again = attempts * timeout + repetition.pauses(2) - repetition.pauses()
        parts += [
            (conversation.renewal * tokens, f"{conversation.renewal} x {tokens:g} s for a token after a 401"),
            (again, f"{again:g} s for the request again"),
        ]
    parts *= conversation.again
    if conversation.versions:
        versions = conversation.versions * timeout
        parts.insert(0, (versions, f"{conversation.versions} x {timeout:g} s for versions"))
    if conversation.tokens:
        parts.insert(0, (conversation.tokens * tokens, f"{conversation.tokens} x {tokens:g} s for tokens"))
    seconds = sum(part for part, _ in parts)
    note = ", plus what a Retry-After header asks for" if _is_told_to_wait(repetition) else ""
    return Bound(FINITE, seconds, f"{' + '.join(text for _, text in parts)} = {seconds:g} s{note}")


def trust(service: Service, section: str) -> Trust:
    """Whose certificates a section's session believes: ``insecure`` beats ``cafile``, blank is the system's.

    Raises:
        Undecidable: one of the options was withheld or is rejected.

    (`keystoneauth1.loading.session.Session.load_from_options`; ``system`` is certifi's file, or what REQUESTS_CA_BUNDLE
    names.)
    """
    return trust_of(service.find(section, "insecure"), service.find(section, "cafile"))


def trust_of(insecure: Setting | None, cafile: Setting | None) -> Trust:
    """Whose certificates these two settings believe.

    Raises:
        Undecidable: one of them was withheld or is rejected.
    """
    if insecure is not None and insecure.value:
        return Trust("none")
    if cafile is not None and cafile.value:
        return Trust("file", str(cafile.value))
    return Trust("system")


def _is_told_to_wait(repetition: Repetition) -> bool:
    return repetition.obeys_retry_after and repetition.status > 0


def _status_pauses(repetition: Repetition) -> float:
    if repetition.is_one_budget:
        return delays(repetition.no_answer, repetition.no_answer_delay)
    return delays(repetition.status, repetition.status_delay)


def _between(pauses: float) -> str:
    return f" + {pauses:g} s between attempts" if pauses else ""
