"""What another release would change: the same evidence judged as it is, and as if that release were installed.

`comparison` takes one host, `run` a fleet; `settings`, `behaviour` and `verdicts` say what differs between two views of
one service, and `difference` is what comes out.
"""
