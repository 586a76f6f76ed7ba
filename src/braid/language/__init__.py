"""The common language: what records, codes, identifiers, calendars and clocks mean.

Nothing here reads a file, opens a database or knows an engine. Every other package speaks this language; this one
imports none of them.
"""
