"""From what a case holds of appointments to a plan and back: what people said holds, and safety leaves no trace."""

import datetime as dt
from dataclasses import replace

import pytest

from braid.care import appointment_sheet as sheets
from braid.care.appointment_plan import find_unsafe, may_be_same, pose, take_plan, without_unsafe
from braid.care.appointment_sheet import OTHER, Building, Known, Need, Offer, Own, Sheet, Whereabouts
from braid.language.documents import parse, write
from braid.language.steps import NotPossible
from braid.planning.appointments.reasons import seen_by
from braid.planning.contract import Limits
from braid.planning.kinds import KINDS

TODAY = dt.date(2026, 12, 7)
HOSPITAL, COURT = Building("vale-hospital"), Building("vale-crown-court")
NOWHERE = Whereabouts()


def day(number: int) -> dt.date:
    return TODAY + dt.timedelta(days=number)


def need(name: str = "exam", service: str = "forensic_examination", minutes: int = 60, **more: object) -> Need:
    return Need(name, service, minutes, **{"from_date": TODAY, "by_date": day(5), **more})  # type: ignore[arg-type]


def offer(number: int, start: int, end: int, service: str = "forensic_examination", **more: object) -> Offer:
    given = {"who": "Nurse", "sex": "female", "building": HOSPITAL, "organisation": "vale-hospital", **more}
    return Offer(f"{service}-{number}-{start}", service, date=day(number), from_minute=start, until_minute=end, **given)  # type: ignore[arg-type]


def planned(sheet: Sheet, whereabouts: Whereabouts = NOWHERE) -> Sheet:
    problem = pose(sheet, whereabouts, TODAY)
    kind = KINDS["appointments"]
    assert kind.faults(problem) == []
    plan = kind.solve(problem, Limits(seconds=0.5))
    assert kind.check(problem, plan).passes
    return take_plan(sheet, seen_by(problem, plan, frozenset()), (0, 0))


def starts(sheet: Sheet) -> dict[str, tuple[int, int]]:
    return {one.need: ((one.date - TODAY).days, one.start_minute) for one in sheet.booked}


SHEET = Sheet(needs=(need(),), offers=(offer(1, 600, 660), offer(2, 600, 720)))


def test_the_first_time_that_suits_is_proposed() -> None:
    assert starts(planned(SHEET)) == {"exam": (1, 600)}
    school = Own("own", day(1), 590, 615, "school_run")
    assert starts(planned(replace(SHEET, own_times=(school,)))) == {"exam": (2, 600)}


def test_what_comes_first_is_first_and_one_day_out_serves_two() -> None:
    advocate = need("advocate", "advocacy", 30)
    examination = need(after="advocate")
    offers = (
        *(offer(number, 540, 600, "advocacy", who="Advocate") for number in (2, 3)),
        offer(1, 600, 700),
        offer(2, 600, 720),
    )
    found = starts(planned(Sheet(needs=(advocate, examination), offers=offers)))
    assert found["advocate"][0] == found["exam"][0] == 2
    assert found["advocate"][1] + 30 <= found["exam"][1]


def test_who_was_asked_for_sees_them_or_nobody() -> None:
    men = tuple(replace(one, sex="male") for one in SHEET.offers)
    asked = sheets.set_wish(replace(SHEET, offers=men), "forensic_examination", "female")
    result = planned(asked)
    assert starts(result) == {}
    assert [(one.need, one.about) for one in result.why] == [("exam", "unbooked")]
    assert starts(planned(sheets.set_wish(asked, "forensic_examination", None))) == {"exam": (1, 600)}


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        (Known("k", HOSPITAL, day(1), 700, 760), (2, 600)),  # an hour after it ends is 40 minutes
        (Known("k", HOSPITAL, day(1), 720, 760), (1, 600)),  # an hour and no less
        (Known("k", COURT, day(1), 600, 660), (1, 600)),
        (Known("k", Building(OTHER, "the old hospital wing"), day(1), 600, 660), (2, 600)),
        (Known("k", Building(OTHER, "Library"), day(1), 600, 660), (2, 600)),
    ],
)
def test_nobody_is_asked_into_a_building_within_an_hour_of_who_is_accused(known: Known, expected: tuple) -> None:
    assert starts(planned(SHEET, Whereabouts((known,)))) == {"exam": expected}


