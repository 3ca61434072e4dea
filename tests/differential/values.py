"""What is written into options: for each oslo.config type the spellings that it takes, bends or rejects.

A value is the text after the delimiter, before oslo.config's own stripping of blanks and quotes. Passwords and the
like are invented words.
"""

# ruff: noqa: RUF001 - letters and digits that only look alike are among the values
# ruff: noqa: S104 - addresses are values here, nothing listens

from collections.abc import Mapping, Sequence
from typing import Any

BOOLEANS = (
    "true", "True", "TRUE", "tRuE", "1", "on", "ON", "yes", "Yes", "false", "False", "FALSE", "0", "off", "Off",
    "no", "NO", "", "   ", "t", "f", "y", "n", "T", "enabled", "disabled", "enable", "2", "-1", "01", "1.0", "none",
    "None", '"True"', "'no'", '"yes', "yes'", "''", '""', '"', "' true '", "true # on", "yes ; off", "true,", "[true]",
    "\ttrue\t", "true\u00a0", "\u00a0false", "ｔｒｕｅ", "TRUE\u200b", "oﬀ", "ＯＮ",
)  # fmt: skip
INTEGERS = (
    "0", "1", "2", "3", "5", "10", "60", "100", "-1", "+7", "-0", "007", "1_000", "1__000", "_1", "1_", "0x10", "0o17",
    "0b1", "5.0", "5.", "1e3", "", "  ", '" 5 "', "' 5 '", "' '", '"5"', '"5', "5'", "10s", "5 # five", "5;", "None",
    "none", "null", "inf", "nan", "1,000", "1 000", "- 1", "--1", "٣", "１２", "²", "99999999999999999999", "4294967296",
    "2147483648", "65535", "65536", "86400", "-99999", "true", "five", "\t7\t", "1\u00a0", "9" * 4300, "9" * 4301,
)  # fmt: skip
FLOATS = (
    "0", "0.0", "-0.0", "1", "1.5", ".5", "5.", "+2.5", "-2.5", "1e3", "1E-3", "1e400", "1e-400", "inf", "-inf",
    "Infinity", "nan", "NaN", "1_000.5", "1_0e1_0", "0x1p3", "", "  ", '"2.5"', "' 2.5 '", '"', "1,5", "1.5s", "1.5 # s",
    "None", "none", "true", "1.2.3", "٣.٥", "0.1", "0.3000000000000000000004", "100", "3600", "123456789012345678",
)  # fmt: skip
PORTS = (
    "0", "1", "80", "8774", "08774", "65535", "65536", "-1", "+443", "", " ", "http", "8774.0", "0x50", "8_774", '"443"',
    "443/tcp", "99999", "٨٠",
)  # fmt: skip
HOSTS = (
    "127.0.0.1", "10.0.0.1", "0.0.0.0", "255.255.255.255", "256.1.1.1", "10.0.0.01", "010.0.0.1", "127.1", "2130706433",
    "0x7f.0.0.1", "1.2.3", "1.2.3.4.5", "10.0.0.1/24", " 10.0.0.1 ", "'10.0.0.1 '", "10.0.0.1:80", "::", "::1", "[::1]",
    "fe80::1%eth0", "fe80::1%", "2001:db8::1", "2001:DB8::1", "2001:db8::1::2", "::ffff:10.0.0.1", "::10.0.0.1.2",
    "2001:db8:0:0:0:0:0:0:1", "localhost", "node1", "node1.example", "node1.example.", "node1..example", ".node1",
    "node_1.example", "_node.example", "node-1", "-node", "node-", "a-.example", "Node.Example", "host.123", "123",
    "123.example", "host.1a", "", "  ", '""', "two words", "ñandu.example", "xn--andu-gra.example", "node1\u2028",
    "a" * 63, "a" * 64, "a" * 63 + ".example", ".".join(["abcdefg"] * 32), ".".join(["abcdefg"] * 31) + ".abcde",
    "*", "node$1", "no/de", "node1,node2", '"node1"', "١٢٧.0.0.1", "K.example",
)  # fmt: skip
URIS = (
    "http://node1/", "https://node1.example:8774/v2.1", "http://10.0.0.1", "http://[::1]:80/p", "http://[::1", "http://::1/",
    "//node1/p", "node1", "node1:80", "http://", "http:///p", "http:node1", "", "   ", "http://node1:99999/", "http://node1:/",
    "http://node1:http/", "http://bad host/", "http://node1/a b", "http://node1/ñ", "http://ñandu/", "mailto:a@node1",
    "file:///etc/nova", "ws://node1:6083/", "wss://node1", "HTTP://NODE1/", "1http://node1/", "http+unix://node1/",
    "http://quimbert@node1/", "http://quimbert:zorblatt@node1:5000/v3", "http://node1/%zz", "http://node1/%41", "http://%41/",
    "http://node1/?a=b&c", "http://node1/#frag", "http://node_1/", "http://-node-/", "http://256.1.1.1/", "http://1.2.3/",
    "'http://node1/'", '"http://node1/', "http://node1/ # note", "http://node1/$", "http://node1/\\$x", "http://node1\\p",
    "http://[fe80::1%25eth0]/", "http://[v1.a]/", "http://[zz]/", "http://a@b@c/", "http://node1/;p=1", "urn:isbn:1",
    "http://node1/'quoted'", "http://node1/[x]", "http://node1/|", "http://node1,node2/", "http://node1/\u2028",
)  # fmt: skip
STRINGS = (
    "plain", "two words", "  padded  ", "", "   ", "a=b", "a:b", "= x", ": x", "a # b", "a ; b", "# not a comment", "; neither",
    "[section]", "'quoted'", '"quoted"', "'mixed\"", "\"mixed'", '"', "'", "''", '""', '"""', "'''", '"a"b"', "'it's'",
    "it's", '"a" "b"', '""inner""', "'\"both\"'", '" padded "', "\\", "a\\nb", "a\\", "100%", "%(x)s", "%%", "100%d",
    "None", "none", "ñandú", "日本", "\U0001f600", "a\u00a0b", "\u00a0a\u00a0", "a\u2028b", "a\x0bb", "a\x0c", "a\x1cb\x1d",
    "a\x85b", "\u3000a\u3000", "tab\tinside", "a,b,c", "{'a': 1}", "[1, 2]", "x" * 5000, "\x00", "a\x00b", "\ufeffx", "-",
    "/etc/nova/file.ini", "~/file", "rabbit://quimbert:zorblatt@node1:5671,node2:5671/vhost?ssl=1",
    "mysql+pymysql://nova:zorb%40latt@node1/nova?charset=utf8", "internal", "public", "password", "v3password",
)  # fmt: skip
LISTS = (
    "a", "a,b", "a, b , c", " a,b ", "a,b,", ",a", "a,,b", ",,", ",", "", "   ", " , ", "'a,b'", '"a, b"', '"a","b"', "'a','b'",
    '"a', "a'", "[a,b]", "['a', 'b']", "[]", "a b", "a;b", "a\\,b", "a # b, c", "a=b,c=d", "x:1,y:2", "ñ, 日本", "a,\tb", "a,a",
    "a\u00a0,\u00a0b", "node1:11211,node2:11211", "\ta,b\t", "None", "a" * 3000 + ",b", "'a', b", '"', "''",
)  # fmt: skip
INTEGER_LISTS = (
    "200",
    "200,201",
    "200, x",
    "x",
    "",
    ",",
    "200,",
    ",200",
    "1_0,2",
    "0x10",
    "'200,201'",
    "'200','201'",
    "5.0",
    " ",
    "-1,+1",
    "200,,201",
)
CHOICE_LISTS = ("", ",", "bogus", "bogus,", ",bogus")
CAPABILITIES = (
    "CAP_SYS_ADMIN",
    "cap_sys_admin",
    "21",
    "21,CAP_NET_ADMIN",
    "CAP_BOGUS",
    "",
    "-1",
    "99",
    "CAP_SYS_ADMIN, 12",
    "0x15",
    "SYS_ADMIN",
    "'21'",
    "²",
)
LIMITS = (
    "servers",
    "class:VCPU",
    "class:CUSTOM_X",
    "class:",
    "class:bogus",
    "server_groups",
    "bogus",
    "",
    "Servers",
    "class:VCPU,servers",
    "servers,bogus",
)
DICTS = (
    "node:0,size:2048,count:64", "node:0", "node=0", "a", "a:", ":a", "a:b:c", "a:1,a:2", "", " ", ",", "a:1,", ",a:1", "a:1,b",
    "b,a:1", "a : 1 , b : 2", "'a:1'", "'a':'1'", "{a:1}", "a:1,,b:2", "a:$my_ip", "${my_ip}:1", "a:1;b:2",
)  # fmt: skip
DUMMIES = ("1", "1.0", "", "latest", "None", "$my_ip")
REGEXES: Mapping[str, Sequence[str]] = {
    "instance_usage_audit_period": ("hour", "day@5", "month@", "year@07", "Month", "week", "month@-1", "day@5\u2028", "", "xday", "month@٣"),
    "catalog_info": ("volumev3:cinderv3:publicURL", "volume::internalURL", "block-storage::public", "volumev3", ":a:b", "a:b:", "a:b:c:d", "ñ:ñ:ñ", ""),
    "partition_key": ("rack-1", "rack_1.a", "", "rack 1", "ñ", "rack/1"),
    "conductor_group": ("rack-1", "rack_1.a", "", "rack 1", "ñ", "Rack1", "rack1\u2028"),
    "shard": ("rack-1", "", "rack 1", "a.b_c-d", "'", "rack/1"),
    "port_range": ("10000:20000", "1:2", "20000:10000", "10000", "a:b", "10000:", "10000-20000", "٣:٤", " 1:2 ", ""),
}  # fmt: skip


