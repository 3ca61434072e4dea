# Not the library's code: one declaration written for this example, so that an
# audit sees what it would see in Debian's 14.0.3-0+deb12u1 (a security update
# that brought the option to a version whose upstream does not have it).
from oslo_config import cfg

rabbit_opts = [
    cfg.BoolOpt('ssl_enforce_hostname_verification',
                default=False),
]
