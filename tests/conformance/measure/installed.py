"""What is measured with: the versions of this environment's libraries, and files of cases."""

import contextlib
import json
import os
import ssl
import sys
from importlib import metadata


def versions(*names):
    """Distribution name to version, for those that are installed here."""
    found = {}
    for name in names:
        with contextlib.suppress(metadata.PackageNotFoundError):
            found[name] = metadata.version(name)
    return found


def run(measure, libraries):
    """Measure the cases of the file named first on the command line, and write what came out to the second.

    ``measure`` is called with the list of cases, and returns case id to result. ``libraries`` are the names of the
    distributions that decide, or a function that returns name to version.
    """
    source, target = sys.argv[1:3]
    with open(source) as stream:
        cases = json.load(stream)
    document = {
        "python": "{}.{}.{}".format(*sys.version_info),
        "openssl": ssl.OPENSSL_VERSION,
        "libraries": libraries() if callable(libraries) else versions(*libraries),
        "results": measure(cases),
    }
    with open(target, "w") as stream:
        json.dump(document, stream, indent=1, sort_keys=True)


def place(text, folder, port):
    """Text of a case with a real folder and port in the place of ``@DIR@`` and ``@PORT@``."""
    return text.replace("@DIR@", folder).replace("@PORT@", str(port))


def lay_out(case, folder, port, into):
    """Write a case's files and its nova.conf (into the folder ``into``), and return the path of the latter.

    Paths of files begin with ``@DIR@``, the folder of the certificates, or are relative to ``into``.
    """
    for path, text in case.get("files", {}).items():
        real = os.path.join(into, place(path, folder, port))
        with open(real, "w") as stream:
            stream.write(place(text, folder, port))
    path = os.path.join(into, "nova.conf")
    with open(path, "w") as stream:
        stream.write(place(case["conf"], folder, port))
    return path
