"""What an endpoint's answer means depends on what its client believes, compares and can do."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from auditor.model import Client, File, Handshake, Missing, Posture, Transport, Trust
from auditor.semantics import clients, wire
from auditor.semantics.names import Rule
from auditor.semantics.wire import Answer, Wire
from auditor.tls import read
from tests import certificates, test_tls
from tests.semantics.build import CA, database, rabbit, service

DAY = 86400.0
HOST = "rabbit.example"
PLACE = f"{HOST}:5671"
ROOT = certificates.authority("root")
ROOT_PEM = ROOT.cert_pem.decode()
OTHER = certificates.authority("other root")
BY_FILE = Trust("file", CA)


@cache
def issued(*names: str, by: certificates.Authority | None = ROOT, days: float = 365, **more: Any) -> str:
    certificate, _ = certificates.issue(by, names or (HOST,), days, "ec:p256", **more)
    return certificate.decode()


#: A moment at which `issued` has its 365 days yet.
NOW = read(issued())[0].ends - 365 * DAY


def answered(*chain: str, **facts: Any) -> Handshake:
    """An answer over TLS 1.3 that shows these certificates, by default a good one."""
    return Handshake(
        **{
            "protocol": "amqp",
            "host": HOST,
            "port": 5671,
            "result": "tls",
            "reason": "TLSv1.3",
            "at": NOW,
            "version": "TLSv1.3",
            "chain": chain or (issued(),),
            **facts,
        }
    )


def hushed(result: str = "timeout", **facts: Any) -> Handshake:
    """An answer that shows no certificate."""
    return replace(answered(), chain=(), result=result, reason="it said nothing", version=None, **facts)


def broker(
    *handshakes: Handshake,
    anchors: str | File | Missing = ROOT_PEM,
    hosts: str = PLACE,
    **section: Any,
) -> Wire:
    """The wire of RPC with names checked, unless the section says otherwise."""
    url = "rabbit://" + ",".join(f"nova:x@{place}" for place in hosts.split(",")) + "/"
    options = {"ssl": True, "ssl_ca_file": CA, "ssl_enforce_hostname_verification": True, **section}
    found = rabbit(url, options, release="2025.1", files={CA: anchors})
    return wire.of_transport(replace(found, wire=handshakes))


def mysql(*handshakes: Handshake, anchors: str = ROOT_PEM, **libraries: str) -> Transport:
    found = database(
        f"mysql+pymysql://nova:x@mysql.example/nova?ssl_ca={CA}",
        release="2025.1",
        files={CA: anchors},
        libraries=libraries or None,
    )
    return replace(found, wire=handshakes)


def asked(question: Callable[[Wire, Handshake], Answer], found: Wire) -> Answer:
    (answer,) = found.each(question)
    return answer


def said(answer: Answer) -> str:
    """Which of the four it is, or that all is well."""
    names = ("problem", "undecided", "unasked", "moot")
    return next((name for name in names if getattr(answer, name) is not None), "fine")


QUESTIONS: Mapping[str, Callable[[Wire, Handshake], Answer]] = {
    "plain": wire.plain,
    "silent": wire.silent,
    "old": wire.old,
    "untrusted": wire.untrusted,
    "unnamed": wire.unnamed,
    "expiring": wire.expiring(30),
    "weak": wire.weak,
}


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_good_answer_is_fine_for_every_question(name: str) -> None:
    assert said(asked(QUESTIONS[name], broker(answered()))) == "fine"


@pytest.mark.parametrize("result", ["timeout", "refused", "unresolved", "garbage", "closed", "failed"])
@pytest.mark.parametrize("name", QUESTIONS)
def test_who_says_nothing_has_a_problem_of_his_own_and_leaves_the_rest_open(name: str, result: str) -> None:
    wanted = "problem" if name == "silent" else "undecided"

    assert said(asked(QUESTIONS[name], broker(hushed(result, address="10.0.0.1")))) == wanted


@pytest.mark.parametrize("name", QUESTIONS)
def test_who_ended_the_handshake_after_showing_a_certificate_is_judged_by_it(name: str) -> None:
    ended = answered(result="failed", reason="an alert: certificate required", address="10.0.0.1")
    wanted = "problem" if name == "silent" else "fine"

    assert said(asked(QUESTIONS[name], broker(ended))) == wanted


def test_who_could_not_be_spoken_to_is_not_silent() -> None:
    unspoken = hushed("failed", address=None)

    assert said(asked(wire.silent, broker(unspoken))) == "undecided"


@pytest.mark.parametrize("name", QUESTIONS)
def test_who_was_not_asked_is_neither_well_nor_undecided(name: str) -> None:
    assert said(asked(QUESTIONS[name], broker(hushed("unasked")))) == "unasked"


@pytest.mark.parametrize("name", QUESTIONS)
def test_plain_text_is_a_problem_of_its_own(name: str) -> None:
    wanted = {"plain": "problem", "silent": "fine"}.get(name, "moot")

    assert said(asked(QUESTIONS[name], broker(hushed("plaintext")))) == wanted


def test_what_comes_of_plain_text_depends_on_the_driver() -> None:
    strict = asked(wire.plain, broker(hushed("plaintext")))
    stepping = asked(wire.plain, wire.of_transport(mysql(hushed("plaintext"))))

    assert strict.problem is not None
    assert strict.problem.endswith("and the service cannot connect")
    assert stepping.problem is not None
    assert stepping.problem.endswith("and the service goes on in plain text, with its login")


@pytest.mark.parametrize(
    ("version", "wanted"),
    [("TLSv1.3", "fine"), ("TLSv1.2", "fine"), ("TLSv1.1", "problem"), ("TLSv1", "problem"), (None, "undecided")],
)  # fmt: skip
def test_versions_below_1_2_are_old(version: str | None, wanted: str) -> None:
    assert said(asked(wire.old, broker(answered(version=version)))) == wanted


# --- whose certificates


def test_a_certificate_of_another_authority_is_refused_by_who_verifies() -> None:
    answer = asked(wire.untrusted, broker(answered(issued(by=OTHER))))

    assert answer.problem == (
        f"the certificate of {PLACE} does not lead to {CA}, and the service cannot connect:"
        f" unable to get local issuer certificate of {HOST}, from other root"
    )


def test_an_expired_certificate_still_leads_to_its_authority() -> None:
    assert said(asked(wire.untrusted, broker(answered(issued(days=-1))))) == "fine"


def test_who_steps_down_says_so() -> None:
    found = database(
        f"postgresql://nova:x@db.example/nova?sslrootcert={CA}", release="2025.1", files={CA: ROOT_PEM}
    )
    answer = asked(wire.untrusted, wire.of_transport(replace(found, wire=(answered(issued(by=OTHER)),))))

    assert found.posture is Posture.OPPORTUNISTIC
    assert answer.problem is not None
    assert "and libpq goes on in plain text" in answer.problem


@pytest.mark.parametrize("anchors", ["", Missing(CA, "denied", "permission denied"), "no certificate"])
def test_without_the_file_the_host_itself_is_the_judge(anchors: str | Missing) -> None:
    content = File(CA, None, None, None, 9, "pem", anchors) if isinstance(anchors, str) else anchors
    found = broker(answered(issued(by=OTHER)), anchors=ROOT_PEM)
    found = replace(found, ca_file=content)
    judged = {
        verified: said(
            asked(
                wire.untrusted,
                replace(found, handshakes=(replace(found.handshakes[0], verified=verified, trust=BY_FILE),)),
            )
        )
        for verified in (True, False, None)
    }

    assert judged == {True: "fine", False: "problem", None: "undecided"}


def test_the_host_is_believed_where_it_accepted_by_the_same_file() -> None:
    accepted = answered(issued(by=OTHER), verified=True, trust=BY_FILE)
    by_another = answered(issued(by=OTHER), verified=True, trust=Trust("file", "/etc/other.pem"))

    assert said(asked(wire.untrusted, broker(accepted))) == "fine"
    assert said(asked(wire.untrusted, broker(by_another))) == "problem"


@pytest.mark.parametrize(
    ("own", "by", "is_judge"),
    [
        (Trust("system"), Trust("system"), True),
        (Trust("system"), Trust("system", "nova_compute:/"), True),
        (Trust("system"), Trust("file", "/etc/ssl/certs/ca-certificates.crt"), True),
        (Trust("system"), Trust("file", "nova:/opt/venv/lib/python3.11/site-packages/certifi/cacert.pem"), True),
        (Trust("system"), Trust("file", "/etc/nova/ca.pem"), False),
        (Trust("system"), Trust("none"), False),
        (Trust("system", "/etc/own.pem"), Trust("file", "/etc/own.pem"), True),
        (Trust("system", "/etc/own.pem"), Trust("file", "nova:/etc/own.pem"), True),
        (Trust("system", "/etc/own.pem"), Trust("system"), False),
        (Trust("unknown"), Trust("system"), False),
    ],
)  # fmt: skip
def test_the_system_s_authorities_are_judged_on_the_host_alone(own: Trust, by: Trust, is_judge: bool) -> None:
    found = replace(broker(), trust=own, ca_file=None)
    judged = [
        said(asked(wire.untrusted, replace(found, handshakes=(answered(verified=verified, trust=by),))))
        for verified in (True, False)
    ]

    assert judged == (["fine", "problem"] if is_judge else ["undecided", "undecided"])


@pytest.mark.parametrize(
    ("error", "wanted"),
    [
        ("unable to get local issuer certificate", "problem"),
        ("self-signed certificate in certificate chain", "problem"),
        ("certificate has expired", "fine"),
        ("certificate is not yet valid", "fine"),
        ("Hostname mismatch, certificate is not valid for 'x'.", "undecided"),
        ("EE certificate key too weak", "undecided"),
        ("EE key too small", "undecided"),
    ],
)
def test_what_the_host_refused_for_another_reason_is_not_untrusted(error: str, wanted: str) -> None:
    refused = hushed("rejected", verified=False, verify_error=error, trust=Trust("system"))
    found = replace(broker(refused), trust=Trust("system"), ca_file=None)

    assert said(asked(wire.untrusted, found)) == wanted


def test_where_the_version_of_python_decides_it_is_said_unless_it_is_known() -> None:
    case, authorities = test_tls.CASES["no identifiers"]
    transport = mysql(
        answered(*(one.signed() for one in case)), anchors="".join(one.signed() for one in authorities)
    )
    library = transport.library
    assert library is not None
    answers = {}
    for path in (
        None,
        "/usr/lib/python3/dist-packages/PyMySQL",
        "/srv/lib/python3.11/x",
        "/srv/lib/python3.13/x",
    ):
        seen = replace(transport, library=replace(library, path=path))
        answers[path] = said(asked(wire.untrusted, wire.of_transport(seen)))

    assert list(answers.values()) == ["undecided", "undecided", "fine", "problem"]


def test_py_amqp_makes_its_own_context_whatever_the_version_of_python() -> None:
    assert broker().strictness == (False,)


def test_a_text_that_is_no_certificate_decides_nothing() -> None:
    bogus = "-----BEGIN CERTIFICATE-----\nRVhBTVBMRQ==\n-----END CERTIFICATE-----\n"
    for name in ("untrusted", "unnamed", "expiring", "weak"):
        assert said(asked(QUESTIONS[name], broker(answered(bogus)))) == "undecided"
    assert said(asked(wire.untrusted, broker(answered(), anchors=bogus))) == "undecided"


# --- names


def test_a_missing_name_cuts_off_now_or_later() -> None:
    checking = asked(wire.unnamed, broker(answered(issued("other.example", "10.0.0.1"))))
    trusting = asked(
        wire.unnamed,
        broker(answered(issued("other.example", "10.0.0.1")), ssl_enforce_hostname_verification=False),
    )
    carried = "(it carries other.example, 10.0.0.1)"

    assert checking.problem == (
        f"the certificate of {PLACE} does not carry the name {HOST} {carried}: names are verified, and the service cannot"
        " connect"
    )
    assert trusting.problem == (
        f"the certificate of {PLACE} does not carry the name {HOST} {carried}: turning on name verification would cut off"
        " this host"
    )


def test_a_certificate_of_many_names_is_shown_with_a_few() -> None:
    many = [f"h{number}.example" for number in range(20)]
    answer = asked(wire.unnamed, broker(answered(issued(*many))))

    assert f"(it carries {', '.join(many[:8])} and 12 more)" in str(answer.problem)


def test_a_common_name_counts_for_the_broker_and_not_for_urllib3() -> None:
    alone = issued(HOST, has_names=False)
    found = broker(answered(alone))

    assert said(asked(wire.unnamed, found)) == "fine"
    answer = asked(wire.unnamed, replace(found, rule=Rule.SSL_ALTERNATIVE))
    assert answer.problem is not None
    assert f"(it carries {HOST} as its common name alone)" in answer.problem


def test_each_of_several_brokers_needs_the_names_of_all() -> None:
    places = f"{HOST}:5671,b.example:5671"
    own, other = answered(), answered(issued("b.example", HOST), host="b.example")
    whole = broker(answered(issued(HOST, "b.example")), other, hosts=places)
    partial = broker(own, other, hosts=places)
    later = broker(own, other, hosts=places, ssl_enforce_hostname_verification=False)

    assert [said(answer) for answer in whole.each(wire.unnamed)] == ["fine", "fine"]
    assert [said(answer) for answer in partial.each(wire.unnamed)] == ["problem", "fine"]
    assert str(partial.each(wire.unnamed)[0].problem).endswith(f"failover to {PLACE} fails")
    assert str(later.each(wire.unnamed)[0].problem).endswith("would fail once names are verified")


def test_kombu_knows_localhost_by_its_address_where_there_are_several_brokers() -> None:
    assert broker(hosts="localhost:5671,b.example:5671").every == ("127.0.0.1", "b.example")
    assert broker(hosts="localhost:5671,localhost:5672").every == ()
    assert broker(hosts="localhost:5671").every == ()


def test_only_the_broker_s_client_mixes_names_up() -> None:
    found = database(
        "postgresql://nova:x@/nova?host=a.example,b.example&sslmode=verify-full", release="2025.1"
    )

    assert wire.of_transport(found).every == ()


def test_where_libpq_dials_an_address_the_name_is_another() -> None:
    found = database(
        f"postgresql://nova:x@db.example/nova?hostaddr=10.0.0.1&sslmode=verify-full&sslrootcert={CA}",
        release="2025.1",
        files={CA: ROOT_PEM},
    )
    judged = replace(found, wire=(answered(issued("db.example"), host="10.0.0.1"),))

    assert said(asked(wire.unnamed, wire.of_transport(judged))) == "undecided"


@pytest.mark.parametrize(
    ("url", "rule"),
    [
        ("mysql+pymysql://h/n?ssl_ca=/x", Rule.SSL),
        ("mysql://h/n?ssl_ca=/x", Rule.CONNECTOR),
        ("postgresql://h/n", Rule.LIBPQ),
    ],
)
def test_each_driver_compares_names_its_own_way(url: str, rule: Rule) -> None:
    libraries = {"mysqlclient": "2.2.7", "psycopg2": "2.9.10"}
    found = database(url, release="2025.1", libraries=libraries, files={"/x": ROOT_PEM})

    assert wire.of_transport(found).rule is rule


# --- time


@pytest.mark.parametrize(
    ("later", "wanted"),
    [(0, "fine"), (334, "fine"), (336, "problem"), (366, "problem"), (-366, "problem")],
)
def test_time_is_that_of_the_answer_and_thirty_days_more(later: float, wanted: str) -> None:
    for found in (
        broker(answered(at=NOW + later * DAY)),
        broker(answered(at=NOW + later * DAY), ssl_ca_file=None),
    ):
        assert said(asked(wire.expiring(30), found)) == wanted


def test_what_the_time_makes_of_a_certificate_is_told() -> None:
    at = read(issued())[0]
    ends = str(wire.timeliness(at, at.ends + 1)).removeprefix("expired on ")
    gone = asked(wire.expiring(30), broker(answered(at=at.ends + 1)))
    soon = asked(wire.expiring(30), broker(answered(at=at.ends - 10.5 * DAY)))
    nobody = asked(
        wire.expiring(30), broker(answered(at=at.ends + 1), ssl_ca_file=None, ssl_version="TLSv1_2")
    )

    assert (
        gone.problem == f"the certificate {HOST} of {PLACE} expired on {ends}, and the service cannot connect"
    )
    assert soon.problem == f"the certificate {HOST} of {PLACE} expires on {ends}, in 10 days"
    assert str(nobody.problem).endswith(", which nobody notices, as it is not verified")


def test_a_certificate_that_is_not_valid_yet_is_told_apart() -> None:
    early = asked(wire.expiring(30), broker(answered(issued(starts_in=5))))

    assert f"the certificate {HOST} of {PLACE} is valid only from " in str(early.problem)


def test_the_authority_s_own_time_counts_where_it_is_on_the_way() -> None:
    ending = certificates.authority("ending", days=10)
    last = issued(by=ending)
    answer = asked(wire.expiring(30), broker(answered(last), anchors=ending.cert_pem.decode()))

    assert f"the certificate ending of {PLACE} expires on" in str(answer.problem)
    assert said(asked(wire.expiring(30), broker(answered(last)))) == "fine"


def test_what_was_refused_without_being_seen_is_judged_by_the_host_s_words() -> None:
    words = {
        "expiring": "certificate has expired",
        "unnamed": "Hostname mismatch, certificate is not valid for 'rabbit.example'.",
        "weak": "EE certificate key too weak",
    }
    for name, question in QUESTIONS.items():
        for about, error in words.items():
            refused = hushed("rejected", verified=False, verify_error=error, trust=BY_FILE)
            wanted = "problem" if name == about else "undecided"
            if name in words:
                assert said(asked(question, broker(refused))) == wanted


# --- strength


def test_the_way_to_the_authority_counts_where_there_is_one() -> None:
    weak, _ = certificates.issue(OTHER, ["unused"], key="rsa:1024")
    beside = answered(issued(), weak.decode())

    assert said(asked(wire.weak, broker(beside))) == "fine"
    assert said(asked(wire.weak, broker(beside, ssl_ca_file=None))) == "problem"


def test_a_weak_certificate_is_named_with_its_weakness() -> None:
    weak, _ = certificates.issue(ROOT, [HOST], key="rsa:1024", signature="sha1")
    answer = asked(wire.weak, broker(answered(weak.decode())))

    assert answer.problem == (
        f"{PLACE}: {HOST} has a key of RSA 1024 bits, {HOST} has a signature by ecdsa-with-SHA1"
    )


# --- clients of other services


def client(release: str, **options: Any) -> Client:
    section = {"auth_url": "https://keystone.example:5000", "auth_type": "password", **options}
    settings = {("placement", name): value for name, value in section.items()}
    found = service(settings, release=release, files={CA: ROOT_PEM})
    return next(one for one in clients.clients(found) if one.section == "placement")


@pytest.mark.parametrize(
    ("release", "options", "verifies", "rule"),
    [
        ("2025.1", {"cafile": CA}, True, Rule.URLLIB3),
        ("2026.2", {"cafile": CA}, True, Rule.SSL_ALTERNATIVE),
        ("2026.2", {}, True, Rule.SSL_ALTERNATIVE),
        ("2026.2", {"insecure": True}, False, Rule.SSL_ALTERNATIVE),
    ],
)
def test_a_client_checks_names_wherever_it_verifies(
    release: str, options: Mapping[str, Any], verifies: bool, rule: Rule
) -> None:
    found = wire.of_client(client(release, **options))

    assert (found.verifies, found.checks_names, found.rule) == (verifies, verifies, rule)


def test_a_client_s_file_of_authorities_judges_its_answers() -> None:
    found = client("2025.1", cafile=CA)
    answers = [
        said(asked(wire.untrusted, wire.of_client(replace(found, wire=(answered(issued(by=by)),)))))
        for by in (ROOT, OTHER)
    ]

    assert answers == ["fine", "problem"]


def test_an_answer_stands_as_evidence_of_itself() -> None:
    line = asked(wire.plain, broker(answered())).judged()

    assert (line.setting, line.value) == (f"amqp {PLACE}", "TLSv1.3: TLSv1.3")
