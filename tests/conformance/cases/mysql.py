"""Connections to MySQL: every combination of the TLS options of PyMySQL and mysqlclient, option files, places, purposes."""

from tests.conformance.cases import mysqlclient, mysqlplaces, mysqltraps, pymysql
from tests.conformance.cases.mysqlcase import Case


def cases() -> tuple[Case, ...]:
    """All cases of the subject, in a fixed order."""
    found = (*pymysql.cases(), *mysqlclient.cases(), *mysqlplaces.cases(), *mysqltraps.cases())
    ids = [case["id"] for case in found]
    assert len(ids) == len(set(ids)), sorted(one for one in ids if ids.count(one) > 1)
    return found