def test_no_word_of_a_plan_tells_that_somebody_dangerous_was_there() -> None:
    """The same sheet comes out where their own time stands in the way, which is theirs to say."""
    blocked = Whereabouts(tuple(Known("k", HOSPITAL, day(number), 480, 1200) for number in (1, 2)))
    own = tuple(Own("o", day(number), 480, 1200, "other") for number in (1, 2))
    with_presence, with_own = planned(SHEET, blocked), planned(replace(SHEET, own_times=own))
    assert with_presence.why == with_own.why != ()
    assert {code for one in with_presence.why for code, _ in one.causes} <= {"staff_busy", "not_offered"}
    assert starts(with_presence) == {}


def test_a_building_in_words_may_be_any() -> None:
    assert may_be_same(HOSPITAL, HOSPITAL) and not may_be_same(HOSPITAL, COURT)
    for other in (HOSPITAL, COURT, Building(OTHER, "Annexe")):
        assert may_be_same(Building(OTHER, "The Hub"), other) and may_be_same(other, Building(OTHER, "The Hub"))


def test_what_cannot_stay_is_told_alike_whatever_is_behind_it() -> None:
    """A time withdrawn, a time of their own, or somebody dangerous: a proposal goes, what was agreed is marked."""
    proposed = planned(SHEET)
    agreed = sheets.agree(proposed, "exam")
    own = Own("own", day(1), 600, 630, "work")
    near = Whereabouts((Known("k", HOSPITAL, day(1), 600, 660),))
    for sheet, known in (
        (replace(agreed, offers=agreed.offers[1:]), NOWHERE),
        (replace(agreed, own_times=(own,)), NOWHERE),
        (agreed, near),
    ):
        assert find_unsafe(sheet, known, TODAY) == {"exam"}
        assert without_unsafe(sheet, known) == sheet
    assert find_unsafe(agreed, NOWHERE, TODAY) == frozenset()
    gone = without_unsafe(proposed, near)
    assert (gone.booked, gone.is_planned) == ((), False)
    with pytest.raises(NotPossible, match="no such proposal"):
        sheets.agree(gone, "exam")


def test_what_was_agreed_stays_and_what_is_unsafe_since_is_found() -> None:
    agreed = sheets.agree(planned(SHEET), "exam")
    again = planned(sheets.add_need(agreed, need("talk", "advocacy", 30), TODAY))
    assert starts(again) == {"exam": (1, 600)}
    assert again.booked[0].is_agreed
    near = Whereabouts((Known("k", HOSPITAL, day(1), 700, 760),))
    assert find_unsafe(again, near, TODAY) == {"exam"}
    assert find_unsafe(again, Whereabouts((Known("k", COURT, day(1), 600, 660),)), TODAY) == frozenset()
    midnight = Whereabouts((Known("k", HOSPITAL, day(0), 1380, 1440),))
    assert find_unsafe(again, midnight, TODAY) == frozenset()
    assert starts(planned(sheets.call_off(agreed, "exam"), near)) == {"exam": (2, 600)}


@pytest.mark.parametrize(("kind", "expected"), [("time", (2, 600)), ("person", None), ("place", None)])
def test_what_is_refused_is_left_out_until_it_is_taken_back(kind: str, expected: tuple | None) -> None:
    refused = sheets.refuse(planned(SHEET), "exam", kind, "an advocate")
    assert refused.booked == () and not refused.is_planned
    assert starts(planned(refused)) == ({} if expected is None else {"exam": expected})
    back = sheets.remove(refused, "refused", refused.refused[0].id)
    assert starts(planned(back)) == {"exam": (1, 600)}


