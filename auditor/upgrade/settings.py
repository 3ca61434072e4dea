"""Settings that another release reads otherwise, and defaults that flip, from what each release's own code registers."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from auditor.model import Judged, OriginKind, Service, Setting, Severity, display
from auditor.releases import BACKPORTS, Option, load
from auditor.upgrade.difference import Aspect, Difference, Effect

Key = tuple[str, str]

#: Options that later versions of a library have although the release's pins lack them.
_BACKPORTED = frozenset((option.group, option.dest) for option in BACKPORTS.values())

_OPTION = re.compile(r"\[([A-Za-z0-9_]+)\] ([a-z0-9_]+)")


def compare_settings(before: Service, after: Service, judged: frozenset[str]) -> Iterator[Difference]:
    """What is written, and read, rejected or understood otherwise by the other release.

    ``judged`` are the options that some check judges, as ``group.name``.

    Raises:
        Unavailable: one of the two does not start.
    """
    written, future = tuple(before.settings.written()), tuple(after.settings.written())
    unread = {_spelled(setting) for setting in future if setting.unknown}
    unread_before = {_spelled(setting) for setting in written if setting.unknown}
    read = {_spelled(setting): setting for setting in future if not setting.unknown}
    lost: dict[Key, list[Setting]] = {}
    for setting in written:
        spelled = _spelled(setting)
        if setting.unknown:
            if spelled not in unread and spelled in read:
                yield _newly_read(read[spelled], after, is_judged=_is_judged((read[spelled],), judged))
        elif spelled in unread and spelled not in unread_before:
            lost.setdefault(spelled, []).append(setting)
        else:
            then = read.get(spelled) or after.find(setting.group, setting.name)
            if then is not None:
                yield from _read_otherwise(setting, then, after, is_judged=_is_judged((setting,), judged))
    for spelled, settings in lost.items():
        yield _lost(spelled, settings, before, after, is_judged=_is_judged(settings, judged))


def options_of(difference: Difference) -> frozenset[str]:
    """The options that a difference of a setting is about, as ``[group] name``: of one lost, the names to write."""
    named = _OPTION.findall(difference.remedy or "")
    return frozenset(map(_named, named)) or frozenset({difference.subject})


def is_early(remedy: str | None, before: Service) -> bool | None:
    """Whether the present release knows every option that a remedy names; None where it names none."""
    named = _OPTION.findall(remedy or "")
    if not named:
        return None
    return all(before.find(group, name) is not None for group, name in named)


def _spelled(setting: Setting) -> Key:
    """The group and name under which a setting is written, as the settings of both releases have it."""
    group, _, name = (setting.written_as or f"{setting.group}.{setting.name}").rpartition(".")
    if group.lower() == "default" and setting.origin.kind is OriginKind.ENVIRONMENT:
        return "DEFAULT", name
    return (group if group == "DEFAULT" else group.lower()), name


def _is_judged(settings: Iterable[Setting], judged: frozenset[str]) -> bool:
    return any(f"{setting.group}.{setting.name}" in judged for setting in settings)


def _named(key: Key) -> str:
    return f"[{key[0]}] {key[1]}"


def _value(setting: Setting) -> str:
    """The value in words; what was withheld or rejected says so."""
    shown = setting.judged().value
    return "unset" if shown is None else shown or "empty"


def _lost(
    spelled: Key, settings: Sequence[Setting], before: Service, after: Service, *, is_judged: bool
) -> Difference:
    """A line that the other release does not read; it may set several options, the API database's too."""
    effect, early = Effect.WORSE, None
    moved = [
        (setting, then)
        for setting in settings
        if (then := after.find(setting.group, setting.name)) is not None
    ]
    first = moved[0][0] if moved else settings[0]
    if moved:
        if all(then.error is None and then.resolved == setting.resolved for setting, then in moved):
            effect = Effect.OTHER
        outcomes = (f"{then} will be {_value(then)}" for _, then in moved)
        message = f"{after.release} does not read this name: {', '.join(outcomes)}"
        remedy, early = f"Write it as {' and '.join(str(then) for _, then in moved)}.", True
    else:
        message, remedy = _gone(first, before, after), "Remove the line."
        if (first.group, first.name) in _BACKPORTED:
            remedy = "Keep the line, and install a version of the library that reads it."
        if first.error is None and first.resolved == _plain(first.default):
            effect = Effect.OTHER
            message += "; its value is the default of today"
    severity = Severity.MEDIUM if is_judged else Severity.LOW
    return Difference(
        Aspect.SETTING,
        effect,
        _named(spelled),
        message,
        before="read",
        after="not read",
        severity=severity if effect is Effect.WORSE else None,
        evidence=(Judged(_named(spelled), first.judged().value, first.origin),),
        remedy=remedy,
        is_early=early,
        is_judged=is_judged,
    )


