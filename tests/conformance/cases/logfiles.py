"""Files of `logging.config` that a case of logging names: those that hold, and those that stop the service."""

from collections.abc import Mapping

HANDLERS = """[handlers]
keys=out,quiet,null,file
[formatters]
keys=plain
[handler_out]
class=StreamHandler
args=(sys.stderr,)
formatter=plain
[handler_quiet]
class=StreamHandler
level=WARNING
args=(sys.stderr,)
formatter=plain
[handler_null]
class=NullHandler
args=()
[handler_file]
class=handlers.WatchedFileHandler
args=('@DIR@/nova.log',)
formatter=plain
[formatter_plain]
format=%(name)s %(message)s
"""

ROOT = "[logger_root]\nlevel=WARNING\nhandlers=out\n"

#: The loggers of a file: keys of [loggers], and sections.
FILES: Mapping[str, tuple[str, str]] = {
    "root-debug": ("root", "[logger_root]\nlevel=DEBUG\nhandlers=out\n"),
    "root-info": ("root", "[logger_root]\nlevel=INFO\nhandlers=out\n"),
    "root-notset": ("root", "[logger_root]\nlevel=NOTSET\nhandlers=out\n"),
    "root-no-level": ("root", "[logger_root]\nhandlers=out\n"),
    "root-null": ("root", "[logger_root]\nlevel=DEBUG\nhandlers=null\n"),
    "root-quiet": ("root", "[logger_root]\nlevel=DEBUG\nhandlers=quiet\n"),
    "root-null-and-out": ("root", "[logger_root]\nlevel=DEBUG\nhandlers=null, out\n"),
    "root-quiet-and-out": ("root", "[logger_root]\nlevel=DEBUG\nhandlers=quiet,out\n"),
    "root-file": ("root", "[logger_root]\nlevel=DEBUG\nhandlers=file\n"),
    "root-no-handlers": ("root", "[logger_root]\nlevel=DEBUG\nhandlers=\n"),
    "guarded": (
        "root,k,p,m",
        (
            "[logger_root]\nlevel=DEBUG\nhandlers=out\n"
            "[logger_k]\nlevel=WARN\nhandlers=\nqualname=keystoneauth\n"
            "[logger_p]\nlevel=INFO\nhandlers=\nqualname=oslo.privsep.daemon\n"
            "[logger_m]\nlevel=INFO\nhandlers=\nqualname=oslo_messaging\n"
        ),
    ),
    "session-debug": ("root,k", ROOT + "[logger_k]\nlevel=DEBUG\nhandlers=\nqualname=keystoneauth.session\n"),
    "session-own-handler": (
        "root,k",
        (
            "[logger_root]\nlevel=WARNING\nhandlers=null\n"
            "[logger_k]\nlevel=DEBUG\nhandlers=out\nqualname=keystoneauth\n"
        ),
    ),
    "propagate-0": (
        "root,k",
        ROOT + "[logger_k]\nlevel=DEBUG\nhandlers=\nqualname=keystoneauth\npropagate=0\n",
    ),
    "propagate-0-null": (
        "root,k",
        ROOT + "[logger_k]\nlevel=DEBUG\nhandlers=null\nqualname=keystoneauth\npropagate=0\n",
    ),
    "propagate-0-own": (
        "root,k",
        (
            "[logger_root]\nlevel=WARNING\nhandlers=null\n"
            "[logger_k]\nlevel=DEBUG\nhandlers=out\nqualname=keystoneauth\npropagate=0\n"
        ),
    ),
    "propagate-2": (
        "root,k",
        ROOT + "[logger_k]\nlevel=DEBUG\nhandlers=\nqualname=keystoneauth\npropagate=2\n",
    ),
    "propagate-1": (
        "root,k",
        ROOT + "[logger_k]\nlevel=DEBUG\nhandlers=\nqualname=keystoneauth\npropagate=1\n",
    ),
    "privsep-no-propagation": (
        "root,p",
        (
            "[logger_root]\nlevel=DEBUG\nhandlers=out\n"
            "[logger_p]\nlevel=DEBUG\nhandlers=null\nqualname=oslo.privsep.daemon\npropagate=0\n"
        ),
    ),
    "privsep-own-handler": (
        "root,p",
        (
            "[logger_root]\nlevel=WARNING\nhandlers=null\n"
            "[logger_p]\nlevel=DEBUG\nhandlers=file\nqualname=oslo.privsep.daemon\n"
        ),
    ),
    "brick-only": ("root,b", ROOT + "[logger_b]\nlevel=DEBUG\nhandlers=\nqualname=os_brick\n"),
    "brick-and-privsep": (
        "root,b,p",
        ROOT
        + "[logger_b]\nlevel=DEBUG\nhandlers=\nqualname=os_brick\n"
        + "[logger_p]\nlevel=DEBUG\nhandlers=\nqualname=oslo.privsep.daemon\n",
    ),
    "twice-second-wins": (
        "root,a,b",
        ROOT
        + "[logger_a]\nlevel=DEBUG\nhandlers=\nqualname=keystoneauth\n"
        + "[logger_b]\nlevel=WARNING\nhandlers=\nqualname=keystoneauth\n",
    ),
    "twice-second-has-no-level": (
        "root,a,b",
        ROOT
        + "[logger_a]\nlevel=DEBUG\nhandlers=\nqualname=keystoneauth\n"
        + "[logger_b]\nhandlers=\nqualname=keystoneauth\n",
    ),
    "twice-second-takes-handlers": (
        "root,a,b",
        (
            "[logger_root]\nlevel=WARNING\nhandlers=null\n"
            "[logger_a]\nlevel=DEBUG\nhandlers=out\nqualname=keystoneauth\n"
            "[logger_b]\nlevel=DEBUG\nhandlers=null\nqualname=keystoneauth\n"
        ),
    ),
    "twice-second-propagates": (
        "root,a,b",
        ROOT
        + "[logger_a]\nlevel=DEBUG\nhandlers=\nqualname=keystoneauth\npropagate=0\n"
        + "[logger_b]\nlevel=DEBUG\nhandlers=\nqualname=keystoneauth\n",
    ),
    "qualname-root": (
        "root,a",
        ROOT + "[logger_a]\nlevel=DEBUG\nhandlers=out\nqualname=root\n",
    ),
    "qualname-root-null": (
        "root,a",
        "[logger_root]\nlevel=DEBUG\nhandlers=out\n[logger_a]\nhandlers=null\nqualname=root\n",
    ),
    "qualname-empty": ("root,a", ROOT + "[logger_a]\nlevel=DEBUG\nhandlers=out\nqualname=\n"),
    "qualname-nova-notset": (
        "root,a",
        "[logger_root]\nlevel=DEBUG\nhandlers=out\n[logger_a]\nlevel=NOTSET\nhandlers=\nqualname=nova\n",
    ),
    "not-listed": ("root", ROOT + "[logger_k]\nlevel=DEBUG\nhandlers=\nqualname=keystoneauth\n"),
    "default-section": ("root", "[DEFAULT]\nlevel=DEBUG\n[logger_root]\nhandlers=out\n"),
    "interpolated": ("root", "[DEFAULT]\nhow=DEBUG\n[logger_root]\nlevel=%(how)s\nhandlers=out\n"),
    "spaces": (
        "root , k",
        "[logger_root]\nlevel = DEBUG\nhandlers = out , null\n[logger_k]\nlevel = WARN\nhandlers =\nqualname = keystoneauth\n",
    ),
    "colons": ("root", "[logger_root]\nlevel: DEBUG\nhandlers: out\n"),
    "capitals": ("root", "[logger_root]\nLevel=DEBUG\nHandlers=out\n"),
    "comments": ("root", "# one\n; two\n[logger_root]\n# three\nlevel=DEBUG\nhandlers=out\n"),
    "engine-debug": ("root,s", ROOT + "[logger_s]\nlevel=DEBUG\nhandlers=\nqualname=sqlalchemy.engine\n"),
    "statements-debug": (
        "root,s",
        ROOT + "[logger_s]\nlevel=DEBUG\nhandlers=\nqualname=sqlalchemy.engine.Engine\n",
    ),
    "critical": ("root", "[logger_root]\nlevel=CRITICAL\nhandlers=out\n"),
    "fatal": ("root", "[logger_root]\nlevel=FATAL\nhandlers=out\n"),
    "trace": ("root", "[logger_root]\nlevel=TRACE\nhandlers=out\n"),
    "disable-existing": ("root", "[logger_root]\nlevel=DEBUG\nhandlers=out\ndisable_existing_loggers=1\n"),
    "notifications-debug": (
        "root,n",
        ROOT + "[logger_n]\nlevel=INFO\nhandlers=\nqualname=oslo.messaging.notification\n",
    ),
}

