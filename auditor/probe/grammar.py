"""The grammars that a plain value must fit to leave its host; their names are those of ``auditor/releases/allowed.py``.

They are narrow on purpose: what a password may look like but the option never does is withheld.
"""

import ipaddress
import re
from typing import Callable, Match, Optional

from . import schema
from .schema import Kind

_LEVELS = "CRITICAL|FATAL|ERROR|WARNING|WARN|INFO|DEBUG|TRACE|AUDIT|NOTSET"
_NUMBERS = "0|5|10|20|30|40|50"

# As int() and float() read them, ASCII digits only.
_DIGITS = "[0-9](?:_?[0-9])*"
_INTEGER = "(?=.{{1,24}}$)[+-]?{0}".format(_DIGITS)
_FLOAT = r"(?=.{{1,24}}$)[+-]?(?:inf(?:inity)?|nan|(?:{0}\.?(?:{0})?|\.{0})(?:e[+-]?{0})?)".format(_DIGITS)

_PATH = r"[A-Za-z0-9_./@+%=:,~-]{1,512}"
_WORD = r"[A-Za-z0-9_.:/@+%=-]{1,128}"
_NAME = r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,252})"
_ADDRESS = r"\[[0-9A-Fa-f:.]{2,45}(?:%[A-Za-z0-9_.-]{1,16})?\]"
_PART = r"[A-Za-z0-9_./-]{1,64}"
# In the arguments of a logging handler: streams and constants, absolute paths, modes, encodings, the usual addresses.
_QUOTED = (
    r"/[A-Za-z0-9_./-]*|[awx]b?\+?|utf-?8|localhost|127\.0\.0\.1|midnight|[SMHDW][0-6]?|user|daemon|local[0-7]|filename|mode|"
    r"encoding|delay|when|interval|maxBytes|backupCount|stream|address|facility|ext://sys\.std(?:out|err)"
)
_LITERAL = (
    r"[()\[\]{{}},:\s]|True|False|None|\d{{1,12}}|(?:sys|logging|handlers|logging\.handlers)(?:\.[A-Za-z_][A-Za-z0-9_]*)+"
    r"|'(?:{quoted})'|\"(?:{quoted})\""
).format(quoted=_QUOTED)

_PATTERNS = {
    "boolean": re.compile(r"true|1|on|yes|false|0|off|no", re.IGNORECASE),
    "integer": re.compile(_INTEGER),
    "float": re.compile(_FLOAT, re.IGNORECASE),
    "port": re.compile(_INTEGER),
    "host": re.compile(
        r"(?:{name}|{address})(?::[0-9]{{1,5}})?|[0-9A-Fa-f:.]{{2,45}}|inet6?:{address}(?::[0-9]{{1,5}})?|unix:/{path}".format(
            name=_NAME, address=_ADDRESS, path=_PATH
        )
    ),
    "word": re.compile(_WORD),
    "phrase": re.compile(r"(?=.{1,1024}$)%s(?: %s)*" % (_WORD, _WORD)),
    "path": re.compile(_PATH),
    "files": re.compile(r"%s(?:;%s)*" % (_PATH, _PATH)),
    "cpus": re.compile(r"[0-9,^ -]{1,1024}"),
    "ciphers": re.compile(r"[A-Za-z0-9:+!@=_.,-]{1,1024}"),
    "pair": re.compile(r"%s[=:]%s" % (_PART, _PART)),
    "target": re.compile(
        r"%s@https?://(?:%s|%s)(?::[0-9]{1,5})?(?:/[A-Za-z0-9_./~-]*)?" % (_PART, _NAME, _ADDRESS)
    ),
    "literal": re.compile(r"(?:%s){1,200}" % _LITERAL),
}

_CREDENTIALS = re.compile(r"://[^\s]*@")

#: Where a reference to another option may stand inside the value; elsewhere only in place of the whole value.
_EMBEDDING = ("path", "files", "word", "phrase", "text", "host")

