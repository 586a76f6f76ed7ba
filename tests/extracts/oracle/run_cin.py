"""Runs in the oracle's own environment: `python run_cin.py FILE YEAR` prints what it flags, as JSON.

{"CODE": {"TABLE": [row, ...]}, ...}; a rule about the file as a whole has the table "". Rows are counted from 0 in the
order of the file.
"""

import copy
import json
import sys
import time
import warnings
import xml.etree.ElementTree as ET
from pathlib import Path

warnings.simplefilter("ignore")

from cin_validator.cin_validator import convert_data, enum_keys, process_data  # noqa: E402
from cin_validator.rule_engine import RuleContext  # noqa: E402
from cin_validator.rules.ruleset_utils import get_year_ruleset  # noqa: E402


def flagged(context):
    """Return the rows by table that one rule flags."""
    rows = {}
    for issues in (
        context.type_zero_issues, context.type_one_issues, context.type_two_issues, context.type_three_issues,
    ):  # fmt: skip
        if len(issues):
            for table, row in zip(issues["tables_affected"], issues["ROW_ID"], strict=True):
                if row == row:
                    rows.setdefault(table, set()).add(int(row))
    if len(context.la_level_issues):
        rows[""] = {0}
    return {table: sorted(own) for table, own in rows.items()}


def main(path, year):
    root = ET.fromstring(Path(path).read_bytes())
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    tables = process_data(convert_data(root))
    # Its own rules of factors cannot group by lists: as tuples the same cells can.
    factors = tables["Assessments"]["AssessmentFactors"]
    tables["Assessments"]["AssessmentFactors"] = [tuple(each) if isinstance(each, list) else each for each in factors]
    registry = get_year_ruleset(year)
    found, seconds, failed = {}, 0.0, []
    for code, rule in registry.items():
        began = time.process_time()
        context = RuleContext(rule)
        try:
            rule.func(enum_keys(copy.deepcopy(tables)), context)
            found[code] = flagged(context)
        except Exception as error:
            failed.append(f"{code} {type(error).__name__}")
        seconds += time.process_time() - began
    print(json.dumps({"rules": sorted(registry), "found": found, "seconds": seconds, "failed": failed}))


main(sys.argv[1], sys.argv[2])
