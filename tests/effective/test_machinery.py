"""What we take from oslo.config against an unchanged ConfigOpts, which reads real files: the guard of its private names."""

import logging
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oslo_config import cfg, types

from auditor.effective import Unparsable, resolve
from auditor.effective.registry import finished
from auditor.evidence import Evidence, ServiceRecord
from auditor.model import File, Kind, Role, Source
from auditor.releases import Option
from tests.effective.services import NOVA_CONF, settings_of

# One option of each type, with older names in both groups; declared twice, for oslo.config and for us.
OPTS = {
    "DEFAULT": [
        cfg.StrOpt("zz_text", default="t", deprecated_name="zz_old", deprecated_group="zz"),
        cfg.IntOpt("zz_number", default=5, min=1, max=9),
        cfg.MultiStrOpt("zz_multi", default=["m"]),
        cfg.StrOpt("zz-hyphen", default="$zz_text/h"),
    ],
    "zz": [
        cfg.BoolOpt("flag", default=False, deprecated_name="zz_flag", deprecated_group="DEFAULT"),
        cfg.FloatOpt("ratio", default=0.5),
        cfg.ListOpt("items", default=["a", "b"]),
        cfg.DictOpt("pairs", default={}),
        cfg.StrOpt("choice", default="one", choices=["one", "two"]),
        cfg.PortOpt("port", default=80),
        cfg.HostAddressOpt("host", default="localhost"),
        cfg.URIOpt("uri", default=None),
        cfg.Opt("numbers", type=types.List(types.Integer()), default=[]),
        cfg.StrOpt("zz_text", default="${zz.choice}", deprecated_name="zz_older"),
    ],
}
STRING = {"kind": "string"}
OPTIONS = (
    Option("DEFAULT", "zz_text", "zz_text", STRING, default="t", deprecated=(("zz", "zz_old"),)),
    Option("DEFAULT", "zz_number", "zz_number", {"kind": "integer", "min": 1, "max": 9}, default=5),
    Option("DEFAULT", "zz_multi", "zz_multi", STRING, multi=True, default=("m",)),
    Option("DEFAULT", "zz_hyphen", "zz-hyphen", STRING, default="$zz_text/h"),
    Option("zz", "flag", "flag", {"kind": "boolean"}, default=False, deprecated=(("DEFAULT", "zz_flag"),)),
    Option("zz", "ratio", "ratio", {"kind": "float"}, default=0.5),
    Option("zz", "items", "items", {"kind": "list", "item": STRING}, default=("a", "b")),
    Option("zz", "pairs", "pairs", {"kind": "dict", "value": STRING}, default={}),
    Option("zz", "choice", "choice", {"kind": "string", "choices": ["one", "two"]}, default="one"),
    Option("zz", "port", "port", {"kind": "port", "min": 0, "max": 65535}, default=80),
    Option("zz", "host", "host", {"kind": "host"}, default="localhost"),
    Option("zz", "uri", "uri", {"kind": "uri"}),
    Option("zz", "numbers", "numbers", {"kind": "list", "item": {"kind": "integer"}}, default=()),
    Option("zz", "zz_text", "zz_text", STRING, default="${zz.choice}", deprecated=((None, "zz_older"),)),
)

NAMES = sorted(
    {option.dest for option in OPTIONS} | {"zz_old", "zz_older", "zz_flag", "zz-hyphen", "FLAG", "other"}
)
VALUES = (
    "", "x", "true", "Off", "7", "10", "0.5", "1_0", "two", "a,b", "'a,b'", "k:v", "k:v,l:w", "$zz_text", "${zz.choice}", "$flag",
    "$zz_number", "$nothing", "${zz.nothing}", "${no.group}", "$zz", "$$x", "\\$x", "$", "$zz_old", "$zz_older", "${zz.zz_older}",
    "http://x/", "10.0.0.1", "1,2", '"quoted"', "a # b", "${zz_text}s", "$zz_multi", "$items", "ñ",
)  # fmt: skip

LINE = st.one_of(
    st.sampled_from(
        ["[DEFAULT]", "[zz]", "[ZZ]", "[default]", "[other]", "", "# note", "  more", "[zz", "junk"]
    ),
    st.builds("{} {} {}".format, st.sampled_from(NAMES), st.sampled_from("=:"), st.sampled_from(VALUES)),
    st.builds("{}={}".format, st.sampled_from(NAMES), st.sampled_from(VALUES)),
)
TEXT = st.lists(LINE, max_size=14).map(lambda lines: "\n".join(["[zz]", *lines]))


