"""Links under review: who sees which pair, what is told of it, what answers come to, and where decisions are kept."""

import contextlib
import datetime as dt
import html
import inspect
import re
import uuid

import pytest
from django.db import ProgrammingError, connection, transaction
from django.utils import timezone
from joint_sample import put_joint
from link_review_sample import LINEAGE, put_answer, put_pair
from published_sample import ENTRIES, as_pages
from sample_run import CANARIES, CHILD, ONE_WAIT, VICTIM, sample_tables, write_run

from braid.language.findings import TABLES
from braid.language.records import record_id
from braid.people.decisions import COLUMNS, DECISIONS_FILE, parse_decisions
from braid.people.review_answers import ANSWERS, LEAST_PAIRS, REASONS, STEP_PAIRS
from braid.people.withdrawals import COLUMNS as WITHDRAWN_COLUMNS
from braid.people.withdrawals import WITHDRAWN_FILE
from braid.store.duckdb_engine import DuckDBEngine
from braid.store.place_folder import load_place
from braid.store.restricted import append_restricted, read_restricted, restricted_path
from braid.trust.roles import ROLES
from braid.web import serve, working
from braid.web.access.context import asking_as
from braid.web.link_reviews import publishing, settling
from braid.web.link_reviews.drawing import draw_waterfall
from braid.web.link_reviews.publishing import has_link_reviews, load_link_reviews
from braid.web.link_reviews.seen import MOST_SHOWN
from braid.web.link_reviews.settling import settle_waiting
from braid.web.link_reviews.sheets import mask, mask_numbers, read_sheets
from braid.web.models import (
    Admitted,
    Barred,
    LinkAgreement,
    LinkAnswer,
    LinkDecision,
    LinkPair,
    SealedPerson,
)
from braid.web.watch import known_asker

pytestmark = pytest.mark.django_db
REVIEWERS = [code for code, role in ROLES.items() if role.decides_links]
REFERENCE = "LR-2026-7"


@pytest.fixture
def reviewer_of(client_of):
    """A client that has begun a sitting."""

    def begun(role):
        client = client_of(role)
        client.post("/links/", {"reference": REFERENCE})
        return client

    return begun


def words(response) -> str:
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode())))


def answers_of(pair):
    with known_asker():
        return list(LinkAnswer.objects.filter(pair=pair).order_by("answered_at"))


def state_of(pair):
    with known_asker():
        return LinkPair.objects.get(pk=pair.pk)


def settled():
    with known_asker():
        return settle_waiting()


def test_links_are_reviewed_by_whoever_decides_on_them_and_by_nobody_else(published, client_of):
    assert REVIEWERS == ["analyst", "ig_lead"]
    pair = put_pair(CHILD)
    for role in ROLES:
        client = client_of(role)
        if role in REVIEWERS:
            assert client.get(f"/links/{pair.pk}/relied/").headers["Location"] == "/links/#begin", "no look without one"
        client.post("/links/", {"reference": REFERENCE})
        statuses = {client.get(url).status_code for url in ("/links/", f"/links/{pair.pk}/relied/")}
        assert statuses == ({200} if role in REVIEWERS else {403}), role
        assert ("Links</a>" in re.sub(r"\s+", "", client.get("/status/").content.decode())) == (role in REVIEWERS)


def test_a_sitting_begins_with_a_reference_and_leads_to_the_first_pair(published, client_of):
    second, first = put_pair(CHILD, position=2), put_pair(ONE_WAIT, position=1)
    client = client_of("analyst")
    assert client.get(f"/links/{first.pk}/").headers["Location"] == "/links/#begin"
    for wrong in ("", "none"):
        refused = client.post("/links/", {"reference": wrong})
        assert refused.status_code == 400 and "There is a problem" in words(refused)
    begun = client.post("/links/", {"reference": "lr-2026-7"})
    assert begun.headers["Location"] == f"/links/{first.pk}/"
    answered = client.post(f"/links/{first.pk}/", {"reason": "relatives", "round": "1"})
    assert answered.headers["Location"] == f"/links/{second.pk}/?done=answered"
    done = client.post(f"/links/{second.pk}/", {"reason": "too_little", "round": "1"})
    assert done.headers["Location"] == "/links/?done=answered"
    assert [(one.answer, one.reason, one.reference, one.answered_by) for one in answers_of(first)] == [
        ("different", "relatives", REFERENCE, "test-analyst")
    ]


