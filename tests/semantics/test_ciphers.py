"""Lists of ciphers that OpenSSL makes something of, and that it does not."""

import pytest

from auditor.semantics.ciphers import is_usable


@pytest.mark.parametrize(
    "ciphers", ["HIGH", "HIGH:!aNULL", "ECDHE-RSA-AES256-GCM-SHA384:ECDHE+AESGCM", "DEFAULT"]
)
def test_what_openssl_knows_is_usable(ciphers: str) -> None:
    assert is_usable(ciphers)


@pytest.mark.parametrize("ciphers", ["nonsense", "TLSv9", "AES256-GCM-SHA385"])
def test_what_openssl_does_not_know_is_not(ciphers: str) -> None:
    assert not is_usable(ciphers)
    assert not is_usable(ciphers, with_suites=True)


def test_the_suites_of_tls_1_3_are_set_by_a_call_of_their_own() -> None:
    suites = "TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256"

    assert not is_usable(suites)
    assert is_usable(suites, with_suites=True)
