"""Joint work written as an extract of its own and read back: about whom, and without a name or a word of anybody."""

import csv
import dataclasses
import datetime as dt
import stat

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from joint_sample import put_joint
from published_sample import ENTRIES
from sample_run import CHILD, VICTIM

from braid.extracts.catalogue import find_connector
from braid.extracts.model import Source
from braid.extracts.read import read_feed
from braid.language.records import record_id
from braid.store.lake import Run
from braid.store.place_folder import Feed, PlaceInvalid
from braid.trust.roles import VICTIM_RESPONSE
from braid.web.care.extract import read_anchors, write_extract
from braid.web.models import AgendaItem, CaseSubject, JointCase, Referral
from braid.web.watch import known_asker

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 11, 28)
OWN = Feed("joint-work", "vale-authority", "joint_work", 2026, "Joint work")
KEYS = {CHILD: [("schools", "P1"), ("homes", "H1")], VICTIM: [("homes", "H2")]}


@pytest.fixture
def place(sample, tmp_path):
    """The place of the sample with a feed of its own, in another folder."""
    return dataclasses.replace(sample[0], folder=tmp_path, feeds=(*sample[0].feeds, OWN))


@pytest.fixture
def run(tmp_path):
    """A run that links two records of the child and one of the victim."""
    links, records = [], []
    for person, keys in KEYS.items():
        for feed, key in keys:
            identity = record_id(feed, "person_record", key)
            links.append({"person_record_id": identity, "person_id": person})
            records.append({"record_id": identity, "feed": feed, "partner_record_id": key})
    folder = tmp_path / "run"
    folder.mkdir()
    pq.write_table(pa.Table.from_pylist(links), folder / "person_link.parquet")
    pq.write_table(pa.Table.from_pylist(records), folder / "person_record.parquet")
    return Run("run", folder, {})


