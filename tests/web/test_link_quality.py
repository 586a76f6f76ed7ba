"""The page *Quality of links*: whom it is for, what it says, what it never shows, and how a sample comes to it."""

import contextlib
import datetime as dt
import html
import re
import uuid

import pytest
from django.db import ProgrammingError, transaction
from link_review_sample import CURRENT, LINEAGE, TOLD, put_pair, put_quality
from published_sample import as_pages
from sample_run import CANARIES, CHILD, ONE_WAIT, VICTIM, sample_tables, write_run

from braid.language.example_mark import EXAMPLE_MARK
from braid.language.findings import TABLES
from braid.people.decisions import COLUMNS, DECISIONS_FILE
from braid.people.estimates import Estimate
from braid.people.link_quality import GroupQuality, LinkQuality, StratumCount
from braid.people.review_answers import STEP_PAIRS
from braid.people.sampling import STRATA
from braid.problems.priority.link_quality import as_json, from_json, publish_quality
from braid.store.duckdb_engine import DuckDBEngine
from braid.store.place_folder import load_place
from braid.store.restricted import append_restricted, read_restricted
from braid.trust.link_error import LEAST_LINKS, LEAST_PEOPLE
from braid.trust.link_quality import LEAST_REVIEWED, publish_share
from braid.trust.roles import ROLES
from braid.web.access.context import asking_as
from braid.web.link_reviews import settling
from braid.web.link_reviews.demo import REVIEWERS, enter_answers
from braid.web.link_reviews.publishing import load_link_reviews
from braid.web.link_reviews.quality import renew_quality
from braid.web.models import Barred, LinkPair, LinkQualityShown, User
from braid.web.watch import known_asker

pytestmark = pytest.mark.django_db
READERS = [code for code, role in ROLES.items() if role.decides_links or role.governs]


def words(response) -> str:
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode())))


def test_it_is_for_whoever_decides_on_links_or_governs_and_for_nobody_else(published, client_of):
    assert READERS == ["analyst", "board_member", "commissioner", "finance_officer", "ig_lead"]
    put_quality()
    for role in ROLES:
        client = client_of(role)
        assert client.get("/link-quality/").status_code == (200 if role in READERS else 403), role
        assert ("Quality of links" in words(client.get("/status/"))) == (role in READERS)
        with asking_as(f"test-{role}", ""), as_pages():
            assert LinkQualityShown.objects.count() == (role in READERS)
    with asking_as("test-analyst", ""), as_pages(), pytest.raises(ProgrammingError), transaction.atomic():
        LinkQualityShown.objects.update(told=None)


def test_it_says_what_was_found_by_how_many_and_what_is_not_known(published, client_of):
    put_quality()
    text = words(client_of("board_member").get("/link-quality/"))
    assert "It rests on 340 decided pairs of 355 drawn" in text
    assert re.search(r"All links 0 \( ?0 to 2\) 6 \( ?5 to 8\)", text)
    assert "Not known Too few Too few" in text and "Children in need census and Housing register" in text
    assert "never compared" in text and "at least as often as is said here" in text
    assert text.count("1\u20137") >= 3 and "Apart, though alike enough" in text
    assert "all wrong. Of these" not in text, "some of every kind are decided"
    assert "Look at pairs" not in text, "a board member reviews none"
    assert "Look at pairs" in words(client_of("analyst").get("/link-quality/"))


def test_it_names_the_kinds_of_which_nothing_could_be_decided(published, client_of):
    put_quality()
    strata = [{**each, "decided": 0} if each["name"].startswith("Joined through") else each for each in TOLD["strata"]]
    with known_asker():
        LinkQualityShown.objects.update(told={**TOLD, "strata": strata})
    text = words(client_of("board_member").get("/link-quality/"))
    assert "no pair could be decided, so that all of their pairs are open: joined through other records alone." in text


def test_before_enough_is_decided_it_says_how_far_it_is_and_no_share(published, client_of):
    client = client_of("ig_lead")
    assert "No pairs are drawn yet" in words(client.get("/link-quality/"))
    put_quality(told=False)
    text = words(client.get("/link-quality/"))
    assert "Nothing is told yet" in text and "four in five" in text and "Pairs of records, pairs drawn" in text
    assert not re.search(r"\(\d+ to \d+\)", text.replace("( ", "("))


