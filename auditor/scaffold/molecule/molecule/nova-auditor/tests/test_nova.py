"""One test for each service and check; they fail where there is nothing to look at."""

from auditor.suite import *  # noqa: F403
