"""Certificates are judged as the real module ``ssl`` judges them: a client and a server shake hands in memory."""

import datetime
import ipaddress
import ssl
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from auditor.semantics.names import Rule, carries
from auditor.tls import Unreadable, read, verify
from tests import certificates, handshakes

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
HOST = "rabbit.example.org"
NOW = datetime.datetime.now(datetime.UTC).replace(microsecond=0)
YEAR = datetime.timedelta(days=365)
SERVER, CLIENT, ANY = (
    ExtendedKeyUsageOID.SERVER_AUTH,
    ExtendedKeyUsageOID.CLIENT_AUTH,
    ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE,
)


@cache
def key(name: str, kind: str = "ec") -> Key:
    """A key per name, so that authorities can be made anew with the same one."""
    if kind.startswith("rsa"):
        return rsa.generate_private_key(65537, int(kind[3:]))
    return ec.generate_private_key(ec.SECP192R1() if kind == "p192" else ec.SECP256R1())


@dataclass(frozen=True)
class Made:
    """How a certificate is to be made; ``by`` is its issuer, None for itself."""

    name: str
    by: "Made | None" = None
    names: Sequence[str] | None = None
    is_authority: bool | None = True
    length: int | None = None
    usages: Sequence[x509.ObjectIdentifier] | None = None
    signs: bool | None = None
    starts: datetime.timedelta = -YEAR
    ends: datetime.timedelta = YEAR
    permitted: Sequence[str] = ()
    excluded: Sequence[str] = ()
    kind: str = "ec"
    secret: str | None = None
    identifiers: bool = True
    common_name: str | None = field(default=None)

    @property
    def key(self) -> Key:
        return key(self.secret or self.name, self.kind)

    @property
    def subject(self) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, self.common_name or self.name)])

    def signed(self) -> str:
        issuer = self.by or self
        builder = (
            x509.CertificateBuilder()
            .subject_name(self.subject)
            .issuer_name(issuer.subject)
            .public_key(self.key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(NOW + self.starts)
            .not_valid_after(NOW + self.ends)
        )
        for extension, is_critical in self._extensions(issuer):
            builder = builder.add_extension(extension, critical=is_critical)
        made = builder.sign(issuer.key, hashes.SHA256())
        return made.public_bytes(serialization.Encoding.PEM).decode()

    def _extensions(self, issuer: "Made") -> list[tuple[Any, bool]]:
        found: list[tuple[Any, bool]] = []
        if self.is_authority is not None:
            found.append((x509.BasicConstraints(self.is_authority, self.length), True))
        if self.names is not None:
            found.append((x509.SubjectAlternativeName([general(name) for name in self.names]), False))
        if self.usages is not None:
            found.append((x509.ExtendedKeyUsage(self.usages), False))
        if self.signs is not None:
            found.append((certificates._usage(signs_certificates=self.signs), True))
        if self.permitted or self.excluded:
            trees = [[general(name) for name in names] or None for names in (self.permitted, self.excluded)]
            found.append((x509.NameConstraints(*trees), True))
        if self.identifiers:
            found.append((x509.SubjectKeyIdentifier.from_public_key(self.key.public_key()), False))
            public = issuer.key.public_key()
            found.append((x509.AuthorityKeyIdentifier.from_issuer_public_key(public), False))
        return found

    def secret_pem(self) -> bytes:
        return self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )


def general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


ROOT = Made("root", signs=True)
OTHER = Made("other root", signs=True)
MIDDLE = Made("middle", ROOT, signs=True)
DAY = datetime.timedelta(days=1)


def leaf(by: Made | None = ROOT, names: Sequence[str] | None = (HOST,), **more: Any) -> Made:
    return Made("server", by, names, **{"is_authority": False, **more})


