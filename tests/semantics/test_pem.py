"""Certificates in files are judged by the time at which the files were looked at."""

import pytest

from auditor.errors import Undecidable
from auditor.model import File
from auditor.semantics import pem
from auditor.tls import read
from tests import certificates

DAY = 86400.0
ROOT = certificates.authority("root", days=1000)


def issued(days: float = 365) -> str:
    certificate, _ = certificates.issue(ROOT, ["mq.example"], days, "ec:p256")
    return certificate.decode()


LEAF = issued()
NOW = read(LEAF)[0].ends - 365 * DAY


def file(text: str | None, seen: float = NOW, path: str = "/etc/nova/server.pem") -> File:
    return File(path, "root", "nova", "0640", len(text or ""), "pem", text, seen=seen)


@pytest.mark.parametrize(
    ("later", "is_fine"), [(0, True), (334, True), (336, False), (366, False), (-366, False)]
)
def test_a_certificate_has_to_be_valid_for_a_while_yet(later: float, is_fine: bool) -> None:
    assert (pem.untimely(file(LEAF, NOW + later * DAY), 30) == ()) is is_fine


def test_a_certificate_that_is_over_is_named() -> None:
    (said,) = pem.untimely(file(LEAF, NOW + 400 * DAY), 30)

    assert said.startswith("mq.example expired on ")


def test_every_certificate_of_a_file_counts_unless_its_successor_lies_beside_it() -> None:
    old = certificates.authority("root", days=5).cert_pem.decode()

    assert pem.untimely(file(old + ROOT.cert_pem.decode()), 30) == ()
    assert [said.split()[0] for said in pem.untimely(file(LEAF + old), 30)] == ["root"]


def test_nothing_is_said_where_nobody_knows_when_a_file_was_looked_at() -> None:
    with pytest.raises(Undecidable, match="when it was looked at"):
        pem.untimely(file(LEAF, 0.0), 30)


def test_what_cannot_be_read_is_undecided() -> None:
    bogus = file("-----BEGIN CERTIFICATE-----\nRVhBTVBMRQ==\n-----END CERTIFICATE-----\n")
    for judge in (pem.certificates, pem.weak, pem.shown):
        with pytest.raises(Undecidable, match=r"/etc/nova/server\.pem: a certificate cannot be read"):
            judge(bogus)


@pytest.mark.parametrize("text", [None, "", "a key stays on its host"])
def test_a_file_without_certificates_has_none(text: str | None) -> None:
    assert pem.certificates(file(text)) == ()


def test_a_weak_certificate_is_named() -> None:
    weak, _ = certificates.issue(ROOT, ["mq.example"], key="rsa:1024")

    assert pem.weak(file(weak.decode() + LEAF)) == ("mq.example has a key of RSA 1024 bits",)


@pytest.mark.parametrize(
    ("path", "count", "is_bundle"),
    [
        ("/etc/ssl/certs/ca-certificates.crt", 1, True),
        ("nova_compute:/etc/ssl/certs/ca-certificates.crt", 1, True),
        ("/etc/nova/ca.pem", 20, False),
        ("/etc/nova/ca.pem", 21, True),
    ],
)
def test_bundles_are_the_distribution_s(path: str, count: int, is_bundle: bool) -> None:
    assert pem.is_bundle(file(ROOT.cert_pem.decode() * count, path=path)) is is_bundle


def test_a_certificate_in_a_file_stands_as_evidence() -> None:
    (line,) = [one.judged() for one in pem.shown(file(LEAF))]

    assert line.setting == "certificate mq.example"
    assert str(line.value).startswith("EC 256, 20")
    assert str(line.value).endswith(", from root")
    assert str(line.origin) == "/etc/nova/server.pem"
