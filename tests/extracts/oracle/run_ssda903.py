"""Runs in the oracle's own environment: `python run_ssda903.py FOLDER YEAR` prints what it flags in its CSV files.

{"CODE": {"TABLE": [row, ...]}, ...}, rows counted from 0 in the order of the file; a rule that wants a table which is
not there is left out.
"""

import contextlib
import json
import logging
import sys
import time
import warnings
from pathlib import Path

warnings.simplefilter("ignore")
logging.disable(logging.CRITICAL)

with contextlib.redirect_stdout(sys.stderr):
    from lac_validator.datastore import create_datastore
    from lac_validator.ingress import read_from_text
    from lac_validator.rules.ruleset_utils import get_year_ruleset


def copy_whole(store):
    """Return a store whose tables a rule may write into; the oracle's own copies share them with every later rule."""
    return {name: table if name == "metadata" else table.copy() for name, table in store.items()}


def main(folder, year):
    files = [
        {"name": path.name, "file_content": path.read_bytes(), "description": "This year"}
        for path in sorted(Path(folder).glob("*.csv"))
    ]
    tables, extra = read_from_text(raw_files=files)
    store = create_datastore(tables, {"collectionYear": year, "localAuthority": "E08000003", **extra})
    registry = get_year_ruleset(year)
    found, seconds, failed = {}, 0.0, []
    for code, rule in registry.items():
        began = time.process_time()
        try:
            flagged = rule.func(copy_whole(store))
        except Exception as error:
            failed.append(f"{code} {type(error).__name__}")
        else:
            if flagged != {}:
                found[code] = {
                    table: sorted({int(row) for row in rows if row == row}) for table, rows in flagged.items()
                }
        seconds += time.process_time() - began
    return {"rules": sorted(registry), "found": found, "seconds": seconds, "failed": failed}


with contextlib.redirect_stdout(sys.stderr):
    result = main(sys.argv[1], sys.argv[2])
print(json.dumps(result))