CASES: dict[str, tuple[list[Made], list[Made]]] = {
    "from the root": ([leaf()], [ROOT]),
    "from the root, with the root sent": ([leaf(), ROOT], [ROOT]),
    "another root": ([leaf()], [OTHER]),
    "another root of the same name": ([leaf()], [Made("root", signs=True, secret="stranger")]),
    "another root of the same name, without identifiers": (
        [leaf(identifiers=False)],
        [Made("root", signs=True, secret="stranger", identifiers=False)],
    ),
    "both roots": ([leaf()], [OTHER, ROOT]),
    "signs itself": ([leaf(None)], [ROOT]),
    "signs itself and is believed": ([leaf(None)], [leaf(None)]),
    "intermediate sent": ([leaf(MIDDLE), MIDDLE], [ROOT]),
    "intermediate missing": ([leaf(MIDDLE)], [ROOT]),
    "intermediate in the file": ([leaf(MIDDLE)], [ROOT, MIDDLE]),
    "intermediate alone in the file": ([leaf(MIDDLE)], [MIDDLE]),
    "certificates sent in another order": ([leaf(MIDDLE), OTHER, MIDDLE], [ROOT]),
    "expired": ([leaf(ends=-DAY)], [ROOT]),
    "not yet valid": ([leaf(starts=DAY)], [ROOT]),
    "expired intermediate": ([leaf(MIDDLE), Made("middle", ROOT, signs=True, ends=-DAY)], [ROOT]),
    "expired root": ([leaf(Made("root", ends=-DAY))], [Made("root", ends=-DAY)]),
    "expired root beside its successor": ([leaf()], [Made("root", signs=True, ends=-DAY), ROOT]),
    "expired and from another root": ([leaf(OTHER, ends=-DAY)], [ROOT]),
    "for servers": ([leaf(usages=[SERVER])], [ROOT]),
    "for clients": ([leaf(usages=[CLIENT])], [ROOT]),
    "for both": ([leaf(usages=[CLIENT, SERVER])], [ROOT]),
    "for anything": ([leaf(usages=[ANY])], [ROOT]),
    "authority for clients only": ([leaf(Made("middle", ROOT, usages=[CLIENT])), Made("middle", ROOT, usages=[CLIENT])], [ROOT]),
    "root for clients only": ([leaf(Made("root", usages=[CLIENT]))], [Made("root", usages=[CLIENT])]),
    "leaf that may only sign certificates": ([leaf(signs=True)], [ROOT]),
    "leaf is an authority": ([leaf(is_authority=True)], [ROOT]),
    "authority says it is none": ([leaf(Made("middle", ROOT, is_authority=False)), Made("middle", ROOT, is_authority=False)], [ROOT]),
    "authority says nothing": ([leaf(Made("middle", ROOT, is_authority=None)), Made("middle", ROOT, is_authority=None)], [ROOT]),
    "root says it is none": ([leaf(Made("root", is_authority=False))], [Made("root", is_authority=False)]),
    "authority may not sign": ([leaf(Made("middle", ROOT, signs=False)), Made("middle", ROOT, signs=False)], [ROOT]),
    "path too long": ([leaf(MIDDLE), MIDDLE], [Made("root", signs=True, length=0)]),
    "path just long enough": ([leaf()], [Made("root", signs=True, length=0)]),
    "name permitted": ([leaf()], [Made("root", signs=True, permitted=["example.org"])]),
    "name not permitted": ([leaf()], [Made("root", signs=True, permitted=["example.com"])]),
    "name excluded": ([leaf()], [Made("root", signs=True, excluded=["example.org"])]),
    "common name not permitted": ([leaf(names=None, common_name=HOST)], [Made("root", signs=True, permitted=["example.com"])]),
    "no identifiers": ([leaf(identifiers=False)], [ROOT]),
    "key of 1024 bits": ([leaf(kind="rsa1024", secret="short")], [ROOT]),
    "key of 2048 bits": ([leaf(kind="rsa2048", secret="long")], [ROOT]),
    "authority with a curve of 192 bits": ([leaf(Made("small root", kind="p192"))], [Made("small root", kind="p192")]),
    "authority of 1024 bits": ([leaf(Made("weak root", kind="rsa1024"))], [Made("weak root", kind="rsa1024")]),
}  # fmt: skip


@pytest.mark.parametrize("is_strict", [False, True], ids=["lenient", "strict"])
@pytest.mark.parametrize("case", CASES)
def test_trust_is_what_the_real_client_says(case: str, is_strict: bool) -> None:
    made, authorities = CASES[case]
    sent = [one.signed() for one in made]
    anchors = "".join(sent[made.index(one)] if one in made else one.signed() for one in authorities)
    client = handshakes.client(anchors, checks_names=False, is_strict=is_strict, level=0)
    ended = handshakes.shake(client, "".join(sent), made[0].secret_pem(), HOST)
    verdict = verify(sent, anchors, at=NOW.timestamp(), is_strict=is_strict)

    assert verdict.code == ended.code


