"""Whether a lot may take somebody on, and which of its conditions age and district tell: pure rules."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from braid.place.bodies import Body
from braid.place.commissions.eligibility import PersonKnown, judge_eligibility
from braid.place.commissions.places import ground_of_lot, ground_words, judge_ground, say_elsewhere, say_full
from place.commission_sample import sample_terms, therapy_lot

AREAS = {"E06000001": frozenset({"a1", "a2"}), "E06000002": frozenset({"b1", "b2"}), "E06000003": frozenset({"c1"})}
NAMES = {"E06000001": "Harbour", "E06000002": "Vale", "E06000003": "Moor"}
BODIES = {
    "authority": Body("authority", "Authority", "authority", frozenset({"E06000001"}), frozenset({"a1", "a2"})),
    "icb": Body("icb", "ICB", "icb", frozenset(), frozenset({"b1"})),
    "police": Body("police", "Police", "police", frozenset(), frozenset({"b2"})),
}
PURPOSE = "victim_response"


def ground(**lot):
    return ground_of_lot(therapy_lot(**lot), sample_terms(), BODIES, AREAS, NAMES)


def test_a_ground_is_that_of_its_bodies_and_districts_or_of_all_who_commission():
    assert ground(districts=("E06000003",)).whole == {"E06000003"}
    one = ground(bodies=("icb",))
    assert (one.whole, one.partly, one.is_everywhere) == (set(), {"E06000002"}, False)
    both = ground(bodies=("icb", "police"))
    assert both.whole == {"E06000002"} and not both.partly, "two bodies serve it whole together"
    assert ground(districts=("E06000003",), bodies=("authority",)).whole == {"E06000001", "E06000003"}
    assert ground().whole == {"E06000001", "E06000002"}, "of all who commission"
    assert ground(districts=("E06000001", "E06000002", "E06000003")).is_everywhere


def test_without_small_areas_a_ground_is_that_of_districts():
    found = ground_of_lot(therapy_lot(bodies=("authority",)), sample_terms(), BODIES, {}, NAMES)
    assert (found.whole, found.partly) == ({"E06000001"}, set())


def test_where_somebody_lives_is_told_only_where_the_district_tells_it():
    partly = ground(bodies=("authority", "icb"))
    told = {
        district: judge_ground(partly, district, NAMES).is_met
        for district in ("E06000001", "E06000002", "E06000003", "", None)
    }
    assert told == {"E06000001": True, "E06000002": None, "E06000003": False, "": None, None: None}
    assert judge_ground(partly, None, NAMES).words == "live in Harbour, or a part of Vale"
    everywhere = ground(districts=tuple(NAMES))
    assert judge_ground(everywhere, None, NAMES).is_met is True, "nobody need ask"
    assert "any district" in ground_words(everywhere, NAMES)


def test_a_refusal_names_the_lot_the_rule_and_what_to_do():
    terms, lot = sample_terms(), therapy_lot(bodies=("authority",))
    full = say_full(lot, terms, {"authority": "Arden Authority"})
    assert f"{lot.name} of {terms.title} serves {lot.capacity} at once" in full and "ask a commissioner of" in full
    elsewhere = say_elsewhere(lot, terms, ground(bodies=("authority",)), NAMES)
    assert "serves people who live in Harbour" in elsewhere and "correct the record" in elsewhere


def told(text, age, district):
    return [one.is_met for one in judge_eligibility(text, PURPOSE, PersonKnown(age, district), NAMES)]


def test_age_and_district_are_told_and_all_else_is_not():
    text = (
        "all_of = [{ age_at_least = 18 }, { need = ['domestic_abuse'] }]\n"
        "none_of = [{ district = ['E06000001'] }, { age_under = 25 }]"
    )
    assert told(text, 30, "E06000002") == [True, None, True, True]
    assert told(text, 17, "E06000001") == [False, None, False, False]
    assert told(text, None, None) == [None, None, None, None]
    words = [one.words for one in judge_eligibility(text, PURPOSE, PersonKnown(None, None), NAMES)]
    assert words[0] == "are 18 or older" and words[2].startswith("do not live in Harbour")


def test_one_of_several_is_met_where_any_is_and_told_only_where_that_decides():
    text = "any_of = [{ age_under = 18 }, { need = ['domestic_abuse'] }]"
    assert [told(text, age, None) for age in (17, 18, None)] == [[True], [None], [None]]
    both = "any_of = [{ age_under = 18 }, { district = ['E06000001'] }]"
    assert [told(both, 40, district) for district in ("E06000001", "E06000002", None)] == [[True], [False], [None]]


AGES, DISTRICTS = st.integers(0, 100), st.sampled_from(sorted(NAMES))


@given(AGES, DISTRICTS, st.integers(1, 99), DISTRICTS, st.sampled_from(["all_of", "any_of"]))
def test_what_is_told_of_less_is_never_contradicted_by_more(age, district, least, lives, head):
    """Whatever is said of somebody of whom something is withheld holds whatever it may be."""
    text = f"{head} = [{{ age_at_least = {least} }}, {{ district = ['{lives}'] }}]"
    whole = told(text, age, district)
    assert None not in whole
    for shown_age, shown_district in itertools.product((age, None), (district, None)):
        partly = told(text, shown_age, shown_district)
        assert all(one is None or one == other for one, other in zip(partly, whole, strict=True))
