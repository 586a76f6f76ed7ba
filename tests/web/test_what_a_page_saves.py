"""What a page saves is the same to the letter: addresses, rows, arrays, cells, the account of a session, and a look."""

import uuid

import pytest
from django.conf import settings
from django.contrib.auth import get_user
from django.db import connection, models, transaction
from django.template import engines
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from braid.web.access.context import asking_as
from braid.web.models import PersonWait, SignedSession, Team, User
from braid.web.models.base import Row
from braid.web.sign_in.who_asks import find_user
from braid.web.templating import _url
from braid.web.written_once import _as_array

pytestmark = pytest.mark.django_db
NOBODY = [("", "")]


def asker():
    with connection.cursor() as cursor:
        cursor.execute("select current_setting('braid.username', true), current_setting('braid.purpose', true)")
        return [(who or "", what or "") for who, what in cursor.fetchall()]


# who asks


def test_a_look_inside_a_page_is_told_and_taken_back_in_two_journeys_at_most(published):
    with CaptureQueriesContext(connection) as seen, asking_as("test-analyst", "victim_response"):
        assert asker() == [("test-analyst", "victim_response")]
    assert len(seen) == 2, "one to tell who asks, one of the page's own"
    with CaptureQueriesContext(connection) as seen:
        assert asker() == NOBODY == asker()
    assert len(seen) == 3, "one to take it back, before whatever is asked next"


def test_a_look_that_fails_goes_back_and_what_follows_is_asked_by_nobody(published):
    with pytest.raises(RuntimeError), asking_as("test-analyst", "victim_response"):
        Team.objects.create(id="gone", name="Gone", organisation="vale-authority", services=[])
        raise RuntimeError
    assert asker() == NOBODY
    assert not Team.objects.filter(pk="gone").exists()


def test_a_look_inside_a_step_that_fails_goes_back_with_it(published):
    with pytest.raises(RuntimeError), transaction.atomic():
        with asking_as("test-analyst", "victim_response"):
            Team.objects.create(id="gone", name="Gone", organisation="vale-authority", services=[])
        raise RuntimeError
    assert asker() == NOBODY and not Team.objects.filter(pk="gone").exists()


def test_a_look_after_a_look_is_that_of_the_second_alone(published):
    with asking_as("test-analyst", "victim_response"):
        Team.objects.create(id="kept", name="Kept", organisation="vale-authority", services=[])
    with asking_as("test-advocate", "court_readiness"):
        assert asker() == [("test-advocate", "court_readiness")]
        with asking_as("test-partner", ""):
            assert asker() == [("test-partner", "")]
        assert asker() == NOBODY, "the look around it does not come back by itself"
    assert asker() == NOBODY and Team.objects.filter(pk="kept").exists()


def test_a_look_within_a_look_that_asks_nothing_more_ends_with_it(published):
    with asking_as("test-analyst", "victim_response"), asking_as("test-advocate", "court_readiness"):
        Team.objects.create(id="kept", name="Kept", organisation="vale-authority", services=[])
    assert asker() == NOBODY and Team.objects.filter(pk="kept").exists()
    with pytest.raises(RuntimeError), asking_as("test-analyst", "victim_response"):
        with asking_as("test-advocate", "court_readiness"):
            Team.objects.create(id="gone", name="Gone", organisation="vale-authority", services=[])
        raise RuntimeError
    assert asker() == NOBODY and not Team.objects.filter(pk="gone").exists()


def test_what_fails_in_the_database_is_gone_back_from_too(published):
    with pytest.raises(Exception, match="division"), asking_as("test-analyst", ""), connection.cursor() as cursor:
        cursor.execute("select 1 / 0")
    assert asker() == NOBODY


# the account of a session


class Asked:
    """A request, as far as the account is asked of it."""

    def __init__(self, client):
        self.session = client.session
        self.META = {}


