"""Which places a client speaks HTTPS to, as far as its own section of the configuration says so.

The catalogue's endpoints are known to keystone alone: they are not among these (``keystoneauth1.session`` looks them up
after a login, which nobody makes here).
"""

from urllib.parse import urlsplit

from auditor.model import Client

#: Options that hold a URL which the client speaks to by itself.
OPTIONS = ("auth_url", "endpoint_override")

_HTTPS = 443


def https_endpoints(client: Client) -> tuple[str, ...]:
    """Return the ``host:port`` of the ``https://`` URLs in a client's section, in the order of `OPTIONS`."""
    found = []
    for name in OPTIONS:
        setting = client.setting(name)
        text = None if setting is None or setting.error or setting.is_withheld else setting.resolved
        if not isinstance(text, str):
            continue
        try:
            url = urlsplit(text.strip())
            host, port = url.hostname, url.port or _HTTPS
        except ValueError:
            continue
        if url.scheme.lower() == "https" and host:
            found.append(f"[{host}]:{port}" if ":" in host else f"{host}:{port}")
    return tuple(dict.fromkeys(found))
