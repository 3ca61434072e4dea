"""The probe and a request as one self-contained script: nothing is written to the audited host's disk.

The script holds the package `auditor.probe` as a zip in base64 and imports it from memory. It serves as standard input
of ``python3 -I -`` and, being below 96 KiB, as one argument of a command line.
"""

import ast
import base64
import gzip
import io
import json
import tokenize
import zipfile
from collections.abc import Mapping
from importlib import resources
from typing import Any

from auditor.probe.run import MARK

#: Linux passes at most 128 KiB in one argument (MAX_ARG_STRLEN); this leaves room for quoting and ``sudo sh -c``.
LIMIT = 96 * 1024

PACKAGE = "nova_auditor_probe"

# Python 3.6, and only what importing from memory needs. pkgutil.get_data reads allowed.json through get_data.
_BOOTSTRAP = f"""\
import base64, importlib.abc, importlib.util, io, json, sys, zipfile
class Probe(importlib.abc.MetaPathFinder, importlib.abc.InspectLoader):
    def __init__(self, data):
        self.zip = zipfile.ZipFile(io.BytesIO(data))
        self.names = frozenset(self.zip.namelist())
    def find_spec(self, name, path=None, target=None):
        parts = name.split(".")
        if parts[0] != "{PACKAGE}" or len(parts) > 2:
            return None
        file = (parts + ["__init__"])[1] + ".py"
        if file not in self.names:
            return None
        spec = importlib.util.spec_from_loader(name, self, is_package=len(parts) == 1)
        spec.origin, spec.has_location = "{PACKAGE}/" + file, True
        return spec
    def is_package(self, name):
        return "." not in name
    def get_data(self, path):
        return self.zip.read(path.replace("{PACKAGE}/", ""))
    def get_source(self, name):
        return self.get_data((name.split(".") + ["__init__"])[1] + ".py").decode("utf-8")
sys.dont_write_bytecode = True
probe = Probe(base64.b64decode("@ZIP@"))
sys.meta_path.insert(0, probe)
from {PACKAGE} import run
run.main(json.loads(probe.get_data("request.json").decode("utf-8")))
"""


def script(request: Mapping[str, Any]) -> str:
    """Return the script that answers a request (`auditor.probe.run.collect` documents it); plain ASCII."""
    packed = base64.b64encode(archive(request)).decode("ascii")
    return _BOOTSTRAP.replace("@ZIP@", packed)


def archive(request: Mapping[str, Any]) -> bytes:
    """Return the zip of the probe's modules, its allow-list and the request; the same for the same request."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        for name, content in _modules().items():
            _write(packed, name, content)
        _write(packed, "request.json", json.dumps(request, sort_keys=True).encode("ascii"))
    return buffer.getvalue()


def _modules() -> Mapping[str, bytes]:
    folder = resources.files("auditor.probe")
    files = sorted((file.name, file) for file in folder.iterdir() if file.name.endswith((".py", ".json")))
    return {
        name: file.read_bytes() if name.endswith(".json") else without_prose(file.read_bytes())
        for name, file in files
    }


def without_prose(source: bytes) -> bytes:
    """Return Python source without comments and docstrings, each line in its place, so that errors name the right one."""
    lines = source.splitlines(keepends=True)
    for token in tokenize.tokenize(io.BytesIO(source).readline):
        if token.type == tokenize.COMMENT:
            row, column = token.start
            # Columns count characters; the probe's source before a comment is ASCII.
            lines[row - 1] = lines[row - 1][:column].rstrip() + b"\n"
    for node in ast.walk(ast.parse(source)):
        if (
            isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
            and ast.get_docstring(node, clean=False) is not None
        ):
            prose = node.body[0]
            indent = b" " * prose.col_offset
            for row in range(prose.lineno, (prose.end_lineno or prose.lineno) + 1):
                lines[row - 1] = indent + b"0\n" if row == prose.lineno else b"\n"
    return b"".join(lines)


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
                content = json.loads(gzip.decompress(base64.b64decode(line[len(mark) :], validate=True)))
            except (OSError, EOFError) as error:
                raise ValueError(f"the answer is damaged: {error}") from None
            if not isinstance(content, dict):
                raise ValueError("the answer is not a document")
            return content
    return None