def choose(sheet: Sheet, offered: int = 1, start: int = 630, need_id: str = "exam") -> Sheet:
    return sheets.choose(sheet, need_id, sheet.offers[offered].id, start, "an advocate", TODAY)


def test_a_time_that_was_chosen_is_the_one_that_is_proposed_until_it_is_taken_back() -> None:
    chosen = choose(planned(SHEET))
    assert (chosen.booked, chosen.is_planned) == ((), False)
    found = planned(chosen)
    assert starts(found) == {"exam": (2, 630)} and found.booked[0].who == "Nurse"
    assert starts(planned(choose(found, start=660))) == {"exam": (2, 660)}, "the last one counts"
    assert len(choose(found, start=660).chosen) == 1
    assert starts(planned(sheets.remove(found, "chosen", found.chosen[0].id))) == {"exam": (1, 600)}
    agreed = sheets.agree(found, "exam")
    assert agreed.chosen == () and starts(planned(sheets.call_off(agreed, "exam"))) == {"exam": (1, 600)}
    assert starts(planned(sheets.add_need(agreed, need("talk", "advocacy", 30), TODAY))) == {"exam": (2, 630)}


def test_only_so_many_times_are_chosen_in_a_day() -> None:
    sheet = SHEET
    for _ in range(sheets.MOST_CHOICES):
        sheet = choose(sheet)
    with pytest.raises(NotPossible, match="today"):
        choose(sheet)
    tomorrow = sheets.choose(sheet, "exam", sheet.offers[1].id, 630, "an advocate", day(1))
    assert tomorrow.choices == 1


def test_only_the_need_that_it_was_chosen_for_has_it() -> None:
    """Another need of the same service has whatever else is free, and never the same minutes."""
    both = Sheet(needs=(need(), need("again")), offers=SHEET.offers)
    found = starts(planned(choose(both, start=660)))
    assert found == {"exam": (2, 660), "again": (2, 600)}, "one day out serves both"


def test_what_was_chosen_and_cannot_be_is_told_like_anything_not_offered() -> None:
    chosen = choose(SHEET)
    near = planned(chosen, Whereabouts((Known("k", HOSPITAL, day(2), 600, 660),)))
    own = planned(replace(chosen, own_times=(Own("o", day(2), 600, 720, "other"),)))
    assert starts(near) == starts(own) == {}
    assert near.why == own.why and {one.need for one in near.why} == {"exam"}


@pytest.mark.parametrize(
    "change",
    [
        lambda sheet: sheets.remove(sheet, "offer", sheet.offers[1].id),
        lambda sheet: sheets.remove(sheet, "need", "exam"),
        lambda sheet: sheets.set_wish(sheet, "forensic_examination", "male"),
        lambda sheet: sheets.refuse(planned(sheet), "exam", "time", "x"),
        lambda sheet: sheets.refuse(planned(sheet), "exam", "person", "x"),
        lambda sheet: sheets.refuse(planned(sheet), "exam", "place", "x"),
    ],
)
def test_what_was_chosen_goes_with_what_it_rested_on(change) -> None:
    assert choose(SHEET).chosen and change(choose(SHEET)).chosen == ()
    assert sheets.set_wish(choose(SHEET), "forensic_examination", "female").chosen


def test_a_day_that_is_over_is_chosen_no_longer() -> None:
    problem = pose(choose(SHEET, 0, 600), NOWHERE, day(2))
    assert starts(take_plan(SHEET, KINDS["appointments"].solve(problem, Limits(seconds=0.5)), (0, 0))) == {
        "exam": (2, 600)
    }


def test_they_have_the_time_that_they_need_between_two_buildings() -> None:
    advocate = need("advocate", "advocacy", 30)
    offers = (offer(1, 600, 660), offer(1, 480, 510, "advocacy", building=COURT))
    both = Sheet(needs=(advocate, need()), offers=offers)
    for minutes, served in ((30, 2), (90, 2), (91, 1)):
        assert len(starts(planned(sheets.set_travel(both, minutes)))) == served, minutes
    assert starts(planned(both)) == starts(planned(sheets.set_travel(both, 30)))
    late = replace(both, offers=(offers[0], offer(1, 540, 570, "advocacy", building=COURT)))
    assert len(starts(planned(late))) == 2, "half an hour, where nobody said otherwise"
    assert len(starts(planned(sheets.set_travel(late, 31)))) == 1


