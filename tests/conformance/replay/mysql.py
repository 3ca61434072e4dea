"""What the auditor says of a connection to MySQL, beside what the real driver did."""

from collections.abc import Mapping
from typing import Any

from auditor.model import Transport
from auditor.semantics.transports import transports
from tests.conformance.replay.host import opener, service_of
from tests.conformance.replay.transports import by_socket, disagreement, played

_URL = "the host withholds a URL that is not in canonical form, and the auditor says that it does not know"
_VALUE = "the host withholds a value that is no file name, and the auditor says that it does not know"
_KEY = "what a key file holds never leaves its host"
_BOTH = "whether a certificate's file holds its key too never leaves its host, and the auditor says so"

_UNSEEN: Mapping[str, str] = {
    "ssl_ca=@DIR@/ca.pem#fragment": _VALUE,
    "ssl_ca=+@DIR@/ca.pem": _VALUE,
    "ssl_ca=@DIR@/ca.pem;ssl_check_hostname=false": _VALUE,
    "ssl_ca=@DIR@/ca.pem&ssl_cipher=DEFAULT@SECLEVEL=1": _URL,
    "ssl_ca=@DIR@/ca.pem&ssl_cert=@DIR@/both.pem": _BOTH,
    "ssl_ca=@DIR@/ca.pem&ssl_cert=@DIR@/client.pem&ssl_key=@DIR@/garbage.pem": _KEY,
    "ssl_ca=@DIR@/ca.pem&ssl_cert=@DIR@/ca.pem&ssl_key=@DIR@/client.key": _KEY,
}

#: Case id to the reason why the auditor may say otherwise: what its evidence cannot hold.
KNOWN: Mapping[str, str] = {
    **{
        f"{driver} unseen: {query}": why
        for driver in ("pymysql", "mysqlclient")
        for query, why in _UNSEEN.items()
    },
    "mysqlclient unseen: ssl_key=@DIR@/both.pem": _KEY,
    **{
        f"pymysql to {url}?ssl_ca=@DIR@/ca.pem{tail}": why
        for url, tail, why in (
            ("mysql+pymysql://nova:p/w@localhost:@PORT@/nova", "", _URL),
            ("mysql+pymysql://nova:p@w@localhost:@PORT@/nova", "", _URL),
            ("mysql+pymysql://nova:p#w@localhost:@PORT@/nova", "", _URL),
            ("mysql+pymysql://nova:pw@localhost:@PORT@/nova", "#x", _VALUE),
            ("mysql+pymysql://nova:pw@localhost:x/nova", "", _URL),
            ("mysql+pymysql:/nova:pw@localhost:@PORT@/nova", "", _URL),
        )
    },
    "purpose two lines": _URL,
}

#: A module to the distribution that carries it.
_DISTRIBUTIONS = {"pymysql": "PyMySQL", "MySQLdb": "mysqlclient"}


def compare(case: Mapping[str, Any], truth: Mapping[str, Any]) -> str | None:
    """One line where the auditor and the library differ about a case, None where they agree."""
    result = truth["results"][case["id"]]
    found = _transport(case, truth)
    if "unset" in result:
        return None if found is None else f"the auditor says {found.posture}, and there is no connection"
    if found is None:
        return "the auditor sees no connection, and there is one"
    if "start" in result:
        return disagreement(found, result)
    faces = played(case, result["faces"])
    if any("socket" in seen for seen in faces.values()):
        return by_socket(found, faces)
    return disagreement(found, {"faces": faces})


def _transport(case: Mapping[str, Any], truth: Mapping[str, Any]) -> Transport | None:
    """The connection that a case is about, None where the auditor lists none of that name."""
    if "without" in case:
        absent = _DISTRIBUTIONS[case["without"]]
        libraries = {name: version for name, version in truth["libraries"].items() if name != absent}
        truth = {**truth, "libraries": libraries}
    named = {one.name: one for one in transports(service_of(case, truth, 3306, opener(case)))}
    return named.get(case["purpose"])
