"""What Nova's own transports for RPC and notifications do with each face: oslo.config, oslo.messaging, and its driver.

``python messaging.py CASES.json RESULTS.json``. Each case is a nova.conf, and says which transport is opened from it.
A driver that is loaded dials each face once: oslo.messaging itself would dial for ever (`retries` sees that it does).
Host names are resolved here, so that every port of every broker is the impostor whose turn it is.
"""

import contextlib
import gc
import logging
import os
import random
import re
import shutil
import socket
import tempfile
import threading
import time
import warnings

os.environ["OS_NOVA_DISABLE_EVENTLET_PATCHING"] = "1"
logging.disable(logging.CRITICAL)
warnings.simplefilter("ignore")

import amqpprotocol  # noqa: E402
import certificates  # noqa: E402
import faces  # noqa: E402
import installed  # noqa: E402
import kafkaclient  # noqa: E402
import nova.conf  # noqa: E402
import oslo_messaging  # noqa: E402
from nova import config, rpc  # noqa: E402
from oslo_messaging._drivers import common, impl_rabbit  # noqa: E402

LIBRARIES = ("nova", "oslo.config", "oslo.messaging", "kombu", "amqp", "confluent-kafka")

#: What certificates are for; a case names one of them where it is not the first.
NAMES = ("127.0.0.1", "localhost", "::1", "rabbit1.example", "127.0.0.2 127.0.0.3")

#: Addresses that are not the loopback's lead there all the same, and no other name leads anywhere.
KNOWN = {*" ".join(NAMES).split(), "r1", "r2"}


PORT = 5671

#: How it looks that the other side ended: which one it is depends on who was faster.
BROKEN_OFF = {
    "BrokenPipeError",
    "ConnectionAbortedError",
    "ConnectionResetError",
    "OSError",
    "SSLEOFError",
    "SSLZeroReturnError",
}


