"""The terms of a commission: every rule refuses with its place, and sound terms pass and come back as they went."""

import datetime as dt
from dataclasses import replace

import pytest
from commission_sample import FROM, KNOWN, TO, advocacy_lot, sample_terms, therapy_lot, with_lot

from braid.language.documents import DocumentInvalid, write
from braid.language.steps import NotPossible
from braid.place.commissions.eligibility import Judged, basis_at_referral, eligibility_in_words
from braid.place.commissions.signing import Signer, check_makes, check_sign, check_varies, in_force, is_agreed, move
from braid.place.commissions.terms import OutcomePrice, Provider, Share, check_terms, parse_terms
from braid.problems.load import shipped_statements

COMMISSIONER = Signer("c", "commissioner", "authority")
ADULTS = "all_of = [{ age_at_least = 18 }]"


def faults_of(terms):
    with pytest.raises(DocumentInvalid) as refused:
        check_terms(terms, KNOWN)
    return " | ".join(map(str, refused.value.faults))


def test_sound_terms_pass_and_come_back_as_they_went():
    check_terms(sample_terms(), KNOWN)
    assert parse_terms(write(sample_terms())) == sample_terms()


@pytest.mark.parametrize(
    ("terms", "said"),
    [
        (sample_terms(title=" "), "title"),
        (sample_terms(problem="x" * 2001), "problem"),
        (sample_terms(legal_basis="custom"), "legal_basis"),
        (sample_terms(fund=""), "no fund"),
        (sample_terms(outcomes=()), "no outcome is desired"),
        (sample_terms(outcomes=("safer", "safer", "waits")), "named twice"),
        (sample_terms(bodies=("authority",)), "2 to 12 bodies"),
        (sample_terms(bodies=("authority", "nobody")), "a body is not known"),
        (sample_terms(lead="lanternhouse"), "the lead body"),
        (sample_terms(statement="nothing"), "no such problem statement"),
        (sample_terms(value_pence=50_000_000), "more than the commission"),
        (sample_terms(sample_percent=9), "must be 10 to 100"),
        (sample_terms(to_date=FROM), "ends before it begins"),
        (sample_terms(lots=()), "1 to 12 lots"),
        (sample_terms(lots=(advocacy_lot(), advocacy_lot())), "its own id"),
        (sample_terms(lots=(advocacy_lot(), advocacy_lot(id="more"))), "overlaps"),
        (with_lot(therapy_lot(id="a b")), "letters, digits"),
        (with_lot(therapy_lot(service="legal")), "nobody is referred"),
        (with_lot(therapy_lot(volume=0)), "must be 1 or more"),
        (with_lot(therapy_lot(window_to=TO + dt.timedelta(days=1))), "window lies outside"),
        (with_lot(therapy_lot(districts=("E09000001",))), "district is not known"),
        (with_lot(therapy_lot(providers=(Provider("icb", "health", "sub"),))), "one prime"),
        (with_lot(therapy_lot(providers=(Provider("police", "health", "prime"),))), "not of its body"),
        (with_lot(therapy_lot(shares=(Share("block", 3_333), Share("outcome", 6_666)))), "come to the whole"),
        (with_lot(therapy_lot(model="outcome")), "not those of the model"),
        (with_lot(therapy_lot(attachment_pence=0)), "no price"),
        (with_lot(therapy_lot(prices=())), "need a price"),
        (with_lot(therapy_lot(prices=(OutcomePrice("other", 60_000, 0),))), "nobody desires"),
        (with_lot(therapy_lot(prices=(OutcomePrice("safer", 60_000, 60_001),))), "in part costs more"),
        (with_lot(therapy_lot(attachment_pence=24_999)), "less than 20%"),
        (with_lot(therapy_lot(eligibility="age_at_least = 18")), "eligibility"),
        (with_lot(therapy_lot(eligibility='[[all_of]]\nlives_in = ["nowhere"]\n')), "eligibility"),
    ],
)
def test_each_rule_refuses_with_its_place(terms, said):
    found = faults_of(terms)
    assert said in found


def test_the_attachment_floor_is_kept_to_the_penny():
    check_terms(with_lot(therapy_lot(attachment_pence=25_000)), KNOWN)