def test_only_what_is_agreed_and_to_come_calls_for_somebody() -> None:
    """A proposal goes by itself, and what is over can be told to nobody: its offer may be taken out."""
    proposed = planned(SHEET)
    near = Whereabouts((Known("k", HOSPITAL, day(1), 600, 660),))
    assert find_unsafe(proposed, near, TODAY) == frozenset()
    agreed = sheets.agree(proposed, "exam")
    assert find_unsafe(agreed, near, day(1)) == {"exam"} and find_unsafe(agreed, near, day(2)) == frozenset()
    assert find_unsafe(sheets.remove(agreed, "offer", agreed.offers[0].id), NOWHERE, day(2)) == frozenset()


def test_two_agreed_appointments_too_near_each_other_cannot_both_stay() -> None:
    advocate = need("advocate", "advocacy", 30)
    offers = (offer(1, 600, 660), offer(1, 480, 510, "advocacy", building=COURT))
    both = planned(Sheet(needs=(advocate, need()), offers=offers))
    agreed = sheets.agree(sheets.agree(both, "exam"), "advocate")
    assert find_unsafe(sheets.set_travel(agreed, 90), NOWHERE, TODAY) == frozenset()
    assert find_unsafe(sheets.set_travel(agreed, 91), NOWHERE, TODAY) == {"exam", "advocate"}


def test_a_wish_of_a_service_that_is_not_needed_stands_in_no_way() -> None:
    assert starts(planned(sheets.set_wish(SHEET, "therapy", "female"))) == {"exam": (1, 600)}