def test_a_page_says_field_by_field_why_and_shows_the_same_in_a_picture(published, reviewer_of):
    pair = put_pair(CHILD)
    page = reviewer_of("analyst").get(f"/links/{pair.pk}/")
    text = words(page)
    assert "Birth dates differ by day and month changed over: \u22121.2" in text
    assert "Forenames are forms of one name: +4.6" in text
    assert "NHS numbers" in text and "Cannot be compared" in text
    source = page.content.decode()
    picture = source[source.index("<svg") : source.index("</svg>")]
    assert picture.count("<rect") == 6, "a bar for each field that says something"
    assert re.findall(r">([+\u2212]?\d+\.\d)<", picture) == [
        "\u221212.0", "+4.6", "+8.1", "\u22121.2", "+2.0", "+1.0", "+2.5"
    ]  # fmt: skip
    assert text.count(" differs ") == 2, "given names and birth dates"
    assert "3" in text and "Records" in text and "Open waits" in text


def test_the_picture_ends_where_its_figures_do():
    fields = [["prior", "", -8.0], ["birth", "exact", 10.0], ["nhs", "missing", 0.0], ["sex", "else", -3.0]]
    picture = draw_waterfall(fields)
    assert [step.name for step in picture.drawn] == ["Before anything is compared", "Birth dates", "Sex"]
    assert picture.total == "\u22121.0"
    prior, birth, sex = picture.drawn
    assert prior.x == birth.x and prior.width * 10 == pytest.approx(birth.width * 8, abs=2)
    assert sex.x == pytest.approx(picture.total_x, abs=0.2)
    assert sex.x + sex.width == pytest.approx(birth.x + birth.width, abs=0.2)
    assert draw_waterfall([]).total == "0.0"


def test_each_look_is_recorded_for_both_people_and_an_answer_without_what_it_says(published, reviewer_of):
    pair = put_pair(CHILD, ONE_WAIT)
    client = reviewer_of("analyst")
    before = ENTRIES.count()
    client.get(f"/links/{pair.pk}/")
    looks = list(ENTRIES.order_by("pk"))[before:]
    assert {(one.kind, one.person_id, one.relation, one.reference) for one in looks} == {
        ("look", CHILD, "review", REFERENCE),
        ("look", ONE_WAIT, "review", REFERENCE),
    }
    before = ENTRIES.count()
    client.post(f"/links/{pair.pk}/", {"reason": "agrees", "round": "1"})
    entries = list(ENTRIES.order_by("pk"))[before:]
    assert {(one.kind, one.person_id) for one in entries} == {("changed", CHILD), ("changed", ONE_WAIT)}
    said = str([one.details for one in entries]) + str([one.reason for one in entries])
    assert not [code for code in (*REASONS, *ANSWERS) if code in said], "whoever is asked next may read it"


def test_a_page_that_cannot_be_recorded_shows_and_keeps_nothing(published, reviewer_of, monkeypatch):
    pair, client = put_pair(CHILD), reviewer_of("analyst")
    client.raise_request_exception = False

    def fail(*arguments, **options):
        raise ProgrammingError("no entry")

    monkeypatch.setattr("braid.web.link_reviews.seen.record", fail)
    assert client.get(f"/links/{pair.pk}/").status_code == 500
    assert client.post(f"/links/{pair.pk}/", {"reason": "agrees", "round": "1"}).status_code == 500
    assert answers_of(pair) == []