def rows_of(path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_what_is_written_is_read_back_as_the_same_peoples(published, place, run):
    put_joint(CHILD, "test-practitioner")
    put_joint(VICTIM, "test-advocate", VICTIM_RESPONSE)
    now = dt.datetime(2026, 11, 27, 23, 30, tzinfo=dt.UTC)
    with known_asker():
        AgendaItem.objects.filter(case__purpose=VICTIM_RESPONSE).update(
            state="decided", decision="safety_plan", reason="words of a reason", decided_by="x", decided_at=now
        )
        Referral.objects.filter(person_id=CHILD).update(
            state="refused", refusal="no_capacity", answered_at=now, ended_at=now
        )
        first = JointCase.objects.filter(purpose=VICTIM_RESPONSE).order_by("opened_at").first()
        CaseSubject.objects.create(case=first, part="person", name_apart="Words of a name", added_by="x")
    written = write_extract(place, run, TODAY)
    rows = rows_of(written.path)
    assert written.path == place.folder / "extracts" / "joint-work" / "2026-11-28" / "joint_work.csv"
    assert stat.S_IMODE(written.path.stat().st_mode) == 0o600
    assert (written.rows, written.left_out) == (len(rows), 0) and len(rows) == 13
    text = written.path.read_text(encoding="utf-8").lower()
    assert "words of" not in text and CHILD not in text and "test-" not in text
    assert {row["Sensitivity"] for row in rows if (row["PersonFeed"], row["PersonKey"]) == ("homes", "H2")} == {
        "safe_address"
    }
    source = Source(OWN.id, OWN.organisation, OWN.standard, OWN.year, TODAY.isoformat())
    (reading,) = read_feed([written.path], source)
    assert reading.parts["work"].rows_read == len(rows) and not reading.issues
    of_child = {record_id(feed, "person_record", key) for feed, key in KEYS[CHILD]}
    episodes, events = reading.records["episode"], reading.records["event"]
    assert len({row["person_record_id"] for row in episodes} & of_child) == 1
    assert {
        (row["kind"], row["subkind"], str(row["start_date"])) for row in events if row["sensitivity"] == "special"
    } == {
        ("referral", "joint_work:health", str(_sent_on())),
        ("decision", "joint_work:no_capacity", "2026-11-27"),
        ("decision", "joint_work:one_service", str(_sent_on())),
        ("decision", "joint_work:joint_plan", str(_sent_on() - dt.timedelta(days=8))),
    }
    assert {row["subkind"] for row in events if row["sensitivity"] == "safe_address"} == {
        "joint_work:health",
        "joint_work:safety_plan",
    }
    (entry,) = ENTRIES.filter(kind="exported")
    assert (entry.row_count, entry.details["what"]) == (len(rows), "joint work written")


def _sent_on() -> dt.date:
    with known_asker():
        return Referral.objects.get(person_id=CHILD).sent_at.date()


def test_of_whom_a_case_was_about_by_mistake_the_extract_says_nothing(published, place, run):
    put_joint(VICTIM, "test-advocate", VICTIM_RESPONSE)
    before = rows_of(write_extract(place, run, TODAY).path)
    assert {"risk_conference", "joint_case"} <= {row["Kind"] for row in before}
    with known_asker():
        marac = JointCase.objects.get(case_type="marac")
        CaseSubject.objects.filter(case=marac).exclude(person_id="").update(
            ended_at=dt.datetime(2026, 11, 27, tzinfo=dt.UTC), in_error=False
        )
    rows = [row for row in rows_of(write_extract(place, run, TODAY).path) if row["Kind"] == "risk_conference"]
    assert [row["State"] for row in rows] == ["closed"], "taken out, and it was so"
    with known_asker():
        CaseSubject.objects.filter(case=marac).exclude(person_id="").update(in_error=True)
        JointCase.objects.exclude(case_type="marac").update(
            state="closed", outcome="opened_in_error", closed_at=dt.datetime(2026, 11, 27, tzinfo=dt.UTC)
        )
    kinds = {row["Kind"] for row in rows_of(write_extract(place, run, TODAY).path)}
    assert not kinds & {"risk_conference", "joint_case"}, "added by mistake, or the whole case was"


def test_written_again_it_is_the_file_of_the_day(published, place, run):
    put_joint(CHILD, "test-practitioner")
    first = write_extract(place, run, TODAY).path.read_bytes()
    assert write_extract(place, run, TODAY).path.read_bytes() == first
    assert [path.name for path in (place.folder / "extracts" / "joint-work").iterdir()] == ["2026-11-28"]


def test_whom_no_partner_sends_any_more_is_counted_and_left_out(published, place, run):
    put_joint(CHILD, "test-practitioner")
    with known_asker():
        Referral.objects.update(person_id="0" * 32)
    written = write_extract(place, run, TODAY)
    assert (written.rows, written.left_out) == (5, 1)


def test_an_anchor_does_not_depend_on_the_order_of_records(run):
    anchors = read_anchors(run)
    assert set(anchors) == set(KEYS) and all(anchor in KEYS[person] for person, anchor in anchors.items())
    for name in ("person_link", "person_record"):
        table = pq.read_table(run.table(name))
        pq.write_table(table.take(list(reversed(range(table.num_rows)))), run.table(name))
    assert read_anchors(run) == anchors


def test_a_place_without_a_feed_of_its_own_is_told_what_to_write(published, sample, run):
    with pytest.raises(PlaceInvalid, match="one feed with standard = 'joint_work'"):
        write_extract(sample[0], run, TODAY)


def test_a_row_that_says_nothing_known_is_kept_out_and_a_doubtful_one_is_the_most_sensitive(tmp_path):
    path = tmp_path / "joint_work.csv"
    path.write_text(
        "WorkRef,Part,PersonFeed,PersonKey,Kind,Service,StartDate,EndDate,State,Result,Sensitivity\n"
        "A,1,f,k,gossip,,2026-11-02,,,,special\n"
        "A,2,f,k,joint_case,,,,,,special\n"
        "A,3,f,k,joint_case,,2026-11-02,,,,unheard of\n",
        encoding="utf-8",
    )
    (reading,) = read_feed([path], Source("f", "o", "joint_work", 2026))
    assert [issue.rule for issue in reading.issues if issue.severity == "reject"] == ["code_unknown", "date_missing"]
    assert [row["sensitivity"] for row in reading.records["episode"]] == ["safe_address"]
    assert find_connector("joint_work").waits == ()
