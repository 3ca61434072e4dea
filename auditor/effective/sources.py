"""How a service starts: its files and its command line in order, then what oslo.config checks before anything runs."""

from collections import deque
from collections.abc import Iterator, Sequence
from typing import Any

from auditor.effective import rejection
from auditor.effective.arguments import Given, steps
from auditor.effective.machinery import Conf, Environment, Namespace
from auditor.effective.parser import Written, parse
from auditor.effective.registry import Key, Registry, registry
from auditor.effective.settings import EffectiveSettings
from auditor.effective.unparsable import Unparsable
from auditor.errors import Unavailable
from auditor.evidence import Evidence, ServiceRecord, Source
from auditor.model import File, Missing, Origin, OriginKind
from auditor.releases import Option, canonical


def start(
    evidence: Evidence, record: ServiceRecord, release: str, extra: tuple[Option, ...]
) -> EffectiveSettings:
    """Do what `ConfigOpts.__call__` does; see `auditor.effective.resolve`."""
    known = registry(canonical(release), record, evidence.libraries_of(record), extra)
    defined = record.defined or Origin(OriginKind.FILE)
    variables = Environment(record.environment, Origin(OriginKind.ENVIRONMENT, defined.path, defined.line))
    conf = known.conf.serving(known.cli(record.program), variables)
    _describe_files(conf, record)
    command_line = Origin(OriginKind.COMMAND_LINE, defined.path, defined.line)
    _Start(evidence, record, known, conf).run(command_line)
    making = {key: _values(conf, key) for key in known.makers if conf.written(*key) is not None}
    if making:
        known = known.making(making)
        conf = known.conf.serving(conf._cli_opts, variables, conf._namespace)
        _describe_files(conf, record)
    return EffectiveSettings(known, conf, record, canonical(release), command_line)


def _values(conf: Conf, key: Key) -> Sequence[str]:
    try:
        value = conf._get(key[1], conf.group(key[0]))
    except rejection.ERRORS:
        return ()
    return tuple(value or ())


def _describe_files(conf: Conf, record: ServiceRecord) -> None:
    # `$config_file` is the list of what was read.
    conf._opts = dict(conf._opts)
    for name, paths in (("config_file", record.config_files), ("config_dir", record.config_dirs)):
        if name in conf._opts:
            info: Any = {**conf._opts[name], "default": list(paths)}
            conf._opts[name] = info


class _Start:
    """One start of one service."""

    def __init__(self, evidence: Evidence, record: ServiceRecord, known: Registry, conf: Conf) -> None:
        self._evidence = evidence
        self._record = record
        self._known = known
        self._conf = conf
        assert isinstance(conf._namespace, Namespace)
        self._namespace = conf._namespace
        self._absent: list[str] = []
        self._denied: list[str] = []

    def run(self, command_line: Origin) -> None:
        """Parse everything, then check."""
        waiting = deque(self._record.sources)
        while waiting and waiting[0].how in ("default", "default-dir"):
            self._add(waiting.popleft())
        for given in steps(self._known, self._record.program, self._record.arguments):
            if given.kind == "refuse":
                message = f"the service exits at its command line: {given.value}"
                raise Unparsable(command_line.path, command_line.line, "SystemExit", message)
            if given.kind == "set":
                setattr(self._namespace, given.name, _from_command_line(given, command_line))
            else:
                for source in _of(given, waiting):
                    self._add(source)
        for source in waiting:
            self._add(source)
        self._conf.is_starting = True
        self._check_command_line_options()
        self._check_files()
        self._check_required()
        self._conf.is_starting = False

    def _add(self, source: Source) -> None:
        if source.file is None:
            found = self._evidence.files_of(self._record).at(source.path)
        else:
            found = self._evidence.files.get(source.file) or Missing(
                source.file, "limit", "the probe did not look at it"
            )
        if isinstance(found, Missing):
            self._miss(source, found)
        elif found.text is None:
            raise Unavailable(f"{found.path}: its content was not collected")
        else:
            self._namespace.add(parse(found.path, found.text))

    def _miss(self, source: Source, missing: Missing) -> None:
        fatal = FATAL.get(missing.status)
        if missing.status == "absent":
            # The search path is a list of what may be there; everything else was named or listed.
            if source.how == "argument-dir" and not source.path.endswith(".conf"):
                raise Unparsable(missing.path, None, "ConfigDirNotFoundError", "the folder does not exist")
            if source.how != "default" or self._record.is_wsgi:
                self._absent.append(missing.path)
        elif missing.status == "denied":
            self._denied.append(missing.path)
        elif fatal is not None:
            raise Unparsable(missing.path, None, fatal, missing.reason)
        else:
            raise Unavailable(f"{missing.path}: {missing.reason}")

    def _check_command_line_options(self) -> None:
        """As `ConfigOpts._validate_cli_options`: these options are converted while parsing, whoever sets them."""
        for entry in sorted(self._conf._cli_opts, key=lambda item: item["opt"].name):
            opt, group = entry["opt"], entry["group"]
            try:
                raw, _ = opt._get_from_namespace(self._namespace, group.name if group else None)
            except KeyError:
                continue
            option = self._known.options[group.name if group else "DEFAULT", opt.dest]
            try:
                value = self._conf._substitute(raw, group=group, namespace=self._namespace)
            except rejection.ERRORS as error:
                raise self._stop(option, raw, type(error).__name__, error) from None
            try:
                self._conf._convert_value(value, opt)
            except ValueError as error:
                raise self._stop(option, raw, "SystemExit", error) from None

    def _check_files(self) -> None:
        if self._absent:
            raise Unparsable(
                self._absent[0], None, "ConfigFilesNotFoundError", "the service names this file, and it does not exist"
            )
        if self._denied:
            raise Unparsable(
                self._denied[0],
                None,
                "ConfigFilesPermissionDeniedError",
                "it may not be read",
                is_certain=False,
            )

    def _check_required(self) -> None:
        for option in self._known.required:
            group = self._conf.group(option.group)
            try:
                value = self._conf._get(option.dest, group)
            except rejection.ERRORS as error:
                raise self._stop(option, None, type(error).__name__, error) from None
            if value is None:
                message = f"[{option.group}] {option.dest} is required, and nothing sets it"
                raise Unparsable(None, None, "RequiredOptError", message)

    def _stop(self, option: Option, raw: Any, name: str, error: Exception) -> Unparsable:
        written = raw[-1] if isinstance(raw, list) and raw else raw
        origin = written.origin if isinstance(written, Written) else None
        message = f"[{option.group}] {option.dest}: {rejection.reason(option, error)}, and the service reads it at start"
        return Unparsable(origin and origin.path, origin and origin.line, name, message)


#: Statuses of a file with which a service does not start, and the class of what it ends with.
FATAL = {"undecodable": "UnicodeDecodeError", "loop": "OSError"}


def _of(given: Given, waiting: "deque[Source]") -> Iterator[Source]:
    """The next sources in order that one ``--config-file`` or ``--config-dir`` stands for."""
    if given.kind == "file":
        if waiting and waiting[0].how == "argument":
            yield waiting.popleft()
        return
    folder = None
    while waiting and waiting[0].how == "argument-dir":
        path = waiting[0].path
        parent = path.rpartition("/")[0] if path.endswith(".conf") else path
        if folder not in (None, parent):
            return
        folder = parent
        yield waiting.popleft()


def _from_command_line(given: Given, origin: Origin) -> Any:
    if isinstance(given.value, str):
        return Written.at(given.value, origin, given.name)
    return given.value
