"""The command line: one verb a stage, one JSON document with `--json`, and an exit code that means something."""

from braid.cli.app import main

__all__ = ["main"]
