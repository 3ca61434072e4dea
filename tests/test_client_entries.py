"""What is left to say of a client when the release is not in evidence."""

from types import MappingProxyType

from auditor.candidates import merge_clients
from auditor.model import Bound, Client, Trust
from tests.semantics.build import service


def client(seconds: float | None, attempts: int, kind: str = "system") -> Client:
    bound = Bound("unbounded" if seconds is None else "finite", seconds, f"{seconds} s")
    return Client(
        section="placement",
        attempts=MappingProxyType({"no_answer": attempts, "503": 1}),
        request_worst_case=bound,
        settings=service().settings,
        worst_cases=MappingProxyType(
            {"silent": bound, "dripping": Bound("unbounded", None, ""), "call": bound}
        ),
        trust=Trust(kind),
        names="common-name",
    )


def test_what_all_releases_share_is_said() -> None:
    entry = merge_clients({"zed": client(4.5, 2), "2025.1": client(4.5, 2)})

    assert entry.request == Bound("finite", 4.5, "4.5 s")
    assert dict(entry.attempts) == {"no_answer": 2, "503": 1}
    assert dict(entry.blocking) == {"silent": 4.5, "dripping": "unbounded"}
    assert (entry.trust, entry.names) == (Trust("system"), "common-name")


def test_where_releases_differ_each_is_named() -> None:
    entry = merge_clients({"zed": client(4.5, 2), "2026.1": client(4.5, 2), "2026.2": client(2, 1, "none")})

    assert (entry.request.bound, entry.request.seconds) == ("unknown", None)
    assert entry.request.arithmetic.startswith("4.5 s on zed, 2026.1; 2 s on 2026.2; ")
    assert dict(entry.attempts) == {"no_answer": None, "503": 1}
    assert dict(entry.blocking) == {"silent": "unknown", "dripping": "unbounded"}
    assert entry.trust == Trust("unknown")


def test_a_release_without_the_client_has_no_say() -> None:
    entry = merge_clients({"2024.2": None, "2025.1": client(None, 1)})

    assert entry.call == Bound("unbounded", None, "None s")
