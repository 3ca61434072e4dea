"""What the servers of examples show: certificates without keys, and how an endpoint answered on noon of 21 November 2026."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

#: Noon of 21 November 2026, UTC: when the endpoints of examples were asked and their files looked at.
_NOON = 1795262400.0

#: The authority that examples point to.
AUTHORITY = """\
-----BEGIN CERTIFICATE-----
MIIBkDCCATWgAwIBAgIUeLqXyBhNsrAbP9S3c+6Vi4tKwL4wCgYIKoZIzj0EAwIw
FTETMBEGA1UEAwwKRXhhbXBsZSBDQTAeFw0yNDAxMDEwMDAwMDBaFw00OTAxMDEw
MDAwMDBaMBUxEzARBgNVBAMMCkV4YW1wbGUgQ0EwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAQrd9m8OVUPMVViMuFlDJ0bOnDNomGbD0ST+GFFB3AbJCimcw6OkTvj
IbLmdUbcTG4VqrpIcslapqITa8OgLZWZo2MwYTAPBgNVHRMBAf8EBTADAQH/MA4G
A1UdDwEB/wQEAwIBBjAdBgNVHQ4EFgQUNw+aQZ/LuKfEImUO2AQm75bmckYwHwYD
VR0jBBgwFoAUNw+aQZ/LuKfEImUO2AQm75bmckYwCgYIKoZIzj0EAwIDSQAwRgIh
ALQX5dsdtnk7BwbBeeGhvfjyVaqCw19j0p3ZVvuPj0nfAiEA5O3FvvJ6dWfue0U8
ojCW3oHmNQrDilX6+kKhehr39Hk=
-----END CERTIFICATE-----
"""

#: What rabbit.example, mysql.example and keystone.example show.
GOOD = """\
-----BEGIN CERTIFICATE-----
MIIByDCCAW6gAwIBAgIUD02cMXONpNIZZHsxuzKjq9gQ18cwCgYIKoZIzj0EAwIw
FTETMBEGA1UEAwwKRXhhbXBsZSBDQTAeFw0yNTAxMDEwMDAwMDBaFw00NjAxMDEw
MDAwMDBaMBMxETAPBgNVBAMMCHNlcnZpY2VzMFkwEwYHKoZIzj0CAQYIKoZIzj0D
AQcDQgAEAF7IhiOgNuBY6MTOIsB966/4eWEI74uV3EiwYDD69hMf9pLGnEXqdzWC
omlD47lQ8/ckpB2WH+yn2DFC2v92Y6OBnTCBmjAMBgNVHRMBAf8EAjAAMA4GA1Ud
DwEB/wQEAwIHgDAdBgNVHQ4EFgQUv4o9WUeHIMnwey6ubPJQoUCSbyUwHwYDVR0j
BBgwFoAUNw+aQZ/LuKfEImUO2AQm75bmckYwOgYDVR0RBDMwMYIOcmFiYml0LmV4
YW1wbGWCDW15c3FsLmV4YW1wbGWCEGtleXN0b25lLmV4YW1wbGUwCgYIKoZIzj0E
AwIDSAAwRQIhAMDV3xDVz+w8gMmPBeHf3zrCeI2quqc0wNv1xH+WJAK7AiA9Thpe
kiDZVtdd3+C+Z5YcpTcn1YKEsEF+GngGHfiT5w==
-----END CERTIFICATE-----
"""

#: It carries the name other.example.
OF_ANOTHER_NAME = """\
-----BEGIN CERTIFICATE-----
MIIBoDCCAUegAwIBAgIUKIn37TeC61HP0PAAS8KlOADALtkwCgYIKoZIzj0EAwIw
FTETMBEGA1UEAwwKRXhhbXBsZSBDQTAeFw0yNTAxMDEwMDAwMDBaFw00NjAxMDEw
MDAwMDBaMBAxDjAMBgNVBAMMBW90aGVyMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcD
QgAEAF7IhiOgNuBY6MTOIsB966/4eWEI74uV3EiwYDD69hMf9pLGnEXqdzWComlD
47lQ8/ckpB2WH+yn2DFC2v92Y6N6MHgwDAYDVR0TAQH/BAIwADAOBgNVHQ8BAf8E
BAMCB4AwHQYDVR0OBBYEFL+KPVlHhyDJ8HsurmzyUKFAkm8lMB8GA1UdIwQYMBaA
FDcPmkGfy7inxCJlDtgEJu+W5nJGMBgGA1UdEQQRMA+CDW90aGVyLmV4YW1wbGUw
CgYIKoZIzj0EAwIDRwAwRAIgD2tHAmyaWJDOMuen9kMGIdkG18P7CDjARY4pJGii
Q70CIAczKQKRjqShP9IidJWyjb62T4lLT20OTVW99GDbYYMb
-----END CERTIFICATE-----
"""

#: Its time was over on 1 November 2026.
EXPIRED = """\
-----BEGIN CERTIFICATE-----
MIIByDCCAW6gAwIBAgIULDpSmfXHMK1jWrYt3oh8hLixfFAwCgYIKoZIzj0EAwIw
FTETMBEGA1UEAwwKRXhhbXBsZSBDQTAeFw0yNTAxMDEwMDAwMDBaFw0yNjExMDEw
MDAwMDBaMBMxETAPBgNVBAMMCHNlcnZpY2VzMFkwEwYHKoZIzj0CAQYIKoZIzj0D
AQcDQgAEAF7IhiOgNuBY6MTOIsB966/4eWEI74uV3EiwYDD69hMf9pLGnEXqdzWC
omlD47lQ8/ckpB2WH+yn2DFC2v92Y6OBnTCBmjAMBgNVHRMBAf8EAjAAMA4GA1Ud
DwEB/wQEAwIHgDAdBgNVHQ4EFgQUv4o9WUeHIMnwey6ubPJQoUCSbyUwHwYDVR0j
BBgwFoAUNw+aQZ/LuKfEImUO2AQm75bmckYwOgYDVR0RBDMwMYIOcmFiYml0LmV4
YW1wbGWCDW15c3FsLmV4YW1wbGWCEGtleXN0b25lLmV4YW1wbGUwCgYIKoZIzj0E
AwIDSAAwRQIgIj1zmNi258+lzO1MXhTHHfQ1X7vwMRKbpUTlASto+O0CIQCJrvRy
rjtI4jhyJgRWRPJpqSCS+p3uxccDJWV30Shwjg==
-----END CERTIFICATE-----
"""

#: Its time is over on 5 December 2026.
EXPIRING = """\
-----BEGIN CERTIFICATE-----
MIIByTCCAW6gAwIBAgIUDtNp0jVWelArse3yHEQWcopkrwcwCgYIKoZIzj0EAwIw
FTETMBEGA1UEAwwKRXhhbXBsZSBDQTAeFw0yNTAxMDEwMDAwMDBaFw0yNjEyMDUw
MDAwMDBaMBMxETAPBgNVBAMMCHNlcnZpY2VzMFkwEwYHKoZIzj0CAQYIKoZIzj0D
AQcDQgAEAF7IhiOgNuBY6MTOIsB966/4eWEI74uV3EiwYDD69hMf9pLGnEXqdzWC
omlD47lQ8/ckpB2WH+yn2DFC2v92Y6OBnTCBmjAMBgNVHRMBAf8EAjAAMA4GA1Ud
DwEB/wQEAwIHgDAdBgNVHQ4EFgQUv4o9WUeHIMnwey6ubPJQoUCSbyUwHwYDVR0j
BBgwFoAUNw+aQZ/LuKfEImUO2AQm75bmckYwOgYDVR0RBDMwMYIOcmFiYml0LmV4
YW1wbGWCDW15c3FsLmV4YW1wbGWCEGtleXN0b25lLmV4YW1wbGUwCgYIKoZIzj0E
AwIDSQAwRgIhAM/u5Pv/4CxhySdIHJ8R0eGsbG6X/YbRrkCP09c2vGmqAiEArpr2
/gI4xNSSyH3Zh98fy7unGoIjsAKFSvEyyAovDQw=
-----END CERTIFICATE-----
"""

#: It comes from another authority.
OF_ANOTHER_AUTHORITY = """\
-----BEGIN CERTIFICATE-----
MIIByDCCAW6gAwIBAgIUH4o+vFe+UkA3qFUcpmDRWXYTzUswCgYIKoZIzj0EAwIw
FTETMBEGA1UEAwwKQW5vdGhlciBDQTAeFw0yNTAxMDEwMDAwMDBaFw00NjAxMDEw
MDAwMDBaMBMxETAPBgNVBAMMCHNlcnZpY2VzMFkwEwYHKoZIzj0CAQYIKoZIzj0D
AQcDQgAEAF7IhiOgNuBY6MTOIsB966/4eWEI74uV3EiwYDD69hMf9pLGnEXqdzWC
omlD47lQ8/ckpB2WH+yn2DFC2v92Y6OBnTCBmjAMBgNVHRMBAf8EAjAAMA4GA1Ud
DwEB/wQEAwIHgDAdBgNVHQ4EFgQUv4o9WUeHIMnwey6ubPJQoUCSbyUwHwYDVR0j
BBgwFoAUrAFTmlX/ZxtCZPXtCrnUHjMXElcwOgYDVR0RBDMwMYIOcmFiYml0LmV4
YW1wbGWCDW15c3FsLmV4YW1wbGWCEGtleXN0b25lLmV4YW1wbGUwCgYIKoZIzj0E
AwIDSAAwRQIgKN4Q+/Dl/u+3b9wxGVOx/DD8wOcMdLG8K9tmYNBnAegCIQCpZ6w0
ww9XIB6jDyjYFBEDUoqTc+qRR8v6+fZcNqLLEQ==
-----END CERTIFICATE-----
"""

#: Its key has 1024 bits.
WEAK = """\
-----BEGIN CERTIFICATE-----
MIICEDCCAbWgAwIBAgIUD2Hzk/mtz9Fs1pAYgQ2D+BXCFmgwCgYIKoZIzj0EAwIw
FTETMBEGA1UEAwwKRXhhbXBsZSBDQTAeFw0yNTAxMDEwMDAwMDBaFw00NjAxMDEw
MDAwMDBaMBMxETAPBgNVBAMMCHNlcnZpY2VzMIGfMA0GCSqGSIb3DQEBAQUAA4GN
ADCBiQKBgQDSWmSPJsXsGCBZT85iGVzrXLZoAa7d1xJkanoouAiSEgMwV0u5nOcK
C6u5pTdmK6SXH5LWuWWt0FxqijXkXnr6fHR1Dm/9L1nLZhji1MMDrLTEyU/Bje+N
U8MFmLw9Z8R7FnE2JIXuj389d/Z4zhIcUG2kWGmW5IcaziN6znqsDwIDAQABo4Gd
MIGaMAwGA1UdEwEB/wQCMAAwDgYDVR0PAQH/BAQDAgeAMB0GA1UdDgQWBBQRGfqQ
setn5FVs/9te4fJkoft1+DAfBgNVHSMEGDAWgBQ3D5pBn8u4p8QiZQ7YBCbvluZy
RjA6BgNVHREEMzAxgg5yYWJiaXQuZXhhbXBsZYINbXlzcWwuZXhhbXBsZYIQa2V5
c3RvbmUuZXhhbXBsZTAKBggqhkjOPQQDAgNJADBGAiEA7nyeheM/HpdL5L9pl373
c7A1p9Doq51NbqAUACEgZHECIQCmeh8rdVEcfPEA4Uteyef2kPakW9cw2RvanSfv
hTUivw==
-----END CERTIFICATE-----
"""

#: The file that examples believe, with the authority in it.
AUTHORITIES: Mapping[str, str] = MappingProxyType({"/etc/nova/ca.pem": AUTHORITY})


def asked(protocol: str, host: str, port: int, **facts: Any) -> Mapping[str, Any]:
    """The evidence of one endpoint that speaks TLS 1.3 and shows a good certificate, but for the ``facts`` about it."""
    handshake = {
        "protocol": protocol,
        "host": host,
        "port": port,
        "result": "tls",
        "reason": "TLSv1.3 with TLS_AES_256_GCM_SHA384",
        "version": "TLSv1.3",
        "cipher": "TLS_AES_256_GCM_SHA384",
        "chain": [GOOD],
        **facts,
    }
    return {"wire": {"asked_at": _NOON, "handshakes": [handshake], "incomplete": []}}


def silent(protocol: str, host: str, port: int) -> Mapping[str, Any]:
    """The evidence of one endpoint that accepts the connection and says nothing."""
    reason = "no answer within 5 seconds, before it said anything"
    return asked(protocol, host, port, result="timeout", reason=reason, version=None, cipher=None, chain=[])


def plain(protocol: str, host: str, port: int, reason: str) -> Mapping[str, Any]:
    """The evidence of one endpoint that has no TLS."""
    return asked(protocol, host, port, result="plaintext", reason=reason, version=None, cipher=None, chain=[])


#: A host whose files were looked at then.
LOOKED_AT: Mapping[str, float] = MappingProxyType({"clock": _NOON})
