"""What keystonemiddleware, which checks the token of every request to the API, is really told.

Sources: ``keystonemiddleware._common.config.Config``, ``keystonemiddleware.auth_token`` 10.1 to 13.0, measured with the
real middleware loaded by paste in all releases from Zed to 2026.2 (``tests/conformance/truth/traps``).
"""

from dataclasses import dataclass
from functools import lru_cache

from auditor.errors import Unavailable, Undecidable
from auditor.model import File, Origin, OriginKind, Role, Service, Setting, Withheld
from auditor.probe import ini, tokens
from auditor.releases import Option, load
from auditor.semantics.certificates import why_unseen
from auditor.semantics.queries import convert

GROUP = "keystone_authtoken"
_FILTER = "filter:authtoken"


@dataclass(frozen=True, slots=True)
class TokenCache:
    """Where validated tokens are kept: ``process`` or ``memcached``, and what protects them there.

    ``protection`` is ``none``, ``mac`` (signed) or ``encrypt``. In the memory of the process a strategy protects nothing
    that somebody else could reach. ``broken`` says why the API does not start, None where it does.
    """

    place: str
    protection: str
    broken: str | None = None


@lru_cache(maxsize=256)
def overrides(service: Service) -> tuple[Setting, ...]:
    """The options of ``[keystone_authtoken]`` that ``[filter:authtoken]`` of api-paste.ini sets instead of nova.conf.

    Each is under its own name, whatever the older one in the file; ``error`` says what the middleware cannot convert,
    and then the API does not start. Names that it does not know have no effect and are left out. Only the API uses it.

    Raises:
        Unavailable: the file is there but could not be read.
    """
    if service.project != "nova" or service.role not in (Role.API, Role.UNKNOWN):
        return ()
    file = _paste(service)
    if file is None:
        return ()
    known = _spellings(service)
    found = {}
    for section, name, text, line in ini.assignments(file.text or ""):
        if section == _FILTER and name in known:
            origin = Origin(OriginKind.FILE, file.path, line)
            setting = _setting(known[name], text, origin, f"{_FILTER}.{name}")
            found[setting.name] = setting
    return tuple(found.values())


def setting(service: Service, name: str) -> Setting | None:
    """The option that the middleware uses: of api-paste.ini if it stands there, else of ``[keystone_authtoken]``.

    None where this release does not know it.

    Raises:
        Unavailable: api-paste.ini is there but could not be read.
    """
    written = (override for override in overrides(service) if override.name == name)
    return next(written, None) or service.find(GROUP, name)


def token_cache(service: Service) -> TokenCache:
    """Where tokens are kept (``AuthProtocol._create_token_cache``, ``_cache.TokenCache._get_cache_pool``).

    Without ``memcached_servers`` they stay in the process whatever ``memcache_security_strategy`` says; a strategy
    without ``memcache_secret_key`` keeps the API from starting in either case.

    Raises:
        Undecidable: an option was withheld or rejected.
        Unavailable: api-paste.ini is there but could not be read.
    """
    servers = _value(service, "memcached_servers")
    strategy = str(_value(service, "memcache_security_strategy") or "none").lower()
    key = setting(service, "memcache_secret_key")
    broken = None
    if strategy != "none" and (key is None or not key.resolved):
        broken = "memcache_security_strategy needs memcache_secret_key: ConfigurationError"
    if not servers:
        return TokenCache("process", "none", broken)
    return TokenCache("memcached", strategy, broken)


def _value(service: Service, name: str) -> object:
    found = setting(service, name)
    return None if found is None else found.value


def _setting(option: Option, text: str, origin: Origin, written_as: str) -> Setting:
    """The value as the middleware converts it: with the option's own type, and without ``$`` (`_conf_values_type_convert`)."""
    value: object = text
    error, parsed = None, tokens.parse(text)
    if parsed is not None:
        value = Withheld(text, *parsed)
    elif option.type["kind"] == "list":
        value = tuple(part.strip() for part in text.split(",") if part.strip())
    else:
        try:
            value = convert(option.type, text)
        except ValueError as reason:
            value, error = None, str(reason)
    return Setting(GROUP, option.dest, value, origin, written_as, option.default, error)


def _spellings(service: Service) -> dict[str, Option]:
    """The options by every name that the middleware takes."""
    options = load(service.release).projects[service.project].get(GROUP, {})
    return {name: option for option in options.values() for _, name in option.spellings}


def _paste(service: Service) -> File | None:
    """The api-paste.ini that the service reads: ``[wsgi] api_paste_config``, where `ConfigOpts.find_file` finds it."""
    named = service.find("wsgi", "api_paste_config")
    name = "api-paste.ini"
    if named is not None and named.is_written:
        if named.is_withheld or named.error is not None:
            raise Undecidable(f"{named} does not show")
        name = str(named.resolved)
    found = service.files.at(name)
    if isinstance(found, File):
        return found
    # A name that the probe looked for in the places of oslo.config's find_file, and did not find, is still that name.
    if found.is_absent or (found.path == name and not name.startswith("/")):
        return None
    raise Unavailable(f"{found.path}: {why_unseen(found)}")