@pytest.mark.parametrize("end", ["person_a", "person_b"])
@pytest.mark.parametrize("keep", ["barred", "restricted", "sealed"])
def test_whoever_is_kept_from_one_of_two_finds_no_pair_and_no_sign_of_one(end, keep, published, reviewer_of):
    """The same bytes as where there never was such a pair, on the list and at its address, and no answer is taken."""
    client = reviewer_of("analyst")
    seen = [put_pair(uuid.uuid4().hex, position=place) for place in (1, 3)]
    blot = re.compile(rb'csrfmiddlewaretoken" value="[^"]+')
    without, nothing = blot.sub(b"", client.get("/links/").content), client.get(f"/links/{uuid.uuid4()}/")
    hidden = put_pair(**{"person_a": CHILD, "person_b": ONE_WAIT, end: VICTIM}, position=2)
    assert blot.sub(b"", client.get("/links/").content) != without, "the control: it is there"
    with known_asker():
        if keep == "barred":
            Barred.objects.create(person_id=VICTIM, username="test-analyst")
        elif keep == "restricted":
            Admitted.objects.create(person_id=VICTIM, username="somebody-else")
        else:
            SealedPerson.objects.create(person_id=VICTIM)
    assert blot.sub(b"", client.get("/links/").content) == without
    for address in (f"/links/{hidden.pk}/", f"/links/{hidden.pk}/relied/"):
        found = client.get(address)
        assert (found.status_code, found.content) == (404, nothing.content)
    assert client.post(f"/links/{hidden.pk}/", {"reason": "agrees", "round": "1"}).status_code == 404
    assert answers_of(hidden) == []
    with asking_as("test-analyst", ""), as_pages():
        assert set(LinkPair.objects.values_list("pk", flat=True)) == {one.pk for one in seen}
    with refused("test-analyst"):
        LinkAnswer.objects.append_one(made_answer(hidden, "test-analyst"))


@contextlib.contextmanager
def refused(username):
    """What the database refuses to a page of somebody."""
    with asking_as(username, ""), as_pages(), pytest.raises(ProgrammingError), transaction.atomic():
        yield


def made_answer(pair, by, **more):
    values = {"round": pair.round, "answer": "same", "reason": "agrees", "reference": "R-1", "run_id": pair.run_id}
    return LinkAnswer(id=uuid.uuid4(), pair=pair, answered_by=by, **{**values, **more})


def test_how_many_there_are_is_told_up_to_a_bound_far_below_what_is_published(published, reviewer_of):
    with known_asker():
        for place in range(MOST_SHOWN + 3):
            put_pair(uuid.uuid4().hex, position=place + 1)
    client = reviewer_of("analyst")
    full = client.get("/links/")
    assert f"Waiting for you: {MOST_SHOWN} or more" in words(full)
    with known_asker():
        Barred.objects.create(person_id=LinkPair.objects.get(position=7).person_a, username="test-analyst")
    assert f"Waiting for you: {MOST_SHOWN} or more" in words(client.get("/links/"))


def test_an_answer_is_read_by_its_reviewer_alone_and_given_in_nobody_elses_name(published, reviewer_of):
    pair = put_pair(CHILD)
    reviewer_of("analyst").post(f"/links/{pair.pk}/", {"reason": "agrees", "round": "1"})
    with asking_as("test-analyst", ""), as_pages():
        assert LinkAnswer.objects.count() == 1
    with asking_as("test-ig_lead", ""), as_pages():
        assert LinkAnswer.objects.count() == 0
    for by, more in (
        ("test-analyst", {}),
        ("test-ig_lead", {"round": 2}),
        ("test-ig_lead", {"run_id": "another"}),
    ):
        with refused("test-ig_lead"):
            LinkAnswer.objects.append_one(made_answer(pair, by, **more))
    with refused("test-practitioner"):
        LinkAnswer.objects.append_one(made_answer(pair, "test-practitioner"))
    for column in ("record_a", "record_b", "is_sampled"):
        with refused("test-analyst"):
            list(LinkPair.objects.values_list(column))
    with known_asker(), pytest.raises(Exception, match="Cannot update"), transaction.atomic():
        LinkAnswer.objects.update(answer="same")


def test_nobody_answers_twice_or_on_what_changed_meanwhile(published, reviewer_of):
    pair, client = put_pair(CHILD, needs_two=True), reviewer_of("analyst")
    url = f"/links/{pair.pk}/"
    assert client.post(url, {"reason": "", "round": "1"}).status_code == 400
    assert client.post(url, {"reason": "other", "round": "1"}).status_code == 400
    assert client.post(url, {"reason": "agrees", "round": "2"}).status_code == 409
    assert client.post(url, {"reason": "agrees", "round": "1"}).status_code == 302
    again = client.post(url, {"reason": "relatives", "round": "1"})
    assert again.status_code == 400 and "You have answered on this pair" in words(again)
    assert len(answers_of(pair)) == 1


