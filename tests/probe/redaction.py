"""What the tests of redaction share: a redactor with the real allow-list under a fixed salt."""

from auditor.probe import schema
from auditor.probe.redact import Redactor

SALT = b"salt of the tests"
REDACTOR = Redactor(schema.load(), SALT)
