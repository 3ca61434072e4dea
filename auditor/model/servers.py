"""Brokers and database servers, as they were asked or as their files say."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from auditor.model.settings import Setting
from auditor.model.words import Role


@dataclass(frozen=True, slots=True)
class Account:
    """Who may log in to a server. ``tls`` is what its login demands: ``none``, ``any``, ``x509`` or ``unknown``."""

    name: str
    host: str
    tls: str
    is_locked: bool = False
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a server listens, and what it speaks there (``amqp``, ``amqp/ssl``, ``mysql``, ``postgresql``, ``http`` ...)."""

    address: str
    port: int
    protocol: str

    @property
    def is_loopback(self) -> bool:
        """True where only the machine itself can connect."""
        return self.address.startswith("127.") or self.address in ("::1", "localhost")


@dataclass(frozen=True, slots=True)
class Server:
    """A broker or database server on a host, with its settings in effect as far as they could be had.

    ``source`` is ``running`` (it was asked) or ``files``; ``unseen`` are the reasons why something is not known, and
    ``accounts`` is None where they are not. ``settings`` map the server's own names to `Setting` with its group.
    """

    id: str
    role: Role
    source: str
    version: str | None
    settings: Mapping[str, Setting] = field(default_factory=dict)
    endpoints: tuple[Endpoint, ...] = ()
    accounts: tuple[Account, ...] | None = None
    unseen: tuple[str, ...] = ()

    def setting(self, name: str) -> Setting | None:
        """The setting of that name, None where the server has none of it, or does not say."""
        return self.settings.get(name)

    @property
    def is_loopback(self) -> bool:
        """True where only the machine itself can log in, whatever the nodes of a broker say to each other."""
        return all(one.is_loopback for one in self.endpoints if one.protocol != "clustering")

    def __str__(self) -> str:
        return self.id
