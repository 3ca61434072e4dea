"""Whether a certificate carries a name, as each client library compares them.

Sources, each the judge of its rule in ``tests/semantics/test_names.py`` as far as it can run there:

- Python's ``ssl`` (py-amqp, PyMySQL, urllib3 2): ``_ssl_configure_hostname`` and OpenSSL's ``crypto/x509/v3_utl.c``
  (``do_x509_check``, ``valid_star``, ``wildcard_match``), with ``X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS``.
- urllib3 1.26: ``urllib3.util.ssl_match_hostname.match_hostname``.
- libpq 15 to 18: ``fe-secure-common.c``, ``fe-secure-openssl.c:pgtls_verify_peer_name_matches_certificate_guts``.
- MariaDB Connector/C 3.3: ``libmariadb/secure/openssl.c:ma_tls_verify_server_cert``, ``X509_check_host`` without flags.
"""

import re
from enum import StrEnum
from ipaddress import ip_address

from auditor.tls import Certificate


class Rule(StrEnum):
    """How names are compared.

    ``ssl``: as Python's module does; ``ssl-alternative``: so, and never by the common name; ``urllib3``: as urllib3 before 2;
    ``libpq``; ``connector``: as MariaDB's Connector/C.
    """

    SSL = "ssl"
    SSL_ALTERNATIVE = "ssl-alternative"
    URLLIB3 = "urllib3"
    LIBPQ = "libpq"
    CONNECTOR = "connector"


#: The labels that a star may stand in for OpenSSL: letters, digits and inner hyphens.
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?", re.IGNORECASE)


def carries(certificate: Certificate, host: str, rule: Rule) -> bool:
    """True where a client by this rule accepts the certificate for the host that its configuration names."""
    host = host.strip("[]")
    if rule in (Rule.SSL_ALTERNATIVE, Rule.URLLIB3):
        host = host.rstrip(".")  # urllib3.connection.HTTPConnection.host
    address = _address(host)
    if address is not None and address in certificate.addresses:
        return True
    if rule is Rule.LIBPQ:
        return _by_libpq(certificate, host, is_address=address is not None)
    if rule is Rule.URLLIB3:
        return _by_urllib3(certificate, host, is_address=address is not None)
    # Connector/C asks OpenSSL for an address as for a name too.
    return (address is None or rule is Rule.CONNECTOR) and _by_openssl(certificate, host, rule)


def _by_openssl(certificate: Certificate, host: str, rule: Rule) -> bool:
    encoded = _encoded(host)
    if encoded is None:
        return False
    names = certificate.names
    if not names and rule is not Rule.SSL_ALTERNATIVE:
        names = certificate.common_names
    return any(_is_star(name, encoded, rule) or _is_same(name, encoded) for name in names)


def _by_urllib3(certificate: Certificate, host: str, *, is_address: bool) -> bool:
    if certificate.names or certificate.addresses:
        return not is_address and _any_label(certificate.names, host)
    return _any_label(certificate.common_names, host)


def _by_libpq(certificate: Certificate, host: str, *, is_address: bool) -> bool:
    """The first common name counts where there is no alternative name of the host's own kind."""
    names = certificate.names
    has_own_kind = bool(certificate.addresses if is_address else names)
    if not has_own_kind:
        names = (*names, *certificate.common_names[:1])
    return any(_is_same(name, host) or _is_suffix(name, host) for name in names)


def _address(host: str) -> str | None:
    try:
        return str(ip_address(host))
    except ValueError:
        return None


def _encoded(host: str) -> str | None:
    """A name as `ssl.SSLContext.wrap_socket` writes it; None for one that it refuses."""
    if not host or host.startswith("."):
        return None
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return None


def _is_same(name: str, host: str) -> bool:
    return name.lower() == host.lower()


def _is_star(name: str, host: str, rule: Rule) -> bool:
    """``valid_star`` and ``wildcard_match``: one star, in the first of at least three labels."""
    label, _, rest = name.partition(".")
    labels = rest.split(".")
    if label.count("*") != 1 or len(labels) < 2 or not all(map(_LABEL.fullmatch, labels)):
        return False
    before, after = label.split("*")
    is_partial = bool(before or after)
    if is_partial and (rule is not Rule.CONNECTOR or (before and after) or before.lower().startswith("xn--")):
        return False
    # A hyphen may stand behind the star, but neither before it nor at either end.
    if (before and not _LABEL.fullmatch(before)) or (after and not _LABEL.fullmatch(f"x{after}")):
        return False
    if is_partial and host.lower().startswith("xn--"):
        return False
    middle = "[a-z0-9-]*" if is_partial else "[a-z0-9-]+"
    pattern = f"{re.escape(before)}{middle}{re.escape(after)}{re.escape('.' + rest)}"
    return re.fullmatch(pattern, host, re.IGNORECASE) is not None


def _any_label(names: tuple[str, ...], host: str) -> bool:
    """``_dnsname_match``, which raises for a name with two stars, whatever comes after it."""
    for name in names:
        label, _, rest = name.partition(".")
        if label.count("*") > 1:
            return False
        is_literal = label.startswith("xn--") or host.startswith("xn--")
        if "*" not in label or (is_literal and label != "*"):
            matches = _is_same(name, host)
        else:
            middle = "[^.]+" if label == "*" else re.escape(label).replace(r"\*", "[^.]*")
            pattern = middle + (re.escape("." + rest) if "." in name else "")
            matches = re.fullmatch(pattern, host, re.IGNORECASE) is not None
        if matches:
            return True
    return False


def _is_suffix(name: str, host: str) -> bool:
    """``wildcard_certificate_match``: ``*.`` stands for one label, whatever is in it and however short the rest is."""
    label, dot, rest = host.partition(".")
    return name.startswith("*.") and len(name) > 2 and bool(label and dot) and _is_same(name[2:], rest)
