"""The engines of databases as Nova and placement make them: their own options, oslo.db, SQLAlchemy, and a driver.

Unless it is asked for, oslo.db's start-up test is switched off (``max_retries = 0``): then one connection is made.
"""

import logging
import os
import warnings

os.environ["OS_NOVA_DISABLE_EVENTLET_PATCHING"] = "1"
logging.disable(logging.CRITICAL)
warnings.simplefilter("ignore")

import installed  # noqa: E402
import nova.conf  # noqa: E402
import nova.conf.database as nova_options  # noqa: E402
import nova.db.api.api as nova_api  # noqa: E402
import nova.db.main.api as nova_main  # noqa: E402
from oslo_config import cfg  # noqa: E402
from oslo_db import exception  # noqa: E402
from oslo_db.sqlalchemy import enginefacade  # noqa: E402
from placement import conf as placement_conf  # noqa: E402
from placement import db_api as placement_db  # noqa: E402

_GROUPS = {"nova": ("database", "api_database"), "placement": ("placement_database",)}


def configured(path, project, max_retries=0):
    """Nova's or placement's own options, read from one file; ``max_retries`` None leaves what is written."""
    if project == "placement":
        conf = cfg.ConfigOpts()
        placement_conf.register_opts(conf)
    else:
        conf = nova.conf.CONF
        # Each case is a process of its own, in which nobody was warned yet.
        for option in (*nova_options.main_db_opts, *nova_options.api_db_opts):
            option._logged_deprecation = False
    conf([], project=project, default_config_files=[path], default_config_dirs=[])
    if max_retries is not None:
        for group in _GROUPS[project]:
            conf.set_override("max_retries", max_retries, group=group)
    return conf


def manager_of(conf, purpose):
    """The manager of a connection's engines, configured as Nova does it; a new one each time."""
    manager = enginefacade.transaction_context()
    if purpose == "placement_database":
        placement_db.placement_context_manager = manager
        placement_db.configure.reset()
        placement_db.configure(conf)
    elif purpose.endswith("api_database"):
        nova_api.context_manager = manager
        nova_api.configure(conf)
    else:
        nova_main.context_manager = manager
        nova_main.configure(conf)
    return manager


def engine_of(conf, purpose):
    """The engine of a connection, the reader's for a replica; with ``max_retries`` it connects when it is made."""
    manager = manager_of(conf, purpose)
    return (manager.reader if purpose.startswith("database_replica") else manager.writer).get_engine()


def connect(engine):
    """Open one connection, and close everything."""
    try:
        engine.connect().close()
    finally:
        engine.dispose()


class Client:
    """A case as a client of the faces, which keeps why no engine could be made."""

    def __init__(self, case, folder, into):
        self.case, self.folder, self.into = case, folder, into
        self.start = None

    def __call__(self, port):
        path = installed.lay_out(self.case, self.folder, port, self.into)
        try:
            conf = configured(path, self.case.get("project", "nova"))
            engine = engine_of(conf, self.case["purpose"])
        except exception.CantStartEngineError:
            self.start = {"unset": True}
            raise
        except Exception as problem:
            self.start = {"start": type(problem).__name__}
            raise
        connect(engine)
