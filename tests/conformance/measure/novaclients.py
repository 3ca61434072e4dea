"""How Nova makes the client of each section, with a user's token or its own.

Each function takes the URLs of Keystone and of the other service, and returns what makes one call.
"""

import web

#: What is imported once, before the cases run.
MODULES = (
    # It chooses how threads are made, which has to be done before anything else has chosen.
    "nova.api.openstack.identity",
    "nova.conf",
    "nova.config",
    "nova.context",
    "nova.utils",
    "nova.accelerator.cyborg",
    "nova.api.metadata.vendordata_dynamic",
    "nova.image.glance",
    "nova.network.neutron",
    "nova.scheduler.client.report",
    "nova.share.manila",
    "nova.volume.cinder",
    "castellan.key_manager",
    "castellan.key_manager.barbican_key_manager",
    "keystonemiddleware.auth_token",
    "oslo_limit.limit",
    "openstack.connection",
)


def configure(path):
    import nova.conf

    nova.conf.CONF([], project="nova", version="0", default_config_files=[path], default_config_dirs=[])
    return nova.conf.CONF


def _user(urls):
    """The context of a user's request, with the catalogue of the user's token."""
    from nova import context

    identity, service = urls
    entries = []
    for kind, path in web.ENDPOINTS.items():
        url = (identity if kind == "identity" else service) + path
        faces = {face + "URL": url for face in ("internal", "public", "admin")}
        entries.append({"type": kind, "name": kind, "endpoints": [{"region": "one", **faces}]})
    return context.RequestContext(
        user_id="u",
        project_id=web.PROJECT,
        auth_token="token",
        service_catalog=entries,
        user_domain_id="default",
        project_domain_id="default",
    )


def _api(urls):
    """The context that nova-api makes of a user's request: the middleware's plugin is in it, and may ask for versions."""
    import nova.conf
    from keystoneauth1 import access
    from keystonemiddleware import auth_token
    from keystonemiddleware.auth_token import _user_plugin

    _, _, token = web.keystone(lambda: urls)(web.Request("GET", "/v3/auth/tokens"))
    user = access.AccessInfoV3(token, auth_token="token")
    middleware = auth_token.AuthProtocol(None, {"oslo_config_config": nova.conf.CONF})
    found = _user(urls)
    found.user_auth_plugin = _user_plugin.UserAuthPlugin(
        user, None, session=middleware._session, auth=middleware._auth
    )
    return found


def _admin():
    from nova import context

    return context.get_admin_context()


def placement(_urls):
    from nova.scheduler.client import report

    made = []

    def call():
        if not made:
            made.append(report.SchedulerReportClient())
        return made[0].get("/resource_providers")

    return call


def neutron(_urls):
    from nova.network import neutron

    return lambda: neutron.get_client(_admin(), admin=True).list_networks()


def neutron_in_api(urls):
    from nova.network import neutron

    context = _api(urls)
    return lambda: neutron.get_client(context).list_networks()


def cinder(_urls):
    from nova.volume import cinder

    return lambda: cinder.cinderclient(_admin()).volumes.get("x")


def cinder_with_microversion(_urls):
    from nova.volume import cinder

    return lambda: cinder.cinderclient(_admin(), "3.48").volumes.get("x")


def cinder_in_api(urls):
    from nova.volume import cinder

    context = _api(urls)
    return lambda: cinder.cinderclient(context, "3.48").volumes.get("x")


def glance(urls):
    from nova.image import glance

    return lambda: glance.GlanceClientWrapper().call(_user(urls), 2, "get", args=("x",))


def glance_in_api(urls):
    from nova.image import glance

    context = _api(urls)
    return lambda: glance.GlanceClientWrapper().call(context, 2, "get", args=("x",))


def keystone(urls):
    from nova.api.openstack import identity

    context = _api(urls)
    return lambda: identity.verify_project_id(context, web.PROJECT)


def cyborg(urls):
    from nova.accelerator import cyborg

    # `get_client` hides errors.
    return lambda: cyborg._CyborgClient(_user(urls))._client.get("/device_profiles")


def cyborg_in_api(urls):
    from nova.accelerator import cyborg

    context = _api(urls)
    return lambda: cyborg._CyborgClient(context)._client.get("/device_profiles")


def ironic(_urls):
    from nova import utils

    made = []

    def call():
        if not made:
            arguments = {"admin": True} if _takes_admin(utils.get_sdk_adapter) else {}
            made.append(utils.get_sdk_adapter("baremetal", check_service=True, **arguments))
        return made[0].get("/v1/nodes")

    return call


def _takes_admin(function):
    import inspect

    return "admin" in inspect.signature(function).parameters


def manila(urls):
    from nova.share import manila

    return lambda: manila._manilaclient(_user(urls), admin=True).get("/share_instances/x")


def manila_user(urls):
    from nova.share import manila

    return lambda: manila._manilaclient(_user(urls), admin=False).get("/shares/x")


def barbican(urls):
    import nova.conf
    from castellan import key_manager

    return lambda: key_manager.API(nova.conf.CONF).get(_user(urls), "00000000-0000-0000-0000-000000000000")


def keystone_authtoken(_urls):
    import nova.conf
    import webob
    from keystonemiddleware import auth_token

    made, tokens = [], iter(range(100))

    def application(environ, start_response):
        return webob.Response(status=204)(environ, start_response)

    def call():
        if not made:
            made.append(auth_token.AuthProtocol(application, {"oslo_config_config": nova.conf.CONF}))
        # What it validated once it keeps.
        request = webob.Request.blank("/", headers={"X-Auth-Token": f"token {next(tokens)}"})
        return request.get_response(made[0])

    return call


def oslo_limit(_urls):
    from oslo_limit import limit

    return lambda: limit._get_keystone_connection().get("/limits/model")


def vendordata(urls):
    from nova.api.metadata import vendordata_dynamic

    class Instance:
        project_id = uuid = image_ref = user_data = hostname = "x"
        metadata = system_metadata = {}

        def __getitem__(self, name):
            return "x"

    driver = vendordata_dynamic.DynamicVendorData(Instance())
    return lambda: driver._do_request("name", urls[1] + "/data")


CLIENTS = {
    "placement": placement,
    "neutron": neutron,
    "cinder": cinder,
    "glance": glance,
    "keystone": keystone,
    "cinder_with_microversion": cinder_with_microversion,
    "neutron_in_api": neutron_in_api,
    "cinder_in_api": cinder_in_api,
    "glance_in_api": glance_in_api,
    "cyborg": cyborg,
    "cyborg_in_api": cyborg_in_api,
    "manila_user": manila_user,
    "ironic": ironic,
    "manila": manila,
    "barbican": barbican,
    "keystone_authtoken": keystone_authtoken,
    "oslo_limit": oslo_limit,
    "vendordata_dynamic_auth": vendordata,
}
