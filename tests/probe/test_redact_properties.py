"""Redaction against the real parser: nothing of the structure changes, nothing of a secret survives."""

import contextlib
import io
from collections.abc import Iterable

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from oslo_config import iniparser

from auditor.probe import ini, tokens
from tests.probe.redaction import REDACTOR

unhurried = settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.too_slow])

SPACES = " \t\x0b\x0c\x1c\x85\xa0\u2003\u2028"
BREAKS = ("\n", "\r\n", "\r")

values = st.one_of(
    st.sampled_from(
        [
            "", "true", "'quoted'", '"', "''", "'a", "a # b", "a #", "# b", "5", "$state_path/x", "$nothing", "a,b", "x = y", "a:b",
            "rabbit://u:p@h:5672/v?ssl=1", "rabbit://u:p@h1,u:p@h2/", "mysql://u:p/w@h/db", "http://h/?a=b&c", "[x]", "ä", "\x85",
        ]
    ),
    st.text(max_size=12),
    st.text(alphabet="ab:=@/,#?&$\\'\" []{}%;" + SPACES, max_size=16),
)  # fmt: skip
names = st.one_of(
    st.sampled_from(
        [
            "debug",
            "transport_url",
            "connection",
            "password",
            "enabled_apis",
            "timeout",
            "no such",
            "x" * 70,
            "ñ",
            "a.b",
            "",
        ]
    ),
    st.text(max_size=6),
)
lines = st.one_of(
    st.builds(lambda lead, name, gap, delimiter, value: f"{lead}{name}{gap}{delimiter}{value}",
              st.sampled_from(["", "", "", " ", "\t", "\xa0"]), names, st.sampled_from(["", " ", "\t", "\x85"]),
              st.sampled_from(["=", ":", "= ", " : "]), values),
    st.builds("[{}]{}".format, st.sampled_from(["DEFAULT", "database", "Placement", " x ", "", "a b", "a:b", "]", "[", "ñ", "y" * 70]),
              st.sampled_from(["", "", "", " ", "  # c", "\x85"])),
    st.sampled_from(["", " ", "\t", "\x85", "# c", "; c", " # c", "[x", "[", "[]", "=", ":", "= v", " = v", "word", "  word", "\ufeff[DEFAULT]", "\ufeff"]),
    values,
)  # fmt: skip
files = st.lists(st.tuples(lines, st.sampled_from(BREAKS)), max_size=14).map(
    lambda parts: "".join(line + end for line, end in parts)
)


class Events(iniparser.BaseParser):
    """What the parser says about a text: sections, options with their number of lines, and the line it ends at."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[object, ...]] = []

    def new_section(self, section: str) -> None:
        self.found.append(("section", section, self.lineno))

    def assignment(self, key: str, value: list[str]) -> None:
        self.found.append(("option", key, len(value), self.lineno))


class Values(iniparser.BaseParser):
    """The values that the parser gives, line by line."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def new_section(self, section: str) -> None:
        pass

    def assignment(self, key: str, value: list[str]) -> None:
        self.found += value

    def run(self, text: str) -> None:
        with contextlib.suppress(iniparser.ParseError):
            self.parse(read_lines(text))


def events(text: Iterable[str]) -> list[tuple[object, ...]]:
    parser = Events()
    try:
        parser.parse(text)
    except iniparser.ParseError as error:
        parser.found.append((type(error), error.msg, error.lineno))
    return parser.found


def read_lines(text: str) -> list[str]:
    """A text as the lines that oslo.config reads from a file of it."""
    return io.TextIOWrapper(
        io.BytesIO(text.encode("utf-8", "surrogatepass")), "utf-8", "surrogatepass"
    ).readlines()


def renamed(found: list[tuple[object, ...]]) -> list[tuple[object, ...]]:
    changed: list[tuple[object, ...]] = []
    is_in_section = False
    for event in found:
        is_in_section = is_in_section or event[0] == "section"
        if event[0] == "section":
            changed.append(("section", REDACTOR.group(str(event[1])), *event[2:]))
        elif event[0] == "option":
            name = str(event[1])
            changed.append(
                ("option", REDACTOR.name(name) if is_in_section else REDACTOR.whole(name), *event[2:])
            )
        else:
            changed.append(event)
    return changed