#: Files that stop the service.
BROKEN_FILES: Mapping[str, tuple[str, str]] = {
    "no-root": ("nova", "[logger_nova]\nlevel=DEBUG\nhandlers=out\nqualname=nova\n"),
    "root-twice": ("root,root", "[logger_root]\nlevel=DEBUG\nhandlers=out\n"),
    "no-qualname": ("root,nova", ROOT + "[logger_nova]\nhandlers=out\n"),
    "no-handlers": ("root", "[logger_root]\nlevel=DEBUG\n"),
    "level-loud": ("root", "[logger_root]\nlevel=LOUD\nhandlers=out\n"),
    "level-lower": ("root", "[logger_root]\nlevel=debug\nhandlers=out\n"),
    "level-number": ("root", "[logger_root]\nlevel=10\nhandlers=out\n"),
    "level-empty": ("root", "[logger_root]\nlevel=\nhandlers=out\n"),
    "level-comment": ("root", "[logger_root]\nlevel=INFO ; quiet\nhandlers=out\n"),
    "unknown-handler": ("root", "[logger_root]\nlevel=INFO\nhandlers=zz\n"),
    "handlers-trailing-comma": ("root", "[logger_root]\nlevel=INFO\nhandlers=out,\n"),
    "unlisted-section": ("root,zz", "[logger_root]\nlevel=INFO\nhandlers=out\n"),
    "keys-trailing-comma": ("root,", "[logger_root]\nlevel=INFO\nhandlers=out\n"),
    "option-twice": ("root", "[logger_root]\nlevel=INFO\nlevel=DEBUG\nhandlers=out\n"),
    "section-twice": ("root", ROOT + ROOT),
    "propagate-word": ("root,k", ROOT + "[logger_k]\nhandlers=\nqualname=k\npropagate=false\n"),
    "no-equals": ("root", "[logger_root]\nlevel DEBUG\nhandlers=out\n"),
    "interpolation": ("root", "[logger_root]\nlevel=%(missing)s\nhandlers=out\n"),
    "bare-percent": ("root", "[logger_root]\nlevel=%\nhandlers=out\n"),
}

