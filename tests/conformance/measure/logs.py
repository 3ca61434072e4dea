"""What a service of this release logs with a configuration: the levels its loggers end up with, and what is written.

Each case starts in a process of its own, forked after Nova was imported: `nova.config.parse_args` with the case's file,
`oslo_log.log.setup`, the engines that the role makes. Then the real libraries do what they do all day, with words in
their requests, statements, rows, messages and answers by which the output is recognised. `daily.WORDS` names them.
"""

import gc
import http.server
import importlib
import json
import logging
import os
import shutil
import signal
import socket
import sys
import tempfile
import traceback
import warnings
from concurrent.futures import ThreadPoolExecutor

warnings.simplefilter("ignore")
os.environ["OS_NOVA_DISABLE_EVENTLET_PATCHING"] = "1"

import daily  # noqa: E402 - libraries look at the environment when they are imported
import installed  # noqa: E402 - as above

LOGGERS = (
    "root",
    "amqp",
    "castellan",
    "cinderclient",
    "cotyledon",
    "glanceclient",
    "glanceclient.common.http",
    "keystoneauth",
    "keystoneauth.session",
    "keystoneauth.session.body",
    "keystonemiddleware",
    "kombu",
    "neutronclient.client",
    "nova",
    "nova.api.openstack.wsgi",
    "nova.api.openstack.wsgi_app",
    "nova.virt.libvirt.driver",
    "openstack",
    "os_brick",
    "os_brick.privileged",
    "oslo.cache",
    "oslo.messaging",
    "oslo.messaging.notification",
    "oslo.privsep.daemon",
    "oslo_concurrency.processutils",
    "oslo_messaging",
    "oslo_messaging._drivers.amqpdriver",
    "oslo_policy",
    "oslo_service",
    "sqlalchemy",
    "sqlalchemy.engine",
    "sqlalchemy.engine.Engine",
    "sqlalchemy.pool",
    "stevedore",
    "urllib3.connectionpool",
)

MODULES = (
    "cinderclient.client",
    "glanceclient",
    "keystonemiddleware.auth_token",
    "neutronclient.v2_0.client",
    "nova.api.openstack.compute",
    "nova.api.openstack.wsgi_app",
    "nova.compute.manager",
    "nova.conductor.manager",
    "nova.config",
    "nova.console.websocketproxy",
    "nova.privsep.path",
    "nova.scheduler.manager",
    "nova.service",
    "nova.virt.libvirt.driver",
    "openstack.connection",
    "os_brick.privileged.rootwrap",
    "oslo_messaging._drivers.amqpdriver",
    "oslo_messaging._drivers.impl_rabbit",
    "oslo_privsep.daemon",
    "sqlalchemy",
)

#: Seconds after which a case, and the server of all cases, end whatever happens.
PATIENCE, LIFETIME = 30, 900

#: What every case has besides its own file: where placement is, and a word in a plain option and in a secret one.
SURROUNDINGS = """
[DEFAULT]
host = WordOfPlainOption
[oslo_messaging_notifications]
transport_url = rabbit://nova:WordOfSecretOption@127.0.0.1/
[placement]
auth_type = admin_token
token = WordOfToken
endpoint = http://127.0.0.1:@PORT@/placement
"""


class Answer(http.server.BaseHTTPRequestHandler):
    """Answers everything with a body of JSON that has a word in it."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1  # one packet for an answer: the second would wait for the first one's acknowledgement

    def do_GET(self):
        """Tell that this is version 1.0 of whatever it is asked for."""
        link = {"rel": "self", "href": "http://{}{}".format(self.headers["Host"], self.path)}
        self._answer({"versions": [{"id": "v1.0", "status": "CURRENT", "links": [link]}]})

    def do_POST(self):
        """Answer with a word."""
        self.rfile.read(int(self.headers["Content-Length"]))
        self._answer({"volume": {"id": "1", "word": daily.WORDS["response-bodies"]}})

    do_PUT = do_POST  # noqa: N815 - as above

    def _answer(self, content):
        body = json.dumps(content).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Write nothing of its own."""


