"""What the tests of whole hosts share: a tree of files from a mapping, and what the probe says of it."""

import base64
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from auditor.probe import run

#: A configuration file that says next to nothing.
CONF = "[DEFAULT]\ndebug = false\n"


def unit(command: str, *more: str) -> str:
    """A unit that runs a command as nova."""
    return "\n".join(["[Service]", "User=nova", *more, f"ExecStart={command}", ""])


def lay_out(root: Path, files: Mapping[str, str]) -> Path:
    """Write files below a root; a value ``-> target`` makes a symbolic link."""
    for path, text in files.items():
        file = root / path.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        if text.startswith("-> "):
            file.symlink_to(text[3:])
        else:
            file.write_text(text)
    return root


def evidence(root: Path, files: Mapping[str, str] | None = None, **request: Any) -> Any:
    """The document of evidence of a tree."""
    root.mkdir(exist_ok=True)
    lay_out(root, files or {})
    asked = {
        "host": "host",
        "kind": "tree",
        "root": str(root),
        "salt": base64.b64encode(b"x" * 32).decode(),
        "salt_id": "s",
    }
    return run.collect({**asked, **request})


def services(document: Any) -> dict[str, Any]:
    """The services of a document by their ids."""
    return {item["id"]: item for item in document["services"]}


def sources(service: Any) -> list[str]:
    """The sources of a service, as ``path`` or ``path -> file``."""
    return [
        item["path"] if item["file"] == item["path"] else f"{item['path']} -> {item['file']}"
        for item in service["sources"]
    ]
