"""Writes the outcomes that the boards of the example place chose, with baselines and targets; all of it made up."""

from __future__ import annotations

from pathlib import Path

from braid.example.model import World

STAGED = ("HALLOWMERE", "QUILLBECK", "TARNWICK")
"""What stands for the codes of the first three districts, in which something was begun one after the other."""

OUTCOMES = """# Outcomes of the boards of a fictional place. Baselines, targets and changes are made up.

[[outcome]]
id = "attendance_in_temporary"
name = "Pupils in temporary accommodation who attend 90 per cent or more"
why = "The children and families board set out to keep children at their school through a move."
statement = "school_from_ta"
better = "higher"
figure = "share"
period = "week"
counted = { of = "pupils" }
met = { attended_percent = 90 }
baseline = { from = 2025-11-10, until = 2026-03-29 }
target = { path = "linear", from = 2026-04-13, by = 2027-07-16, value = 90 }
[outcome.among]
all_of = [{ wait = ["temporary_accommodation", "bnb_family"] }]

  [[outcome.change]]
  what = "Taxis to school for families who are moved"
  from = 2026-04-13
  else_changed = "Schools had their summer examinations, and two hostels closed in June."

[[outcome]]
id = "attendance_everywhere"
name = "Pupils who attend 80 per cent or more"
why = "Clubs before school were opened one district after another; the board wants to see whether more children come."
statement = "school_from_ta"
better = "higher"
figure = "share"
period = "week"
counted = { of = "pupils" }
met = { attended_percent = 80 }
baseline = { from = 2025-11-10, until = 2026-02-15 }
target = { path = "stepped", step = [{ by = 2026-04-13, value = 90 }, { by = 2027-04-12, value = 95 }] }

  [[outcome.change]]
  what = "Clubs before school"
  from = 2026-02-23
  districts = ["HALLOWMERE"]
  else_changed = "Bus fares for children fell in the whole place in March."
  [[outcome.change]]
  what = "Clubs before school"
  from = 2026-04-20
  districts = ["QUILLBECK"]
  else_changed = "Bus fares for children fell in the whole place in March."
  [[outcome.change]]
  what = "Clubs before school"
  from = 2026-09-07
  districts = ["TARNWICK"]
  else_changed = "A new school year began."

[[outcome]]
id = "support_within_week"
name = "People harmed who reached support within 7 days"
why = "The domestic abuse partnership promised a first contact within a week."
statement = "victim_response"
better = "higher"
figure = "share"
period = "quarter"
counted = { of = "waits_ended", kinds = ["victim_support"] }
met = { days_at_most = 7 }
baseline = { value = 40, source = "the partnership's own count of 2025" }
target = { path = "linear", from = 2026-01-01, by = 2027-12-31, value = 70 }

[[outcome]]
id = "hearings_failed_for_us"
name = "Hearings that did not go ahead for want of evidence or experts"
why = "The family justice board counts what its own members could have prevented."
statement = "court_readiness"
better = "lower"
figure = "share"
period = "quarter"
counted = { of = "events", kinds = ["hearing"] }
met = { statuses = ["adjourned", "vacated"], causes = ["service_evidence", "cafcass", "expert"] }
baseline = { value = 15, source = "the board's review of 2025" }
target = { path = "linear", from = 2026-01-01, by = 2027-03-31, value = 5 }
"""


def write_outcomes(world: World, folder: Path) -> None:
    """Write `outcomes.toml`: four outcomes, for each of the three problem statements one at least."""
    text = OUTCOMES
    for name, district in zip(STAGED, world.geography.districts, strict=False):
        text = text.replace(f'"{name}"', f'"{district.code}"')
    (folder / "outcomes.toml").write_text(text, encoding="utf-8")