def test_the_second_of_two_is_not_told_of_the_first(published, reviewer_of):
    """The page of one who is asked second is that of one who is asked first, but for what differs by who they are."""
    pair = put_pair(CHILD, is_sampled=True)
    lead = reviewer_of("ig_lead")
    blot = re.compile(rb'csrfmiddlewaretoken" value="[^"]+')
    before = [blot.sub(b"", lead.get(url).content) for url in (f"/links/{pair.pk}/", "/links/")]
    reviewer_of("analyst").post(f"/links/{pair.pk}/", {"reason": "relatives", "round": "1"})
    settled()
    assert state_of(pair).state == "open"
    assert [blot.sub(b"", lead.get(url).content) for url in (f"/links/{pair.pk}/", "/links/")] == before
    theirs = reviewer_of("analyst").get("/links/").content.decode()
    assert f"/links/{pair.pk}/" not in theirs, "the first is asked no more"


@pytest.fixture
def place(sample, tmp_path, monkeypatch):
    """The sample's place in a folder of its own, with a run that holds the records of a pair."""
    source, _ = sample
    folder = tmp_path / "place"
    folder.mkdir()
    (folder / "place.toml").write_text((source.folder / "place.toml").read_text("utf-8"), encoding="utf-8")
    monkeypatch.setenv("BRAID_PLACE", str(folder))
    return load_place(folder)


def record_rows(pair):
    return [
        {**LINEAGE, "record_id": pair.record_a, "feed": "feed-one", "partner_record_id": "A 17"},
        {**LINEAGE, "record_id": pair.record_b, "feed": "feed-two", "partner_record_id": "B,18"},
    ]


def with_records(place, *pairs):
    tables = sample_tables(2)
    tables["person_record"] += [row for pair in pairs for row in record_rows(pair)]
    return write_run(place, "2026-11-15-records", tables)


def file_rows(place):
    return [row for _, row in read_restricted(place, DECISIONS_FILE, COLUMNS)]


def test_a_decision_comes_into_the_places_own_file_once_and_in_the_form_that_runs_read(published, reviewer_of, place):
    pair = put_pair(CHILD)
    with_records(place, pair)
    reviewer_of("analyst").post(f"/links/{pair.pk}/", {"reason": "confirmed_two", "round": "1"})
    before = ENTRIES.count()
    assert settled() == 1
    (row,) = file_rows(place)
    assert (row["feed_a"], row["partner_record_id_a"]) == ("feed-one", "A 17")
    assert (row["feed_b"], row["partner_record_id_b"]) == ("feed-two", "B,18")
    assert (row["decision"], row["decided_by"], row["approved_by"]) == ("different", "test-analyst", "")
    assert row["reference"].startswith(f"{REFERENCE} ")
    decisions, problems = parse_decisions(read_restricted(place, DECISIONS_FILE, COLUMNS))
    assert problems == () and not decisions[0].is_same
    assert restricted_path(place, DECISIONS_FILE).stat().st_mode & 0o077 == 0
    entries = list(ENTRIES.order_by("pk"))[before:]
    assert [(one.kind, one.username, one.details["what"], one.details["line"]) for one in entries] == [
        ("changed", "test-analyst", "link decided", 2)
    ]
    with known_asker():
        LinkDecision.objects.update(line=None)  # as if the process ended between the file and the row
    settled()
    assert len(file_rows(place)) == 1 and ENTRIES.count() == before + 1
    with known_asker():
        assert LinkDecision.objects.get().line == 2
    assert "It is written down, and the next run follows it" in words(reviewer_of("analyst").get(f"/links/{pair.pk}/"))


def test_a_guarded_pair_takes_two_different_people_who_say_the_same(published, reviewer_of, place):
    pair = put_pair(CHILD, needs_two=True)
    with_records(place, pair)
    url = f"/links/{pair.pk}/"
    reviewer_of("analyst").post(url, {"reason": "agrees", "round": "1"})
    assert settled() == 0 and file_rows(place) == []
    reviewer_of("ig_lead").post(url, {"reason": "confirmed_same", "round": "1"})
    assert settled() == 1
    decisions, _ = parse_decisions(read_restricted(place, DECISIONS_FILE, COLUMNS))
    assert [(one.decided_by, one.approved_by, one.has_two_people) for one in decisions] == [
        ("test-analyst", "test-ig_lead", True)
    ]
    whats = [(one.username, one.details["what"]) for one in ENTRIES.filter(kind="changed").order_by("pk")][-2:]
    assert whats == [("test-analyst", "link decided"), ("test-ig_lead", "link approved")]


