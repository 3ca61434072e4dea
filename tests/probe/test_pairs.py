"""Whether a key fits its certificate is judged where the key lies, and nothing of the key is told."""

import os
import subprocess
import time
from pathlib import Path

import pytest

from auditor.probe import filesystem, pairs
from auditor.probe.roots import Roots
from tests import certificates

AUTHORITY = certificates.authority("root")
CERTIFICATE, KEY = certificates.issue(AUTHORITY, ["mq.example"])


def roots(folder: Path) -> Roots:
    budget = filesystem.Budget(time.monotonic() + 60, 1000, 1 << 20)
    return Roots(filesystem.Tree(str(folder), budget))


def judged(folder: Path, certificate: bytes | str, key: bytes | str) -> tuple[str, str] | None:
    for name, content in (("cert.pem", certificate), ("key.pem", key)):
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return pairs.judge(roots(folder), "/cert.pem", "/key.pem")


@pytest.mark.parametrize("kind", ["rsa:2048", "rsa:1024", "ec:p256", "ec:p192", "ed25519"])
def test_a_key_fits_the_certificate_that_was_made_for_it(tmp_path: Path, kind: str) -> None:
    assert judged(tmp_path, *certificates.issue(AUTHORITY, ["mq.example"], key=kind)) == ("fits", "")


@pytest.mark.parametrize("kind", ["rsa:2048", "rsa:3072", "ec:p256", "ed25519"])
def test_a_key_of_another_certificate_does_not_fit_whatever_its_kind(tmp_path: Path, kind: str) -> None:
    _, other = certificates.issue(AUTHORITY, ["mq.example"], key=kind)

    assert judged(tmp_path, CERTIFICATE, other) == ("differs", "the certificate is for another key")


def test_the_first_certificate_of_a_chain_counts(tmp_path: Path) -> None:
    assert judged(tmp_path, CERTIFICATE + AUTHORITY.cert_pem, KEY) == ("fits", "")
    assert judged(tmp_path, AUTHORITY.cert_pem + CERTIFICATE, KEY) == (
        "differs",
        "the certificate is for another key",
    )


@pytest.mark.parametrize("form", ["-traditional", ""])
def test_no_passphrase_is_tried(tmp_path: Path, form: str) -> None:
    command = ["openssl", "rsa", "-aes128", "-passout", "pass:hunter2", *form.split()]
    hidden = subprocess.run(command, input=KEY, capture_output=True, check=True).stdout

    assert b"ENCRYPTED" in hidden
    assert judged(tmp_path, CERTIFICATE, hidden) == ("encrypted", "the key has a passphrase")


def test_a_file_can_hold_both(tmp_path: Path) -> None:
    (tmp_path / "both.pem").write_bytes(CERTIFICATE + KEY)
    (tmp_path / "alone.pem").write_bytes(CERTIFICATE)

    assert pairs.judge(roots(tmp_path), "/both.pem", "/both.pem") == ("fits", "")
    assert pairs.judge(roots(tmp_path), "/alone.pem", "/alone.pem") is None


@pytest.mark.parametrize("missing", ["cert.pem", "key.pem"])
def test_what_is_not_there_is_no_pair(tmp_path: Path, missing: str) -> None:
    judged(tmp_path, CERTIFICATE, KEY)
    (tmp_path / missing).unlink()

    assert pairs.judge(roots(tmp_path), "/cert.pem", "/key.pem") is None


@pytest.mark.parametrize(
    ("certificate", "key", "reason"),
    [
        ("", KEY, "OpenSSL cannot load them: "),
        (CERTIFICATE, "", "OpenSSL cannot load them: "),
        (CERTIFICATE, "hunter2", "OpenSSL cannot load them: "),
        (CERTIFICATE, "-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----\n", "OpenSSL cannot load them: "),
        (CERTIFICATE, "-----BEGIN PRIVATE KEY-----\nhunter2", "OpenSSL cannot load them: "),
        (CERTIFICATE, b"hunter2\0", "/key.pem: it holds NUL bytes"),
        (CERTIFICATE, b"hunter2\xff", "/key.pem: not UTF-8 at byte 7"),
        (CERTIFICATE, "hunter2" * 12000, "OpenSSL cannot load them: "),
        (CERTIFICATE, "hunter2" * 200000, "/key.pem: 1400000 bytes, more than 1048576"),
    ],
)  # fmt: skip
def test_what_cannot_be_loaded_is_said_without_its_content(
    tmp_path: Path, certificate: bytes | str, key: bytes | str, reason: str
) -> None:
    verdict = judged(tmp_path, certificate, key)

    assert verdict is not None
    assert verdict[0] == "unreadable"
    assert verdict[1].startswith(reason)
    assert "hunter2" not in verdict[1]


def test_what_is_no_file_is_not_opened(tmp_path: Path) -> None:
    judged(tmp_path, CERTIFICATE, KEY)
    os.mkfifo(tmp_path / "pipe")

    assert pairs.judge(roots(tmp_path), "/cert.pem", "/pipe") == ("unreadable", "/pipe: not a regular file")


def test_a_link_leads_nowhere_but_below_the_root(tmp_path: Path) -> None:
    inside = tmp_path / "root"
    inside.mkdir()
    judged(inside, CERTIFICATE, KEY)
    (tmp_path / "outside.pem").write_bytes(KEY)
    (inside / "link.pem").symlink_to("/key.pem")
    (inside / "out.pem").symlink_to("../outside.pem")

    assert pairs.judge(roots(inside), "/cert.pem", "/link.pem") == ("fits", "")
    assert pairs.judge(roots(inside), "/cert.pem", "/out.pem") is None


def test_no_descriptor_is_left_open(tmp_path: Path) -> None:
    tree = roots(tmp_path)
    judged(tmp_path, CERTIFICATE, KEY)
    (tmp_path / "bad.pem").write_text("nothing")
    (tmp_path / "long.pem").write_text("x" * 70000)
    before = len(list(Path("/proc/self/fd").iterdir()))
    for key in ("/key.pem", "/bad.pem", "/long.pem", "/none.pem"):
        pairs.judge(tree, "/cert.pem", key)

    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_a_pair_stands_in_the_evidence_once(tmp_path: Path) -> None:
    judged(tmp_path, CERTIFICATE, KEY)
    wanted = [("/cert.pem", "/key.pem"), ("/cert.pem", "/none.pem"), ("/cert.pem", "/key.pem")]

    assert pairs.judged(roots(tmp_path), wanted) == [
        {"certificate": "/cert.pem", "key": "/key.pem", "status": "fits", "reason": ""}
    ]
