"""How a service starts: its files and its command line in order, then what oslo.config checks before anything runs."""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from auditor.effective import rejection
from auditor.effective.arguments import Given, steps
from auditor.effective.machinery import Conf, Environment
from auditor.effective.parser import Written, parse
from auditor.effective.registry import Key, Registry, registry
from auditor.effective.settings import EffectiveSettings
from auditor.effective.unparsable import Unparsable
from auditor.errors import Unavailable
from auditor.evidence import Evidence, ServiceRecord
from auditor.model import File, Missing, Origin, OriginKind, Source
from auditor.probe import tokens
from auditor.releases import Option, canonical

#: Statuses of a file with which a service does not start, and the class of what it ends with.
_FATAL = {"undecodable": "UnicodeDecodeError", "loop": "OSError"}

#: nova.cmd.novncproxy.main and nova.cmd.serialproxy.main, CONF.set_default.
_SET_BY_PROGRAM: Mapping[str, Mapping[str, Any]] = {
    "nova-novncproxy": {"web": "/usr/share/novnc"},
    "nova-serialproxy": {"web": None},
}


def start(
    evidence: Evidence, record: ServiceRecord, release: str, extra: tuple[Option, ...]
) -> EffectiveSettings:
    """Do what `ConfigOpts.__call__` does; see `auditor.effective.resolve`."""
    release = canonical(release)
    known = registry(release, record, evidence.libraries_of(record), extra)
    path, line = (record.defined.path, record.defined.line) if record.defined else (None, None)
    variables = Environment(record.environment, Origin(OriginKind.ENVIRONMENT, path, line))
    conf = known.conf.serving(known.cli(record.program), variables)
    _set_defaults(conf, record)
    starting = _Start(evidence, record, known, conf, Origin(OriginKind.COMMAND_LINE, path, line))
    starting.run()
    making = {key: _values(conf, key) for key in known.makers if conf.written(*key) is not None}
    if making:
        known = known.making(making)
        conf = known.conf.serving(conf._cli_opts, variables, conf.sources)
        _set_defaults(conf, record)
    return EffectiveSettings(
        known, conf, record.project, release, starting.command_line, frozenset(starting.paste)
    )


def _set_defaults(conf: Conf, record: ServiceRecord) -> None:
    """Set the defaults that depend on the service: what oslo.config read, and what nova's commands set at start."""
    defaults: dict[str, Any] = {
        "config_file": list(record.config_files),
        "config_dir": list(record.config_dirs),
    }
    defaults.update(_SET_BY_PROGRAM.get(record.program, {}))
    conf._opts = dict(conf._opts)
    for name, default in defaults.items():
        if name in conf._opts:
            info: Any = {**conf._opts[name], "default": default}
            conf._opts[name] = info


def _values(conf: Conf, key: Key) -> Sequence[str]:
    try:
        value = conf._get(key[1], conf.group(key[0]))
    except rejection.ERRORS:
        return ()
    return tuple(value or ())


