"""Whether a key fits its certificate, judged on the host: the key's content never leaves this module.

The two are loaded into an `ssl.SSLContext` as a service would load them. They are read through the tree, so that no link
leads outside and nothing but a bounded regular file is opened; OpenSSL gets them in memory (memfd_create(2)) and never sees
where they lie. Of an encrypted key nobody knows the passphrase, so that none is tried. What is reported is one of four words,
and a reason that holds none of what was read.
"""

import errno
import os
import ssl
from typing import TYPE_CHECKING, Any, Dict, Iterable, List, Optional, Tuple

if TYPE_CHECKING:
    from .roots import Roots

#: memfd_create(2): close on exec; and never to be executed, which kernels before 6.3 do not know.
_CLOSE_ON_EXEC, _NEVER_RUN = 1, 8

_KEY = "PRIVATE KEY-----"

#: OpenSSL's words for a key that belongs to another certificate. Of another kind than the certificate's it is
#: NO_CERTIFICATE_ASSIGNED: none was loaded for that kind.
_DIFFERENT = ("KEY_VALUES_MISMATCH", "KEY_TYPE_MISMATCH", "NO_CERTIFICATE_ASSIGNED")


class _Encrypted(Exception):
    """OpenSSL asks for a passphrase."""


def judged(tree: "Roots", pairs: Iterable[Tuple[str, str]]) -> List[Dict[str, Any]]:
    """Return the pairs as they stand in the evidence, each once; both paths are keys of files.

    Left out is a pair of which one is not there, and a certificate that is named without a key and holds none: what comes of
    that is another question.
    """
    found = []
    for certificate, key in dict.fromkeys(pairs):
        verdict = judge(tree, certificate, key)
        if verdict is not None:
            status, reason = verdict
            found.append({"certificate": certificate, "key": key, "status": status, "reason": reason})
    return found


def judge(tree: "Roots", certificate: str, key: str) -> Optional[Tuple[str, str]]:
    """Return (fits, differs, encrypted or unreadable; why), or None where there is no pair."""
    texts = []
    for path in (certificate, key):
        entry = tree.read(path)
        if entry.status == "absent":
            return None
        if entry.text is None:
            return "unreadable", "{}: {}".format(path, entry.reason)
        texts.append(entry.text)
    if certificate == key and _KEY not in texts[0]:
        return None
    return _loaded(*texts)


def _loaded(certificate: str, key: str) -> Tuple[str, str]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        # How weak the two are is another question.
        context.set_ciphers("ALL:@SECLEVEL=0")
    except ssl.SSLError:
        pass  # OpenSSL before 1.1 has no levels
    ends: List[int] = []
    try:
        for text in (certificate, key):
            ends.append(_held(text.encode("utf-8")))
        held = ["/proc/self/fd/{}".format(end) for end in ends]
        context.load_cert_chain(held[0], held[1], password=_refuse)
    # The second is what Python before 3.8 makes of the first with OpenSSL 3.
    except (_Encrypted, SystemError):
        return "encrypted", "the key has a passphrase"
    except ssl.SSLError as error:
        return _verdict(str(error.reason or ""))
    except OSError as error:
        return "unreadable", "they could not be handed to OpenSSL: {}".format(os.strerror(error.errno or 0))
    finally:
        for end in ends:
            os.close(end)
    return "fits", ""


def _verdict(reason: str) -> Tuple[str, str]:
    if reason in _DIFFERENT:
        return "differs", "the certificate is for another key"
    words = reason.replace("_", " ").lower() or "no certificate and key in PEM form"
    return "unreadable", "OpenSSL cannot load them: {}".format(words)


def _refuse() -> str:
    raise _Encrypted


def _held(data: bytes) -> int:
    """Return a descriptor of memory that holds the data; raises OSError where this system has no such memory."""
    end = _memory()
    try:
        while data:
            data = data[os.write(end, data) :]
    except OSError:
        os.close(end)
        raise
    return end


def _memory() -> int:
    for flags in (_CLOSE_ON_EXEC | _NEVER_RUN, _CLOSE_ON_EXEC):
        try:
            return _memfd(flags)
        except OSError as error:
            if error.errno != errno.EINVAL:
                raise
    raise OSError(errno.EINVAL, "")


def _memfd(flags: int) -> int:
    create: Any = getattr(os, "memfd_create", None)
    if create is not None:
        return int(create("pair", flags))
    # Before Python 3.8, which not everybody builds with ctypes; glibc has it from 2.27 on.
    try:
        import ctypes
    except ImportError:
        raise OSError(errno.ENOSYS, "") from None
    library = ctypes.CDLL(None, use_errno=True)
    if not hasattr(library, "memfd_create"):
        raise OSError(errno.ENOSYS, "")
    end = library.memfd_create(b"pair", flags)
    if end < 0:
        raise OSError(ctypes.get_errno(), "")
    return int(end)
