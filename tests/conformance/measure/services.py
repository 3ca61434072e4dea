"""Nova's clients of placement, images and keys, and the middleware before its API, as Nova makes them."""

import http.server
import json
import os
import threading
import time


def failure(call):
    """The name of the exception that a call ends with, None where it returns."""
    try:
        call()
    except Exception as error:
        return type(error).__name__
    return None


class Placement(http.server.BaseHTTPRequestHandler):
    """Placement that tells its versions, and says nothing to any other request until the end."""

    def do_GET(self):
        """Answer."""
        if self.path != "/":
            time.sleep(20)
        version = {"id": "v1.0", "min_version": "1.0", "max_version": "1.39", "status": "CURRENT"}
        version["links"] = [{"rel": "self", "href": ""}]
        body = json.dumps({"versions": [version]}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Write nothing."""


def start():
    """Placement on a port of its own, which stops with this process."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Placement)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def placement(case, conf, servers):
    """How a call to placement ends: ``caught`` where `safe_connect` makes nothing of it, or the exception's name.

    ``client`` is how making the client ends, which asks placement for its versions.
    """
    from nova.scheduler.client import report

    made = failure(report.SchedulerReportClient)
    if made is not None:
        return {"client": made}
    client = report.SchedulerReportClient()
    if not case["silent"]:
        servers["placement"].shutdown()
        servers["placement"].server_close()

    @report.safe_connect
    def ask(client):
        client.get("/resource_providers")
        raise AssertionError("it answered")

    return {"client": None, "call": failure(lambda: ask(client)) or "caught"}


def barbican(case, conf, _):
    """Whose certificates the key manager believes: what it hands to requests as ``verify``."""
    from castellan import key_manager
    from keystoneauth1 import token_endpoint
    from nova import context

    auth = token_endpoint.Token(conf.barbican.barbican_endpoint, "t")
    client = key_manager.API(conf)._get_barbican_client(context.RequestContext(user_auth_plugin=auth))
    if isinstance(client, tuple):  # castellan of 2025.2 returns an address beside it
        client = client[0]
    return {"verify": client.secrets._api.session.verify}


def api_servers(case, conf, _):
    """The servers that images are asked for, in rotation."""
    from nova.image import glance

    servers = glance.get_api_servers(None)
    return {"asked": sorted({next(servers) for _ in range(8)})}


def middleware(case, conf, _):
    """keystonemiddleware as api-paste.ini loads it: the options that it reads, and where it keeps tokens."""
    from paste import deploy

    path = os.path.join(os.path.dirname(conf.config_file[-1]), "api-paste.ini")
    made = deploy.loadfilter("config:" + path, name="authtoken")(None)
    cache = made._token_cache
    cache.initialize({})
    return {
        "options": {name: made._conf.get(name) for name in case["options"]},
        "cache": type(cache).__name__,
        "pool": type(cache._cache_pool).__name__,
    }
