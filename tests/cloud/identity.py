"""What stands for keystone: it takes every password, says that every token is a service's, and knows where placement is.

Run as ``python identity.py PORT CERTIFICATE REGIONS``: the regions are ``name=URL of its placement``.
"""

import json
import ssl
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

#: How the document of a token names the domain, which nobody asks about.
DOMAIN = {"id": "default", "name": "Default"}


def token(regions: dict[str, str]) -> dict[str, object]:
    """The document of a token, with the catalogue."""
    endpoints = [
        {
            "id": f"{region}-{interface}",
            "region": region,
            "region_id": region,
            "interface": interface,
            "url": url,
        }
        for region, url in regions.items()
        for interface in ("internal", "public")
    ]
    return {
        "methods": ["password"],
        "user": {"id": "service", "name": "service", "domain": DOMAIN},
        "project": {"id": "service", "name": "service", "domain": DOMAIN},
        "roles": [{"id": "service", "name": "service"}, {"id": "admin", "name": "admin"}],
        "is_domain": False,
        "audit_ids": ["a"],
        "issued_at": "2020-01-01T00:00:00.000000Z",
        "expires_at": "2099-01-01T00:00:00.000000Z",
        "catalog": [{"id": "placement", "type": "placement", "name": "placement", "endpoints": endpoints}],
    }


class Identity(BaseHTTPRequestHandler):
    """Answers as keystone's API v3 does."""

    protocol_version = "HTTP/1.1"
    regions: dict[str, str] = {}

    def do_GET(self) -> None:
        if self.path.startswith("/identity/v3/auth/tokens"):
            self.answer(200, {"token": token(self.regions)})
            return
        where = f"https://{self.headers['Host']}/identity/v3/"
        version = {"id": "v3.14", "status": "stable", "links": [{"rel": "self", "href": where}]}
        whole = {"versions": {"values": [version]}}
        self.answer(*((200, {"version": version}) if "v3" in self.path else (300, whole)))

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.answer(201, {"token": token(self.regions)})

    def answer(self, code: int, document: object) -> None:
        content = json.dumps(document).encode()
        self.send_response(code)
        self.send_header("X-Subject-Token", "a-token")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def main(port: str, certificate: str, *regions: str) -> None:
    Identity.regions = dict(region.split("=", 1) for region in regions)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    server = ThreadingHTTPServer(("127.0.0.1", int(port)), Identity)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    sys.stderr.write("identity is ready\n")
    server.serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