def test_a_sample_of_before_stands_until_the_new_one_is_decided(published, client_of):
    put_quality()
    with known_asker():
        LinkQualityShown.objects.update(current={**CURRENT, "drawn_date": "2027-02-14", "decided": 0})
    text = words(client_of("analyst").get("/link-quality/"))
    assert "a newer sample is being looked at" in text and "Of the run of 15 November 2026" in text


def test_the_report_of_fairness_says_it_to_whoever_may_see_the_page(published, client_of):
    put_quality()
    for role in ROLES:
        text = words(client_of(role).get("/rules/"))
        if "How often linking is expected to err" in text:
            said = "0 to 2 per cent of links are false, and 5 to 8 per cent of the true ones" in text
            assert said == (role in READERS), role


def test_the_report_of_fairness_holds_the_sample(published, client_of):
    from braid.web.models import LinkErrorFigure

    put_quality()
    sums = {"people": 90, "records": 200, "unnamed": 20, "links": 500, "false_links": 2.0, "false_variance": 1.0}
    rows = {"characteristic": "sex", "group_code": "female", "source_a": "all", "source_b": "all"}
    with known_asker():
        LinkErrorFigure.objects.create(**rows, **sums, missed_links=20.0, missed_variance=5.0)
    text = words(client_of("board_member").get("/rules/"))
    assert (
        "0 to 2 per cent of links are false, and 5 to 8 per cent of the true ones that were compared are missed" in text
    )
    assert "per cent of links are false" not in words(client_of("practitioner").get("/rules/"))


FEW = Estimate(0.012, 0.004, 0.0307)


def quality(people=500, links=1000, reviewed=100, *, apart=60, share=FEW, decided=40):
    group = GroupQuality("sex", "female", people, links, apart, reviewed, reviewed, share, share)
    everybody = GroupQuality("all", "all", people, links, apart, reviewed, reviewed, share, share)
    strata = tuple(StratumCount(name, 0, 0, 0) for name in STRATA[1:])
    return LinkQuality(
        dt.date(2026, 11, 15), (StratumCount(STRATA[0], links, 40, decided), *strata), (everybody, group)
    )


def test_what_is_published_is_in_whole_per_cent_outwards_and_comes_back_the_same():
    shown = publish_quality(quality())
    (everybody,) = shown.characteristics[0].groups
    assert (everybody.false.share, everybody.false.low, everybody.false.high) == (1, 0, 4)
    assert from_json(as_json(shown)) == shown
    assert from_json(TOLD).is_told and not from_json(CURRENT).is_told


@pytest.mark.parametrize(
    "few", [{"people": LEAST_PEOPLE - 1}, {"links": LEAST_LINKS - 1}, {"reviewed": LEAST_REVIEWED - 1}]
)
def test_of_too_few_people_links_or_answers_nothing_is_said(few):
    shown = publish_quality(quality(**few))
    for characteristic in shown.characteristics:
        assert all(row.false is None and row.missed is None for row in characteristic.groups)
    assert publish_share(30, 100, 20, (0.5, 0.4, 0.6)) is not None, "the control"


def test_counts_of_pairs_are_rounded_and_small_ones_left_out():
    strata = (StratumCount("apart_refused", 3, 3, 2), StratumCount("joined_heavy", 1234, 41, 39))
    shown = publish_quality(LinkQuality(dt.date(2026, 11, 15), strata, ()))
    assert [(each.pairs, each.drawn, each.decided) for each in shown.strata] == [(None, None, None), (1235, 40, 40)]


