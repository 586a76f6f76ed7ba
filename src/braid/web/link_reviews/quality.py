"""What the random sample says of linking, for the page: reckoned beside the server, as the owner of the tables.

It is told once enough of every stratum is decided, and then in steps: of one answer more, whoever gave another could
tell what it was. Until a new sample has so many, what the last one said stands.
"""

from braid.people.link_quality import LinkQuality
from braid.people.review_answers import STEP_PAIRS
from braid.pipeline import read_link_quality
from braid.problems.priority.link_quality import SampleShown, as_json, publish_quality
from braid.store.lake import Lake
from braid.store.place_folder import Place
from braid.web.models import LinkQualityShown


def renew_quality(place: Place, *, has_news: bool) -> bool:
    """Reckon anew what the sample of the visible run says, where the run is another or there are decisions more; return
    whether there is a sample."""
    run, row = Lake(place.lake_folder).current(), LinkQualityShown.objects.first()
    if run is None or (row and row.run_id == run.id and not has_news):
        return row is not None
    quality = read_link_quality(place, run)
    if quality is None:
        return False
    shown = publish_quality(quality)
    row = row or LinkQualityShown()
    row.run_id, row.current = run.id, as_json(_without_figures(shown))
    if quality.is_told and _is_step(row, quality):
        row.told, row.told_drawn_date, row.told_decided = as_json(shown), quality.drawn_date, quality.decided
    row.save()
    return True


def _without_figures(shown: SampleShown) -> SampleShown:
    return SampleShown(shown.drawn_date, shown.drawn, shown.decided, shown.strata, ())


def _is_step(row: LinkQualityShown, quality: LinkQuality) -> bool:
    """Whether so much more is decided than was told that it is told anew."""
    if row.told_drawn_date != quality.drawn_date:
        return True
    more = quality.decided - row.told_decided
    return more >= STEP_PAIRS or (more > 0 and quality.decided == quality.drawn)
