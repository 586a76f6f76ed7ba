"""Writes the joint funds of the example place and what services cost there. All of it is made up."""

from __future__ import annotations

from pathlib import Path

FUNDS = """# Joint funds of the example place. Everything here is made up.

[[fund]]
id = "home-first"
name = "Home First"
basis = "s75"
host = "hallowmere-council"
from = 2025-04-01
to = 2028-03-31
approve_from_pence = 5000000
underspend = "share"
overspend = "share"
agreement = "Section 75 agreement of 12 March 2025"
aims = "People leave hospital for a settled home, and fewer families stay in bed and breakfast"
functions = [
  "Homelessness functions under the Housing Act 1996 Part 7",
  "Community health services under the NHS Act 2006 s.3",
]
shares = { hallowmere-council = 55, arden-vale-icb = 45 }
contribution = [
  { body = "hallowmere-council", year = 2025, pence = 132000000 },
  { body = "arden-vale-icb", year = 2025, pence = 108000000 },
  { body = "hallowmere-council", year = 2026, pence = 137500000 },
  { body = "arden-vale-icb", year = 2026, pence = 112500000 },
]

[[fund.line]]
id = "coordinators"
name = "Discharge coordinators"
paid_for = "posts"
budget = [{ year = 2025, pence = 96000000 }, { year = 2026, pence = 74000000 }]

[[fund.line]]
id = "step-down"
name = "Step-down homes"
paid_for = "services"
statement = "school_from_ta"
budget = [{ year = 2025, pence = 108000000 }, { year = 2026, pence = 96000000 }]

[[fund.line]]
id = "settled"
name = "Pupils who keep attending through a move"
paid_for = "outcomes"
statement = "school_from_ta"
outcome = "attendance_in_temporary"
budget = [{ year = 2025, pence = 36000000 }, { year = 2026, pence = 80000000 }]

[[fund]]
id = "safe-to-speak"
name = "Safe to Speak"
basis = "grant"
host = "lanternhouse"
from = 2025-04-01
to = 2027-03-31
approve_from_pence = 2500000
underspend = "return"
overspend = "host"
agreement = "Award of Arden Vale Police, 2 April 2025"
conditions = ["Spent on support for victims alone", "What is not spent is returned within three months of March"]
contribution = [
  { body = "arden-vale-police", year = 2025, pence = 48000000 },
  { body = "arden-vale-police", year = 2026, pence = 48000000 },
]

[[fund.line]]
id = "advocates"
name = "Advocates"
paid_for = "posts"
budget = [{ year = 2025, pence = 40000000 }, { year = 2026, pence = 32000000 }]

[[fund.line]]
id = "first-contact"
name = "Support reached within 7 days"
paid_for = "outcomes"
statement = "victim_response"
outcome = "support_within_week"
budget = [{ year = 2025, pence = 8000000 }, { year = 2026, pence = 16000000 }]
"""
MADE_UP = "Made up for the example place"
UNIT_COSTS = (
    ("stay", "ta_bnb", "day", "council", 6850),
    ("stay", "ta_nightly", "day", "council", 7120),
    ("stay", "ta_hostel", "day", "council", 4180),
    ("stay", "ta_leased", "day", "council", 3360),
    ("stay", "care_placement", "day", "council", 18900),
    ("episode", "cin", "day", "council", 960),
    ("episode", "cpp", "day", "council", 2240),
    ("episode", "da_support", "day", "police", 1130),
    ("event", "hearing", "each", "court", 74000),
    ("wait", "rtt", "week", "icb", 1450),
    ("wait", "register", "week", "council", 2100),
    ("wait", "in_year_admission", "week", "council", 4300),
    ("wait", "care_proceedings", "week", "council", 61500),
    ("wait", "care_proceedings", "week", "court", 9800),
    ("wait", "victim_support", "week", "police", 5200),
)


def write_funds(folder: Path) -> None:
    """Write `funds.toml` and `unit_costs.csv`: a pool of a council and the health service, and a grant for victims."""
    (folder / "funds.toml").write_text(FUNDS, encoding="utf-8")
    rows = ["table,code,unit,payer,pence,price_year,valid_from,valid_to,source"]
    for table, code, unit, payer, pence in UNIT_COSTS:
        before = pence * 96 // 100
        rows.append(f"{table},{code},{unit},{payer},{before},2025,2020-04-01,2026-04-01,{MADE_UP}")
        rows.append(f"{table},{code},{unit},{payer},{pence},2026,2026-04-01,,{MADE_UP}")
    (folder / "unit_costs.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