def values_for(key: str, option: Mapping[str, Any]) -> tuple[str, ...]:
    """The texts to try in one option of the catalogue that `record.py options` writes."""
    found = _of_type(option)
    name = key.split(".", 1)[1]
    if option["regex"]:
        found = (*REGEXES.get(name, ()), *found[:6])
    choices = [str(choice) for choice in option["choices"]]
    for choice in choices:
        found = (
            *found,
            choice,
            choice.upper(),
            choice.lower(),
            f" {choice} ",
            f"'{choice}'",
            f'"{choice}',
            f"{choice}.",
            choice.title(),
        )
    if choices and option["item"]:
        found = (
            *found,
            ",".join(choices),
            f"{choices[0]},bogus",
            ", ".join(reversed(choices)),
            f"{choices[0]},",
            f",{choices[-1]}",
        )
    for bound in (option["min"], option["max"]):
        if bound is not None:
            found = (*found, str(bound), str(bound - 1), str(bound + 1))
    return found


def _of_type(option: Mapping[str, Any]) -> tuple[str, ...]:
    if option["type"] == "List":
        return {
            "Integer": INTEGER_LISTS,
            "CapNameOrInt": CAPABILITIES,
            "UnifiedLimitsResource": LIMITS,
            "function": CAPABILITIES,
        }.get(option["item"], CHOICE_LISTS + LISTS[:8] if option["choices"] else LISTS)
    if option["choices"]:
        return (
            ("", "bogus", *INTEGERS[:12]) if option["type"] == "Integer" else ("", "bogus", "None", "'", '""')
        )
    return {
        "Boolean": BOOLEANS,
        "Integer": INTEGERS,
        "Float": FLOATS,
        "Port": PORTS,
        "HostAddress": HOSTS,
        "HostDomain": HOSTS,
        "URI": URIS,
        "Dict": DICTS,
        "function": DUMMIES,
    }.get(option["type"], STRINGS)
