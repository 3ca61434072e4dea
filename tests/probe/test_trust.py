"""What a client trusts, as its configuration names it."""

import ssl
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from auditor.probe.filesystem import Budget, Tree
from auditor.probe.roots import Roots
from auditor.probe.trust import Trusts, Unusable
from tests.certificates import authority, issue


def trusts(**labels: str) -> Trusts:
    roots = Roots(Tree("/", Budget(time.monotonic() + 20, 100, 1 << 20)))
    for label, root in labels.items():
        roots.enter(label, root)
    return Trusts(roots)


def anchors(path: str, kind: str = "file", **labels: str) -> list[str]:
    """The common names of what is trusted."""
    context, _ = trusts(**labels).context(True, {"kind": kind, "path": path}, None)
    found: list[Any] = context.get_ca_certs()
    return [dict(pair[0] for pair in one["subject"])["commonName"] for one in found]


def test_a_bundle_is_trusted_whatever_is_written_around_its_certificates(tmp_path: Path) -> None:
    texts = [authority(name).cert_pem.decode() for name in ("one", "two")]
    (tmp_path / "ca.pem").write_text(f"# für zwei\n{texts[0]}# und\r\n" + texts[1].replace("\n", "\r\n"))

    assert anchors(f"{tmp_path}/ca.pem") == ["one", "two"]


def test_a_folder_is_trusted_by_its_hashed_names(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.pem").write_bytes(authority(name).cert_pem)
    subprocess.run(["openssl", "rehash", tmp_path], check=True)
    (tmp_path / "three.pem").write_bytes(authority("three").cert_pem)

    assert sorted(anchors(str(tmp_path))) == ["one", "two"]


def test_the_system_of_a_container_is_its_own(tmp_path: Path) -> None:
    place = tmp_path / "etc/pki/tls/certs"
    place.mkdir(parents=True)
    (place / "ca-bundle.crt").write_bytes(authority("inside").cert_pem)

    assert anchors("box:/", "system", box=str(tmp_path)) == ["inside"]
    with pytest.raises(Unusable, match="no authorities of the system were found in that root"):
        anchors("box:/", "system", box=str(place))


def test_links_of_a_container_do_not_lead_out_of_it(tmp_path: Path) -> None:
    (tmp_path / "outside.pem").write_bytes(authority("outside").cert_pem)
    (tmp_path / "root").mkdir()
    (tmp_path / "root/ca.pem").symlink_to(tmp_path / "outside.pem")

    with pytest.raises(Unusable, match=r"box:/ca\.pem cannot be read: there is no such file"):
        anchors("box:/ca.pem", box=str(tmp_path / "root"))


def test_what_is_damaged_is_not_trusted(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")

    with pytest.raises(Unusable, match="what it trusts is damaged: "):
        anchors(f"{tmp_path}/ca.pem")


def test_who_does_not_verify_reads_no_authority(tmp_path: Path) -> None:
    context, note = trusts().context(False, {"kind": "file", "path": f"{tmp_path}/none.pem"}, None)

    assert (context.verify_mode, note) == (ssl.CERT_NONE, "")


def test_a_certificate_without_its_key_is_not_shown(tmp_path: Path) -> None:
    certificate, key = issue(authority("ca"), [], client=True, key="ec:p256")
    _, other = issue(authority("ca"), [], client=True, key="ec:p256")
    for name, content in {"cert": certificate, "key": key, "other": other, "large": b"x" * 70000}.items():
        (tmp_path / name).write_bytes(content)

    def note(key: str) -> str:
        pair = {"certificate": f"{tmp_path}/cert", "key": f"{tmp_path}/{key}"}
        return trusts().context(False, {"kind": "none", "path": None}, pair)[1]

    assert note("key") == ""
    assert note("other") == f"{tmp_path}/cert and {tmp_path}/other are no certificate with its key"
    assert note("cert") == f"{tmp_path}/cert and {tmp_path}/cert are no certificate with its key"
    assert note("none") == f"{tmp_path}/none cannot be read: there is no such file"
    assert note("large") == "a certificate or a key is larger than 60 KiB"


def test_no_descriptor_is_left_open(tmp_path: Path) -> None:
    certificate, key = issue(authority("ca"), [], client=True, key="ec:p256", password=b"x")
    (tmp_path / "cert").write_bytes(certificate)
    (tmp_path / "key").write_bytes(key)
    own = trusts()
    before = sum(1 for _ in Path("/proc/self/fd").iterdir())
    pair = {"certificate": f"{tmp_path}/cert", "key": f"{tmp_path}/key"}
    _, note = own.context(False, {"kind": "none", "path": None}, pair)

    assert note == "its key is encrypted"
    assert sum(1 for _ in Path("/proc/self/fd").iterdir()) == before
