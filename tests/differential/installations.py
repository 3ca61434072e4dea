"""Sets about installations: what distributions write, and files that are absent, locked, empty, links or folders."""

from collections.abc import Iterator
from random import Random

from tests.differential.values import values_for
from tests.differential.writing import HOME, PROGRAMS, Case, Catalogue, Cycle, configuration, deployed


def broken_files(catalogue: Catalogue, rng: Random) -> Iterator[Case]:
    """Files that are absent, locked, empty, folders, links, very long or named strangely."""
    good = deployed(rng)
    base: Case = {
        "program": "nova-compute",
        "files": {"/etc/nova/nova.conf": good, "/srv/a.conf": "[DEFAULT]\nhost = other\n"},
    }
    locked = {"/srv/a.conf": "000"}
    extra = {
        "/etc/nova/nova.conf.d/1.conf": "[DEFAULT]\nhost = one\n",
        "/etc/nova/nova.conf.d/2.conf": "[DEFAULT]\nhost = two\n",
    }
    changes: tuple[Case, ...] = (
        {"arguments": ["--config-file=/srv/none.conf"]},
        {"arguments": ["--config-file=/etc/nova/nova.conf", "--config-file=/srv/none.conf"]},
        {"arguments": ["--config-dir=/srv/none.d"]},
        {"arguments": ["--config-file=/srv/a.conf"], "modes": locked},
        {"arguments": ["--config-file=/srv/a.conf", "--config-file=/srv/none.conf"], "modes": locked},
        {"modes": {"/etc/nova/nova.conf": "000"}},
        {"modes": {"/etc/nova": "000"}},
        {"files": {**base["files"], **extra}, "modes": {"/etc/nova/nova.conf.d/2.conf": "000"}},
        {"files": {**base["files"], **extra}, "modes": {"/etc/nova/nova.conf.d": "000"}},
        {"files": {**base["files"], **extra}, "modes": {"/etc/nova/nova.conf.d": "100"}},
        {"files": {**base["files"], **extra}, "modes": {"/etc/nova/nova.conf.d": "400"}},
        {"arguments": ["--config-dir=/etc/nova/nova.conf.d"], "files": {**base["files"], **extra}, "modes": {"/etc/nova/nova.conf.d": "000"}},
        {"files": {}},
        {"files": {"/etc/nova/nova.conf": ""}},
        {"files": {"/etc/nova/nova.conf": "\n\n  \n\t\n"}},
        {"files": {"/etc/nova/nova.conf": "# only\n; comments\n"}},
        {"files": {"/etc/nova/nova.conf": "[DEFAULT]"}},
        {"files": {"/etc/nova/nova.conf": "[DEFAULT]\n[database]\n[DEFAULT]\n"}},
        {"files": {"/etc/nova/nova.conf": "[DEFAULT]\nhost = no-newline"}},
        {"files": {"/etc/nova/nova.conf": "[DEFAULT]\nhost = node\n[database]\nconnection =" + " " * 100000 + "x\n"}},
        {"files": {"/etc/nova/nova.conf": "[DEFAULT]\nconsole_host = " + "y" * 200000 + "\n"}},
        {"files": {"/etc/nova/nova.conf": "[glance]\napi_servers = " + ",".join(f"http://node{n}:9292" for n in range(4000)) + "\n"}},
        {"files": {"/etc/nova/nova.conf": "[DEFAULT]\n" + "# filler\n" * 20000 + "host = last\n"}},
        {"files": {"/etc/nova/nova.conf": "[pci]\n" + "alias = x\n" * 500}},
        {"directories": ["/etc/nova/nova.conf"], "files": {}},
        {"directories": ["/etc/nova/nova.conf.d/1.conf"]},
        {"files": {**base["files"], "/etc/nova/nova.conf.d": "[DEFAULT]\nhost = not-a-folder\n"}},
        {"arguments": ["--config-file=/srv"]},
        {"arguments": ["--config-dir=/srv/a.conf"]},
        {"arguments": ["--config-file=/srv/a.conf/x"]},
        {"links": {"/etc/nova/nova.conf.d/1.conf": "/srv/a.conf"}},
        {"links": {"/etc/nova/nova.conf.d/1.conf": "/srv/none.conf"}},
        {"links": {"/etc/nova/nova.conf.d/1.conf": "1.conf"}},
        {"links": {"/etc/nova/nova.conf.d": "/srv"}},
        {"links": {"/etc/nova/nova-compute.conf": "/srv/none.conf"}},
        {"links": {"/etc/nova/nova-compute.conf": "../../srv/a.conf"}},
        {"links": {f"{HOME}/.nova": "/etc"}},
        {"files": {**base["files"], "/etc/nova/nova.conf.d/bad.conf": "no delimiter here\n"}},
        {"files": {**base["files"], "/etc/nova/nova.conf.d/.bad.conf": "no delimiter here\n"}},
        {"files": {**base["files"], "/etc/nova/nova.conf.d/bad.conf~": "no delimiter here\n"}},
        {"files": {**base["files"], "/etc/nova/nova-compute.conf": "no delimiter here\n"}},
        {"files": {**base["files"], "/etc/nova/nova-conductor.conf": "no delimiter here\n"}},
        {"arguments": ["--config-file=/srv/a.conf", "--config-file=/srv/a.conf"]},
        {"files": {"/etc/nova/nova.conf": "[DEFAULT]\nfatal_deprecations = true\nhost = x\n[placement]\nuser_name = old\n"}},
        {"files": {"/etc/nova/nova.conf": "[DEFAULT]\nfatal_deprecations = false\nlogdir = /srv/log\n[keystone_authtoken]\nuser-name = old\n"}},
    )  # fmt: skip
    for change in changes:
        yield {**base, **change}


def deployments(catalogue: Catalogue, rng: Random) -> Iterator[Case]:
    """Command lines and folders as distributions and deployment tools write them, with a few random settings."""
    keys = Cycle([key for key, option in catalogue.items() if not option["cli"]], rng)
    for _ in range(70):
        program = rng.choice(PROGRAMS)
        own = [
            (key, rng.choice(values_for(key, catalogue[key])[:12])) for key in (keys.next() for _ in range(6))
        ]
        layout = rng.choice(("debian", "rdo", "kolla", "helm", "osa"))
        files = {"/etc/nova/nova.conf": deployed(rng, *own[:3])}
        given: list[str] = []
        if layout == "debian":
            files[f"/etc/nova/{program}.conf"] = configuration(
                rng, [*own[3:], ("DEFAULT.compute_driver", "libvirt.LibvirtDriver")]
            )
            given = [
                "--config-file=/etc/nova/nova.conf",
                f"--config-file=/etc/nova/{program}.conf",
                "--log-file=/var/log/nova/service.log",
            ]
        elif layout == "rdo":
            files["/etc/nova/nova-dist.conf"] = configuration(rng, own[3:])
            given = rng.choice(
                ([], ["--config-file", "/etc/nova/nova-dist.conf", "--config-file", "/etc/nova/nova.conf"])
            )
        elif layout == "helm":
            files["/etc/nova/nova.conf.d/nova_console.conf"] = configuration(rng, own[3:])
            given = ["--config-file", "/etc/nova/nova.conf", "--config-dir", "/etc/nova/nova.conf.d"]
        elif layout == "osa":
            files["/etc/nova/nova.conf.d/99-local.conf"] = configuration(rng, own[3:])
            given = ["--config-file", "/etc/nova/nova.conf"]
        yield {"program": program, "files": files, "arguments": given}
