"""The probe and a request as one self-contained script: nothing is written to the audited host's disk.

The script holds the modules of the package `auditor.probe` that it needs as a zip in base64 and imports them from memory. It
serves as standard input of ``python3 -I -`` and, being below 96 KiB, as one argument of a command line. There are two: the first
question (`auditor.probe.run`), which cannot connect anywhere for want of the modules that would, and the second
(`auditor.probe.wire`), which does nothing else.
"""

import base64
import hashlib
import io
import json
import tokenize
import zipfile
import zlib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from auditor.probe.answer import MARK

#: Linux passes at most 128 KiB in one argument (MAX_ARG_STRLEN); this leaves room for quoting and ``sudo sh -c``.
LIMIT = 96 * 1024

#: Bytes that an answer may unpack to; that of a controller with all services has less than two million.
UNPACKED = 64 << 20

PACKAGE = "nova_auditor_probe"

#: The module that answers the first question, and that which answers the second.
RUN, WIRE = "run", "wire"

#: What the second question needs of the probe, and what of that the first has no use for.
_OF_WIRE = ("__init__", "answer", "filesystem", "handshake", "messages", "resolver", "roots", "trust", "wire")
_OF_WIRE_ALONE = frozenset({"handshake", "messages", "resolver", "trust", "wire"})

_BEFORE_STATEMENTS = (tokenize.ENCODING, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT)

# Python 3.6, and only what importing from memory needs (importlib.abc would load much more). pkgutil.get_data reads
# allowed.json through get_data.
_BOOTSTRAP = f"""\
import base64, io, json, sys, zipfile
from importlib.machinery import ModuleSpec
class Probe:
    def __init__(self, data):
        self.zip = zipfile.ZipFile(io.BytesIO(data))
        self.names = frozenset(self.zip.namelist())
    def find_spec(self, name, path=None, target=None):
        package, _, module = name.partition(".")
        file = (module or "__init__") + ".py"
        if package != "{PACKAGE}" or file not in self.names:
            return None
        spec = ModuleSpec(name, self, origin="{PACKAGE}/" + file, is_package=not module)
        spec.has_location = True
        return spec
    def create_module(self, spec):
        return None
    def exec_module(self, module):
        exec(compile(self.get_data(module.__file__), module.__file__, "exec"), module.__dict__)
    def get_data(self, path):
        return self.zip.read(path.rpartition("/")[2])
sys.dont_write_bytecode = True
probe = Probe(base64.b64decode("@ZIP@"))
sys.meta_path.insert(0, probe)
from {PACKAGE} import @ENTRY@ as entry
request = json.loads(probe.get_data("request.json").decode("utf-8"))
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
asked = json.loads(base64.b64decode(ARGUMENTS["asked"]).decode("utf-8"))
entry.module(dict(request, **asked))
"""


def script(request: Mapping[str, Any]) -> str:
    """Return the script that answers a request (`auditor.probe.run.collect` documents it); plain ASCII."""
    return _program(request, RUN) + "entry.main(request)\n"


def program(request: Mapping[str, Any]) -> str:
    """Return the script that answers a request as a module of Ansible does (`auditor.probe.answer.as_module`)."""
    return _program(request, RUN) + "entry.module(request)\n"


def module(request: Mapping[str, Any]) -> str:
    """Return a module of Ansible that answers a request, for many hosts.

    Its one argument, ``asked``, is base64 of a JSON object: what the request of this host has in place of ``request``'s.
    """
    return _MODULE.replace("@PROGRAM@", _program(request, RUN))


def wire_script(request: Mapping[str, Any]) -> str:
    """Return what `script` does, for a request of the second question (`auditor.probe.wire.collect` documents it)."""
    return _program(request, WIRE) + "entry.main(request)\n"


def wire_program(request: Mapping[str, Any]) -> str:
    """Return what `program` does, for the second question."""
    return _program(request, WIRE) + "entry.module(request)\n"


def wire_module(request: Mapping[str, Any]) -> str:
    """Return what `module` does, for the second question."""
    return _MODULE.replace("@PROGRAM@", _program(request, WIRE))


def _program(request: Mapping[str, Any], entry: str) -> str:
    packed = base64.b64encode(archive(request, entry)).decode("ascii")
    return _BOOTSTRAP.replace("@ENTRY@", entry).replace("@ZIP@", packed)


def archive(request: Mapping[str, Any], entry: str = RUN) -> bytes:
    """Return the zip of what an entry needs of the probe, and the request; the same for the same request."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        for name, content in _modules(entry).items():
            _write(packed, name, content)
        _write(packed, "request.json", json.dumps(request, sort_keys=True).encode("ascii"))
    return buffer.getvalue()


@cache
def _modules(entry: str) -> Mapping[str, bytes]:
    folder = resources.files("auditor.probe")
    files = sorted((file.name, file) for file in folder.iterdir() if _is_needed(file.name, entry))
    return {
        name: file.read_bytes() if name.endswith(".json") else without_prose(file.read_bytes())
        for name, file in files
    }


def _is_needed(name: str, entry: str) -> bool:
    module, _, kind = name.rpartition(".")
    if entry == WIRE:
        return kind == "py" and module in _OF_WIRE
    return kind == "json" or (kind == "py" and module not in _OF_WIRE_ALONE)


def without_prose(source: bytes) -> bytes:
    """Return Python source without comments and docstrings, each line in its place, so that errors name the right one."""
    lines = source.decode("utf-8").splitlines(keepends=True)
    begins_statement = True
    for token in tokenize.tokenize(io.BytesIO(source).readline):
        (first, start), (last, end) = token.start, token.end
        if token.type == tokenize.COMMENT:
            lines[first - 1] = lines[first - 1][:start].rstrip() + "\n"
        elif token.type == tokenize.STRING and begins_statement:
            # A string alone is a docstring here; a number in its place keeps a body from being empty.
            rest = lines[last - 1][end:]
            lines[first - 1 : last] = [lines[first - 1][:start] + "0" + rest, *["\n"] * (last - first)]
        if token.type not in (tokenize.NL, tokenize.COMMENT):
            begins_statement = token.type in _BEFORE_STATEMENTS
    return "".join(lines).encode("utf-8")


def _write(packed: zipfile.ZipFile, name: str, content: bytes) -> None:
    item = zipfile.ZipInfo(name)  # of 1980: the payload depends on its content alone
    item.compress_type = zipfile.ZIP_DEFLATED
    packed.writestr(item, content)


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
    """Find out whether a document answers what was asked.

    Raises:
        ValueError: it is of another host or another run.
    """
    if (content.get("host"), content.get("salt_id")) != (host, salt_id):
        raise ValueError("it answers another question than ours")
