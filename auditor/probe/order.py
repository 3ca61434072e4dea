"""The order in which oslo.config reads a service's files: what it finds by itself, what its arguments name.

Follows ``oslo_config/cfg.py`` (read in 9.0 to 10.7): find_config_files, find_config_dirs, ConfigOpts._parse_config_files,
_ConfigFileOpt, _ConfigDirOpt; ``nova/api/openstack/wsgi_app.py:_get_config_files`` and
``placement/wsgi/__init__.py:_get_config_files`` for the two projects under WSGI.
"""

import fnmatch
import posixpath
from typing import Any, Iterator, List, Mapping, NamedTuple, Optional, Sequence, Tuple


#: A step of the order. how: default, default-dir, argument or argument-dir.
class Source(NamedTuple):
    """A step of the order."""

    path: str
    how: str


#: sources: in parse order, each overriding those before it. config_files, config_dirs: what oslo.config's own options
#: of these names are afterwards.
class Order(NamedTuple):
    """What oslo.config reads."""

    sources: List[Source]
    config_files: List[str]
    config_dirs: List[str]


#: Anything with ``exists(path)`` and ``listdir(path)``; Python 3.6 has no protocols to say so.
Files = Any


def order(
    project: str,
    program: Optional[str],
    arguments: Sequence[str],
    environ: Mapping[str, str],
    home: Optional[str],
    wsgi: bool,
    files: Files,
    cwd: Optional[str] = "/",
    dist: bool = False,
) -> Order:
    """Return the `Order` of the configuration of a service.

    Args:
        project: ``nova`` or ``placement``.
        program: oslo.config's prog, the name of the script without ``.py``; under WSGI that of the server.
        arguments: the command line after the program.
        environ: the environment; SNAP, SNAP_COMMON and the projects' OS_*_CONFIG_* count.
        home: of the user, or None where it is not known (then the folders in it are not searched).
        wsgi: whether a WSGI server loads the service.
        files: anything with ``exists(path)`` and ``listdir(path)``, which raise and return as those of `os` do. A folder
            among the sources stands for files in it that could not be listed.
        cwd: what relative paths are relative to.
        dist: whether oslo.config is RDO's, which reads ``/usr/share/<project>/<project>-dist.conf`` before all else.
    """
    default_files = _wsgi_files(project, environ) if wsgi else None
    places = search_path(project, environ, home)
    if default_files is None:
        default_files = _first(places, project, program, ".conf", files)
        shipped = "/usr/share/{0}/{0}-dist.conf".format(project)
        if dist and files.exists(shipped):
            default_files.insert(0, shipped)
    default_dirs = _first(places, project, program, ".conf.d", files)

    named = list(_named(arguments))
    sources = []
    if not _is_named(arguments, "--config-file"):
        sources += [Source(path, "default") for path in default_files]
    if not _is_named(arguments, "--config-dir"):
        for folder in default_dirs:
            sources += _files_of(folder, "default-dir", files)
    for option, path in named:
        whole = absolute(path, home, cwd)
        if option == "--config-file":
            sources.append(Source(whole, "argument"))
        elif files.exists(whole):
            sources += _files_of(whole, "argument-dir", files)
        else:
            sources.append(Source(whole, "argument-dir"))
    config_files = [absolute(path, home, cwd) for option, path in named if option == "--config-file"]
    config_dirs = [absolute(path, home, cwd) for option, path in named if option == "--config-dir"]
    return Order(sources, config_files or list(default_files), config_dirs or list(default_dirs))


def search_path(project: str, environ: Mapping[str, str], home: Optional[str]) -> List[str]:
    """Return the folders in which oslo.config looks for a project's files, first hit first (_get_config_dirs)."""
    places = []
    if home:
        places = [posixpath.join(home, "." + project), home]
    places += ["/etc/" + project, "/etc"]
    places += [
        posixpath.join(environ[name], "etc", project) for name in ("SNAP_COMMON", "SNAP") if environ.get(name)
    ]
    return places


def absolute(path: str, home: Optional[str], cwd: Optional[str]) -> str:
    """Return a path as oslo.config makes it whole: ``~`` expanded, relative to the working directory, normalised."""
    if path == "~" or path.startswith("~/"):
        path = (home or "~") + path[1:]
    return posixpath.normpath(posixpath.join(cwd or "/", path))


def names_relative(arguments: Sequence[str]) -> bool:
    """Return whether a command line names files or folders from the working directory."""
    return any(not path.startswith(("/", "~")) for _, path in _named(arguments))


def _first(places: List[str], project: str, program: Optional[str], ending: str, files: Files) -> List[str]:
    found = []
    for name in (project, program):
        if name:
            paths = (posixpath.join(place, name + ending) for place in places)
            found += [next((path for path in paths if files.exists(path)), None)]
    return [path for path in found if path]


def _wsgi_files(project: str, environ: Mapping[str, str]) -> Optional[List[str]]:
    if project == "placement":
        folder = environ.get("OS_PLACEMENT_CONFIG_DIR", "").strip()
        return [posixpath.join(folder, "placement.conf")] if folder else None
    folder = environ.get("OS_NOVA_CONFIG_DIR", "/etc/nova").strip()
    names = environ.get("OS_NOVA_CONFIG_FILES", "").split(";")
    return [
        posixpath.join(folder, name) for name in (["api-paste.ini", "nova.conf"] if names == [""] else names)
    ]


def _is_named(arguments: Sequence[str], option: str) -> bool:
    return any(argument == option or argument.startswith(option + "=") for argument in arguments)


def _named(arguments: Sequence[str]) -> Iterator[Tuple[str, str]]:
    """Yield (option, path) for each --config-file and --config-dir; argparse takes their unambiguous beginnings too."""
    waiting = None
    for argument in arguments:
        if waiting:
            yield waiting, argument
            waiting = None
        elif argument == "--":
            return
        elif argument.startswith("--config-"):
            name, equals, path = argument.partition("=")
            option = next(
                (known for known in ("--config-file", "--config-dir") if known.startswith(name)), None
            )
            if name == "--config-" or option is None:
                continue
            if equals:
                yield option, path
            else:
                waiting = option


def _files_of(folder: str, how: str, files: Files) -> List[Source]:
    try:
        names = files.listdir(folder)
    except NotADirectoryError:
        return []
    except OSError:
        return [Source(folder, how)]
    # glob takes no names that begin with a dot.
    chosen = sorted(
        name for name in names if fnmatch.fnmatchcase(name, "*.conf") and not name.startswith(".")
    )
    return [Source(posixpath.join(folder, name), how) for name in chosen]
