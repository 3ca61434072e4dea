"""Options of client sections as numbers, for the modules that know what clients do with them."""

from auditor.errors import Undecidable
from auditor.model import Service, Setting, Settings

#: Written options without effect, each with the version of the library that gives it one, None where none does.
Dropped = tuple[tuple[Setting, str | None], ...]


def number(service: Service, group: str, name: str) -> float | None:
    """The value in seconds or as a count, None where it is unset or the release does not know it.

    Raises:
        Undecidable: it was withheld or is rejected.
    """
    return as_number(service.find(group, name))


def as_number(setting: Setting | None) -> float | None:
    """A setting's value as a number, None where it is unset or the release does not know it.

    Raises:
        Undecidable: it was withheld or is rejected.
    """
    if setting is None or setting.unknown:
        return None
    value = setting.value
    return None if value is None else float(value)


def longest(*limits: float | None) -> float | None:
    """The longest of some timeouts in seconds; None, which is for ever, where one of them is."""
    known = [limit for limit in limits if limit is not None]
    return max(known) if len(known) == len(limits) else None


def count(service: Service, group: str, name: str) -> int:
    """The number of repetitions; unset and negative are none."""
    return max(0, int(number(service, group, name) or 0))


def is_on(service: Service, group: str, name: str) -> bool:
    """True where a switch is on; what the release does not know is off."""
    setting = service.find(group, name)
    return setting is not None and not setting.unknown and bool(setting.value)


def codes(service: Service, group: str, default: frozenset[int]) -> frozenset[int]:
    """The statuses after which a request of a section is repeated (``retriable_status_codes``, from keystoneauth1 5.6).

    Raises:
        Undecidable: what is written is no list of numbers.
    """
    setting = service.find(group, "retriable_status_codes")
    if setting is None or setting.unknown or not setting.value:
        return default
    try:
        return frozenset(int(code) for code in setting.value)
    except ValueError:
        raise Undecidable(f"{setting} is not a list of numbers") from None


def is_written(service: Service, section: str) -> bool:
    """True where anything stands in the section."""
    return any(setting.group == section for setting in service.settings.written())


def has_credentials(settings: Settings, section: str) -> bool:
    """True where an auth plugin is named for the section, or another section that may name one."""
    named = (settings.find(section, "auth_section"), settings.find(section, "auth_type"))
    return any(setting is not None and bool(setting.resolved) for setting in named)


def auth_setting(settings: Settings, section: str, name: str) -> Setting | None:
    """An option of the auth plugin, from the section that ``auth_section`` names if it names one (`keystoneauth1.loading`).

    Options of the session and the adapter (``timeout``, ``cafile``) always come from the client's own section.

    Raises:
        Undecidable: that section's name was withheld, or it is one that the release does not know: keystoneauth
            registers its options there when it is used.
    """
    named = settings.find(section, "auth_section")
    if named is None or not named.value:
        return settings.find(section, name)
    if settings.find(str(named.value), "auth_type") is None:
        raise Undecidable(f"{named} names [{named.value}], whose options this release does not know")
    return settings.find(str(named.value), name)
