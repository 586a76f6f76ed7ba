"""The pages of the feeds: freshness, counts over runs, what is missing, and who is told of a sudden change."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from pathlib import Path

import pytest

from braid.care.reminders import Choices, mail_of
from braid.extracts.feed_alerts import ShapeAlert
from braid.language.feed_findings import FEED_SHAPE
from braid.store.arrow_types import to_arrow
from braid.store.lake import Run
from braid.trust.roles import ROLES
from braid.web.care.reminding import list_changed_feeds
from braid.web.feed_history import RUNS, draw_rows, feed_history, list_feeds
from braid.web.models import PublishedRun
from braid.web.watch import known_asker

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 11, 15)
ALERT = ShapeAlert("column_gone", "stay", "postcode", "", 0.9, 0.0)


def put_run(lake: Path, feed: str, day: dt.date, rows: int, alerts: tuple[ShapeAlert, ...] = (), name: str = "") -> Run:
    """Put a run into a lake as far as its reading goes."""
    folder = lake / "runs" / (name or day.isoformat())
    folder.mkdir(parents=True)
    read = {
        "feed": feed,
        "as_of_date": day.isoformat(),
        "rows_in": rows,
        "rows_read": rows - 2,
        "rows_rejected": 2,
        "issues": {"date_invalid": 2, "code_unknown": 1},
        "unmapped": {"title": 5},
        "unreadable": [],
        "alerts": [one.document() for one in alerts],
    }
    stages = {"read": {"feeds": [read]}, "waits": {"told_again_by_feed": {feed: rows // 2}}}
    manifest = {"as_of": day.isoformat(), "made_at": day.isoformat() + name, "stages": stages}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return Run(folder.name, folder, manifest)


@pytest.fixture
def told(sample, tmp_path):
    """A place with fourteen weekly runs, the last of which found that a column is empty; and its history."""
    place = dataclasses.replace(sample[0], folder=tmp_path)
    feed = place.feeds[0]
    for week in range(14, 0, -1):
        put_run(place.lake_folder, feed.id, DAY - dt.timedelta(weeks=week), 100 + week)
    put_run(place.lake_folder, feed.id, DAY + dt.timedelta(weeks=1), 1)
    newest = put_run(place.lake_folder, feed.id, DAY, 90, (ALERT,), "newest")
    import pyarrow.parquet as pq

    row = {"feed": feed.id, "as_of_date": DAY, "table_name": "stay", "code": "", "base": 90}
    shape = [
        {**row, "measure": "filled", "column_name": "uprn", "value": 0},
        {**row, "measure": "filled", "column_name": "kind", "value": 90},
    ]
    pq.write_table(to_arrow(FEED_SHAPE, shape), newest.table(FEED_SHAPE.name))
    return place, feed, feed_history(newest, place)


def publish_history(history) -> PublishedRun:
    with known_asker():
        PublishedRun.objects.update(feed_history=history, as_of_date=DAY)
        return PublishedRun.objects.get()


def test_the_last_dozen_runs_of_each_feed_are_told(published, told):
    place, feed, history = told
    assert [one["feed"] for one in history] == [one.id for one in place.feeds]
    (seen,) = [one for one in list_feeds(publish_history(history)) if one.feed == feed.id]
    assert [one.rows_in for one in seen.runs] == [90, *range(101, 101 + RUNS - 1)], "a later day is no history"
    assert seen.missing == ("stay.uprn",) and seen.unmapped == (("title", 5),)
    assert seen.rules == (("date_invalid", 2), ("code_unknown", 1)) and seen.alerts == (ALERT.words,)
    assert len(draw_rows(seen).bars) == RUNS
    assert seen.told_again == 45, "what the newest run says"
    silent = [one for one in list_feeds(publish_history(history)) if one.feed != feed.id]
    assert all(one.newest is None and one.told_again == 0 and one.freshness is None for one in silent)


def test_the_pages_say_it_to_whoever_reads_sources_alone(published, told, client_of):
    place, feed, history = told
    publish_history(history)
    for role in ROLES.values():
        client = client_of(role.code)
        wanted = 200 if role.reads_sources else 403
        assert client.get("/feeds/").status_code == client.get(f"/feeds/{feed.id}/").status_code == wanted
    page = client_of("analyst").get("/feeds/").content.decode()
    assert page.index(ALERT.words) < page.index("Newest extract of each feed") and "No extract" in page
    one = client_of("ig_lead").get(f"/feeds/{feed.id}/").content.decode()
    assert f"45 of its waits are told by another feed of {place.organisation(feed.organisation).name} too" in one
    assert "stay.uprn" in one and "date_invalid" in one and ALERT.words in one
    assert client_of("analyst").get("/feeds/nobodys/").status_code == 404


def test_a_place_that_was_never_run_has_pages_of_nothing(db, client_of):
    assert "Nothing is published yet" in client_of("analyst").get("/feeds/").content.decode()
    assert list_feeds(None) == ()


def test_a_sudden_change_is_told_once_for_its_extract_and_is_no_work(published, told):
    _, feed, history = told
    publish_history(history)
    things = list_changed_feeds()
    assert [(one.reference, one.kind) for one in things] == [(feed.id, "feed")]
    now = dt.datetime(2026, 11, 17, 9, tzinfo=dt.UTC)
    mail = mail_of(things, Choices(), (), now)
    assert mail is not None
    assert f"1 feed changed suddenly against what it was before: {feed.id}." in mail.words
    assert "work list today" not in mail.words and ALERT.words not in mail.words
    assert mail_of(things, Choices(), mail.keys, now) is None, "not twice"
    assert mail_of(things, Choices(), (), now + dt.timedelta(days=30)) is None, "no news after four weeks"