#: First parts of the names of loggers that OpenStack services have: others may be anything, and are withheld.
LOGGERS = frozenset(
    (
        "root nova placement oslo oslo_messaging oslo_db oslo_policy oslo_config oslo_log oslo_service oslo_cache "
        "oslo_concurrency oslo_privsep oslo_limit oslo_middleware oslo_utils oslo_serialization oslo_versionedobjects "
        "oslo_reports oslo_rootwrap oslo_context oslo_i18n oslo_metrics amqp amqplib kombu boto boto3 botocore qpid suds "
        "sqlalchemy alembic migrate pymysql MySQLdb psycopg2 iso8601 requests urllib3 websocket websockify routes stevedore "
        "taskflow keystoneauth keystoneauth1 keystonemiddleware keystoneclient glanceclient cinderclient neutronclient "
        "ironicclient novaclient barbicanclient swiftclient openstack openstacksdk os_brick os_vif os_win os_client_config "
        "os_traits os_resource_classes vif_plug_ovs vif_plug_linux_bridge vif_plug_noop castellan cursive cryptography "
        "dogpile pymemcache memcache redis eventlet greenlet futurist cotyledon tooz osprofiler ovs ovsdbapp pyroute2 "
        "libvirt paramiko paste PasteDeploy webob jsonschema asyncio concurrent multiprocessing py warnings uwsgi gunicorn "
        "wsgi http httplib2 tenacity retrying etcd3gw confluent_kafka kafka pika charms zvmconnector vmware oslo_vmware "
        "pypowervm lxd rbd rados debtcollector microversion_parse pycadf audit"
    ).split()
)

# Blanks stay: oslo.log passes on what is on each side of "=" as it stands.
_LOGGER = re.compile("([A-Za-z_][A-Za-z0-9_.]{0,99}) *= *(?:%s|[+-]?[0-9]{1,3})" % _LEVELS, re.IGNORECASE)
_LEVEL = re.compile(" *(?:%s|%s)" % (_LEVELS, _NUMBERS), re.IGNORECASE)


def fits(value: str, kind: Kind) -> bool:
    """Return whether a value without line breaks and references fits a plain kind; the empty value fits every one."""
    if not value:
        return True
    if kind[0] == "list":
        return all(fits(item.strip(), kind[1:]) for item in value.split(","))
    if len(value) > 1024 or _CREDENTIALS.search(value):
        return False
    if kind[0] == "enum":
        return value.lower() in [choice.lower() for choice in kind[1:]]
    if kind[0] == "ip":
        return _is_address(value)
    if kind[0] == "text":
        return value.isprintable() and "://" not in value
    if kind[0] == "logger":
        return is_logger(value)
    pattern = _PATTERNS.get(kind[0])
    return pattern is not None and pattern.fullmatch(value) is not None


def is_logger(item: str) -> bool:
    """Return whether an item of default_log_levels gives a known logger a level that exists."""
    match = _LOGGER.fullmatch(item)
    return match is not None and match.group(1).split(".")[0] in LOGGERS


def level_of(item: str) -> Optional[str]:
    """Return the level in an item of default_log_levels where it exists, with the blanks before it, else None."""
    _, equals, level = item.partition("=")
    return level if equals and _LEVEL.fullmatch(level) else None


def embeds(kind: Kind) -> bool:
    """Return whether references may stand inside values of this kind."""
    return kind[-1] in _EMBEDDING and kind[0] != "enum"


def without_references(value: str, known: Callable[[str], bool]) -> Optional[str]:
    """Return the value with each reference that ``known`` accepts replaced by a letter, or None if one is unknown."""

    def replaced(match: Match[str]) -> str:
        key = match.group(2) or match.group(3)
        if not key:
            return match.group(0)
        if not known(key):
            raise KeyError(key)
        return "x"

    try:
        return schema.REFERENCE.sub(replaced, value.replace("\\$", "$$"))
    except KeyError:
        return None


def _is_address(value: str) -> bool:
    try:
        ipaddress.ip_address(value)
    except ValueError:
        return False
    return True
