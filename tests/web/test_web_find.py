"""Finding somebody: ranked, cut off, on record, and of whoever is hidden not a trace."""

import re
from itertools import product

import pytest
from django.db import connection
from django.db.models import Value
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from published_sample import ENTRIES
from sample_run import CHILD, VICTIM
from test_care_steps import join, open_marac, teams  # noqa: F401
from ways_to_ask import PURPOSE

from braid.people.names import fold
from braid.web.access import search as searches
from braid.web.access.search import MOST_FOUND, rank_of
from braid.web.care import searching
from braid.web.models import ExclusionEntry, PersonIdentity, SearchMade, User
from braid.web.models.name_keys import NameKey
from braid.web.overlay.effects import renew_effects
from braid.web.watch import known_asker

pytestmark = pytest.mark.django_db


def ask(client, words: str) -> str:
    answer = client.post("/find/", {"words": words})
    assert answer.status_code == 200
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", answer.content.decode())


def people_in(page: str) -> list[str]:
    return re.findall(r"<bdi>([^<]+)</bdi>", page)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("Ada Example", ["Ada Example"]),
        ("example, ada", ["Ada Example"]),
        ("EXAMPLE Ad", ["Ada Example"]),
        ("ada", ["Ada Example"]),
        ("Exampl", []),
        ("Ada Other", []),
        ("%", []),
        ("' or 1=1 --", []),
        ("9990009999", []),
    ],
)
def test_somebody_is_found_by_name_as_people_write_it(words, found, published, client_of):
    assert people_in(ask(client_of("practitioner", "school_from_ta"), words)) == found


def test_who_does_not_see_somebody_finds_nobody_and_whoever_does_leaves_a_look(published, client_of):
    assert people_in(ask(client_of("advocate", "victim_response"), "Cass Example")) == ["Cass Example"]
    look = ENTRIES.filter(kind="look", page="find", person_id=VICTIM)
    assert look.count() == 1 and look.get().purpose == "victim_response"
    for role, purpose in (("practitioner", "school_from_ta"), ("responder", "victim_response")):
        assert people_in(ask(client_of(role, purpose), "Cass Example")) == []
    made = ENTRIES.filter(kind="look", page="find", person_id="").order_by("pk")
    assert [entry.details for entry in made] == [
        {"what": "search", "people": count, "references": 0} for count in (1, 0, 0)
    ]
    assert "Cass" not in str([entry.details for entry in ENTRIES.all()]), "what was searched for is not kept"


@pytest.mark.parametrize(("role", "name"), [("practitioner", "Ada Example"), ("advocate", "Cass Example")])
def test_hidden_is_absent_to_the_byte_and_in_statements(role, name, published, client_of):
    client, who = client_of(role, PURPOSE[role]), CHILD if role == "practitioner" else VICTIM
    assert people_in(ask(client, name)) == [name]
    with known_asker():
        ExclusionEntry.objects.create(
            subject_id=who, reason="staff_knows", barred_username=f"test-{role}", entered_by="test-ig_lead"
        )
        renew_effects()
    answers = []
    for words in (name, "Zzz Yyyyyyy"):
        with CaptureQueriesContext(connection) as captured:
            page = ask(client, words)
        answers.append((page.replace(words, "..."), [re.sub(r"'[^']*'|\d+", "#", one["sql"]) for one in captured]))
    (hidden, of_hidden), (absent, of_absent) = answers
    assert hidden == absent
    assert len(of_hidden) == len(of_absent)
    assert [one[:60] for one in of_hidden] == [one[:60] for one in of_absent]


def test_a_reference_leads_to_what_one_takes_part_in_and_to_nothing_else(teams, client_of):  # noqa: F811
    row = open_marac()
    advocate, responder = client_of("advocate", "victim_response"), client_of("responder", "victim_response")
    assert f"/cases/{row.pk}/" in ask(advocate, row.reference.lower())
    nothing = ask(responder, "JC-2222-222")
    assert ask(responder, row.reference).replace(row.reference, "...") == nothing.replace("JC-2222-222", "...")
    join(row.pk, "hospital-safeguarding", "health", "responder")
    assert f"/cases/{row.pk}/" in ask(responder, row.reference)