@pytest.fixture
def signed_in(published):
    client = Client()
    client.force_login(User.objects.get(username="test-analyst"), backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_session_and_account_are_one_statement(signed_in):
    request = Asked(signed_in)
    with CaptureQueriesContext(connection) as seen:
        assert find_user(request) == User.objects.get(username="test-analyst") == get_user(Asked(signed_in))
    assert len([one for one in seen if "signedsession" in one["sql"]]) == 2
    with CaptureQueriesContext(connection) as seen:
        assert find_user(Asked(signed_in)).username == "test-analyst"
    assert len(seen) == 1


CHANGES = {
    "closed": {"is_active": False},
    "another role": {"role": "advocate"},
    "another organisation": {"organisation": "vale-hospital"},
    "another password": {"password": "!other"},
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_session_that_does_not_fit_its_account_any_more_lets_nobody_in(signed_in, change):
    User.objects.filter(username="test-analyst").update(**CHANGES[change])
    assert not find_user(Asked(signed_in)).is_authenticated
    assert signed_in.get("/status/").status_code == 302


def test_a_row_that_names_another_account_than_the_session_says_lets_the_other_in_never(signed_in):
    other = User.objects.get(username="test-advocate")
    SignedSession.objects.update(user=other.pk)
    assert find_user(Asked(signed_in)).username == "test-analyst" == get_user(Asked(signed_in)).username
    User.objects.filter(username="test-analyst").update(is_active=False)
    assert not find_user(Asked(signed_in)).is_authenticated


def test_an_older_secret_still_lets_in_where_the_settings_take_it(signed_in, monkeypatch):
    monkeypatch.setattr(settings, "SECRET_KEY_FALLBACKS", [settings.SECRET_KEY])
    monkeypatch.setattr(settings, "SECRET_KEY", "another secret, which is long enough for what it signs in this test")
    assert find_user(Asked(signed_in)).username == "test-analyst"


# addresses, rows, arrays, cells

PERSONS = st.text("0123456789abcdef", min_size=32, max_size=32)
TEXTS = st.one_of(PERSONS, st.text("abcXYZ-_09 %é", min_size=1, max_size=40))


@given(st.uuids(), st.integers(0, 10**12), TEXTS)
def test_an_address_is_what_django_writes(number, count, text):
    assert _url("case", number) == reverse("case", args=[number])
    assert _url("plan_version", number, count) == reverse("plan_version", args=[number, count])
    assert _url("person", text) == reverse("person", args=[text])


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0"))), st.lists(st.integers(-(2**31), 2**31)))
def test_an_array_is_read_as_the_values_that_it_was_written_from(texts, numbers):
    ids = [uuid.uuid5(uuid.NAMESPACE_OID, str(each)) for each in numbers]
    with connection.cursor() as cursor:
        cursor.execute(
            "select %s::text[], %s::bigint[], %s::uuid[]", [_as_array(texts), _as_array(numbers), _as_array(ids)]
        )
        assert cursor.fetchone() == (texts, numbers, ids)


def test_a_row_that_was_read_is_as_django_makes_it(published):
    names = [field.attname for field in PersonWait._meta.concrete_fields]
    with asking_as("test-analyst", ""), connection.cursor() as cursor:
        cursor.execute(f"select {', '.join(names)} from braid_personwait order by wait_id")
        rows = cursor.fetchall()
    assert rows
    for some in (names, names[:3], names[2:5]):
        for row in [*rows, tuple(range(len(names)))]:
            values = row[names.index(some[0]) : names.index(some[0]) + len(some)]
            ours = PersonWait.from_db("default", some, values)
            theirs = models.Model.from_db.__func__(PersonWait, "default", some, values)
            assert isinstance(ours, Row)
            assert (
                (ours._state.db, ours._state.adding) == (theirs._state.db, theirs._state.adding) == ("default", False)
            )
            assert {k: v for k, v in vars(ours).items() if k != "_state"} == {
                k: v for k, v in vars(theirs).items() if k != "_state"
            }
            assert ours.get_deferred_fields() == theirs.get_deferred_fields()


def test_a_cell_says_its_column_and_holds_what_is_in_it():
    template = engines.all()[0].env.from_string(
        '{% for one in some %}{% cell "A & B" %}{{ one }}{% endcell %}{% endfor %}'
        '{% cell "C" unprinted %}d{% endcell %}'
    )
    assert template.render(some=["<b>", "x"]) == (
        '<td role="cell" data-label="A &amp; B" class="govuk-table__cell">&lt;b&gt;</td>'
        '<td role="cell" data-label="A &amp; B" class="govuk-table__cell">x</td>'
        '<td role="cell" data-label="C" class="govuk-table__cell app-column-no-print">d</td>'
    )
