"""How often Nova's clients really ask, how long they wait, and whose certificates they believe.

``python measure/clients.py CASES.json RESULTS.json``. Each case runs in a process of its own (Nova keeps sessions in
globals), with `nova.conf.CONF` read from the case's nova.conf and the client made by the code that makes it in Nova.
Most cases only wait, so that many run at the same time.

A result has ``requests`` (how often the request itself was sent), ``discoveries`` and ``tokens`` (what else was sent),
``seconds`` (rounded down to halves: what clients wait for is whole and half seconds) and ``outcome`` (a status, or the error's class).
"""

import contextlib
import gc
import importlib
import logging
import math
import multiprocessing
import os
import re
import sys
import tempfile
import threading
import time
import warnings
from urllib.parse import urlsplit

import certificates
import installed
import novaclients
import web

#: At the same time; each has a few threads that mostly sleep. Fewer, where a case is measured again.
PARALLEL, FEWER = 32, 8

#: Seconds for which a case had to wait for this machine, and is measured again.
LATE = 0.25

LIBRARIES = (
    "nova",
    "keystoneauth1",
    "openstacksdk",
    "keystonemiddleware",
    "python-neutronclient",
    "python-cinderclient",
    "python-glanceclient",
    "python-barbicanclient",
    "castellan",
    "oslo.limit",
    "oslo.config",
    "requests",
    "urllib3",
)

#: Where versions are asked for: with and without a prefix, a version and a project.
_DISCOVERY = re.compile(r"(/service)?(/v[0-9.]+)?(/1{32})?/?")


def measure(cases):
    """Return id to result of every case that this release can run."""
    os.environ["OS_NOVA_DISABLE_EVENTLET_PATCHING"] = "1"
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    for module in novaclients.MODULES:
        with contextlib.suppress(ImportError):
            importlib.import_module(module)
    # What every case needs once: a search through all entry points.
    importlib.import_module("keystoneauth1.loading").get_plugin_loader("password")
    gc.freeze()
    with tempfile.TemporaryDirectory() as folder:
        authorities = certificates.make(folder)
        certificate, key = certificates.issue("impostor", certificates.HOST, *authorities["ca"], san=False)
        certificates._write(folder, "ca-cn.pem", certificates._pem(certificate) + certificates._key_pem(key))
        # What requests believes by default is certifi's file, or the one that this names.
        os.environ["REQUESTS_CA_BUNDLE"] = os.path.join(folder, "system.pem")
        jobs = [(case, folder) for case in cases if is_here(case)]
        results = _measured(jobs, PARALLEL)
        # Where a machine is busy, a client waits for it too: measured again, the shorter counts.
        for _ in range(4):
            late = [job for job in jobs if _is_late(job[0], results[job[0]["id"]])]
            for identity, again in _measured(late, FEWER).items():
                results[identity] = min(results[identity], again, key=lambda result: result["seconds"])
    for result in results.values():
        if "seconds" in result:
            result["seconds"] = math.floor(result["seconds"] * 2) / 2
            del result["late"]
    return results


def _is_late(case, result):
    """Whether a result has to be measured again; of a first call nobody expects an exact time."""
    return case.get("call") == "next" and result.get("late", 0) > LATE


def _measured(jobs, parallel):
    with multiprocessing.get_context("fork").Pool(parallel, maxtasksperchild=1) as pool:
        return dict(pool.imap_unordered(_named, jobs, chunksize=1))


def is_here(case):
    """Whether this release has that client at all."""
    if case["driver"] != "manila":
        return True
    with contextlib.suppress(ImportError):
        return importlib.import_module("nova.share.manila") is not None
    return False


def _named(job):
    case, folder = job
    return case["id"], _run(case, folder)


def _run(case, folder):
    timeout = case.get("timeout", 1)
    web.ENDPOINTS.update(case.get("endpoints", {}))
    tls = case.get("certificate")
    context = web.server_context(os.path.join(folder, tls)) if tls else None
    scheme = case.get("scheme", "http")
    servers = {}

    def urls():
        return tuple(
            f"{scheme}://{certificates.HOST}:{servers[name].port}" for name in ("identity", "service")
        )

    servers["identity"] = web.Web(web.keystone(urls), timeout, context)
    servers["service"] = web.Web(web.other(urls), timeout, context)
    text = case["conf"].replace("@IDENTITY@", urls()[0]).replace("@SERVICE@", urls()[1])
    text = text.replace("@DIR@", folder)
    sends = _count_sends({servers[name].port: name for name in servers})
    with tempfile.TemporaryDirectory() as home:
        path = os.path.join(home, "nova.conf")
        with open(path, "w") as stream:
            stream.write(text)
        try:
            novaclients.configure(path)
            call = novaclients.CLIENTS[case.get("client", case["driver"])](urls())
            if case.get("call") == "next":
                call()
        except Exception as error:
            return {"outcome": "cannot start: " + _name(error)}
        for name, server in servers.items():
            _behave(server, case.get(name, {}))
        sends.clear()
        watch = Watch()
        started = time.monotonic()
        outcome = _outcome(call)
        seconds = time.monotonic() - started
    counted = dict.fromkeys(("discoveries", "tokens", "requests"), 0)
    for _, method, where in sends:
        counted[_kind(method, where)] += 1
    if case.get("scheme") == "https":
        return {"outcome": outcome}
    return {**counted, "seconds": seconds, "late": watch.late, "outcome": outcome}


class Watch:
    """How many seconds this process has waited for its machine since it was made: ``late``."""

    def __init__(self):
        self.late = 0.0
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self):
        while True:
            started = time.monotonic()
            time.sleep(0.05)
            self.late += time.monotonic() - started - 0.05


def _behave(server, wanted):
    """Switch a server to a case's behaviour, for all requests or for those of one kind."""

    def concerns(request):
        return wanted.get("for", "all") in ("all", _kind(request.method, request.path))

    server.behave(wanted.get("behaviour", "good"), concerns)


def _kind(method, path):
    if method == "GET" and _DISCOVERY.fullmatch(path):
        return "discoveries"
    return "tokens" if method == "POST" and path.endswith("/auth/tokens") else "requests"


def _outcome(call):
    try:
        answer = call()
    except Exception as error:
        return _name(error)
    status = getattr(answer, "status_code", None)
    return str(status) if status is not None else "returned"


def _name(error):
    return type(error).__name__


def _count_sends(servers):
    """Note every request that leaves: it is counted even where nobody listens."""
    from requests.adapters import HTTPAdapter

    sends = []
    send = HTTPAdapter.send

    def counting(self, request, *arguments, **keywords):
        parts = urlsplit(request.url)
        sends.append((servers.get(parts.port), request.method, parts.path))
        return send(self, request, *arguments, **keywords)

    HTTPAdapter.send = counting
    return sends


if __name__ == "__main__":
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    installed.run(measure, LIBRARIES)
