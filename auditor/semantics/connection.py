"""A connection while it is being judged: what is known of it before the libraries have their say.

The drivers (`rabbit`, `kafka`, `pymysql`, `mysqlclient`, `postgresql`) turn a `Connection` into a
`auditor.model.Transport`, or raise `Broken` or `Unseen`, which `auditor.semantics.transports` turns into one.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from auditor.model import Library, Origin, OriginKind, Posture, Service, Setting, Transport, Trust, Withheld
from auditor.probe import tokens
from auditor.semantics.urls import is_loopback


class Refusal(Exception):
    """No transport comes of these settings; the text says why, and the class says which posture that is."""

    posture = Posture.UNKNOWN

    def __init__(self, reason: str, *judging: Setting, remedy: str | None = None) -> None:
        super().__init__(reason)
        self.judging = judging
        self.remedy = remedy


class Broken(Refusal):
    """The service cannot start or cannot connect with these settings."""

    posture = Posture.BROKEN


class Unseen(Refusal):
    """Something that decides the posture is not in evidence."""


@dataclass(frozen=True, slots=True)
class Connection:
    """The fields of a `Transport` that follow from the URL alone."""

    service: Service
    purpose: str
    driver: str
    url: Setting
    endpoints: tuple[str, ...] = ()
    user: str | None = None
    password: Withheld | None = None
    is_loopback: bool = False
    library: Library | None = None

    @property
    def is_rpc(self) -> bool:
        """True for RPC, a cell's included."""
        return self.purpose.rpartition(":")[2] == "rpc"

    def to(self, *places: tuple[str, str], **more: Any) -> "Connection":
        """The same connection to other places, which are (host, endpoint) pairs, with ``more`` of its fields changed."""
        return replace(
            self,
            endpoints=tuple(text for _, text in places),
            is_loopback=bool(places) and all(is_loopback(host) for host, _ in places),
            **more,
        )

    def transport(self, posture: Posture, reason: str, **more: Any) -> Transport:
        """The transport with this posture; ``more`` are further fields of `Transport`."""
        return Transport(
            purpose=self.purpose,
            driver=self.driver,
            endpoints=self.endpoints,
            posture=posture,
            reason=reason,
            url=self.url,
            user=self.user,
            password=self.password,
            is_loopback=self.is_loopback,
            **{"library": self.library, **more},
        )

    def refused(self, refusal: Refusal) -> Transport:
        """The transport that never comes to be."""
        return self.transport(
            refusal.posture,
            str(refusal),
            judging=refusal.judging,
            remedy=refusal.remedy,
            undecided=str(refusal) if refusal.posture is Posture.UNKNOWN else None,
        )

    def queried(self, name: str, value: Any, group: str | None = None) -> Setting:
        """A value that the query of this connection's URL gives, as a setting of its own."""
        origin = Origin(OriginKind.QUERY, self.url.origin.path, self.url.origin.line)
        shown = withheld(value) if isinstance(value, str) else None
        return Setting(
            group or self.url.group,
            name if group else f"{self.url.name}?{name}",
            shown or value,
            origin,
            f"{self.url.group}.{self.url.name}",
        )


def require_read(setting: Setting) -> None:
    """Raise `Unseen` where a source that was not read may set the option, which nobody wrote anywhere else."""
    if setting.error is not None and not setting.is_written:
        raise Unseen(f"{setting}: {setting.error}", setting)


def read_url(connection: Connection) -> str:
    """The text of a connection's URL; raises `Broken` where oslo.config rejects it, `Unseen` where it was withheld."""
    url = connection.url
    require_read(url)
    if url.error is not None:
        raise Broken(f"{url} is rejected by oslo.config, and the service stops: {url.error}")
    if url.is_withheld:
        raise Unseen(f"{url} was withheld on the host as a whole: it is not a URL in canonical form")
    if any(withheld(line.strip()) for line in str(url.resolved).split("\n")):
        raise Unseen(f"{url} has several lines, which were withheld on the host")
    return str(url.resolved)


def withheld(text: str | None) -> Withheld | None:
    """What may be known of a value that the host kept, or None where the text is no token."""
    parsed = None if text is None else tokens.parse(text)
    return None if text is None or parsed is None else Withheld(text, *parsed)


def system_trust(service: Service) -> Trust:
    """The roots that OpenSSL loads by default, with the file or folder that the environment puts in their place."""
    environment = service.environment
    return Trust("system", environment.get("SSL_CERT_FILE") or environment.get("SSL_CERT_DIR"))


def unknown(service: Service, group: str, name: str) -> Setting | None:
    """What is written under a name that the release does not know; it has no effect."""
    return next(
        (one for one in service.settings.written() if one.unknown and (one.group, one.name) == (group, name)),
        None,
    )


def rejected(service: Service, group: str, names: Iterator[str]) -> Setting | None:
    """The first option among ``names`` whose written value oslo.config rejects."""
    for name in names:
        setting = service.find(group, name)
        if setting is not None and setting.error is not None and setting.is_written:
            return setting
    return None