def test_a_referral_is_of_the_lot_of_its_team_service_and_day():
    terms = sample_terms()
    assert terms.served_by("harbour", "advocacy", FROM).id == "advocacy"
    assert terms.served_by("harbour", "therapy", TO).id == "therapy"
    assert terms.served_by("harbour", "advocacy", dt.date(2027, 1, 1)) is None, "its window is over"
    assert terms.served_by("health", "advocacy", FROM) is None


def test_eligibility_is_explained_in_words_and_known_from_the_run_only_where_it_asks_no_more():
    statement = next(one for one in shipped_statements() if one.problem_id == "victim_response")
    concerned, more = eligibility_in_words(statement, ADULTS, {})
    met, unmet, untold = (Judged("live there", is_met) for is_met in (True, False, None))
    assert basis_at_referral(True, [met]) == "concerned" and basis_at_referral(False, [met]) == ""
    assert basis_at_referral(True, [met, unmet]) == basis_at_referral(True, [met, untold]) == ""
    assert concerned.startswith("Concerned by Victim response: people who") and "are 18 or older" in more
    assert eligibility_in_words(statement, "", {}) == (concerned,)


def test_terms_hold_once_every_body_signed_those_very_terms():
    terms = sample_terms()
    for body in ("icb", "police"):
        check_sign(Signer("b", "board_member", body), terms, ("authority",))
    assert not is_agreed(terms, ("authority", "icb")) and is_agreed(terms, ("authority", "icb", "police"))
    second = replace(terms, value_pence=60_000_001)
    signed = {1: ("authority", "icb", "police"), 2: ("authority", "icb")}
    assert in_force(signed, {1: terms, 2: second}) == 1
    assert in_force(signed | {2: terms.bodies}, {1: terms, 2: second}) == 2 and in_force({}, {1: terms}) == 0


def test_a_commission_is_paid_from_a_fund_of_the_place():
    """Where the place names its funds, a slip of the pen is told; where it names none, any id may stand."""
    check_terms(sample_terms(fund="victims_pool"), KNOWN)
    named = replace(KNOWN, funds=frozenset({"pool", "victims_pool"}))
    check_terms(sample_terms(fund="victims_pool"), named)
    with pytest.raises(DocumentInvalid, match=r"there is no such fund; name one of funds\.toml: pool, victims_pool"):
        check_terms(sample_terms(fund="victims_poll"), named)


@pytest.mark.parametrize(
    ("by", "signed", "said"),
    [
        (Signer("f", "finance_officer", "icb"), (), "A board member or a commissioner"),
        (Signer("b", "board_member", "lanternhouse"), (), "none of those"),
        (Signer("b", "board_member", "icb"), ("icb",), "already"),
    ],
)
def test_nobody_else_signs(by, signed, said):
    with pytest.raises(NotPossible, match=said):
        check_sign(by, sample_terms(), signed)


def test_a_draft_is_a_commissioners_of_one_of_its_bodies():
    check_makes(COMMISSIONER, sample_terms())
    for by in (Signer("b", "board_member", "authority"), Signer("c", "commissioner", "lanternhouse")):
        with pytest.raises(NotPossible):
            check_makes(by, sample_terms())


@pytest.mark.parametrize(
    ("state", "new", "spent", "said"),
    [
        ("draft", sample_terms(title="Other"), 0, "written anew"),
        ("open", sample_terms(), 0, "Nothing is different"),
        ("open", sample_terms(bodies=("authority", "icb")), 0, "another commission"),
        ("open", sample_terms(title="Other"), 50_000_002, "paid already"),
        ("open", sample_terms(lots=(therapy_lot(),)), 0, "A lot would be gone"),
    ],
)
def test_a_variation_keeps_what_was_agreed_and_paid(state, new, spent, said):
    with pytest.raises(NotPossible, match=said):
        check_varies(COMMISSIONER, state, sample_terms(), new, spent)


def test_the_lead_bodys_commissioner_moves_it_and_signatures_alone_agree_it():
    assert move(COMMISSIONER, sample_terms(), "agreed", "open") == "open"
    for by, state, step in (
        (Signer("c", "commissioner", "icb"), "agreed", "open"),
        (Signer("b", "board_member", "authority"), "agreed", "open"),
        (COMMISSIONER, "draft", "agree"),
        (COMMISSIONER, "draft", "open"),
        (COMMISSIONER, "open", "end"),
    ):
        with pytest.raises(NotPossible):
            move(by, sample_terms(), state, step)