def test_groups_stand_in_the_order_of_their_lists_and_standards_by_name():
    share = Estimate(0.01, 0.0, 0.02)
    groups = [
        ("sources", "cin|housing_register"),
        ("home", "none"),
        ("home", "fixed"),
        ("age", "65_over"),
        ("age", "0_4"),
    ]
    of_groups = tuple(GroupQuality(*group, 90, 200, 50, 60, 60, share, share) for group in groups)
    strata = tuple(StratumCount(name, 0, 0, 0) for name in STRATA)
    shown = publish_quality(LinkQuality(dt.date(2026, 11, 15), strata, of_groups))
    assert [(each.name, [row.name for row in each.groups]) for each in shown.characteristics] == [
        ("Age", ["0 to 4", "65 and over"]),
        ("Home", ["Fixed address", "No fixed address"]),
        ("Pair of standards", ["Children in need census and Housing register"]),
    ]


def test_nothing_is_told_before_enough_of_every_kind_is_decided():
    assert publish_quality(quality(decided=32)).is_told
    assert not publish_quality(quality(decided=31)).is_told


def line_of(number):
    return {**LINEAGE, "record_id": f"r{number:019d}", "feed": "feed-one", "partner_record_id": f"K{number}"}


PLAIN = {
    "weight": 12.0,
    "is_joined": True,
    "needs_two": False,
    "stake": 0,
    "records_a": 1,
    "records_b": 1,
    "waits_a": "",
    "waits_b": "",
    "feeds_a": "feed-one",
    "feeds_b": "feed-one",
}


def drawn_run(place, name, pairs=120, day=dt.date(2026, 11, 15), people=(ONE_WAIT, ONE_WAIT)):
    """A run with a sample of so many joined pairs."""
    tables = sample_tables(2)
    tables["person_record"] += [line_of(number) for number in range(2 * pairs)]
    run = write_run(place, name, tables)
    ends = [(f"r{2 * number:019d}", f"r{2 * number + 1:019d}") for number in range(pairs)]
    sample, fields, groups = [], [], []
    for number, (left, right) in enumerate(ends, 1):
        row = {**PLAIN, "record_a": left, "record_b": right, "person_a": people[0], "person_b": people[1]}
        sample.append({**row, "cause": "sample", "stratum": "joined_heavy", "asked_order": number})
        both = {"record_a": left, "record_b": right}
        fields.append({**both, "comparison": "prior", "level": "", "bits": -12.0})
        groups.append({**both, "characteristic": "all", "group_code": "all"})
    frame = {"stratum": "joined_heavy", "characteristic": "all", "group_code": "all", "pairs": 5000, "people": 900}
    rows = {"link_sample": sample, "link_sample_group": groups, "link_review_field": fields, "link_review": []}
    with contextlib.closing(DuckDBEngine()) as engine:
        for table, values in {**rows, "link_frame": [{**frame, "drawn_date": day, "salt": "5a"}]}.items():
            engine.load_rows(TABLES[table], values)
            engine.write(TABLES[table], run.table(table))
    return run


@pytest.fixture
def place(sample, tmp_path, monkeypatch):
    source, _ = sample
    folder = tmp_path / "place"
    folder.mkdir()
    (folder / "place.toml").write_text((source.folder / "place.toml").read_text("utf-8"), encoding="utf-8")
    monkeypatch.setenv("BRAID_PLACE", str(folder))
    return load_place(folder)


def decide(place, numbers, decision="same"):
    for number in numbers:
        left, right = line_of(2 * number), line_of(2 * number + 1)
        row = dict.fromkeys(COLUMNS, "") | {
            "feed_a": left["feed"],
            "partner_record_id_a": left["partner_record_id"],
            "feed_b": right["feed"],
            "partner_record_id_b": right["partner_record_id"],
            "decision": decision,
            "decided_by": "one",
            "decided_date": "2026-11-16",
            "reference": "R-1",
        }
        append_restricted(place, DECISIONS_FILE, COLUMNS, row, before=lambda _line: None)


