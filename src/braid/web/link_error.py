"""The expected error of linking, as published beside the rules: by group of people, and by pair of standards."""

import datetime as dt
from collections.abc import Sequence

from braid.problems.priority.link_error import LinkErrors, publish_link_errors
from braid.store.exports import Export, ExportTable, Form, Purpose, export_table
from braid.trust.link_error import LEAST_LINKS, LEAST_PEOPLE, SUMS, ErrorShown, Share
from braid.web.figures import get_district_choices
from braid.web.figures_table import SUPPRESSED, USE_DAYS
from braid.web.models import LinkErrorFigure, PublishedRun
from braid.web.published import hold_published_set

HEADINGS = (
    "By",
    "Group",
    "Links expected false (per cent)",
    "From (per cent)",
    "To (per cent)",
    "Links expected missed, at least (per cent)",
    "Missed, from (per cent)",
    "Missed, to (per cent)",
    "Records without a name (per cent)",
)
NOTES = (
    f"{SUPPRESSED} means too few to say: fewer than {LEAST_PEOPLE} people or {LEAST_LINKS} links.",
    "Expected by the linkage's own chances over the pairs that it compared, with what chance leaves open at 95 %.",
    "Pairs that were never compared are not in it, so links are missed at least so often: see docs/measured.md.",
    "Most of those are of records without a name, which only a shared number, or birthday and home, can find.",
)


def get_link_errors() -> tuple[LinkErrors, ...]:
    """Return the expected error of the published run, by characteristic and by pair; nothing where none is known."""
    hold_published_set()
    rows = list(LinkErrorFigure.objects.values("characteristic", "group_code", "source_a", "source_b", *SUMS))
    return publish_link_errors(rows, dict(get_district_choices()))


def export_link_errors(
    errors: Sequence[LinkErrors], run: PublishedRun, form: Form, made_for: str, today: dt.date
) -> Export:
    """Return the expected error of the published run as a file of that form, with its manifest."""
    rows = tuple((each.name, group, *_cells(shown)) for each in errors for group, shown in each.groups)
    as_of = run.as_of_date.isoformat() if run.as_of_date else "a day not known"
    title = f"{run.place_name}: how often linking is expected to err, {as_of}"
    purpose = Purpose(made_for, run.run_id, today, today + dt.timedelta(USE_DAYS))
    return export_table(ExportTable(title, "link_error", HEADINGS, rows, NOTES), form, purpose)


def _cells(shown: ErrorShown) -> tuple[int | str, ...]:
    def parts(share: Share | None) -> tuple[int | str, ...]:
        return (share.share, share.low, share.high) if share else (SUPPRESSED,) * 3

    unnamed = SUPPRESSED if shown.unnamed is None else shown.unnamed
    return (*parts(shown.false), *parts(shown.missed), unnamed)