#: The names of a certificate (None: no alternative names), its common name, and what a client connects to.
NAMES: list[tuple[Sequence[str] | None, str, str]] = [
    ([HOST], "other", HOST),
    (["mysql.example.org", HOST], "other", HOST),
    ([HOST], "other", "RABBIT.Example.ORG"),
    (["RABBIT.EXAMPLE.ORG"], "other", HOST),
    ([HOST], "other", f"{HOST}."),
    ([f"{HOST}."], "other", HOST),
    ([f"{HOST}."], "other", f"{HOST}."),
    (["other.example.org"], HOST, HOST),
    (None, HOST, HOST),
    (None, HOST.upper(), HOST),
    (None, "*.example.org", HOST),
    (["10.0.0.1"], HOST, HOST),
    (["*.example.org"], "other", HOST),
    (["*.example.org"], "other", "example.org"),
    (["*.example.org"], "other", "a.rabbit.example.org"),
    (["*.example.org"], "other", "a_b.example.org"),
    (["*.example.org"], "other", "a-b.example.org"),
    (["*.example.org"], "other", "xn--bcher-kva.example.org"),
    (["*.org"], "other", "example.org"),
    (["*"], "other", "rabbit"),
    (["rabbit.*.org"], "other", HOST),
    (["*.*.org"], "other", HOST),
    (["r*.example.org"], "other", HOST),
    (["*t.example.org"], "other", HOST),
    (["r*t.example.org"], "other", HOST),
    (["*.ex_ample.org"], "other", "rabbit.ex_ample.org"),
    (["*.EXAMPLE.org"], "other", HOST),
    (["*.-x.org"], "other", "rabbit.-x.org"),
    (["xn--bcher-kva.example"], "other", "bücher.example"),
    (["xn--bcher-kva.example"], "other", "xn--bcher-kva.example"),
    (["*.example"], "other", "bücher.example"),
    (["rabbit"], "other", "rabbit"),
    (["localhost"], "other", "localhost"),
    (["10.0.0.1"], "other", "10.0.0.1"),
    (["10.0.0.1"], "other", "10.0.0.2"),
    (None, "10.0.0.1", "10.0.0.1"),
    ([HOST], "10.0.0.1", "10.0.0.1"),
    (["2001:db8::1"], "other", "2001:db8:0::0:1"),
    (["2001:db8::1"], "other", "2001:db8::2"),
    (["::ffff:10.0.0.1"], "other", "10.0.0.1"),
    ([], "rabbit.example.org", HOST),
]


@pytest.mark.parametrize(("names", "common", "host"), NAMES)
def test_names_are_compared_as_the_real_client_compares_them(
    names: Sequence[str] | None, common: str, host: str
) -> None:
    made = leaf(names=names, common_name=common)
    sent, anchors = made.signed(), ROOT.signed()
    client = handshakes.client(anchors, checks_names=True)
    ended = handshakes.shake(client, sent, made.secret_pem(), host)
    (certificate,) = read(sent)

    assert ended.code in (0, 62, 64)
    assert carries(certificate, host, Rule.SSL) is (ended.code == 0)


@pytest.mark.parametrize(("names", "common", "host"), NAMES)
def test_a_common_name_can_count_for_nothing(names: Sequence[str] | None, common: str, host: str) -> None:
    made = leaf(names=names, common_name=common)
    sent = made.signed()
    client = handshakes.client(ROOT.signed(), checks_names=True)
    client.hostname_checks_common_name = False
    ended = handshakes.shake(client, sent, made.secret_pem(), host.rstrip("."))

    assert carries(read(sent)[0], host, Rule.SSL_ALTERNATIVE) is (ended.code == 0)


def test_more_than_thirty_cases_are_compared_for_trust_and_for_names() -> None:
    assert len(CASES) >= 30
    assert len(NAMES) >= 30


WEAK = {
    "rsa1024": "RSA 1024",
    "rsa2048": None,
    "p192": "EC 192",
    "ec": None,
}


@pytest.mark.parametrize("kind", WEAK)
def test_keys_that_are_too_small_are_those_that_the_second_level_of_security_refuses(kind: str) -> None:
    authority = Made(f"authority {kind}", kind=kind)
    made, anchors = leaf(authority), authority.signed()
    ended = handshakes.shake(
        handshakes.client(anchors, checks_names=False), made.signed(), made.secret_pem(), HOST
    )
    (certificate,) = read(anchors)
    wanted = WEAK[kind]

    assert bool(certificate.weaknesses) is (ended.code != 0)
    assert certificate.weak_key == (wanted and f"a key of {wanted} bits")


@pytest.mark.parametrize("signature", ["sha256", "sha384", "sha1", "md5"])
def test_signatures_that_are_too_weak_are_those_that_the_second_level_of_security_refuses(
    signature: str,
) -> None:
    authority = certificates.authority("root", key="rsa:2048")
    sent, private = certificates.issue(authority, [HOST], signature=signature)
    client = handshakes.client(authority.cert_pem.decode(), checks_names=True)
    ended = handshakes.shake(client, sent.decode(), private, HOST)
    (certificate,) = read(sent.decode())

    assert (certificate.weak_signature is not None) is (ended.code != 0)
    assert ended.code in (0, 68)