def _gone(setting: Setting, before: Service, after: Service) -> str:
    """What is said of an option that the other release does not have under any name."""
    groups = load(before.release).projects[before.project]
    option = groups[setting.group].get(setting.name) if setting.group in groups else None
    why = "" if option is None else _first_sentence(option.deprecated_reason)
    return f"{after.release} has no such option" + (f"; it was announced: {why}" if why else "")


def _first_sentence(text: str | None) -> str:
    words = " ".join((text or "").split())
    return re.split(r"(?<=[.!?])\s", words, maxsplit=1)[0].rstrip(".")


def _newly_read(then: Setting, after: Service, *, is_judged: bool) -> Difference:
    own = "" if _spelled(then) == (then.group, then.name) else f" as {then}"
    is_rejected = then.error is not None
    says = f", and rejects it: {then.error}" if is_rejected else ""
    return Difference(
        Aspect.SETTING,
        Effect.WORSE if is_rejected else Effect.OTHER,
        _named(_spelled(then)),
        f"{after.release} reads it{own}, which today has no effect{says}",
        before="not read",
        after="rejected" if is_rejected else "read",
        severity=Severity.HIGH if is_rejected else None,
        evidence=(then.judged(),),
        remedy="Correct the value, or remove the line." if is_rejected else None,
        is_early=True if is_rejected else None,
        is_judged=is_judged,
    )


def _read_otherwise(
    setting: Setting, then: Setting, after: Service, *, is_judged: bool
) -> Iterator[Difference]:
    if setting.error is None and then.error is not None:
        effect, word = Effect.WORSE, "rejected"
        message = f"{after.release} rejects the value: {then.error}"
        remedy = f"Give {setting} a value that both releases take."
    elif setting.error is not None and then.error is None:
        effect, word, remedy = Effect.BETTER, "read", None
        message = f"{after.release} takes the value, which is rejected today: {setting.error}"
    elif setting.error is None and then.error is None and setting.resolved != then.resolved:
        effect, word, remedy = Effect.OTHER, _value(then), None
        message = f"{after.release} makes {_value(then)} of it, which is {_value(setting)} today"
    else:
        return
    yield Difference(
        Aspect.SETTING,
        effect,
        _named(_spelled(setting)),
        message,
        before="rejected" if setting.error is not None else ("read" if remedy else _value(setting)),
        after=word,
        severity=Severity.HIGH if effect is Effect.WORSE else None,
        evidence=(setting.judged(),),
        remedy=remedy,
        is_early=True if remedy else None,
        is_judged=is_judged,
    )


def compare_defaults(before: Service, after: Service, judged: frozenset[str]) -> Iterator[Difference]:
    """The options that both releases have, that nobody wrote, and whose default is another.

    Raises:
        Unavailable: one of the two does not start.
    """
    for key, difference in flips(before.project, before.release, after.release, judged):
        old, new = before.find(*key), after.find(*key)
        if old is not None and new is not None and not old.is_written and not new.is_written:
            yield difference


@cache
def flips(
    project: str, before: str, after: str, judged: frozenset[str]
) -> tuple[tuple[Key, Difference], ...]:
    """Options whose default differs between two releases, those that some check judges first.

    Options of auth plugins, and of groups that an option's value makes, are left out.
    """
    old, new = _options(project, before), _options(project, after)
    found = [
        (key, _flip(key, option.default, new[key].default, after, is_judged=".".join(key) in judged))
        for key, option in old.items()
        if key in new and _plain(option.default) != _plain(new[key].default)
    ]
    return tuple(sorted(found, key=lambda item: (not item[1].is_judged, item[0])))


def _options(project: str, release: str) -> Mapping[Key, Option]:
    return {
        (group, name): option
        for group, options in load(release).projects[project].items()
        for name, option in options.items()
        if "*" not in group and not option.plugin
    }


def _flip(key: Key, old: Any, new: Any, release: str, *, is_judged: bool) -> Difference:
    before, after = display(old), display(new)
    return Difference(
        Aspect.DEFAULT,
        Effect.OTHER,
        _named(key),
        f"its default in {release} is {_changed(old, new)}",
        before=before,
        after=after,
        is_judged=is_judged,
    )


def _changed(old: Any, new: Any) -> str:
    """The new default beside the old one; of lists what is added and what is dropped."""
    if isinstance(old, (list, tuple)) and isinstance(new, (list, tuple)):
        added = [str(display(item)) for item in new if item not in old]
        dropped = [str(display(item)) for item in old if item not in new]
        parts = (("with", added), ("without", dropped))
        said = " and ".join(f"{word} {', '.join(items)}" for word, items in parts if items)
        return said or "the same in another order"
    return f"{_word(new)}, not {_word(old)}"


def _word(value: Any) -> str:
    shown = display(value)
    return "unset" if shown is None else shown or "empty"


def _plain(value: Any) -> Any:
    """A default for comparison: lists as tuples, as settings have them."""
    return tuple(value) if isinstance(value, list) else value
