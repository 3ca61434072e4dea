"""Whether OpenSSL can make anything of a list of ciphers.

What this machine's OpenSSL knows stands for what that of the host knows: lists that people write name ciphers that
every OpenSSL 3 has, or none.
"""

from functools import lru_cache

#: The cipher suites of TLS 1.3 (RFC 8446, B.4), which OpenSSL sets by another call than those of TLS 1.2.
_SUITES = frozenset(
    {
        "TLS_AES_128_GCM_SHA256",
        "TLS_AES_256_GCM_SHA384",
        "TLS_CHACHA20_POLY1305_SHA256",
        "TLS_AES_128_CCM_SHA256",
        "TLS_AES_128_CCM_8_SHA256",
    }
)


@lru_cache(maxsize=256)
def is_usable(ciphers: str, *, with_suites: bool = False) -> bool:
    """True where ``SSL_CTX_set_cipher_list`` accepts the list (``ssl.SSLContext.set_ciphers`` of Python).

    With ``with_suites``, also where ``SSL_CTX_set_ciphersuites`` does, which Connector/C tries first.
    """
    import ssl

    if with_suites and _SUITES.issuperset(ciphers.split(":")):
        return True
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context.set_ciphers(ciphers)
    except ssl.SSLError:
        return False
    return True
