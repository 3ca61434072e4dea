"""The URLs that Nova's own CellMapping makes of the rows of its table.

``python cells.py CASES.json RESULTS.json``.
"""

import logging
import os
import tempfile
import warnings

os.environ["OS_NOVA_DISABLE_EVENTLET_PATCHING"] = "1"
logging.disable(logging.CRITICAL)
warnings.simplefilter("ignore")

import installed  # noqa: E402
import nova.conf  # noqa: E402
from nova.objects.cell_mapping import CellMapping  # noqa: E402
from oslo_messaging import transport  # noqa: E402


def measure(cases):
    results, conf = {}, nova.conf.CONF
    conf.register_opts(transport._transport_opts)
    with tempfile.TemporaryDirectory() as folder:
        for case in cases:
            path = installed.lay_out(case, folder, 0, folder)
            conf([], project="nova", default_config_files=[path], default_config_dirs=[])
            read = CellMapping.format_mq_url if case["kind"] == "broker" else CellMapping.format_db_url
            results[case["id"]] = {"url": read(case["row"])}
    return results


if __name__ == "__main__":
    installed.run(measure, ("nova", "oslo.config", "oslo.messaging", "oslo.utils"))