class _Start:
    """One start of one service."""

    def __init__(
        self, evidence: Evidence, record: ServiceRecord, known: Registry, conf: Conf, command_line: Origin
    ) -> None:
        self.command_line = command_line
        self.paste: set[str] = set()
        self._evidence = evidence
        self._record = record
        self._known = known
        self._conf = conf
        self._absent: list[str] = []
        self._denied: list[str] = []

    def run(self) -> None:
        """Parse everything, then check, in the order of `ConfigOpts.__call__`."""
        waiting = deque(self._record.sources)
        while waiting and waiting[0].how in ("default", "default-dir"):
            self._add(waiting.popleft())
        for given in steps(self._known, self._record.program, self._record.arguments):
            if given.kind == "refuse":
                refused = tokens.PATTERN.sub("(withheld)", given.value)
                message = f"the service exits at its command line: {refused}"
                raise Unparsable(self.command_line.path, self.command_line.line, "SystemExit", message)
            if given.kind == "dir" and not given.value:
                raise Unparsable(None, None, "ConfigDirNotFoundError", "--config-dir names no folder")
            if given.kind == "set":
                setattr(self._conf.sources, given.name, self._from_command_line(given))
            else:
                for source in _of(given, waiting):
                    self._add(source)
        for source in waiting:
            self._add(source)
        self._conf.is_starting = True
        self._check_command_line_options()
        self._check_files()
        self._check_config_source()
        self._check_required()
        self._conf.is_starting = False

    def _from_command_line(self, given: Given) -> Any:
        if not isinstance(given.value, str):
            return given.value
        option = self._known.attributes[given.name]
        return Written.at(given.value, self.command_line, *option)

    def _add(self, source: Source) -> None:
        found = self._find(source)
        if isinstance(found, Missing):
            self._miss(source, found)
            return
        if found.text is None:
            raise Unavailable(f"{found.path}: its content was not collected")
        if found.format == "paste":
            self.paste.add(found.path)
        self._conf.sources.add(parse(found.path, found.text))

    def _find(self, source: Source) -> File | Missing:
        if source.file is None:
            return self._evidence.files_of(self._record).at(source.path)
        found = self._evidence.files.get(source.file)
        return Missing(source.file, "limit", "the probe did not look at it") if found is None else found

    def _miss(self, source: Source, missing: Missing) -> None:
        is_folder = source.how.endswith("-dir") and not source.path.endswith(".conf")
        if is_folder and missing.status == "absent":
            raise Unparsable(missing.path, None, "ConfigDirNotFoundError", "the folder does not exist")
        if is_folder and missing.status not in _FATAL:
            # oslo.config reads nothing in a folder that it may not list; whether it may, we cannot tell.
            raise Unavailable(f"{missing.path}: its files could not be listed: {missing.reason}")
        if missing.status == "absent":
            # What oslo.config found by itself was there; what WSGI services name by default need not be.
            if source.how != "default" or self._record.is_wsgi:
                self._absent.append(missing.path)
        elif missing.status == "denied":
            self._denied.append(missing.path)
        elif missing.status == "not-regular" and (
            "folder" in missing.reason or "directory" in missing.reason
        ):
            raise Unparsable(missing.path, None, "IsADirectoryError", "it is a folder, where a file belongs")
        elif missing.status in _FATAL:
            raise Unparsable(missing.path, None, _FATAL[missing.status], missing.reason)
        elif source.path != "/dev/null":
            raise Unavailable(f"{missing.path}: {missing.reason}")

    def _check_command_line_options(self) -> None:
        """As `ConfigOpts._validate_cli_options`: these options are converted while parsing, whoever sets them."""
        entries: Any = self._conf._cli_opts
        is_set = set(self._conf.attributes())
        for entry in sorted((e for e in entries if e["attribute"] in is_set), key=lambda e: e["opt"].name):
            option = self._known.options[self._known.attributes[entry["attribute"]]]
            group = entry["group"]
            raw, _ = entry["opt"]._get_from_namespace(self._conf.sources, group and group.name)
            try:
                value = self._conf._substitute(raw, group=group, namespace=self._conf.sources)
            except rejection.ERRORS as error:
                raise _stop(option, raw, type(error).__name__, error) from None
            try:
                self._conf._convert_value(value, entry["opt"])
            except rejection.ERRORS as error:
                name = "SystemExit" if isinstance(error, ValueError) else type(error).__name__
                raise _stop(option, raw, name, error) from None

    def _check_files(self) -> None:
        if self._absent:
            message = "the service names this file, and it does not exist"
            raise Unparsable(self._absent[0], None, "ConfigFilesNotFoundError", message)
        if self._denied:
            error = "ConfigFilesPermissionDeniedError"
            raise Unparsable(self._denied[0], None, error, "it may not be read", is_certain=False)

    def _check_config_source(self) -> None:
        """As `ConfigOpts._load_alternative_sources`, which reads the option, and logs what goes wrong after that."""
        try:
            self._conf._get("config_source")
        except rejection.ERRORS as error:
            option = self._known.options["DEFAULT", "config_source"]
            # ConfigOpts.__getattr__ turns what is no ValueError into this.
            name = type(error).__name__ if isinstance(error, ValueError) else "NoSuchOptError"
            raise _stop(option, self._conf.written("DEFAULT", "config_source"), name, error) from None

    def _check_required(self) -> None:
        for option in self._known.required:
            try:
                value = self._conf._get(option.dest, self._conf.group(option.group))
            except rejection.ERRORS as error:
                raw = self._conf.written(option.group, option.dest)
                raise _stop(option, raw, type(error).__name__, error) from None
            if value is None:
                message = f"[{option.group}] {option.dest} is required, and nothing sets it"
                raise Unparsable(None, None, "RequiredOptError", message)


def _stop(option: Option, raw: Any, name: str, error: Exception) -> Unparsable:
    written = raw[-1] if isinstance(raw, list) and raw else raw
    path, line = (written.origin.path, written.origin.line) if isinstance(written, Written) else (None, None)
    message = f"[{option.group}] {option.dest}: {rejection.reason(option, error)}, and the service reads it at start"
    return Unparsable(path, line, name, message)


def _of(given: Given, waiting: "deque[Source]") -> Iterator[Source]:
    """Take the next sources that one ``--config-file`` or ``--config-dir`` stands for."""
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