def test_every_change_takes_the_proposals_away_and_leaves_what_was_agreed() -> None:
    both = Sheet(
        needs=(need(), need("talk", "advocacy", 30)),
        offers=(*SHEET.offers, offer(1, 480, 540, "advocacy")),
    )
    half = sheets.agree(planned(both), "talk")
    changed = sheets.add_own_time(half, Own("o", day(3), 600, 700, "work"), TODAY)
    assert [one.need for one in changed.booked] == ["talk"]
    assert (changed.why, changed.days_out, changed.is_planned) == ((), None, False)


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (lambda: sheets.add_need(SHEET, need(service="tarot"), TODAY), "Choose a service"),
        (lambda: sheets.add_need(SHEET, need(minutes=20), TODAY), "quarters of an hour"),
        (lambda: sheets.add_need(SHEET, need(by_date=day(-3), from_date=day(-4)), TODAY), "within the next"),
        (lambda: sheets.add_need(SHEET, need(by_date=day(1), from_date=day(2)), TODAY), "before the first"),
        (lambda: sheets.add_need(SHEET, need("new", after="gone"), TODAY), "none of the list"),
        (lambda: sheets.add_need(SHEET, need("new", days_between=99), TODAY), "Days between"),
        (lambda: sheets.add_offer(SHEET, offer(1, 600, 600), TODAY), "before the beginning"),
        (lambda: sheets.add_offer(SHEET, offer(1, 300, 360), TODAY), "between 08:00 and 20:00"),
        (lambda: sheets.add_offer(SHEET, offer(1, 605, 700), TODAY), "quarter of an hour"),
        (lambda: sheets.add_offer(SHEET, offer(-1, 600, 700), TODAY), "from today on"),
        (lambda: sheets.add_offer(SHEET, offer(99, 600, 700), TODAY), "from today on"),
        (lambda: sheets.add_offer(SHEET, offer(1, 600, 700, who=" "), TODAY), "who would see them"),
        (lambda: sheets.add_offer(SHEET, offer(1, 600, 700, building=Building(OTHER)), TODAY), "Name the building"),
        (lambda: sheets.add_offer(SHEET, offer(1, 600, 700, building=Building("")), TODAY), "Choose the building"),
        (lambda: sheets.add_own_time(SHEET, Own("o", TODAY, 1, 2, "sleep"), TODAY), "Choose from the list"),  # type: ignore[arg-type]
        (lambda: sheets.set_wish(SHEET, "tarot", "female"), "Choose a service"),
        (lambda: sheets.remove(SHEET, "need", "gone"), "taken out already"),
        (lambda: sheets.remove(SHEET, "anything", "exam"), "taken out already"),
        (lambda: sheets.remove(replace(SHEET, needs=(need(), need("b", after="exam"))), "need", "exam"), "comes after"),
        (lambda: sheets.agree(SHEET, "exam"), "no such proposal"),
        (lambda: sheets.refuse(SHEET, "exam", "time", "x"), "no such proposal"),
        (lambda: sheets.refuse(planned(SHEET), "exam", "whim", "x"), "Say why"),
        (lambda: sheets.call_off(planned(SHEET), "exam"), "not agreed"),
        (lambda: sheets.remove(sheets.agree(planned(SHEET), "exam"), "need", "exam"), "agreed with them"),
        (lambda: sheets.remove_known(Whereabouts(), "gone"), "taken out already"),
        (lambda: choose(SHEET, need_id="gone"), "that its service offers"),
        (lambda: sheets.choose(SHEET, "exam", "gone", 600, "x", TODAY), "that its service offers"),
        (lambda: choose(replace(SHEET, needs=(need(service="therapy"),))), "that its service offers"),
        (lambda: choose(sheets.agree(planned(SHEET), "exam")), "agreed with them"),
        (lambda: choose(sheets.set_wish(SHEET, "forensic_examination", "male")), "somebody else"),
        (lambda: choose(SHEET, start=640), "quarter of an hour"),
        (lambda: choose(SHEET, start=675), "60 minutes"),
        (lambda: choose(SHEET, start=585), "60 minutes"),
        (lambda: choose(replace(SHEET, needs=(need(from_date=day(3)),))), "only be later"),
        (lambda: choose(sheets.refuse(planned(SHEET), "exam", "person", "x")), "refused"),
        (lambda: choose(sheets.refuse(planned(SHEET), "exam", "time", "x"), 0, 600), "refused"),
        (lambda: sheets.set_travel(SHEET, 241), "between 0 and 240"),
        (lambda: pose(Sheet(), Whereabouts(), TODAY), "which appointments are needed"),
    ],
)
def test_what_cannot_be_is_refused_with_what_to_do(step, words: str) -> None:
    with pytest.raises(NotPossible, match=words):
        step()


def test_a_full_sheet_takes_no_more() -> None:
    full = replace(SHEET, needs=tuple(need(str(number)) for number in range(sheets.MOST_NEEDS)))
    with pytest.raises(NotPossible, match="already"):
        sheets.add_need(full, need("more"), TODAY)


def test_a_sheet_is_read_back_as_it_was_written() -> None:
    for sheet in (
        Sheet(),
        choose(SHEET),
        sheets.refuse(planned(SHEET), "exam", "time", "x"),
        sheets.agree(planned(SHEET), "exam"),
    ):
        assert parse(write(sheet), Sheet, "sheet") == sheet
    known = Whereabouts((Known("k", COURT, TODAY, 600, 700),))
    assert parse(write(known), Whereabouts, "sheet") == known


def test_the_largest_sheet_is_planned_in_the_time_of_a_page() -> None:
    services = ("health", "police", "legal")
    needs = tuple(need(str(number), services[number % 3], 30) for number in range(sheets.MOST_NEEDS))
    offers = tuple(
        offer(number % 30, 480 + 60 * (number % 8), 540 + 60 * (number % 8), services[number % 3])
        for number in range(sheets.MOST_OFFERS)
    )
    assert len(starts(planned(Sheet(needs=needs, offers=offers)))) > 3