def read_by_oslo_config(paths: Sequence[str]) -> object:
    """{option: value or "rejected"} by an unchanged ConfigOpts, or "fatal"."""
    conf = cfg.ConfigOpts()
    for group, opts in OPTS.items():
        for opt in opts:
            conf.register_opt(opt, group=None if group == "DEFAULT" else group)
    try:
        conf(
            [],
            project="zz",
            prog="zz",
            default_config_files=list(paths),
            default_config_dirs=[],
            use_env=False,
        )
    except cfg.Error:
        return "fatal"
    found: dict[tuple[str, str], object] = {}
    for group, opts in OPTS.items():
        for opt in opts:
            try:
                value = conf[opt.dest] if group == "DEFAULT" else conf[group][opt.dest]
            except (cfg.Error, ValueError, RecursionError):
                found[group, opt.dest] = "rejected"
            else:
                found[group, opt.dest] = finished(value)
    return found


def read_by_us(texts: Sequence[str]) -> object:
    """The same by the resolver, whose release knows none of these options by itself."""
    paths = [f"/etc/{number}.conf" for number in range(len(texts))]
    record = ServiceRecord(
        "zz", "zz", "nova", Role.UNKNOWN, "unit", "plain", "zz", None, None, None, False, (), {},
        tuple(Source(path, path, "default") for path in paths), tuple(paths), (), {}, False, None,
    )  # fmt: skip
    files = {
        path: File(path, None, None, None, 0, "oslo", text) for path, text in zip(paths, texts, strict=True)
    }
    try:
        found = resolve(Evidence("h", Kind.TREE, "", "", (record,), files, {}), record, "2025.1", OPTIONS)
    except Unparsable:
        return "fatal"
    keys = [(option.group, option.dest) for option in OPTIONS]
    return {key: "rejected" if found[key].error is not None else found[key].resolved for key in keys}


@pytest.fixture(scope="module", autouse=True)
def _oslo_config_keeps_its_warnings() -> None:
    # An unchanged ConfigOpts warns about older names; here nobody wants to know.
    logging.getLogger("oslo_config.cfg").setLevel(logging.CRITICAL)


@settings(max_examples=250, deadline=None, derandomize=True)
@given(texts=st.lists(TEXT, min_size=1, max_size=3))
def test_any_files_come_to_what_oslo_config_makes_of_them(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str]
) -> None:
    folder = tmp_path_factory.mktemp("files")
    paths = [folder / f"{number}.conf" for number in range(len(texts))]
    for path, text in zip(paths, texts, strict=True):
        path.write_text(text, encoding="utf-8")

    assert read_by_us(texts) == read_by_oslo_config([str(path) for path in paths])


def test_the_value_in_effect_has_the_place_oslo_config_took_it_from(tmp_path: Path) -> None:
    # Where oslo.config itself names the file of the section's last occurrence.
    (tmp_path / "nova.conf").write_text("[vnc]\nserver_listen = 10.0.0.1\n")
    (tmp_path / "50.conf").write_text("[vnc]\nenabled = true\n")
    conf = cfg.ConfigOpts()
    conf.register_opts([cfg.StrOpt("server_listen")], group="vnc")
    conf(
        [],
        default_config_files=[str(tmp_path / "nova.conf"), str(tmp_path / "50.conf")],
        default_config_dirs=[],
    )
    ours = settings_of(
        {NOVA_CONF: "[vnc]\nserver_listen = 10.0.0.1\n", "/etc/nova/50.conf": "[vnc]\nenabled = true\n"}
    )

    location = conf.get_location("server_listen", "vnc")
    assert location is not None
    assert location.detail.endswith("50.conf")
    assert str(ours["vnc", "server_listen"].origin) == f"{NOVA_CONF}:2"


def test_nothing_is_logged_about_older_names_and_references(caplog: pytest.LogCaptureFixture) -> None:
    found = settings_of(
        "[DEFAULT]\nlogdir = $logfile\nlogfile = x\n[glance]\napi_servers = $logdir\n", release="zed"
    )
    values = list(found.effective())

    assert len(values) > 1000
    assert not caplog.records