def test_two_who_differ_leave_it_to_a_third_and_three_who_cannot_tell_leave_it(published, place):
    differ, unclear = put_pair(CHILD, is_sampled=True), put_pair(ONE_WAIT, is_sampled=True)
    with_records(place, differ, unclear)
    for by, said, other in (("one", "same", "unsure"), ("two", "different", "same")):
        put_answer(differ, by, said)
        put_answer(unclear, by, other)
    assert settled() == 0 and {state_of(one).state for one in (differ, unclear)} == {"open"}
    put_answer(differ, "three", "different")
    put_answer(unclear, "three", "different")
    assert settled() == 1
    assert (state_of(differ).state, state_of(unclear).state) == ("decided", "left")
    (row,) = file_rows(place)
    assert (row["decision"], row["decided_by"], row["approved_by"]) == ("different", "two", "three")


def test_a_decision_is_undone_by_a_later_one_alone(published, reviewer_of, place):
    pair = put_pair(CHILD)
    with_records(place, pair)
    url = f"/links/{pair.pk}/"
    reviewer_of("analyst").post(url, {"reason": "agrees", "round": "1"})
    settled()
    lead = reviewer_of("ig_lead")
    assert "Decide anew" in words(lead.get(url)) and "one person" in words(lead.get(url))
    assert lead.post(url, {"reason": "relatives", "round": "1"}).status_code == 409
    assert lead.post(url, {"reason": "relatives", "round": "2"}).status_code == 302
    settled()
    assert [row["decision"] for row in file_rows(place)] == ["same", "different"]
    assert (state_of(pair).round, state_of(pair).state) == (2, "decided")
    with known_asker():
        assert LinkDecision.objects.count() == 2
    decisions, _ = parse_decisions(read_restricted(place, DECISIONS_FILE, COLUMNS))
    assert max(decisions, key=lambda one: (one.decided_date, one.line)).is_same is False


def test_a_guarded_decision_is_undone_by_two_alone(published, reviewer_of, place):
    pair = put_pair(CHILD, needs_two=True)
    with_records(place, pair)
    for role in REVIEWERS:
        reviewer_of(role).post(f"/links/{pair.pk}/", {"reason": "agrees", "round": "1"})
    settled()
    reviewer_of("analyst").post(f"/links/{pair.pk}/", {"reason": "relatives", "round": "2"})
    assert settled() == 0 and len(file_rows(place)) == 1 and state_of(pair).state == "open"
    reviewer_of("ig_lead").post(f"/links/{pair.pk}/", {"reason": "contradicts", "round": "2"})
    assert settled() == 1 and [row["decision"] for row in file_rows(place)] == ["same", "different"]


def test_a_decision_on_a_record_that_is_gone_is_written_nowhere_and_said_so(published, reviewer_of, place):
    pair = put_pair(CHILD)
    with_records(place)
    reviewer_of("analyst").post(f"/links/{pair.pk}/", {"reason": "agrees", "round": "1"})
    settled()
    assert file_rows(place) == []
    assert "nothing follows" in words(reviewer_of("analyst").get(f"/links/{pair.pk}/"))


def test_a_decision_whose_entry_cannot_be_written_is_in_no_file(published, reviewer_of, place, monkeypatch):
    pair = put_pair(CHILD)
    with_records(place, pair)
    reviewer_of("analyst").post(f"/links/{pair.pk}/", {"reason": "agrees", "round": "1"})

    def fail(*arguments, **options):
        raise ProgrammingError("no entry")

    with monkeypatch.context() as broken:
        broken.setattr(settling, "write_entry", fail)
        with pytest.raises(ProgrammingError):
            settled()
    assert file_rows(place) == []
    settled()
    assert len(file_rows(place)) == 1


def test_agreement_is_told_in_steps_of_the_blind_sample_alone(published, place, reviewer_of):
    def answered(number, *said, is_sampled=True):
        pair = put_pair(uuid.uuid4().hex, position=number, is_sampled=is_sampled, needs_two=True)
        for by, one in zip(("one", "two", "three"), said, strict=False):
            put_answer(pair, by, one)

    with_records(place)
    for number in range(LEAST_PAIRS - 1):
        answered(number, "same", "same" if number % 4 else "different", "same")
    answered(90, "same", "different", is_sampled=False)
    settled()
    assert "is told from twenty such pairs on" in words(reviewer_of("analyst").get("/links/"))
    answered(91, "different", "different")
    settled()
    with known_asker():
        told = LinkAgreement.objects.get()
    assert (told.pairs, told.agreed) == (LEAST_PAIRS, 15)
    assert "Of 20 pairs" in words(reviewer_of("ig_lead").get("/links/"))
    for number in range(STEP_PAIRS - 1):
        answered(100 + number, "same", "same")
    settled()
    with known_asker():
        assert LinkAgreement.objects.get().pairs == LEAST_PAIRS, "not yet: one pair more would tell an answer"


