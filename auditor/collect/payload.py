"""The probe and a request as one self-contained script: nothing is written to the audited host's disk.

The script holds the modules of the package `auditor.probe` that it needs packed in base64 and imports them from memory. It
serves as standard input of ``python3 -I -`` and, being below 96 KiB, as one argument of a command line. There are two: the first
question (`auditor.probe.run`), which cannot connect anywhere for want of the modules that would, and the second
(`auditor.probe.wire`), which does nothing else.
"""

import base64
import gzip
import hashlib
import json
import zlib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from auditor.collect.terse import terse
from auditor.probe.answer import MARK

#: Linux passes at most 128 KiB in one argument (MAX_ARG_STRLEN); this leaves room for quoting and ``sudo sh -c``.
LIMIT = 96 * 1024

#: Bytes that an answer may unpack to; that of a controller with all services has less than two million.
UNPACKED = 64 << 20

PACKAGE = "nova_auditor_probe"

#: The module that answers the first question, that which answers the second, and that of the installed probe
#: (`auditor.collect.installed`), which has its question from its caller.
RUN, WIRE, DOOR = "run", "wire", "door"

#: What the second question needs of the probe, and what of that the first has no use for.
_OF_WIRE = ("__init__", "answer", "filesystem", "handshake", "messages", "resolver", "roots", "trust", "wire")
_OF_WIRE_ALONE = frozenset({"handshake", "messages", "resolver", "trust", "wire"})

#: What of the first question is only sent where it is asked for: the modules that can run a program.
_OF_ASK: Mapping[str, frozenset[str]] = {
    "cells": frozenset({"cells", "children"}),
    "servers": frozenset({"servers", "sight", "rabbitmq", "mysqld", "postgres", "children"}),
}

# Python 3.6, and only what importing from memory needs (zipfile and importlib.abc would load much more). pkgutil.get_data
# reads allowed.json through get_data.
_BOOTSTRAP = f"""\
import base64, json, sys, zlib
from importlib.machinery import ModuleSpec
class Probe:
    def __init__(self, packed):
        parts = zlib.decompress(base64.b64decode(packed), 31).split(b"\\0")
        self.files = dict(zip((name.decode("ascii") for name in parts[::2]), parts[1::2]))
    def find_spec(self, name, path=None, target=None):
        package, _, module = name.partition(".")
        file = (module or "__init__") + ".py"
        if package != "{PACKAGE}" or file not in self.files:
            return None
        spec = ModuleSpec(name, self, origin="{PACKAGE}/" + file, is_package=not module)
        spec.has_location = True
        return spec
    def create_module(self, spec):
        return None
    def exec_module(self, module):
        exec(compile(self.get_data(module.__file__), module.__file__, "exec"), module.__dict__)
    def get_data(self, path):
        return self.files[path.rpartition("/")[2]]
sys.dont_write_bytecode = True
sys.meta_path.insert(0, Probe("@MODULES@"))
from {PACKAGE} import @ENTRY@ as entry
"""

_QUESTION = """\
request = json.loads(zlib.decompress(base64.b64decode("@REQUEST@"), 31).decode("ascii"))
"""

# Ansible replaces the first marker by the arguments as JSON (it tells the kind of module by it) and the second, with its
# quotes, by the same as a literal of Python (ansible-core, executor/module_common.py).
_MODULE = """\
#!/usr/bin/python
# <<INCLUDE_ANSIBLE_MODULE_JSON_ARGS>>
import json, sys
if sys.version_info < (3, 6):
    print(json.dumps({"failed": True, "msg": "nova-auditor needs Python 3.6 or later there, and this is %d.%d" % sys.version_info[:2]}))
    sys.exit(1)
ARGUMENTS = json.loads("<<INCLUDE_ANSIBLE_MODULE_COMPLEX_ARGS>>")
@PROGRAM@
asked = dict(request, **json.loads(base64.b64decode(ARGUMENTS["asked"]).decode("utf-8")))
@THROUGH@entry.module(asked)
"""


def script(request: Mapping[str, Any]) -> str:
    """Return the script that answers a request (`auditor.probe.run.collect` documents it); plain ASCII."""
    return _program(request, RUN) + "entry.main(request)\n"


def program(request: Mapping[str, Any]) -> str:
    """Return the script that answers a request as a module of Ansible does (`auditor.probe.answer.as_module`)."""
    return _program(request, RUN) + "entry.module(request)\n"


def module(request: Mapping[str, Any], through: str = "") -> str:
    """Return a module of Ansible that answers a request, for many hosts.

    Its one argument, ``asked``, is base64 of a JSON object: what the request of this host has in place of ``request``'s.
    ``through`` are lines that may answer it otherwise and end the module (`auditor.collect.installed.module`).
    """
    return _MODULE.replace("@PROGRAM@", _program(request, RUN)).replace("@THROUGH@", through)


