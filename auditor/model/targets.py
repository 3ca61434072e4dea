"""What is audited, and what the operator says of it beforehand."""

from dataclasses import dataclass, field

from auditor.model.words import Kind


@dataclass(frozen=True, slots=True)
class Told:
    """What the operator says of one host beforehand (in an inventory: the variables ``nova_auditor_*``).

    ``release`` is that of services which show none, ``services`` are the names of those that must be there, and
    ``expects_none`` says that a host without any is as it should be.
    """

    release: str | None = None
    services: tuple[str, ...] = ()
    expects_none: bool = False


@dataclass(frozen=True, slots=True)
class Target:
    """A machine or tree to audit.

    ``root`` is a folder for trees, None for live hosts. ``address`` is where a collector reaches it, where the name
    does not say so; it holds no password.
    """

    name: str
    kind: Kind
    root: str | None = None
    address: str | None = None
    told: Told = field(default_factory=Told)
