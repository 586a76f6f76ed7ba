"""The boards of the sample place, as its file has them: a plain text, for programs that have no Django yet."""

_BOARD = """
[[board]]
id = "{id}"
name = "{name}"
purpose = "To try boards"
legal_basis = "None"
publication = "public"
publication_source = "Local choice"
papers_clear_days = 5
papers_source = "Local choice"
chair = "northmere-council"
review_date = 2030-03-31
[[board.seat]]
id = "council"
name = "Councils"
kinds = ["council"]
least = 1
votes = true
chairs = true
source = "Local choice"
bodies = ["northmere-council", "southwick-council"]
[[board.seat]]
id = "court"
name = "Court"
kinds = ["court"]
least = 1
votes = true
source = "Local choice"
bodies = ["vale-family-court"]
[[board.seat]]
id = "guest"
name = "Guest"
kinds = ["voluntary"]
least = 0
votes = false
source = "Local choice"
bodies = ["harbour"]
[board.quorum]
least = 2
seats = {{ court = 1 }}
source = "Local choice"
[board.deciding]
rule = "majority"
source = "Local choice"
[[board.reserved]]
id = "money"
name = "Money of the councils"
rule = "majority"
needs = ["council"]
source = "Local choice"
"""
BOARDS_TOML = _BOARD.format(id="justice", name="Sample Justice Board") + _BOARD.format(
    id="safety", name="Sample Safety Partnership"
)
REMIT = """[board.remit]
statements = ["court_readiness", "victim_response", "school_from_ta"]
backlogs = ["care_proceedings", "school_place", "hospital_treatment"]
"""
BOARDS_WITH_REMIT = BOARDS_TOML.replace('[[board]]\nid = "safety"', f'{REMIT}[[board]]\nid = "safety"')
"""The first board with what it looks after."""
