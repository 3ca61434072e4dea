"""Which services are configured: every layout that a deployer may have left, looked for in turn."""

from . import services, view


def find(tree, gathered, request):
    """Yield a `services.Definition` for each service that is configured on the host."""
    projects = set()
    yield from _plain(tree, gathered, request, projects)


def _plain(tree, gathered, request, projects):
    """A configuration file, but nothing that says which services run there."""
    for project in ("nova", "placement"):
        if project in projects:
            continue
        path = next((path for path in (_etc(project), "/%s.conf" % project) if tree.exists(path)), None)
        if path is None:
            continue
        arguments = [] if path == _etc(project) else ["--config-file", path]
        yield services.Definition(project, project, "plain", view.View(tree), source="tree", arguments=arguments)


def _etc(project):
    return "/etc/{0}/{0}.conf".format(project)
