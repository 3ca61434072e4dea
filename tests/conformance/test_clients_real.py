"""The oldest and the newest release measured anew: what the clients send is the same, and they wait as long."""

import pytest

from tests.conformance import truth

SUBJECT = "clients"

#: Seconds by which this machine may be later than the one that recorded; a first call has more to do than to wait.
_SLACK = {"next": 1.0, "first": 3.0}


@pytest.mark.real
@pytest.mark.parametrize("release", ["zed", "2026.2"])
def test_clients_do_what_was_recorded(release: str) -> None:
    recorded, found = truth.read(SUBJECT, release), truth.fresh(SUBJECT, release)
    calls = {case["id"]: case["call"] for case in truth.cases(SUBJECT)}
    differing = {}
    for id_, was in recorded["results"].items():
        now = found["results"][id_]
        late = abs(now.get("seconds", 0) - was.get("seconds", 0))
        same = {**now, "seconds": 0} == {**was, "seconds": 0}
        if not same or late > _SLACK[calls[id_]]:
            differing[id_] = (was, now)

    assert found["libraries"] == recorded["libraries"]
    assert differing == {}