def test_the_worker_tells_it_once_enough_is_decided_and_then_in_steps(published, place):
    drawn_run(place, "2026-11-15-drawn")
    with known_asker():
        assert renew_quality(place, has_news=False)
        row = LinkQualityShown.objects.get()
        assert row.told is None and row.current["drawn"] == 120 and row.current["decided"] == 0
        decide(place, range(95))
        renew_quality(place, has_news=False)
        assert LinkQualityShown.objects.get().current["decided"] == 0, "nobody says that there is news"
        renew_quality(place, has_news=True)
        assert LinkQualityShown.objects.get().told is None, "95 of 120 are not four in five"
        decide(place, range(95, 97))
        renew_quality(place, has_news=True)
        told = LinkQualityShown.objects.get().told
        assert told["characteristics"][0]["groups"][0]["false"] == {"share": 0, "low": 0, "high": 28}
        assert 23 / 120 < 0.28, "since all that nobody decided may be wrong"
        decide(place, range(97, 97 + STEP_PAIRS - 1), decision="different")
        renew_quality(place, has_news=True)
        assert LinkQualityShown.objects.get().told == told, "not yet: one answer more would tell what it was"
        decide(place, [97 + STEP_PAIRS - 1], decision="different")
        renew_quality(place, has_news=True)
        share = LinkQualityShown.objects.get().told["characteristics"][0]["groups"][0]["false"]
        assert share["low"] < share["share"] == round(100 * 10 / 107) < share["high"]


def test_a_decision_by_the_command_is_told_at_once_and_waits_for_whoever_settles(published, place, monkeypatch):
    drawn_run(place, "2026-11-15-drawn")
    with known_asker():
        renew_quality(place, has_news=False)
    decide(place, range(120))
    settling.renew_at_once(place)
    with known_asker():
        assert LinkQualityShown.objects.get().told_decided == 120
    held = iter([False, False, True])
    monkeypatch.setattr(settling, "holding", lambda _lock: contextlib.nullcontext(next(held)))
    monkeypatch.setattr(settling, "TRY_SECONDS", 0)
    (place.folder / "restricted" / f"{DECISIONS_FILE}.csv").unlink()
    settling.renew_at_once(place)
    with known_asker():
        assert LinkQualityShown.objects.get().current["decided"] == 0 and next(held, None) is None


def test_a_new_sample_leaves_what_the_last_one_said(published, place):
    drawn_run(place, "2026-11-15-drawn")
    decide(place, range(120))
    with known_asker():
        renew_quality(place, has_news=True)
        told = LinkQualityShown.objects.get().told
        later = dt.date(2027, 2, 14)
        run = drawn_run(place, "2027-02-14-drawn", day=later)
        assert run.id == "2027-02-14-drawn"
        (place.folder / "restricted" / f"{DECISIONS_FILE}.csv").unlink()
        renew_quality(place, has_news=False)
        row = LinkQualityShown.objects.get()
        assert row.told == told and row.current["drawn_date"] == later.isoformat() and row.current["decided"] == 0


def test_a_demo_is_answered_by_its_truth_and_then_told(published, place):
    """Through what pages use: every answer is a reviewer's own, and what is decided is in the place's file."""
    run = drawn_run(place, "2026-11-15-demo", pairs=24, people=(ONE_WAIT, CHILD))
    with known_asker():
        assert enter_answers(place) == 0, "a place whose truth nobody knows is answered by nobody"
        for username, role in REVIEWERS:
            User.objects.create(username=username, display_name=username, role=role, organisation="northmere-council")
    place.truth_folder.mkdir()
    (place.truth_folder / EXAMPLE_MARK).touch()
    rows = [f"feed-one,K{number},{number // 2 if number != 9 else 'another'}" for number in range(48)]
    (place.truth_folder / "people.csv").write_text("\n".join(["feed,partner_record_id,true_person_id", *rows]))
    with known_asker(), transaction.atomic():
        load_link_reviews(run)
        LinkPair.objects.update(is_sampled=False)
        LinkPair.objects.filter(sample_place=3).update(needs_two=True)
    with known_asker():
        assert enter_answers(place) == 22 + 1, "two are left, and one takes two people"
        decided = [row for _, row in read_restricted(place, DECISIONS_FILE, COLUMNS)]
        assert len(decided) == 22 and [row["decision"] for row in decided].count("different") == 1
        assert sum(bool(row["approved_by"]) for row in decided) == 1
        assert LinkQualityShown.objects.get().told["decided"] == 20, "22, rounded to 5"
        assert enter_answers(place) == 0, "and once alone"


def test_a_run_without_a_sample_tells_nothing(published, place):
    write_run(place, "2026-11-15-before", sample_tables(2))
    with known_asker():
        assert not renew_quality(place, has_news=True) and not LinkQualityShown.objects.exists()