#: Whole files, for what concerns handlers and formatters.
WHOLE: Mapping[str, str] = {
    "empty": "",
    "blank": "\n\n",
    "comment-only": "# nothing\n",
    "no-loggers": HANDLERS + ROOT,
    "no-formatters": "[loggers]\nkeys=root\n[handlers]\nkeys=\n" + "[logger_root]\nlevel=INFO\nhandlers=\n",
    "no-handlers-at-all": "[loggers]\nkeys=root\n[handlers]\nkeys=\n[formatters]\nkeys=\n[logger_root]\nlevel=DEBUG\nhandlers=\n",
    "text": "this is no configuration\n",
    "handler-no-class": "[loggers]\nkeys=root\n[handlers]\nkeys=h\n[formatters]\nkeys=\n[handler_h]\nargs=()\n[logger_root]\nlevel=DEBUG\nhandlers=h\n",
    "handler-no-args": "[loggers]\nkeys=root\n[handlers]\nkeys=h\n[formatters]\nkeys=\n[handler_h]\nclass=StreamHandler\n[logger_root]\nlevel=DEBUG\nhandlers=h\n",
    "handler-no-section": "[loggers]\nkeys=root\n[handlers]\nkeys=h\n[formatters]\nkeys=\n[logger_root]\nlevel=DEBUG\nhandlers=\n",
    "handler-bad-level": "[loggers]\nkeys=root\n[handlers]\nkeys=h\n[formatters]\nkeys=\n[handler_h]\nclass=StreamHandler\nlevel=Debug\nargs=()\n[logger_root]\nlevel=DEBUG\nhandlers=h\n",
    "handler-unknown-formatter": "[loggers]\nkeys=root\n[handlers]\nkeys=h\n[formatters]\nkeys=\n[handler_h]\nclass=StreamHandler\nformatter=zz\nargs=()\n[logger_root]\nlevel=DEBUG\nhandlers=h\n",
    "formatter-no-section": "[loggers]\nkeys=root\n[handlers]\nkeys=h\n[formatters]\nkeys=f\n[handler_h]\nclass=StreamHandler\nargs=()\n[logger_root]\nlevel=DEBUG\nhandlers=h\n",
    "handler-null-dotted": "[loggers]\nkeys=root\n[handlers]\nkeys=h\n[formatters]\nkeys=\n[handler_h]\nclass=logging.NullHandler\nargs=()\n[logger_root]\nlevel=DEBUG\nhandlers=h\n",
    "handler-oslo": "[loggers]\nkeys=root\n[handlers]\nkeys=h\n[formatters]\nkeys=c\n[handler_h]\nclass=oslo_log.handlers.ColorHandler\nargs=(sys.stderr,)\nformatter=c\n[formatter_c]\nclass=oslo_log.formatters.ContextFormatter\n[logger_root]\nlevel=DEBUG\nhandlers=h\n",
    "handler-critical": "[loggers]\nkeys=root\n[handlers]\nkeys=h\n[formatters]\nkeys=\n[handler_h]\nclass=StreamHandler\nlevel=CRITICAL\nargs=()\n[logger_root]\nlevel=DEBUG\nhandlers=h\n",
    "handlers-spaced-keys": "[loggers]\nkeys=root\n[handlers]\nkeys=h , i\n[formatters]\nkeys=\n[handler_h]\nclass=StreamHandler\nargs=()\n[handler_i]\nclass=NullHandler\nargs=()\n[logger_root]\nlevel=DEBUG\nhandlers=i , h\n",
    "handlers-keys-trailing-comma": "[loggers]\nkeys=root\n[handlers]\nkeys=h,\n[formatters]\nkeys=\n[handler_h]\nclass=StreamHandler\nargs=()\n[logger_root]\nlevel=DEBUG\nhandlers=h\n",
    "formatters-keys-trailing-comma": "[loggers]\nkeys=root\n[handlers]\nkeys=h\n[formatters]\nkeys=f,\n[handler_h]\nclass=StreamHandler\nargs=()\n[formatter_f]\nformat=%(message)s\n[logger_root]\nlevel=DEBUG\nhandlers=h\n",
}