REVIEW = {
    "position": 1,
    "cause": "identifier",
    "weight": 12.5,
    "is_joined": False,
    "needs_two": True,
    "chance": 0.9,
    "stake": 3,
    "expected": 2.7,
    "records_a": 2,
    "records_b": 1,
    "waits_a": "rtt register",
    "waits_b": "",
    "feeds_a": "feed-one harbour-support",
    "feeds_b": "feed-two",
}


def reviewed_run(place, name, rows, people=(ONE_WAIT, CHILD), **more):
    """A run whose queue holds one pair, of the records of a given pair."""
    tables = sample_tables(2)
    ends = type("Ends", (), {"record_a": "a" * 20, "record_b": "b" * 20})
    tables["person_record"] += [
        {**row, "given_name": given, "family_name": "Example", "sex": "female"}
        for row, given in zip(record_rows(ends), ("Dee", "Dea"), strict=True)
    ]
    line = {key: value for key, value in record_rows(ends)[0].items() if key not in ("record_id", "partner_record_id")}
    hidden = {"postcode": CANARIES["postcode"], "address_lines": CANARIES["address"], "confidential": True}
    for record, value in (("a" * 20, "9434765919"), ("b" * 20, "9434765870")):
        of_record = {**line, "person_record_id": record}
        number = {"record_id": f"n{record[1:]}", "scheme": "nhs", "value": value, "check_result": "pass"}
        home = {"record_id": f"s{record[1:]}", "kind": "unknown", "confidential": False, "postcode": "NO1 1AA"}
        tables["identifier"].append({**of_record, **number})
        tables["stay"].append({**of_record, **home})
        tables["stay"].append({**of_record, **hidden, "record_id": f"t{record[1:]}", "kind": "refuge"})
    tables["postcode"].append({"postcode": "NO1 1AA", "district_code": "E08990001", "easting": 1, "northing": 1})
    run = write_run(place, name, tables)
    ends_of = {"record_a": "a" * 20, "record_b": "b" * 20}
    fields = [
        *(("prior", "", -12.0), ("household", "fits", 7.25), ("forename", "similar", 3.0)),
        *(("place", "exact", 9.5), ("nhs", "missing", 0.0)),
    ]
    of_people = {"person_a": people[0], "person_b": people[1]}
    with contextlib.closing(DuckDBEngine()) as engine:
        engine.load_rows(TABLES["link_review"], [{**REVIEW, **ends_of, **of_people, **row} for row in rows])
        engine.load_rows(
            TABLES["link_review_field"],
            [{**ends_of, "comparison": one, "level": level, "bits": bits} for one, level, bits in fields],
        )
        for table in ("link_review", "link_review_field"):
            engine.write(TABLES[table], run.table(table))
    run.manifest.update({"made_at": timezone.now().isoformat(), **more})
    return run


def test_a_sheet_has_what_review_needs_and_nothing_confidential(place):
    run = reviewed_run(place, "2026-11-15-reviewed", [{}])
    ((row, sheet),) = read_sheets(run)
    assert [side["given"] for side in sheet["sides"]] == ["Dee", "Dea"]
    assert [side["district"] for side in sheet["sides"]] == ["E08990001", "E08990001"]
    assert [side["numbers"]["nhs"] for side in sheet["sides"]] == ["•••••••919", "•••••••870"]
    assert [one[0] for one in sheet["fields"]] == ["prior", "forename", "place", "nhs", "household"]
    assert (sheet["records"], sheet["services"], sheet["waits"]) == ([2, 1], [2, 1], [2, 0])
    assert sheet["asks"] == "perhaps_one", "why a guard held it back is not told"
    text = str(sheet)
    assert not [one for one in (*CANARIES.values(), "NO1", "harbour", "rtt", "A 17") if one in text]
    assert row["position"] == 1


