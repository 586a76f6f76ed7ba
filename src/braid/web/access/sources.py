"""Whether what stands in a row of a partner's file may be shown: asked of everybody whom the row speaks of.

A row holds more than any one item: who somebody is, where they live, what a partner knows of them. So it is shown only
where name, district and that partner's waits are all open to the viewer, of each of them, and somebody's waits are seen
at all. Whoever decides on whether they are protected or quiet asks the run as well: not everybody is published.
"""

from collections.abc import Collection

from braid.language.standard_backlogs import BACKLOG_OF_STANDARD
from braid.trust.decide import Outcome
from braid.trust.items import JOINED, waits_item
from braid.web.access.decisions import Decisions, decisions_on
from braid.web.access.projections import Viewer
from braid.web.access.sight import looking, visible_waits


def may_show_row(
    viewer: Viewer, person_ids: Collection[str], standard: str, organisation: str, sensitivity: str
) -> bool:
    """Whether this viewer may see a row of a partner's file that speaks of these people. Nobody may of none.

    Raises `NotPermitted` without a role, a permitted purpose and a reference.
    """
    backlog = BACKLOG_OF_STANDARD.get(standard)
    with looking(viewer) as sight:
        decisions = decisions_on(sight, person_ids)
        return (
            backlog is not None
            and bool(person_ids)
            and sight.role.sees_location
            and sensitivity in sight.sensitivities
            and all(_is_open(decisions, one, backlog, organisation, sensitivity) for one in person_ids)
        )


def _is_open(decisions: Decisions, person_id: str, backlog: str, organisation: str, sensitivity: str) -> bool:
    items = (("identity", JOINED), ("district", JOINED), (waits_item(backlog), organisation))
    asked = [decisions.on(person_id, item, provider, sensitivity).outcome for item, provider in items]
    if any(outcome is not Outcome.ALLOW for outcome in asked):
        return False
    rows = visible_waits(decisions.sight).filter(person=person_id)
    return bool(decisions.permitted_waits(rows))
