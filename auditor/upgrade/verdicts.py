"""Checks that come to another verdict once the other release is installed."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from auditor.model import PRECEDENCE, Service, Severity, Status
from auditor.report import Finding
from auditor.upgrade.difference import Aspect, Difference, Effect
from auditor.upgrade.settings import is_early

#: By check and object what was found; what does not apply is not in it.
Verdicts = Mapping[tuple[str, str | None], Finding]

_OPEN = (Status.UNKNOWN, Status.ERROR)


def by_service(findings: Iterable[Finding]) -> Mapping[str | None, Verdicts]:
    """The findings of a host, passes among them, by service, check and object."""
    found: dict[str | None, dict[tuple[str, str | None], Finding]] = {}
    for one in findings:
        found.setdefault(one.service, {})[one.check, one.object] = one
    return found


def compare_verdicts(before: Verdicts, after: Verdicts, present: Service | None) -> Iterator[Difference]:
    """The checks that another release changes: what fails then, what is mended, what cannot be decided."""
    objects: dict[str, dict[str | None, None]] = {}
    for check, name in (*before, *after):
        objects.setdefault(check, {})[name] = None
    for check, names in objects.items():
        if len(names) > 1 and None in names:
            # One side has no single object to judge: the worst of the other side's stands against that.
            yield from _compared(check, None, _worst(check, before), _worst(check, after), present)
        else:
            for name in names:
                yield from _compared(
                    check, name, before.get((check, name)), after.get((check, name)), present
                )


def _worst(check: str, verdicts: Verdicts) -> Finding | None:
    found = [one for (name, _), one in verdicts.items() if name == check]
    return min(found, key=lambda one: PRECEDENCE.index(one.status), default=None)


def _compared(
    check: str, name: str | None, old: Finding | None, new: Finding | None, present: Service | None
) -> Iterator[Difference]:
    was = Status.NOT_APPLICABLE if old is None else old.status
    status = Status.NOT_APPLICABLE if new is None else new.status
    subject = check if name is None else f"{check}#{name}"
    found = Difference(Aspect.CHECK, Effect.OTHER, subject, "", str(was), str(status), checks=(check,))
    if new is not None and status is Status.FAIL and _is_worse(old, new):
        yield replace(
            found,
            effect=Effect.WORSE,
            message=new.message,
            severity=new.severity,
            evidence=new.evidence,
            remedy=new.remediation,
            is_early=None if present is None else is_early(new.remediation, present),
        )
    elif old is not None and was is Status.FAIL and new is None:
        yield replace(found, message=f"does not apply any more; today {old.message}", evidence=old.evidence)
    elif old is not None and was is Status.FAIL and new is not None and status is Status.PASS:
        evidence = new.evidence or old.evidence
        yield replace(found, effect=Effect.BETTER, message=new.message, evidence=evidence)
    elif new is not None and status in _OPEN and was not in _OPEN:
        yield replace(found, effect=Effect.UNDECIDED, message=new.message, evidence=new.evidence)


def _is_worse(old: Finding | None, new: Finding) -> bool:
    if old is not None and old.status is Status.FAIL:
        return new.severity > old.severity
    return old is None or old.status is Status.PASS


def folded(differences: Sequence[Difference], of_path: frozenset[str]) -> tuple[Difference, ...]:
    """The same differences, with verdicts that follow from another one told with it.

    ``of_path`` are the checks that judge how well a connection is protected (`Check.is_of_path`).

    A verdict about a connection or a section follows from what changes there, one about a service from the written
    settings that it names. What changes the calls of a client is worse or better by the verdicts about it.
    """
    told: list[Difference] = list(differences)
    verdicts = [number for number, one in enumerate(told) if one.aspect is Aspect.CHECK]
    for number in sorted(verdicts, key=lambda place: list(Effect).index(told[place].effect)):
        verdict = told[number]
        cause = next((place for place, one in enumerate(told) if _follows(verdict, one, of_path)), None)
        if cause is not None:
            told[cause] = _with(told[cause], verdict)
            effect, severity = verdict.effect, verdict.severity
            if told[cause].effect is not effect:
                effect, severity = Effect.OTHER, None
            told[number] = replace(verdict, within=told[cause].subject, effect=effect, severity=severity)
    return tuple(told)


def _follows(verdict: Difference, cause: Difference, of_path: frozenset[str]) -> bool:
    check, _, name = verdict.subject.partition("#")
    if cause.aspect is Aspect.TRANSPORT and name == cause.subject:
        # What was not encrypted at all had no verdict on how well it is, and what a library limited none on what is
        # written: to fail by that now is no loss.
        was_moot = verdict.before == Status.NOT_APPLICABLE
        gained = was_moot and check in of_path and cause.effect in (Effect.BETTER, Effect.OTHER)
        return verdict.effect is cause.effect or gained or verdict.after == Status.NOT_APPLICABLE
    if cause.aspect is Aspect.CLIENT:
        is_same = verdict.effect is cause.effect or cause.effect is Effect.OTHER
        return f"[{name}]" in cause.subject.split(", ") and is_same
    if cause.aspect in (Aspect.SETTING, Aspect.START) and not name:
        lines = {line.origin for line in cause.evidence if line.origin.path is not None}
        # That a name is unknown, or no old one any more, is what the setting says itself.
        is_minor = verdict.severity is None or verdict.severity <= Severity.LOW
        is_told = verdict.effect is cause.effect or (is_minor and verdict.effect is not Effect.UNDECIDED)
        return is_told and any(line.origin in lines for line in verdict.evidence)
    return False


def _with(cause: Difference, verdict: Difference) -> Difference:
    checks = tuple(dict.fromkeys((*cause.checks, *verdict.checks)))
    is_taken = cause.effect is verdict.effect or cause.aspect is Aspect.CLIENT
    remedy, early = cause.remedy, cause.is_early
    if remedy is None and verdict.effect is Effect.WORSE:
        remedy, early = verdict.remedy, verdict.is_early
    if not is_taken:
        return replace(cause, checks=checks, remedy=remedy, is_early=early)
    severities: list[Severity] = [one for one in (cause.severity, verdict.severity) if one is not None]
    return replace(
        cause,
        effect=verdict.effect,
        checks=checks,
        severity=max(severities, default=None),
        remedy=remedy,
        is_early=early,
    )


def count_unchanged(before: Verdicts, after: Verdicts) -> int:
    """How many failures stay as they are."""
    return sum(
        one.status is Status.FAIL and (other := after.get(key)) is not None and other.status is Status.FAIL
        for key, one in before.items()
    )