def test_of_somebody_whose_location_is_withheld_neither_district_nor_how_postcodes_compare_is_told(place):
    run = reviewed_run(place, "2026-11-15-withheld", [{}], people=(ONE_WAIT, VICTIM))
    ((_, sheet),) = read_sheets(run)
    assert [side["district"] for side in sheet["sides"]] == ["", ""]
    assert [one[0] for one in sheet["fields"]] == ["prior", "forename", "nhs"] and not sheet["tells_place"]
    assert "9.5" not in str(sheet) and "7.25" not in str(sheet), "nor can it be told from a sum"


@pytest.mark.parametrize(
    ("value", "other", "shown"),
    [
        ("9434765919", "9434765870", "•••••••919"),
        ("9434765919", "9534765919", "•4•••••919"),
        ("9434765919", "", "•••••••919"),
        ("9434765919", "94347", "•••••••919"),
        ("12", "13", "12"),
        ("", "9434765919", ""),
    ],
)
def test_a_number_is_masked_but_for_what_tells_it_apart(value, other, shown):
    assert mask(value, other) == shown
    assert mask_numbers({"upn": value}, {})[1] == {"upn": ""}


def test_a_pair_keeps_its_id_and_what_was_decided_from_run_to_run(published, place):
    with known_asker(), transaction.atomic():
        first = reviewed_run(place, "2026-11-15-first", [{}])
        assert load_link_reviews(first) == 1 and has_link_reviews(first)
        pair = LinkPair.objects.get(is_shown=True)
        assert pair.needs_two and pair.state == "open"
        load_link_reviews(reviewed_run(place, "2026-11-15-second", [{"position": 4}]))
        again = LinkPair.objects.get(is_shown=True)
        assert (again.pk, again.is_sampled, again.position) == (pair.pk, pair.is_sampled, 4)
        LinkDecision.objects.create(
            pair=pair, round=1, is_same=True, decided_by="one", approved_by="two", reference="R-1", line=2
        )
        LinkPair.objects.update(state="decided")
        before = (timezone.now() - dt.timedelta(days=1)).isoformat()
        load_link_reviews(reviewed_run(place, "2026-11-15-third", [{}], made_at=before))
        assert LinkPair.objects.get(pk=pair.pk).state == "decided", "a run that did not know of it asks nobody again"
        load_link_reviews(reviewed_run(place, "2026-11-15-fourth", [{"cause": "decided", "position": 0}]))
        assert LinkPair.objects.get(pk=pair.pk).state == "decided"
        LinkDecision.objects.update(decided_at=timezone.now() - dt.timedelta(days=2))
        load_link_reviews(reviewed_run(place, "2026-11-15-fifth", [{}]))
        asked = LinkPair.objects.get(pk=pair.pk)
        assert (asked.state, asked.round) == ("open", 2), "a run that knew it asks all the same"
        load_link_reviews(reviewed_run(place, "2026-11-15-sixth", []))
        gone = LinkPair.objects.get(pk=pair.pk)
        assert not gone.is_shown and gone.sheet == {}


def test_what_nobody_could_tell_is_asked_again_only_where_it_compares_otherwise(published, place):
    with known_asker(), transaction.atomic():
        run = reviewed_run(place, "2026-11-15-left", [{}])
        load_link_reviews(run)
        LinkPair.objects.filter(is_shown=True).update(state="left")
        load_link_reviews(run)
        assert LinkPair.objects.get(is_shown=True).state == "left"
        sheet = LinkPair.objects.get(is_shown=True).sheet
        LinkPair.objects.filter(is_shown=True).update(sheet={**sheet, "fields": [["prior", "", -11.0]]})
        load_link_reviews(run)
        again = LinkPair.objects.get(is_shown=True)
        assert (again.state, again.round) == ("open", 2)


def test_one_pair_in_ten_is_of_the_blind_sample(published, place, monkeypatch):
    drawn = []

    def draw(most):
        drawn.append(most)
        return 0

    monkeypatch.setattr(publishing.secrets, "randbelow", draw)
    with known_asker(), transaction.atomic():
        load_link_reviews(reviewed_run(place, "2026-11-15-drawn", [{}]))
        assert drawn == [10] and LinkPair.objects.get(is_shown=True).is_sampled


