"""Looking for canaries: raw, percent-encoded and in base64 at its three offsets, also in what is packed."""

import base64
import binascii
import gzip
import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import quote

from tests.canary.host import CANARIES

_BASE64 = re.compile(rb"[A-Za-z0-9+/]{40,}={0,2}")


def forms(word: str) -> Iterator[bytes]:
    """The ways a word may be written: raw, percent-encoded, and base64 wherever it starts."""
    yield word.encode()
    yield quote(word, safe="").encode()
    yield "".join(f"%{byte:02X}" for byte in word.encode()).encode()
    for offset in range(3):
        encoded = base64.b64encode(b"\0" * offset + word.encode())
        # The characters at the ends also depend on the neighbours; what lies between belongs to the word alone.
        yield encoded[4 if offset else 0 : -4]


def unpacked(content: bytes) -> Iterator[bytes]:
    """The content, and what is in it that is gzipped or zipped, as it is or in base64, at any depth."""
    yield content
    for packed in (content, *map(_decoded, _BASE64.findall(content))):
        for inner in _members(packed):
            yield from unpacked(inner)


def _decoded(text: bytes) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        return b""


def _members(content: bytes) -> Iterator[bytes]:
    try:
        if content.startswith(b"\x1f\x8b"):
            yield gzip.decompress(content)
        elif content.startswith(b"PK\x03\x04"):
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                for name in archive.namelist():
                    yield archive.read(name)
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile):
        return  # it is being written


def songs(contents: bytes | Iterable[bytes], words: Mapping[str, str] = CANARIES) -> dict[str, bytes]:
    """Where a canary sings in one or several texts: the place it was put in, and the form it was found in."""
    each = (contents,) if isinstance(contents, bytes) else contents
    whole = b"\n".join(text for content in each for text in unpacked(content))
    return {place: form for place, word in words.items() for form in forms(word) if form in whole}
