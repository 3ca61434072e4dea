"""What a service of Nova does all day, with words in it by which its traces in a log are recognised.

Each function does with the real libraries what a service does with them: requests, messages, notifications, databases.
"""

import contextlib
import hashlib
import importlib.util
import inspect
import json
import logging

#: The words by which what is written is recognised.
WORDS = {
    "action-bodies": "WordOfActionBody",
    "configuration-dump": "WordOfPlainOption",
    "configuration-secrets": "WordOfSecretOption",
    "guest-xml": "WordOfGuestXml",
    "hashed-tokens": hashlib.sha256(b"WordOfToken").hexdigest(),
    "message-bodies": "WordOfMessage",
    "notification-payloads": "WordOfNotification",
    "privileged-replies": "WordOfPrivilegedReply",
    "request-bodies": "WordOfRequestBody",
    "request-paths": "WordOfPath",
    "response-bodies": "WordOfResponseBody",
    "result-rows": "WORDOFPARAMETER",
    "sql-with-parameters": "WordOfParameter",
    "tokens": "WordOfToken",
    "volume-replies": "WordOfVolumeReply",
}


def requests_to_services(conf, port):
    """Requests to the other services, by the sessions and clients that Nova makes."""
    import glanceclient
    import neutronclient.v2_0.client
    from cinderclient import client as cinderclient
    from keystoneauth1 import token_endpoint
    from keystoneauth1.loading import load_session_from_conf_options
    from nova import utils

    url = "http://127.0.0.1:{}/{}".format(port, WORDS["request-paths"])
    body = {"word": WORDS["request-bodies"]}
    auth = token_endpoint.Token(url, "WordOfToken")

    def session(group):
        return load_session_from_conf_options(conf, group, auth=auth)

    is_admin = "admin" in inspect.signature(utils.get_sdk_adapter).parameters
    placement = utils.get_sdk_adapter("placement", **({"admin": True} if is_admin else {}))
    placement.put("/" + WORDS["request-paths"], json=body)
    cinder = cinderclient.Client("3.0", session=session("cinder"), auth=auth, endpoint_override=url + "/v3")
    cinder.client.post("/attachments", body=body)
    glance = glanceclient.Client("2", session=session("glance"), endpoint_override=url + "/v2")
    glance.http_client.post("/images", data=body)
    neutron = neutronclient.v2_0.client.Client(session=session("neutron"), endpoint_override=url, auth=auth)
    neutron.post("/ports", body=body)


def message_without_reader():
    """An answer to a call that nobody waits for any more."""
    from oslo_messaging._drivers import amqpdriver

    amqpdriver.ReplyWaiters().put("0123", {"result": WORDS["message-bodies"]})


def notification():
    """A notification of an instance in both formats, by Nova's own notifiers; one of them may be off."""
    from nova import context, rpc

    payload = {"metadata": WORDS["notification-payloads"]}
    user = context.get_admin_context()
    rpc.get_notifier("compute", "node1").info(user, "compute.instance.update", payload)
    rpc.get_versioned_notifier("nova-compute:node1").info(user, "instance.update", payload)


def action(body):
    """A request to the API with a body."""
    from nova.api.openstack import wsgi

    class Controller(wsgi.Controller):
        def create(self, req, body):
            return {}

    request = wsgi.Request.blank("/servers", method="POST")
    request.body = json.dumps(body).encode()
    request.content_type = "application/json"
    request.environ["wsgiorg.routing_args"] = [None, {"action": "create"}]
    request.get_response(wsgi.Resource(Controller()))


class Machine:
    """Stands in for the driver where `_get_guest_xml` asks for the guest's configuration."""

    def _get_guest_config(self, *_):
        return self

    def to_xml(self):
        """The XML of the guest."""
        return "<domain>{}</domain>".format(WORDS["guest-xml"])


def guest():
    """The XML of a guest that is being started."""
    from nova.virt.libvirt import driver

    driver.LibvirtDriver._get_guest_xml(Machine(), None, None, [], {}, None)


def dump_loggers(role):
    """The loggers to which a service of that role writes its options when it starts.

    The API does it itself (nova/api/openstack/wsgi_app.py); for the rest it is the launcher of oslo.service, with
    eventlet or, since oslo.service 4.2 and with threads, by cotyledon; nova-compute of 2026.2 with threads, itself.
    """
    if role in ("api", "metadata"):
        return ["nova.api.openstack.wsgi_app"]
    if role == "console-proxy":
        return []
    from oslo_service import service

    names = [service.ServiceLauncher.__module__]
    with contextlib.suppress(ImportError):
        from oslo_service.backend._eventlet import service as eventlet_service

        names = [eventlet_service.__name__]
        from cotyledon import oslo_config_glue

        names.append(oslo_config_glue.__name__)
    if role == "compute" and names[1:]:
        # Read, not imported: the module of a program registers arguments of the command line.
        with open(importlib.util.find_spec("nova.cmd.compute").origin) as stream:
            names[1:] = ["nova.cmd.compute"] if "log_opt_values" in stream.read() else []
    return names


def dump(conf, role):
    """The options of the service, as it writes them when it starts."""
    from oslo_service import _options

    conf.register_opts(_options.service_opts)
    if conf.log_options:
        for name in dump_loggers(role):
            logger = logging.getLogger(name)
            if logger.isEnabledFor(logging.DEBUG):  # or it formats a thousand options for nobody
                conf.log_opt_values(logger, logging.DEBUG)


# --- databases


def engines(conf, role):
    """Make the engines of a role one after the other, again and again; yields each when it is made.

    Cells lie in the API database, and have an engine each with the settings of [database].
    """
    from nova.db.api import api as api_database
    from nova.db.main import api as main_database
    from oslo_db.sqlalchemy import enginefacade

    def main():
        return main_database.create_context_manager("sqlite://").writer.get_engine()

    def api():
        manager = enginefacade.transaction_context()
        manager.configure(**{**api_database._get_db_conf(conf.api_database), "connection": "sqlite://"})
        return manager.writer.get_engine()

    if role == "compute":
        from nova import context, exception

        main_database.DISABLE_DB_ACCESS = True
        with contextlib.suppress(exception.DBNotAllowed):
            main_database.service_get_minimum_version(context.get_admin_context(), ["nova-compute"])
            raise AssertionError("nova-compute may use the database")
        return
    makers = [main]
    if conf.api_database.connection and role != "console-proxy":
        makers = [main, api, main]
    for make in makers:
        yield make()


def query(engine):
    """A statement with a parameter, and its row."""
    import sqlalchemy

    with engine.connect() as connection:
        connection.execute(
            sqlalchemy.text("select upper(:word)"), {"word": WORDS["sql-with-parameters"]}
        ).fetchall()