def serve_answers():
    """Start the server in a process of its own, which no library of Nova patches; returns its port and its id."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    server.daemon_threads = True
    pid = os.fork()
    if pid == 0:
        signal.alarm(LIFETIME)
        try:
            server.serve_forever()
        finally:
            os._exit(0)
    server.server_close()
    return server.server_address[1], pid


def import_nova():
    """Import what the services import, before the first fork."""
    for name in MODULES:
        importlib.import_module(name)


# --- the privileged side, which starts before the service and has its own logging


def privileged(path, arguments):
    """Our end of a channel to a privileged process that serves the context at ``path``.

    What `oslo_privsep.daemon.helper_main` does in a process of its own, but for dropping its privileges: the helper of
    a service reads the same files, and is no Nova, so that Nova's own defaults do not hold there.
    """
    ours, theirs = socket.socketpair()
    child = os.fork()
    if child == 0:
        signal.alarm(PATIENCE)
        status = 1
        try:
            ours.close()
            serve(path, arguments, theirs)
            status = 0
        finally:
            os._exit(status)
    theirs.close()
    return ours


def serve(path, arguments, connection):
    """Serve one context until the other side hangs up."""
    from oslo_config import cfg
    from oslo_log import log
    from oslo_privsep import comm, daemon
    from oslo_utils import importutils

    log.register_options(cfg.CONF)
    cfg.CONF(args=arguments, project="privsep")
    log.setup(cfg.CONF, "privsep")
    context = importutils.import_class(path)
    channel = comm.ServerChannel(connection)
    daemon.replace_logging(daemon.PrivsepLogHandler(channel))
    daemon.Daemon(channel, context).loop()


def privileged_calls(folder, channels):
    """Have both contexts of a compute node read a file."""
    import nova.privsep.path
    import os_brick.privileged.rootwrap
    from oslo_privsep import daemon

    for name in ("privileged-replies", "volume-replies"):
        with open(os.path.join(folder, name), "w") as stream:
            stream.write(daily.WORDS[name])
    for context, connection in channels:
        context.channel = daemon._ClientChannel(connection, context)
    nova.privsep.path.last_bytes(os.path.join(folder, "privileged-replies"), 100)
    os_brick.privileged.rootwrap.execute_root("cat", os.path.join(folder, "volume-replies"))
    for context, _ in channels:
        context.channel.close()


def levels():
    """The levels in effect, by logger."""
    return {name: logging.getLogger("" if name == "root" else name).getEffectiveLevel() for name in LOGGERS}


# --- one case


def start(case, folder, port):
    """Start a service of the case's role in this process; returns how to go on."""
    import nova.conf
    import nova.config
    import nova.privsep
    import os_brick.privileged
    from oslo_log import log

    path = installed.lay_out(case, folder, port, folder)
    other = os.path.join(folder, "endpoint.conf")
    with open(other, "w") as stream:
        stream.write(installed.place(SURROUNDINGS, folder, port))
    arguments = ["--config-file", other, "--config-file", path]
    contexts = (
        ("nova.privsep.sys_admin_pctxt", nova.privsep.sys_admin_pctxt),
        ("os_brick.privileged.default", os_brick.privileged.default),
    )
    channels = [
        (context, privileged(name, arguments)) for name, context in contexts if case["role"] == "compute"
    ]
    nova.config.parse_args(["nova-" + case["role"], *arguments])
    log.setup(nova.conf.CONF, "nova")
    return nova.conf.CONF, channels


def work(conf, role, channels, folder, port):
    """Do all that a service of the role does, and return the levels of its loggers.

    Each engine sets levels anew when it is made. What counts is the most verbose, for it is written then.
    """
    daily.dump(conf, role)
    seen = []
    for engine in daily.engines(conf, role):
        daily.query(engine)
        seen.append(levels())
    if channels:
        privileged_calls(folder, channels)
        daily.guest()
    if role == "api":
        daily.action({"word": daily.WORDS["action-bodies"]})
    if role != "console-proxy":
        daily.requests_to_services(conf, port)
    daily.message_without_reader()
    daily.notification()
    return {name: min(now[name] for now in seen or [levels()]) for name in LOGGERS}


def child(case, port, folder, result):
    """Run a case in this process with its output in a file, and write what came out to the pipe."""
    output = os.open(os.path.join(folder, "output"), os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    os.dup2(output, 1)
    os.dup2(output, 2)
    sys.stdout, sys.stderr = os.fdopen(1, "w"), os.fdopen(2, "w")
    logging.raiseExceptions = False
    report = {}
    try:
        try:
            conf, channels = start(case, folder, port)
        except (Exception, SystemExit) as error:
            report["start"] = type(error).__name__
        else:
            found = work(conf, case["role"], channels, folder, port)
            report["levels"] = {name: logging.getLevelName(level) for name, level in found.items()}
    except Exception:
        report["failed"] = traceback.format_exc()
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    with os.fdopen(result, "w") as stream:
        json.dump(report, stream)


def written(folder):
    """Which words stand in the output and the log files of a case."""
    text = ""
    for name in sorted(os.listdir(folder)):
        if name == "output" or name.endswith(".log"):
            with open(os.path.join(folder, name), errors="replace") as stream:
                text += stream.read()
    return text


def measure_one(case, port):
    """The result of one case."""
    folder = tempfile.mkdtemp(prefix="logs-")
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        signal.alarm(PATIENCE)
        status = 1
        try:
            os.close(read)
            child(case, port, folder, write)
            status = 0
        finally:
            os._exit(status)
    os.close(write)
    with os.fdopen(read) as stream:
        report = json.loads(stream.read() or "{}")
    os.waitpid(pid, 0)
    text = written(folder)
    shutil.rmtree(folder)
    if "levels" in report:
        report["written"] = {kind: word in text for kind, word in daily.WORDS.items()}
    elif "start" not in report:
        raise RuntimeError("{}: {}\n{}".format(case["id"], report.get("failed", "no answer"), text[-2000:]))
    return report


def measure(cases):
    """The result of every case."""
    port, server = serve_answers()
    try:
        import_nova()
        gc.freeze()  # or each case copies every page that its collector looks at
        with ThreadPoolExecutor(2) as pool:
            results = pool.map(lambda case: measure_one(case, port), cases)
            return {case["id"]: result for case, result in zip(cases, results, strict=True)}
    finally:
        os.kill(server, signal.SIGKILL)
        os.waitpid(server, 0)


if __name__ == "__main__":
    installed.run(
        measure,
        (
            "keystoneauth1",
            "nova",
            "openstacksdk",
            "os-brick",
            "oslo.config",
            "oslo.db",
            "oslo.log",
            "oslo.messaging",
            "oslo.privsep",
            "oslo.service",
            "python-cinderclient",
            "python-glanceclient",
            "python-neutronclient",
            "SQLAlchemy",
            "urllib3",
        ),
    )
