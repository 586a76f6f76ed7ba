"""`decide()` has the last word: rows that the filter and the policies let through are not shown where it denies."""

import re

import pytest
from published_sample import ENTRIES, REFERENCE
from sample_run import CHILD

from braid.trust.decide import Decision, Outcome
from braid.web.access import decisions, get_people, get_person, list_people
from braid.web.access.projections import NOT_FOR_ROLE, NOT_IN_AGREEMENT, PeopleFilter, Viewer
from braid.web.access.sight import NotThere

pytestmark = pytest.mark.django_db
ANALYST = Viewer("test-analyst", "analyst", "school_from_ta", REFERENCE, "test")


def denying(items):
    """A decision that denies the items that match, and asks the real one about every other."""
    real = decisions.decide

    def decide(actor, subject, item, purpose, now):
        if re.fullmatch(items, item.code):
            return Decision(Outcome.DENY, "said_no")
        return real(actor, subject, item, purpose, now)

    return decide


@pytest.fixture
def seen(published, user_of):
    user_of("analyst")
    return get_person(ANALYST, CHILD)


def test_a_person_none_of_whose_waits_is_allowed_is_not_there(seen, monkeypatch, caplog):
    monkeypatch.setattr(decisions, "decide", denying(r"waits\..*"))
    with pytest.raises(NotThere):
        get_person(ANALYST, CHILD)
    assert all(person.person_id != CHILD for person in get_people(ANALYST, PeopleFilter()).people)
    assert "said_no" in caplog.text
    assert CHILD not in caplog.text


def test_a_single_denied_wait_is_gone_and_the_others_stay(seen, monkeypatch):
    backlogs = {wait.backlog for wait in seen.waits}
    assert len(backlogs) > 1
    denied = sorted(backlogs)[0]
    monkeypatch.setattr(decisions, "decide", denying(rf"waits\.{denied}"))
    assert {wait.backlog for wait in get_person(ANALYST, CHILD).waits} == backlogs - {denied}


@pytest.mark.parametrize(
    ("item", "field", "left"),
    [
        ("identity", "name", NOT_IN_AGREEMENT),
        ("identity", "birth_date", None),
        ("district", "district", NOT_FOR_ROLE),
        ("blockers", "blockers", ()),
        ("involvements", "involvements", ()),
    ],
)
def test_each_item_that_is_denied_is_gone_alone(item, field, left, seen, monkeypatch):
    assert getattr(seen, field) != left, "it is seen where the decision allows it"
    monkeypatch.setattr(decisions, "decide", denying(item))
    after = get_person(ANALYST, CHILD)
    assert getattr(after, field) == left
    assert after.waits == seen.waits


def test_whom_to_ask_is_not_named_where_it_is_denied(seen, monkeypatch):
    monkeypatch.setattr(decisions, "decide", denying("contacts"))
    before, after = ([row.ask for row in each.involvements] for each in (seen, get_person(ANALYST, CHILD)))
    assert before != after


def test_everybody_listed_on_the_command_line_leaves_a_look(published, user_of):
    user_of("analyst")
    listed = {person["person_id"] for person in list_people(ANALYST)}
    looks = ENTRIES.filter(kind="look", username="test-analyst", reference=REFERENCE)
    assert sorted(looks.values_list("person_id", flat=True)) == sorted(listed) != []
