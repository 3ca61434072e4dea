"""Audit how OpenStack Nova is configured, host by host.

    from auditor import CATALOGUE, Kind, Target, audit, collect

    targets = [Target("cmp01", Kind.TREE, "/srv/captured/cmp01")]
    report = audit(collect(targets), CATALOGUE, targets=targets)

What `__all__` lists is the public interface; everything else may change.
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from auditor.check import Check
    from auditor.checks import CATALOGUE
    from auditor.collect import collect
    from auditor.encoding import decode, encode
    from auditor.errors import AuditorError
    from auditor.evidence import Document, Lost
    from auditor.evidence import read_documents as load_evidence
    from auditor.gate import Gate
    from auditor.model import Kind, Target
    from auditor.pipeline import audit
    from auditor.report import Finding, Report

__version__ = "0.1.0"

__all__ = [
    "CATALOGUE",
    "AuditorError",
    "Check",
    "Document",
    "Finding",
    "Gate",
    "Kind",
    "Lost",
    "Report",
    "Target",
    "audit",
    "collect",
    "decode",
    "encode",
    "load_evidence",
]

#: Where each public name lives; it is imported when asked for.
_HOMES = {
    "CATALOGUE": "auditor.checks:CATALOGUE",
    "AuditorError": "auditor.errors:AuditorError",
    "Check": "auditor.check:Check",
    "Document": "auditor.evidence:Document",
    "Finding": "auditor.report:Finding",
    "Gate": "auditor.gate:Gate",
    "Kind": "auditor.model:Kind",
    "Lost": "auditor.evidence:Lost",
    "Report": "auditor.report:Report",
    "Target": "auditor.model:Target",
    "audit": "auditor.pipeline:audit",
    "collect": "auditor.collect:collect",
    "decode": "auditor.encoding:decode",
    "encode": "auditor.encoding:encode",
    "load_evidence": "auditor.evidence:read_documents",
}


class _Package(ModuleType):
    # Importing the package auditor.collect would put it in the place of the function of the same name.
    def __setattr__(self, name: str, value: Any) -> None:
        if not (name in _HOMES and isinstance(value, ModuleType)):
            super().__setattr__(name, value)

    def __getattr__(self, name: str) -> Any:
        home = _HOMES.get(name)
        if home is None:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        module, _, attribute = home.partition(":")
        return getattr(import_module(module), attribute)

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *__all__]


sys.modules[__name__].__class__ = _Package