def test_how_often_one_may_search_is_limited_whatever_is_found(published, client_of, monkeypatch):
    client = client_of("practitioner", "school_from_ta")
    monkeypatch.setattr(searching, "LIMITS", ((searching.dt.timedelta(minutes=1), 3),))
    for words in ("Ada Example", "Zzz Yyyyyyy", "JC-2222-222"):
        ask(client, words)
    again = client.post("/find/", {"words": "Ada Example"})
    assert again.status_code == 429 and "Wait a minute" in again.content.decode()
    assert 'value="Ada Example"' in again.content.decode(), "what was typed is kept"
    assert ENTRIES.filter(kind="refused", page="find", reason="locked").count() == 1
    assert SearchMade.objects.count() == 3
    ask(client_of("analyst", "school_from_ta"), "Ada Example")


@pytest.mark.parametrize("words", ["", " ", "x" * 101])
def test_what_is_no_search_is_refused_and_kept_in_the_form(words, published, client_of):
    answer = client_of("practitioner", "school_from_ta").post("/find/", {"words": words})
    assert answer.status_code == 400
    assert not SearchMade.objects.exists()


def test_what_is_searched_for_stands_in_no_address(published, client_of):
    client = client_of("practitioner", "school_from_ta")
    page = client.get("/find/?words=Ada+Example").content.decode()
    assert "<bdi>" not in page and "Ada" not in page
    assert '<form method="post"' in page and 'autocomplete="off"' in page


def test_at_most_so_many_are_shown_and_that_there_are_more_is_said(published, client_of, monkeypatch):
    monkeypatch.setattr(searches, "MOST_FOUND", 1)
    page = ask(client_of("analyst", "school_from_ta"), "Example")
    assert len(people_in(page)) == 1 and "There may be more" in page
    monkeypatch.setattr(searches, "MOST_FOUND", MOST_FOUND)
    monkeypatch.setattr(searches, "MOST_COMPARED", 1)
    assert "There may be more" in ask(client_of("analyst", "school_from_ta"), "Example")


NAMES = ["ada", "mary", "maryjane", "example", "smith", "smithjones", "jones", "x"]


@given(st.lists(st.sampled_from(NAMES), max_size=3), st.sampled_from(NAMES), st.sampled_from(NAMES))
def test_the_rank_is_that_of_the_slow_twin(names, given_name, family):
    """Against every way of parting what was typed into given and family name."""
    whole = "".join(names)
    best = None
    if names:
        if whole in (given_name + family, family + given_name):
            best = 0
        elif whole == family:
            best = 1
        else:
            parted = [("".join(names[:at]), "".join(names[at:])) for at in range(1, len(names))]
            ways = [pair for first, last in parted for pair in ((first, last), (last, first))]
            if any(two == family and given_name.startswith(one) for one, two in ways):
                best = 2
            elif whole == given_name:
                best = 3
    assert rank_of(names, given_name, family) == best


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    text=st.text(st.characters(max_codepoint=0x24F, exclude_characters="\0"), max_size=12)
    | st.sampled_from(["O'Neil-Smith", "Zoë", "Ğül", "Łukasz", "Straße", "Æsa", "D\u2019Arcy", "ﬁnn", "Ñuñez", "ıİ"])
)
def test_the_database_folds_a_name_as_the_rules_of_linking_do(text, published):
    key = User.objects.annotate(key=NameKey(Value(text))).values_list("key", flat=True)[0]
    assert key == fold(text).replace(" ", "")


def test_a_name_is_looked_up_by_index_before_the_policies(published):
    """With `=` alone, which is leakproof: else the database would ask the policies of everybody in the place first."""
    with connection.cursor() as cursor:
        cursor.execute("select bool_and(proleakproof) from pg_proc where proname = 'texteq'")
        assert cursor.fetchone() == (True,)
    with known_asker():
        sql = str(PersonIdentity.objects.filter(searches._condition(("ada", "example"))).query)
    where = sql.partition(" WHERE ")[2]
    assert set(re.findall(r'"(\w+_key)" (=|IN|>=|LIKE|<)', where)) <= set(
        product(("family_key", "given_key"), ("IN", "="))
    )
