"""The account of a run: expected hosts times selected checks, frozen before it starts.

Every cell ends in a status with a reason, or the totals do not add up and the run is incomplete.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from auditor.model import PRECEDENCE, Coverage, Status
from auditor.report import Totals


@dataclass(frozen=True, slots=True)
class Cell:
    """A check on a host: its status, the reason of the object that decided it, and how many objects have which."""

    status: Status
    reason: str
    counts: tuple[tuple[Status, int], ...]


def settle(statuses: Iterable[tuple[Status, str]]) -> Cell:
    """The cell of a check's objects on one host: error > fail > unknown > pass > not_applicable.

    Raises:
        ValueError: there is no object; a check always has one, if only the host that has none to judge.
    """
    reasons: dict[Status, str] = {}
    counts: Counter[Status] = Counter()
    for status, reason in statuses:
        reasons.setdefault(status, reason)
        counts[status] += 1
    for status in PRECEDENCE:
        if status in counts:
            return Cell(
                status, reasons[status], tuple((one, counts[one]) for one in PRECEDENCE if counts[one])
            )
    raise ValueError("a cell has no object")


def lost_cells(checks: Iterable[str], reason: str) -> Mapping[str, Cell]:
    """The cells of a host that could not be audited: all in ``error``, with the one reason."""
    cell = Cell(Status.ERROR, reason, ((Status.ERROR, 1),))
    return dict.fromkeys(checks, cell)


class Ledger:
    """The cells of a run. It refuses a host that is not expected, one that comes twice, and an unselected check.

    Args:
        checks: the ids of the selected checks.
        hosts: the names of the expected hosts.
    """

    def __init__(self, checks: Sequence[str], hosts: Sequence[str]) -> None:
        self.checks = tuple(checks)
        self._expected = dict.fromkeys(hosts)
        self._coverage: dict[str, Coverage] = {}
        self._cells: dict[str, Mapping[str, Cell]] = {}

    def expect(self, host: str) -> None:
        """Expect one more host: of a bundle, whose manifest vouches for its hosts."""
        self._expected[host] = None

    def record(self, host: str, coverage: Coverage, cells: Mapping[str, Cell]) -> None:
        """Enter what one host came to.

        Raises:
            ValueError: the host is not expected or was entered before, or a check is not selected.
        """
        if host not in self._expected:
            raise ValueError(f"{host} is not expected")
        if host in self._cells:
            raise ValueError(f"{host} was recorded before")
        if not cells.keys() <= set(self.checks):
            raise ValueError(f"{host} has results of checks that were not selected")
        self._coverage[host] = coverage
        self._cells[host] = cells

    @property
    def hosts(self) -> tuple[str, ...]:
        """The expected hosts."""
        return tuple(self._expected)

    @property
    def outstanding(self) -> tuple[str, ...]:
        """The expected hosts that nothing was recorded for."""
        return tuple(host for host in self._expected if host not in self._cells)

    @property
    def results(self) -> Mapping[Status, int]:
        """How many cells of hosts that could be looked at have which status."""
        lost = {host for host, coverage in self._coverage.items() if is_lost(coverage)}
        return Counter(
            cell.status for host, cells in self._cells.items() if host not in lost for cell in cells.values()
        )

    @property
    def coverages(self) -> Mapping[Coverage, int]:
        """How many expected hosts were looked at how far; those never reached are ``not_attempted``."""
        counts = Counter(self._coverage.values())
        counts[Coverage.NOT_ATTEMPTED] += len(self.outstanding)
        return counts

    def totals(self) -> Totals:
        """Hosts and cells, expected and had."""
        return Totals(
            hosts_expected=len(self._expected),
            hosts_audited=self.coverages[Coverage.AUDITED],
            results_expected=len(self._expected) * len(self.checks),
            results_recorded=sum(len(cells) for cells in self._cells.values()),
        )


def is_lost(coverage: Coverage) -> bool:
    """True where nothing of the host was judged."""
    return coverage not in (Coverage.AUDITED, Coverage.PARTIAL)