class Names(threading.local):
    """The resolver of this process: brokers' names and ports lead to the impostor whose turn it is.

    In threads of which nothing is said here they lead nowhere: what a driver leaves running dials for ever.
    """

    port, ports = None, {}
    _resolve = staticmethod(socket.getaddrinfo)

    def __call__(self, host, port, *_, **__):
        if host not in KNOWN or not (self.port or self.ports):
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        # The real one has the say about ports.
        self._resolve("127.0.0.1", port, 0, socket.SOCK_STREAM)
        address = "127.0.0.1", self.ports.get(host, self.port)
        return [(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", address)]


class Dialled(Exception):
    """The one attempt was made."""


class Attempt:
    """One connection of the rabbit driver, as far as its login; where it ended, and whether that ends the service.

    ``first`` is the broker that has to be dialled first; the driver shuffles them.
    """

    def __init__(self, driver, first=None):
        self.is_built, self.has_ended = False, None
        self.is_connected = False
        attempt = self

        class Once(impl_rabbit.Connection):
            def ensure_connection(self):
                attempt.is_built = True
                self._set_current_channel(None)
                attempt.dial(self.connection)
                raise Dialled

        def connection_of(conf, url, purpose, retry=None):
            if first is not None:
                random.seed(seed_for(url.hosts, first))
            try:
                return Once(conf, url, purpose, retry=retry)
            except Dialled:
                raise
            except Exception as problem:
                if not attempt.is_built:
                    attempt.has_ended = type(problem).__name__
                raise

        driver._connection_pool.connection_cls = connection_of

    def dial(self, connection):
        """Through kombu and py-amqp once. What kombu does not count as recoverable, it does not try again."""
        try:
            connection._establish_connection()
            self.is_connected = True
        except connection.recoverable_connection_errors:
            raise
        except Exception as problem:
            self.has_ended = type(problem).__name__
            raise


class Cycle(Attempt):
    """The same with kombu's own round over the brokers, without pauses."""

    def dial(self, connection):
        connection.ensure_connection(max_retries=3, interval_start=0, interval_step=0, interval_max=0)


def seed_for(hosts, first):
    """A seed with which the driver's shuffle puts that broker first."""
    for seed in range(100):
        order = list(hosts)
        random.seed(seed)
        random.shuffle(order)
        if order[0].hostname == first:
            return seed
    raise ValueError(first)


def configured(case, folder, port):
    """The transport for the case's purpose, from Nova's own options and defaults and the case's file."""
    with tempfile.TemporaryDirectory() as into:
        path = installed.lay_out(case, folder, port, into)
        conf = nova.conf.CONF
        conf([], project="nova", default_config_files=[path], default_config_dirs=[])
    if case["purpose"] == "notifications":
        exmods = rpc.get_allowed_exmods()
        return oslo_messaging.get_notification_transport(conf, allowed_remote_exmods=exmods)
    return rpc.create_transport(rpc.get_transport_url())


def connect(case, transport):
    """Have the transport connect as its user would."""
    if case["purpose"] == "notifications":
        notifier = oslo_messaging.Notifier(transport, publisher_id="conformance", topics=["notifications"])
        notifier.info({}, "conformance", {})
    else:
        transport._driver._connection_pool.create(common.PURPOSE_LISTEN)


def dialled(case, transport, shown, names):
    """What the rabbit driver does with each face, or where it ends."""
    seen, was_built, is_connected = {}, False, False
    for face in faces.FACES:
        attempt = Attempt(transport._driver, case.get("first"))

        def client(port):
            names.port = port
            with contextlib.suppress(Dialled):
                connect(case, transport)

        seen[face] = shown.show(face, client)
        if seen[face].get("error") in BROKEN_OFF:
            seen[face]["error"] = "ConnectionError"
        if attempt.has_ended:
            return {"start": attempt.has_ended}
        was_built, is_connected = was_built or attempt.is_built, is_connected or attempt.is_connected
    if not was_built:
        return {"unused": True}
    if is_connected and all(one["login"] == "refused" for one in seen.values()):
        return {"local": True}
    return {"faces": seen}


def served(case, transport, names):
    """None where the first queues can be declared on a broker that is fine, else what that ends in."""
    driver = transport._driver

    class Soon(impl_rabbit.Connection):
        def ensure_connection(self):
            self.connection.ensure_connection(max_retries=0)
            return super().ensure_connection()

    driver._connection_pool.connection_cls = Soon
    target = oslo_messaging.Target(exchange="nova", topic="conformance", server="host")
    impostor = faces.Impostor("plain", amqpprotocol.serve, None)
    names.port = impostor.port
    try:
        if case["use"] == "serve":
            driver.listen(target, 1, None).cleanup()
        elif case["use"] == "call":
            driver._get_reply_q()
        else:
            driver.send_notification(oslo_messaging.Target(topic="conformance.info"), {}, {}, 2.0, retry=0)
    except Exception as problem:
        return {"start": type(problem).__name__}
    finally:
        driver.cleanup()
        # Connections that were given up close when they are collected, which waits for the broker.
        gc.collect()
        impostor.close()
    return None


def fails_over(case, transport, folder, authorities, names):
    """Whether the second broker is accepted after the first has gone, and after it has died with a connection."""
    driver, seen = transport._driver, {}
    with contextlib.ExitStack() as stack:
        brokers = {}
        hosts = [host.hostname for host in driver._connection_pool.url.hosts]
        for host in hosts:
            own = os.path.join(folder, "failover", case["certificates"], host)
            if not os.path.isdir(own):
                os.makedirs(own)
                name = tuple(hosts) if case["certificates"] == "shared" else host
                certificates.certify(own, authorities, name, certificates.ELSEWHERE)
                shutil.copy(os.path.join(folder, "ca.pem"), own)
            brokers[host] = faces.Impostor(case["face"], amqpprotocol.speak, own)
            stack.callback(brokers[host].close)
        closed = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        gone = closed.getsockname()[1]
        closed.close()
        for how in ("gone", "died"):
            for first, second in (hosts, hosts[::-1]):
                brokers[first].reset()
                brokers[second].reset()
                names.ports = {
                    first: gone if how == "gone" else brokers[first].port,
                    second: brokers[second].port,
                }
                Cycle(driver, first)
                with contextlib.suppress(Exception):
                    driver._connection_pool.create(common.PURPOSE_LISTEN)
                brokers[second].settle()
                took = "works" if brokers[second].seen.login else "refused"
                seen[how] = took if seen.get(how, took) == took else "by chance"
        names.ports = {}
    return {"failover": seen}


def retries(transport, shown, face, names):
    """Whether the driver, left alone, dials again after it was refused."""
    impostor = shown.impostors[face]
    impostor.reset()
    driver, seen, ended = transport._driver, impostor.seen, []
    driver._connection_pool.connection_cls = impl_rabbit.Connection

    def leave_alone():
        names.port = impostor.port
        try:
            driver._connection_pool.create(common.PURPOSE_LISTEN)
        except Exception as problem:
            ended.append(type(problem).__name__)

    # It never ends: the process does.
    threading.Thread(target=leave_alone, daemon=True).start()
    deadline = time.monotonic() + 10
    while seen.connections < 2 and not ended and time.monotonic() < deadline:
        time.sleep(0.05)
    return {"retries": seen.connections > 1 and not ended}


def waits(transport, names):
    """Whether a broker that accepts and stays silent is given up, within more than the five seconds that kombu has."""
    impostor = faces.Impostor("plain", wait, None)

    def leave_alone():
        names.port = impostor.port
        with contextlib.suppress(Exception):
            Attempt(transport._driver)
            transport._driver._connection_pool.create(common.PURPOSE_LISTEN)

    thread = threading.Thread(target=leave_alone, daemon=True)
    thread.start()
    thread.join(8)
    result = {"silence": "unbounded" if thread.is_alive() else "bounded"}
    impostor.close()
    return result


def wait(conversation):
    """Take what comes until the client ends."""
    conversation.socket.settimeout(60)
    while conversation.socket.recv(4096):
        pass


def marked(case):
    """Which of the probe's markers the installed source has."""
    site = os.path.dirname(os.path.dirname(oslo_messaging.__file__))
    found = {}
    for marker, path, pattern in case["markers"]:
        with open(os.path.join(site, path), encoding="utf-8") as stream:
            found[marker] = re.search(pattern, stream.read()) is not None
    return found


def result_of(case, shown, folder, authorities, names):
    if "markers" in case:
        return marked(case)
    try:
        transport = configured(case, folder, PORT)
    except Exception as problem:
        return {"start": type(problem).__name__}
    if not hasattr(transport._driver, "_connection_pool"):
        return {"local": True}
    if case.get("use"):
        ended = served(case, transport, names)
        if ended:
            return ended
        transport = configured(case, folder, PORT)
    if case.get("certificates"):
        return fails_over(case, transport, folder, authorities, names)
    if case.get("silent"):
        return waits(transport, names)
    if case.get("retries"):
        return retries(transport, shown[0], case["retries"], names)
    return dialled(case, transport, shown[NAMES.index(case.get("name", NAMES[0]))], names)


@contextlib.contextmanager
def environment(added):
    """The environment with a case's variables."""
    before = dict(os.environ)
    os.environ.update(added)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def measure(cases):
    results, names = {}, Names()
    config.rpc.set_defaults(control_exchange="nova")
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        authorities = certificates.make(folder)
        os.environ["SSL_CERT_FILE"] = os.path.join(folder, "system.pem")
        is_trusted = kafkaclient.trust(os.environ["SSL_CERT_FILE"])
        kafka = [case for case in cases if case["driver"] == "confluent-kafka"]
        results.update(kafkaclient.measure(kafka, configured, folder, is_trusted))
        shown = []
        for number, name in enumerate(NAMES):
            own = os.path.join(folder, f"names-{number}")
            os.mkdir(own)
            certificates.certify(own, authorities, tuple(name.split()), certificates.ELSEWHERE)
            shutil.copy(os.path.join(folder, "ca.pem"), own)
            shown.append(stack.enter_context(faces.Faces(amqpprotocol.speak, own)))
        socket.getaddrinfo = names
        for case in cases:
            if case["driver"] != "confluent-kafka":
                with environment(case.get("environment", {})):
                    results[case["id"]] = result_of(case, shown, folder, authorities, names)
    return results


if __name__ == "__main__":
    installed.run(measure, LIBRARIES)
