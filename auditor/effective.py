"""(interface; being written) Effective configuration: what oslo.config of a release makes of a service's sources.

resolve(evidence, record, release, extra=()) -> EffectiveSettings   (implements auditor.model.Settings)
    evidence: auditor.evidence.Evidence; record: auditor.evidence.ServiceRecord; release: str (auditor.releases)
    raises Unparsable (child of errors.Unavailable: path, line, message, error = oslo class name) where oslo.config could
    not start with these sources (a file that does not parse, named but absent, unreadable, a bad CLI option value).
EffectiveSettings: __getitem__, find, written(), effective(), project: str, release: str
"""
