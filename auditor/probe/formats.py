"""Redaction of the formats other than oslo.config's own; a file that does not have its format sends nothing."""


def redact(text, form, redactor):
    """Return the text without what must not leave, or None where the format allows none."""
    if form == "oslo":
        return redactor.oslo(text)
    return None