def test_nobody_minds_the_signature_of_who_vouches_for_himself() -> None:
    sent, _ = certificates.issue(None, [HOST], signature="sha1")
    (certificate,) = read(sent.decode())

    assert certificate.weak_signature == "a signature by sha1WithRSAEncryption"
    assert certificate.weaknesses == ()


def test_a_certificate_says_what_it_is() -> None:
    made = leaf(names=[HOST, "*.example.com", "10.0.0.1", "2001:db8::1"], common_name="broker")
    (certificate,) = read(made.signed())

    assert (str(certificate), certificate.issuer, certificate.common_names) == ("broker", "root", ("broker",))
    assert certificate.names == (HOST, "*.example.com")
    assert certificate.addresses == ("10.0.0.1", "2001:db8::1")
    assert (certificate.starts, certificate.ends) == ((NOW - YEAR).timestamp(), (NOW + YEAR).timestamp())
    assert (certificate.key, certificate.weaknesses, certificate.is_self_issued) == ("EC 256", (), False)


def test_the_way_to_an_authority_begins_with_the_server_and_ends_with_the_root() -> None:
    verdict = verify([leaf(MIDDLE).signed(), MIDDLE.signed()], ROOT.signed())

    assert [one.subject for one in verdict.path] == ["server", "middle", "root"]


@pytest.mark.parametrize(("starts", "ends"), [(-YEAR, -DAY), (DAY, YEAR)])
def test_time_is_left_out_unless_it_is_given(starts: datetime.timedelta, ends: datetime.timedelta) -> None:
    sent = [leaf(starts=starts, ends=ends).signed()]

    assert verify(sent, ROOT.signed()).is_trusted
    assert not verify(sent, ROOT.signed(), at=NOW.timestamp()).is_trusted


def test_what_was_not_sent_is_told_from_what_nobody_vouches_for() -> None:
    missing = verify([leaf(MIDDLE).signed()], ROOT.signed())
    foreign = verify([leaf(None).signed()], ROOT.signed())

    assert (missing.is_incomplete, foreign.is_incomplete) == (True, False)
    assert missing.certificate is not None
    assert missing.certificate.subject == "server"


def test_every_certificate_of_a_text_is_read_whatever_stands_between_them() -> None:
    text = f"one\n{ROOT.signed()}\nand another\r\n{MIDDLE.signed()}"

    assert [one.subject for one in read(text)] == ["root", "middle"]
    assert read("no certificate") == ()


@pytest.mark.parametrize(
    "body",
    ["RVhBTVBMRQ==", "", "%%%", "MIIB", "MA=="],
)
def test_what_is_no_certificate_is_said_to_be_unreadable(body: str) -> None:
    text = f"-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n"

    with pytest.raises(Unreadable, match=r"^a certificate cannot be read: "):
        read(text)


def test_a_text_of_beginnings_without_ends_is_searched_once() -> None:
    started = time.monotonic()

    assert read("-----BEGIN CERTIFICATE-----\n" * 40000) == ()
    assert time.monotonic() - started < 2


def test_a_long_name_is_cut() -> None:
    organization = x509.NameAttribute(NameOID.ORGANIZATION_NAME, "o" * 60)
    subject = x509.Name([organization] * 5)
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(subject).serial_number(1)
    made = (
        builder.public_key(ROOT.key.public_key())
        .not_valid_before(NOW)
        .not_valid_after(NOW + YEAR)
        .sign(ROOT.key, hashes.SHA256())
    )
    (certificate,) = read(made.public_bytes(serialization.Encoding.PEM).decode())

    assert certificate.subject == f"O={'o' * 60},O={'o' * 55}..."


@pytest.mark.parametrize("exponent", [b"\x01\x00\x00", b"\x00\x00\x01"])
def test_parameters_that_nobody_should_use_are_weak(exponent: bytes) -> None:
    made = leaf(kind="rsa2048", secret="long").signed()
    der = x509.load_pem_x509_certificate(made.encode()).public_bytes(serialization.Encoding.DER)
    changed = der.replace(b"\x02\x03\x01\x00\x01", b"\x02\x03" + exponent)
    text = ssl.DER_cert_to_PEM_cert(changed)

    assert changed != der
    assert read(text)[0].weak_key == "a key (RSA 2048 bits) of parameters that nobody should use"


def test_nothing_leads_to_authorities_that_are_not_there() -> None:
    with pytest.raises(Unreadable, match="no certificate"):
        verify([leaf().signed()], "")
    with pytest.raises(Unreadable, match="no certificate"):
        verify([], ROOT.signed())


def test_nothing_of_openssl_is_loaded_before_the_first_certificate_is_read() -> None:
    code = "import sys, auditor.pipeline, auditor.checks; print([m for m in ('OpenSSL', 'cryptography') if m in sys.modules])"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert told == "[]\n"