def wire_script(request: Mapping[str, Any]) -> str:
    """Return what `script` does, for a request of the second question (`auditor.probe.wire.collect` documents it)."""
    return _program(request, WIRE) + "entry.main(request)\n"


def wire_program(request: Mapping[str, Any]) -> str:
    """Return what `program` does, for the second question."""
    return _program(request, WIRE) + "entry.module(request)\n"


def wire_module(request: Mapping[str, Any]) -> str:
    """Return what `module` does, for the second question."""
    return _MODULE.replace("@PROGRAM@", _program(request, WIRE)).replace("@THROUGH@", "")


def _program(request: Mapping[str, Any], entry: str) -> str:
    asked = json.dumps(request, sort_keys=True).encode("ascii")
    return bootstrap(entry, frozenset(request.get("ask") or ())) + _QUESTION.replace(
        "@REQUEST@", _packed(asked)
    )


def bootstrap(entry: str, ask: frozenset[str] = frozenset()) -> str:
    """Return the lines that import a module of the probe from memory, as ``entry``."""
    return _BOOTSTRAP.replace("@ENTRY@", entry).replace("@MODULES@", packed(entry, ask))


@cache
def packed(entry: str = RUN, ask: frozenset[str] = frozenset()) -> str:
    """Return what an entry needs of the probe, as text; the same for all requests that ask the same."""
    return _packed(
        b"\0".join(part for name, text in modules(entry, ask).items() for part in (name.encode(), text))
    )


def modules(entry: str = RUN, ask: frozenset[str] = frozenset()) -> Mapping[str, bytes]:
    """Return what an entry needs of the probe: the name of each file, and what is sent of it.

    ``ask`` is what the first question asks for, or may, beyond what it always does.
    """
    folder = resources.files("auditor.probe")
    left_out = _left_out(entry, ask)
    files = sorted((file.name, file) for file in folder.iterdir() if _is_needed(file.name, entry, left_out))
    return {
        name: file.read_bytes() if name.endswith(".json") else terse(file.read_bytes())
        for name, file in files
    }


def _left_out(entry: str, ask: frozenset[str]) -> frozenset[str]:
    wanted = frozenset({entry}).union(*(_OF_ASK[one] for one in ask & _OF_ASK.keys()))
    return (_OF_WIRE_ALONE | {DOOR}).union(*_OF_ASK.values()) - wanted


def _is_needed(name: str, entry: str, left_out: frozenset[str]) -> bool:
    module, _, kind = name.rpartition(".")
    if entry == WIRE:
        return kind == "py" and module in _OF_WIRE
    return kind == "json" or (kind == "py" and module not in left_out)


def _packed(content: bytes) -> str:
    return base64.b64encode(gzip.compress(content, mtime=0)).decode("ascii")


def answer(output: bytes) -> Mapping[str, Any] | None:
    """Return the document in what the script wrote, whatever noise surrounds it; None where there is none.

    Raises:
        ValueError: the marked line does not hold a document.
    """
    mark = MARK.encode("ascii")
    for line in output.splitlines():
        if line.startswith(mark):
            try:
                return unpack(line[len(mark) :])
            except ValueError as error:
                raise ValueError(f"the answer {str(error).removeprefix('it ')}") from None
    return None


def unpack(encoded: str | bytes, digest: str | None = None) -> Mapping[str, Any]:
    """Return the document in base64 of gzipped JSON, of which a host may not make more than `UNPACKED` bytes.

    Args:
        encoded: as the probe writes it.
        digest: the SHA-256 of the gzipped bytes, where the probe sends one.

    Raises:
        ValueError: it is damaged, too large, or no document.
    """
    unpacker = zlib.decompressobj(wbits=31)
    try:
        packed = base64.b64decode(encoded, validate=True)
        is_changed = digest not in (None, hashlib.sha256(packed).hexdigest())
        text = b"" if is_changed else unpacker.decompress(packed, UNPACKED)
        content = json.loads(text) if unpacker.eof else None
    except (zlib.error, ValueError, RecursionError) as error:
        raise ValueError(f"it is damaged: {error}") from None
    if is_changed:
        raise ValueError("it was cut or changed on the way: its digest is another")
    if not unpacker.eof:
        raise ValueError(f"it is damaged: it is cut, or unpacks to more than {UNPACKED >> 20} MiB")
    if not isinstance(content, dict):
        raise ValueError("it is not a document")  # noqa: TRY004 - data, not an argument
    return content


def check_question(content: Mapping[str, Any], host: str, salt_id: str) -> None:
    """Find out whether a document answers what was asked; an installed probe, whose salt is its own, says what that was.

    Raises:
        ValueError: it is of another host or another run.
    """
    if (content.get("host"), content.get("question", content.get("salt_id"))) != (host, salt_id):
        raise ValueError("it answers another question than ours")