def test_drawn_pairs_are_asked_in_a_sitting_of_their_own_and_in_their_order(published, place, client_of):
    with known_asker(), transaction.atomic():
        load_link_reviews(drawn_run(place, "2026-11-15-drawn", pairs=3, people=(ONE_WAIT, CHILD)))
        first, second, _ = LinkPair.objects.filter(is_shown=True).order_by("sample_place")
    doubt = put_pair(CHILD)
    client = client_of("analyst")
    page = client.get("/links/").content.decode()
    assert f"/links/{doubt.pk}/" in page and f"/links/{first.pk}/" not in page and 'value="sample"' in page
    begun = client.post("/links/", {"reference": "LR-2026-7", "what": "sample"})
    assert begun.headers["Location"] == f"/links/{first.pk}/"
    assert "They were drawn by chance" in words(client.get(f"/links/{first.pk}/"))
    answered = client.post(f"/links/{first.pk}/", {"reason": "agrees", "round": "1"})
    assert answered.headers["Location"] == f"/links/{second.pk}/?done=answered"
    assert client.post("/links/", {"reference": "LR-2026-7"}).headers["Location"] == f"/links/{doubt.pk}/"
    assert client.post("/links/", {"reference": "LR-2026-7", "what": "other"}).status_code == 400


def test_a_drawn_pair_of_somebody_kept_from_the_reviewer_leaves_no_sign(published, client_of):
    client = client_of("analyst")
    blot = re.compile(rb'csrfmiddlewaretoken" value="[^"]+')
    without = blot.sub(b"", client.get("/links/").content)
    put_pair(VICTIM, position=0, sample_place=1, sheets={"asks": "sample_apart"})
    assert blot.sub(b"", client.get("/links/").content) != without, "the control: it is there"
    with known_asker():
        Barred.objects.create(person_id=VICTIM, username="test-analyst")
    assert blot.sub(b"", client.get("/links/").content) == without
    assert client.post("/links/", {"reference": "LR-2026-7", "what": "sample"}).headers["Location"] == "/links/"


def test_a_pair_that_is_doubtful_too_stands_once(published, place):
    run = drawn_run(place, "2026-11-15-both", pairs=2)
    left, right = f"r{0:019d}", f"r{1:019d}"
    of_queue = {"position": 1, "chance": 0.5, "expected": 0.5, "cause": "above_threshold", "stake": 1}
    row = {**PLAIN, **of_queue, "record_a": left, "record_b": right, "person_a": ONE_WAIT, "person_b": ONE_WAIT}
    with contextlib.closing(DuckDBEngine()) as engine:
        engine.load_rows(TABLES["link_review"], [row])
        engine.write(TABLES["link_review"], run.table("link_review"))
    with known_asker(), transaction.atomic():
        assert load_link_reviews(run) == 2
        pairs = LinkPair.objects.filter(is_shown=True).order_by("sample_place")
        assert [(one.position, one.sample_place, one.sheet["asks"]) for one in pairs] == [
            (1, 1, "perhaps_two"),
            (0, 2, "sample_joined"),
        ]


def test_no_canary_and_no_id_is_in_the_page(published, place, client_of):
    run = drawn_run(place, "2026-11-15-canary", people=(ONE_WAIT, VICTIM))
    decide(place, range(120))
    with known_asker(), transaction.atomic():
        load_link_reviews(run)
        renew_quality(place, has_news=True)
    for role in READERS:
        text = client_of(role).get("/link-quality/").content.decode()
        assert "It rests on" in text
        assert not [name for name, token in CANARIES.items() if token in text]
        assert not [one for one in (VICTIM, ONE_WAIT, "r00000", "K17") if one in text]


def test_the_page_asks_as_often_whatever_there_is_to_show(published, client_of, django_assert_max_num_queries):
    client = client_of("board_member")
    put_quality()
    for _ in range(5):
        put_pair(uuid.uuid4().hex, sample_place=1)
    with django_assert_max_num_queries(14):
        assert client.get("/link-quality/").status_code == 200
