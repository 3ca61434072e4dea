"""Files and folders that a TLS client loads, as evidence shows them."""

import pytest

from auditor.model import File
from auditor.semantics.certificates import look_at, look_at_folder
from tests.semantics.build import PEM, file, service


def folder(text: str) -> File:
    return File("/srv/authorities", None, None, None, 4096, "folder", text)


@pytest.mark.parametrize(
    ("found", "problem"),
    [
        (folder("0a1b2c3d.0"), None),
        (folder(""), "nothing in /srv/authorities has the name of a hash, which `openssl rehash` gives"),
        (file("/srv/authorities", PEM), "/srv/authorities is a file, not a folder of certificates"),
    ],
)
def test_a_folder_of_authorities_needs_hashed_names(found: File, problem: str | None) -> None:
    seen = look_at_folder(service(files={"/srv/authorities": found}), "/srv/authorities")

    assert seen.problem == problem


def test_a_folder_is_no_bundle() -> None:
    seen = look_at(service(files={"/srv/authorities": folder("0a1b2c3d.0")}), "/srv/authorities")

    assert seen.problem == "/srv/authorities is a folder or a device, not a file"
