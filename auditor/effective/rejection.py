"""Why oslo.config gives no value, in words for an operator."""

import re

from oslo_config import cfg

from auditor.effective.machinery import TooLong
from auditor.releases import Option

#: What reading an option can end with. RecursionError: options that refer to each other in a circle; OverflowError:
#: types.Number, which formats an integer that is none of the choices as a float.
ERRORS = (cfg.Error, ValueError, RecursionError, OverflowError)

_BY_KIND = {
    "boolean": "a boolean (true, false, yes, no, on, off, 1, 0)",
    "integer": "an integer",
    "python:int": "an integer",
    "float": "a number",
    "python:float": "a number",
    "port": "a port",
    "uri": "a URI",
}

# Python's own words for a text that is no number, and oslo.config's for one that is no boolean.
_NO_SUCH_VALUE = re.compile(
    r"invalid literal for int|could not convert string to float|Unexpected boolean value"
)


def reason(option: Option, error: Exception) -> str:
    """Return why ``error`` was raised on reading ``option``; a withheld value never appears in it."""
    innermost: BaseException = error
    while isinstance(innermost, cfg.ConfigSourceValueError) and isinstance(innermost.__context__, ValueError):
        innermost = innermost.__context__
    if isinstance(innermost, RecursionError):
        return "it refers to itself"
    if isinstance(innermost, OverflowError):
        return "it is none of the option's choices"
    if isinstance(innermost, cfg.NoSuchOptError):
        name = f"${innermost.opt_name}" if innermost.opt_name else "a name"
        return f"it refers to {name}, and there is no such option"
    if isinstance(innermost, cfg.NoSuchGroupError):
        return f"it refers to group {innermost.group_name}, and there is no such group"
    if isinstance(innermost, TooLong):
        return str(innermost.msg)
    if isinstance(innermost, cfg.TemplateSubstitutionError):
        return "it refers to a group, and only options can be referred to"
    text = str(innermost)
    kind = _BY_KIND.get(option.type["kind"])
    if kind is not None and (_NO_SUCH_VALUE.search(text) or "REDACTED-" in text):
        return f"it is not {kind}"
    if "REDACTED-" in text:
        return "it is not of the option's type"
    return text[:1].lower() + text[1:] if text[1:2].islower() else text