def test_no_canary_reaches_the_tables_or_pages_of_reviews(published, place, reviewer_of):
    with known_asker(), transaction.atomic():
        load_link_reviews(reviewed_run(place, "2026-11-15-canary", [{}], people=(ONE_WAIT, VICTIM)))
        pair = LinkPair.objects.get(is_shown=True)
    for role in REVIEWERS:
        client = reviewer_of(role)
        for url in ("/links/", f"/links/{pair.pk}/", f"/links/{pair.pk}/relied/"):
            text = client.get(url).content.decode()
            assert not [name for name, token in CANARIES.items() if token in text], url
            assert "9434765919" not in text and "Southwick" not in text
    with known_asker(), connection.cursor() as cursor:
        cursor.execute("select t::text from braid_linkpair t")
        rows = str(cursor.fetchall())
    assert not [name for name, token in CANARIES.items() if token in rows]


def test_who_relied_is_told_as_far_as_the_reviewer_may_see(published, reviewer_of):
    put_joint(CHILD, "test-analyst", "school_from_ta")
    pair = put_pair(CHILD, CHILD, is_joined=True)
    reviewer_of("analyst").get(f"/people/{CHILD}/")
    theirs = words(reviewer_of("analyst").get(f"/links/{pair.pk}/relied/"))
    assert "Joint case" in theirs and "Referral" in theirs and "School from temporary accommodation" in theirs
    assert "Who looked at them is told to the information governance lead" in theirs
    lead = words(reviewer_of("ig_lead").get(f"/links/{pair.pk}/relied/"))
    assert "No case, referral or decision that you may see" in lead and "test-analyst" in lead and "Looked at" in lead


def test_a_page_asks_as_often_whatever_there_is_to_show(published, reviewer_of, django_assert_max_num_queries):
    first = put_pair(CHILD)
    client = reviewer_of("analyst")
    for place in range(30):
        put_pair(uuid.uuid4().hex, position=place + 2, **({"state": "decided"} if place % 2 else {}))
    for url, most in (("/links/", 22), (f"/links/{first.pk}/", 22)):
        with django_assert_max_num_queries(most):
            assert client.get(url).status_code == 200


def test_the_server_settles_beside_its_pages():
    """The worker that writes decisions is started with the server: without it no answer would ever hold."""
    assert ("link reviews", "braid.web.link_reviews.settling", "settle_waiting") in working.MAKERS
    for start in (serve.serve, serve.work):
        assert "with working(place, owner_url, log_key(place))" in inspect.getsource(start)


def test_the_id_of_a_withdrawn_record_leaves_the_pairs_that_were_asked_and_what_was_said_stays(published, place):
    """Anybody can make a record's id of the partner's key. What stands for it leads to nobody."""
    pair, other = put_pair(CHILD), put_pair(CHILD)
    with known_asker():
        rows = record_rows(pair)
        ids = [record_id(row["feed"], "person_record", row["partner_record_id"]) for row in rows]
        LinkPair.objects.filter(pk=pair.pk).update(record_a=ids[0], record_b=ids[1])
        before = LinkPair.objects.get(pk=other.pk)
        LinkDecision.objects.create(
            pair_id=pair.pk, round=1, is_same=True, decided_by="one", approved_by="two", reference="R-1", line=2
        )
    put_answer(LinkPair.objects.get(pk=pair.pk), "test-analyst", "same")
    with known_asker():
        assert publishing.forget_withdrawn_pairs(place) == 0, "nothing is withdrawn yet"
        cells = {"feed": rows[0]["feed"], "partner_record_id": rows[0]["partner_record_id"], "cause": "erasure"}
        row = {**cells, "decided_date": "2026-11-14", "reference": "ER-1"}
        append_restricted(place, WITHDRAWN_FILE, WITHDRAWN_COLUMNS, row)
        assert publishing.forget_withdrawn_pairs(place) == 1
        kept = LinkPair.objects.get(pk=pair.pk)
        assert kept.record_a.startswith("withdrawn ") and kept.record_b == ids[1]
        assert not kept.is_shown and kept.sheet == {}
        assert LinkAnswer.objects.filter(pair=kept).count() == LinkDecision.objects.filter(pair=kept).count() == 1
        assert publishing.forget_withdrawn_pairs(place) == 0
        untouched = LinkPair.objects.get(pk=other.pk)
        assert (untouched.record_a, untouched.sheet) == (before.record_a, before.sheet)
