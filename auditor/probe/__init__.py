"""The program that runs on an audited host: read-only, in one round trip, with nothing but Python 3.6's library.

It finds services and their files, redacts what it read before it leaves the host, and answers with one document of
evidence. `auditor.collect.payload` zips this package and a request into one script.
"""
