"""The words of the house as values: what is audited, what was read, what was found out about it.

Everything here is frozen and knows neither files, networks, oslo.config nor output. `docs/explanation/architecture.md`
says how the values flow.
"""

from auditor.model.connections import Bound, Client, Handshake, Transport, Trust
from auditor.model.libraries import Libraries, Library, Limit
from auditor.model.running import Container, Copy, Listener, Pair, Peer, Process
from auditor.model.servers import Account, Endpoint, Server
from auditor.model.services import CellRow, Cells, Host, Refusal, Service, Source
from auditor.model.settings import (
    DEFAULT_ORIGIN,
    File,
    Files,
    Judged,
    Missing,
    Origin,
    Setting,
    Settings,
    Withheld,
    display,
)
from auditor.model.targets import Target, Told
from auditor.model.words import PRECEDENCE, Coverage, Kind, OriginKind, Posture, Role, Severity, Status

__all__ = [
    "DEFAULT_ORIGIN",
    "PRECEDENCE",
    "Account",
    "Bound",
    "CellRow",
    "Cells",
    "Client",
    "Container",
    "Copy",
    "Coverage",
    "Endpoint",
    "File",
    "Files",
    "Handshake",
    "Host",
    "Judged",
    "Kind",
    "Libraries",
    "Library",
    "Limit",
    "Listener",
    "Missing",
    "Origin",
    "OriginKind",
    "Pair",
    "Peer",
    "Posture",
    "Process",
    "Refusal",
    "Role",
    "Server",
    "Service",
    "Setting",
    "Settings",
    "Severity",
    "Source",
    "Status",
    "Target",
    "Told",
    "Transport",
    "Trust",
    "Withheld",
    "display",
]