@unhurried
@given(files)
@example("[DEFAULT]\npassword = a\n  b\n# c\n  d\n")
@example('[DEFAULT]\nx = "\ny = "a\nz = \'"\'\n')
@example("[DEFAULT]\r\ndebug=true\rlog_file: x\r\n")
@example("[DEFAULT] # x\n")
def test_the_redacted_text_parses_to_the_same_structure(text: str) -> None:
    redacted = REDACTOR.oslo(text)

    assert events(read_lines(redacted)) == renamed(events(read_lines(text)))


@unhurried
@given(files)
def test_line_numbers_survive(text: str) -> None:
    redacted = REDACTOR.oslo(text)

    assert len(redacted.split("\n")) == len(ini.split(text))
    assert "\r" not in redacted


@unhurried
@given(files)
def test_a_value_stays_as_the_parser_gives_it_or_holds_a_token(text: str) -> None:
    written, left = Values(), Values()
    written.run(text)
    left.run(REDACTOR.oslo(text))

    changed = [after for before, after in zip(written.found, left.found, strict=True) if before != after]
    assert [value for value in changed if not tokens.occurs(value)] == []


# Four letters that stand in no template, so that no part of them can be found by chance.
secrets = st.text(alphabet="QZXJ0159@/,#?:%$;= '\"[]{}!+*\\.~-", min_size=8, max_size=24).filter(
    lambda text: text.strip() == text and len(set(text)) > 3
)

TEMPLATES = (
    "[DEFAULT]\ntransport_url = rabbit://nova:{}@h.example:5671/v?ssl=1\n",
    "[DEFAULT]\ntransport_url = rabbit://nova:{0}@a.example:1,nova:{0}@b.example:2/\n",
    "[DEFAULT]\ntransport_url = rabbit://nova:x@a.example:1,nova:{}@b.example:2/?ssl=1\n",
    "[DEFAULT]\ntransport_url = 'rabbit://nova:{}@h.example/'\n",
    "[DEFAULT]\ntransport_url = nova:{}@h.example/\n",
    "[DEFAULT]\ntransport_url = rabbit://nova:\n  {}@h.example/\n",
    "[DEFAULT]\nlog_file = amqp://nova:{}@h.example/\n",
    "[DEFAULT]\nlog_dir = /var/log/nova\n  {}\n",
    "[DEFAULT]\ndebug = true # {}\n",
    "[DEFAULT]\ndebug = true ; {}\n",
    "[DEFAULT]\nenabled_apis = osapi_compute\n    password = {}\n",
    "[DEFAULT]\nenabled_apis = osapi_compute\n    {} = password\n",
    "[DEFAULT]\n# {}\n",
    "[DEFAULT]\n;{}\n",
    "[DEFAULT]\npassword: {}\n",
    "[database]\nconnection = mysql+pymysql://nova:{}@h.example/nova?charset=utf8\n",
    "[database]\nconnection = mysql+pymysql://h.example/nova?charset=utf8&user=nova&password={}@\n",
    "[database]\nslave_connection = mysql+pymysql://nova:{}@h.example\n",
    "[keystone_authtoken]\npassword = '{}'\n",
    '[keystone_authtoken]\npassword = "{}"\n',
    "[keystone_authtoken]\nhttp_connect_timeout = {}Q\n",
    "[placement]\nauth_url = https://admin:{}@h.example/v3\n",
    "[placement]\ntimeout = {}Q\n",
    "[cache]\nmemcache_servers = u:{}@h.example:1\n",
    "[glance]\napi_servers = http://a.example:1, http://u:{}@h.example:2\n",
    "[vendor]\nanything = {}\n",
    "{}\n",
    " {}\n",
    "[DEFAULT\n{}\n",
)


@unhurried
@given(secrets, st.sampled_from(TEMPLATES))
@example("12,34QZXJ", TEMPLATES[0])
@example("1/2QZXJQZ", TEMPLATES[0])
@example("1?a=QZXJQZ", TEMPLATES[0])
@example("QZXJ@QZXJ", TEMPLATES[15])
@example("1 #QZXJQZXJ", TEMPLATES[0])
def test_no_part_of_a_secret_survives(secret: str, template: str) -> None:
    redacted = REDACTOR.oslo(template.format(secret))

    parts = {secret[start : start + 5] for start in range(len(secret) - 4)}
    assert [part for part in parts if part in redacted] == []
