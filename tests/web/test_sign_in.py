"""Signing in by password and second factor: what is asked, how often it may fail, which sessions there are and end."""

import datetime as dt
import re

import pytest
from django.contrib.sessions.backends.signed_cookies import SessionStore
from django.core.exceptions import ValidationError
from django.test import Client, RequestFactory
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from published_sample import ENTRIES, PASSWORD
from vault_sample import code_of, has_factor, query

from braid.language.steps import NotPossible
from braid.web.accounts import FIRST, close_user, end_sessions, end_sessions_of_all, renew_user, seal_recovery
from braid.web.models import SafetyTask, SecondFactor, SignedSession, SignInMiss, User
from braid.web.second_factor import enrol
from braid.web.sign_in.attempts import (
    FIRST_WAIT,
    FREE,
    LONGEST_WAIT,
    attempt_of,
    clean_misses,
    count_miss,
    must_wait,
    wait_after,
)
from braid.web.sign_in.passwords import WithoutOwnWords
from braid.web.sign_in.session_store import digest_key

pytestmark = pytest.mark.django_db
NAME = "test-analyst"


@pytest.fixture(autouse=True)
def quick_passwords(settings):
    """What a password's hash costs is not what is tested here."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def user(published, user_of):
    for role in ("advocate", "analyst"):
        made = user_of(role)
        made.set_password(PASSWORD)
        made.save()
    return made


def sign_in(client: Client, password: str = PASSWORD, name: str = NAME, **extra):
    return client.post("/sign-in/", {"username": name, "password": password}, **extra)


def test_in_a_place_of_real_people_a_password_alone_opens_nothing(user, settings):
    settings.PASSWORD_ALONE = False
    client = Client()
    answer = sign_in(client)
    assert answer.status_code == 403 and "no second factor" in answer.content.decode()
    assert client.get("/").status_code == 302
    assert ENTRIES.filter(kind="refused").last().reason == "no_second_factor"
    User.objects.filter(pk=user.pk).update(is_demo=True)
    assert sign_in(Client()).status_code == 403, "a demo account neither"


def test_a_demo_account_needs_its_password_alone_in_a_fictional_place(user):
    has_factor(user)
    assert sign_in(Client())["Location"] == "/sign-in/factor/"
    User.objects.filter(pk=user.pk).update(is_demo=True)
    assert sign_in(Client())["Location"] == "/"


def test_the_code_comes_second_and_opens_a_session_once(user, settings):
    settings.PASSWORD_ALONE = False
    secret, client = enrol(user).secret, Client()
    assert client.get("/sign-in/factor/")["Location"] == "/sign-in/"
    client.post("/sign-in/", {"username": NAME, "password": PASSWORD, "next": "/people/"})
    pending = client.cookies["braid_session"].value
    assert client.get("/").status_code == 302 and client.get("/your-sign-in/").status_code == 302
    assert client.post("/sign-in/factor/", {"code": "000000"}).status_code == 200
    code = code_of(secret, timezone.now())
    answer = client.post("/sign-in/factor/", {"code": code})
    assert answer["Location"] == "/people/" and client.cookies["braid_session"].value != pending
    row = SignedSession.objects.get(user_id=user.pk)
    assert row.method == "code" and client.get("/").status_code == 200
    entry = ENTRIES.filter(kind="signed_in").last()
    assert (entry.username, entry.assurance) == (NAME, 2)
    other = Client()
    sign_in(other)
    assert other.post("/sign-in/factor/", {"code": code}).status_code == 200, "the code was taken once"
    assert other.get("/").status_code == 302


@pytest.mark.parametrize("change", ["late", "password", "closed", "role"])
def test_what_was_begun_is_void_when_time_or_the_account_went_on(user, change):
    secret, client = enrol(user).secret, Client()
    sign_in(client)
    if change == "late":
        session = client.session
        session["pending_sign_in"] = {**session["pending_sign_in"], "at": timezone.now().timestamp() - 301}
        session.save()
    elif change == "password":
        user.set_password("another long enough one")
        user.save()
    else:
        User.objects.filter(pk=user.pk).update(**({"is_active": False} if change == "closed" else {"role": "advocate"}))
    answer = client.post("/sign-in/factor/", {"code": code_of(secret, timezone.now())})
    assert answer["Location"] == "/sign-in/" and client.get("/").status_code == 302


def test_five_wrong_codes_lock_the_second_step(user):
    secret, client = enrol(user).secret, Client()
    sign_in(client)
    statuses = [client.post("/sign-in/factor/", {"code": "000000"}).status_code for _ in range(5)]
    assert statuses == [200, 200, 200, 200, 429]
    assert client.post("/sign-in/factor/", {"code": code_of(secret, timezone.now())}).status_code == 429


# Misses.


def test_a_name_that_is_nobodys_is_answered_like_one_that_is(user):
    known, unknown = Client(), Client()
    for _ in range(FREE["pair"] + 1):
        first, second = sign_in(known, "wrong"), sign_in(unknown, "wrong", "nobody-at-all", REMOTE_ADDR="192.0.2.9")
        assert first.status_code == second.status_code
        plain = [a.content.decode().split('name="csrf')[0].replace(NAME, "nobody-at-all") for a in (first, second)]
        assert plain[0] == plain[1]
    assert first.status_code == 429


def test_who_guesses_elsewhere_makes_strangers_wait_and_not_the_human(user):
    own = Client()
    assert sign_in(own).status_code == 302
    own.post("/sign-out/")
    for number in range(FREE["account"]):
        sign_in(Client(), "wrong", REMOTE_ADDR=f"192.0.2.{number}")
    assert sign_in(Client(), REMOTE_ADDR="192.0.2.77").status_code == 429, "a stranger with the right password waits"
    assert sign_in(own).status_code == 302, "a browser that signed in before does not"
    assert sign_in(Client(), name="test-advocate", REMOTE_ADDR="192.0.2.1").status_code == 302, "nor does a colleague"


def test_a_known_browser_may_miss_as_often_and_is_known_to_its_own_account_alone(user):
    own = Client()
    sign_in(own)
    own.post("/sign-out/")
    statuses = [sign_in(own, "wrong").status_code for _ in range(FREE["device"])]
    assert statuses == [200] * (FREE["device"] - 1) + [429]
    assert sign_in(own).status_code == 429 and sign_in(Client()).status_code == 302
    thief = Client()
    thief.cookies["braid_device"] = own.cookies["braid_device"].value[:-2] + "xx"
    for _ in range(FREE["pair"]):
        sign_in(thief, "wrong", "test-advocate")
    assert sign_in(thief, name="test-advocate").status_code == 429


def test_an_address_that_tries_many_names_waits(user):
    for number in range(FREE["address"]):
        sign_in(Client(), "wrong", f"nobody-{number}", REMOTE_ADDR="192.0.2.5")
    assert sign_in(Client(), REMOTE_ADDR="192.0.2.5").status_code == 429
    assert sign_in(Client(), REMOTE_ADDR="192.0.2.6").status_code == 302


def attempt(**meta):
    return attempt_of(RequestFactory().post("/sign-in/", **meta), " Somebody ")


def test_waits_grow_end_and_are_forgotten(db):
    start, now = timezone.now(), timezone.now()
    tried = attempt(REMOTE_ADDR="2001:db8::1")
    assert tried == attempt(REMOTE_ADDR="2001:db8::2"), "one network, one name whatever its letters"
    waits = []
    for _ in range(FREE["pair"] + 6):
        count_miss(tried, now)
        waits.append(must_wait(tried, now))
    minutes = [wait.total_seconds() / 60 for wait in waits]
    assert minutes == [0, 0, 0, 0, 1, 2, 4, 8, 15, 15, 15]
    assert must_wait(tried, now + LONGEST_WAIT) == dt.timedelta()
    later = start + dt.timedelta(hours=1, minutes=1)
    count_miss(tried, later)
    assert must_wait(tried, later) == dt.timedelta()
    assert clean_misses(later) == 0 and clean_misses(later + dt.timedelta(hours=2)) == 3


@given(st.integers(0, 10_000))
def test_a_wait_never_shrinks_and_ends(more):
    assert FIRST_WAIT <= wait_after(more) <= wait_after(more + 1) <= LONGEST_WAIT


def test_nothing_that_was_typed_is_kept_of_a_miss(user):
    sign_in(Client(), "my secret word", "A typed name", REMOTE_ADDR="192.0.2.200")
    kept = query("select coalesce(string_agg(t::text, ' '), '') from braid_signinmiss t")[0][0]
    assert SignInMiss.objects.count() == 3 and not any(text in kept for text in ("typed", "secret", "192.0"))


# Sessions.


def test_whoever_reads_the_table_of_sessions_opens_none(user):
    client = Client()
    sign_in(client)
    cookie = client.cookies["braid_session"].value
    kept = query("select coalesce(string_agg(t::text, ' '), '') from braid_signedsession t")[0][0]
    assert digest_key(cookie) in kept and cookie not in kept
    thief = Client()
    thief.cookies["braid_session"] = digest_key(cookie)
    assert thief.get("/").status_code == 302


@pytest.mark.parametrize(
    "change", [{"role": "advocate"}, {"organisation": "harbour"}, {"is_active": False}, {"provider_subject": "other"}]
)
def test_a_change_of_the_account_ends_its_sessions_at_the_next_request(user, client_of, change):
    client = client_of("analyst")
    assert client.get("/").status_code == 200
    User.objects.filter(pk=user.pk).update(**change)
    assert client.get("/").status_code == 302


def test_sessions_are_listed_to_their_own_user_and_ended_one_by_one_or_all_others(user, client_of):
    has_factor(user)
    has_factor(User.objects.get(username="test-advocate"))
    here, there, third, others = (client_of(role) for role in ("analyst", "analyst", "analyst", "advocate"))
    page = here.get("/your-sign-in/")
    text = page.content.decode()
    assert text.count(">End<") + text.count("End\n") >= 2 and "This one" in text
    assert not any(one.session.session_key in text for one in (here, there, third))
    from braid.web.sign_in.sessions import list_sessions

    rows = {row.name: row for row in list_sessions(user, there.session.session_key)}
    mine = next(name for name, row in rows.items() if row.is_this)
    assert others.post("/your-sign-in/", {"session": mine}).status_code == 302 and there.get("/").status_code == 200
    assert confirmed(others).post("/your-sign-in/", {"session": mine})["Location"].endswith("?done=ended")
    assert there.get("/").status_code == 200, "nobody ends what is another's"
    for form in ({"session": mine}, {"others": "1"}):
        assert here.post("/your-sign-in/", form)["Location"].startswith("/confirm/")
    assert [one.get("/").status_code for one in (there, third)] == [200, 200], "not without confirming"
    confirmed(here).post("/your-sign-in/", {"session": mine})
    assert [one.get("/").status_code for one in (here, there, third, others)] == [200, 302, 200, 200]
    here.post("/your-sign-in/", {"others": "1"})
    assert [one.get("/").status_code for one in (here, third, others)] == [200, 302, 200]
    assert [e.details["sessions"] for e in ENTRIES.filter(page="own_sign_in", username=NAME)] == [1, 1]


def test_a_session_that_was_ended_is_not_written_back_by_a_request_under_way(user, client_of):
    from django.contrib.sessions.backends.base import UpdateError

    client = client_of("analyst")
    under_way = client.session
    assert under_way["_auth_user_id"] == str(user.pk)
    end_sessions(FIRST, NAME)
    under_way["late"] = True
    with pytest.raises(UpdateError):
        under_way.save()
    assert client.get("/").status_code == 302


def test_a_lead_ends_sessions_of_one_and_of_all_and_closing_ends_them(user, client_of):
    renew_user(FIRST, "lead-2", "Second", "ig_lead", user.organisation)
    analyst, advocate = client_of("analyst"), client_of("advocate")
    assert end_sessions(FIRST, NAME) == 1
    assert (analyst.get("/").status_code, advocate.get("/").status_code) == (302, 200)
    close_user(FIRST, "test-advocate")
    assert not SignedSession.objects.filter(user_id=User.objects.get(username="test-advocate").pk).exists()
    lead = client_of("ig_lead")
    assert end_sessions_of_all(FIRST) >= 1 and lead.get("/").status_code == 302


def test_a_recovery_account_is_sealed_used_with_its_factor_and_told(user, settings, tmp_path):
    from bent_provider import bent_provider

    password, factor = seal_recovery(FIRST, NAME)
    assert Client().get("/sign-in/recovery/").status_code == 404, "without a provider there is nothing to recover"
    with bent_provider() as provider:
        settings.SIGN_IN_PROVIDER = provider.settings(tmp_path)
        client = Client()
        form = {"username": NAME, "password": password}
        assert client.post("/sign-in/recovery/", form)["Location"] == "/sign-in/factor/"
        answer = client.post("/sign-in/factor/", {"code": code_of(factor.secret, timezone.now())})
        assert answer.status_code == 302 and client.get("/").status_code == 200
    assert SafetyTask.objects.filter(kind="recovery_used").exists()
    assert SignedSession.objects.get(user_id=user.pk).method == "recovery"
    SecondFactor.objects.all().delete()
    settings.SIGN_IN_PROVIDER = None
    assert sign_in(Client(), password).status_code == 403, "never by its password alone"


# Passwords.


OWN = "nine purple otters at tea"


def choose(client: Client, new: str):
    return client.post("/sign-in/first-password/", {"new_password1": new, "new_password2": new})


def test_a_password_that_was_given_opens_nothing_before_another_is_chosen(user, settings):
    settings.PASSWORD_ALONE = False
    given = renew_user(FIRST, NAME, "Analyst", user.role, user.organisation)
    secret, client = enrol(user).secret, Client()
    assert client.get("/sign-in/first-password/")["Location"] == "/sign-in/"
    client.post("/sign-in/", {"username": NAME, "password": given, "next": "/people/"})
    assert client.get("/sign-in/first-password/")["Location"] == "/sign-in/", "the factor comes before"
    answer = client.post("/sign-in/factor/", {"code": code_of(secret, timezone.now())})
    assert answer["Location"] == "/sign-in/first-password/"
    assert [client.get(path).status_code for path in ("/", "/your-sign-in/", "/api/v1/place")] == [302, 302, 401]
    assert client.get("/sign-in/factor/")["Location"] == "/sign-in/", "what was shown is not asked for twice"
    assert client.get("/sign-in/first-password/").status_code == 200
    for refused in (given, "short", "passwordpassword", "Braid-test-analyst-1"):
        assert choose(client, refused).status_code == 200 and client.get("/").status_code == 302
    assert choose(client, OWN)["Location"] == "/people/" and client.get("/").status_code == 200
    user.refresh_from_db()
    assert user.check_password(OWN) and user.first_password_until is None
    assert SignedSession.objects.get(user_id=user.pk).method == "code"
    assert ENTRIES.filter(page="first_password").last().details["what"] == "own password chosen"
    assert choose(client, "seven green otters at tea")["Location"] == "/sign-in/", "once"
    assert sign_in(Client(), OWN)["Location"] == "/sign-in/factor/"


def test_in_a_fictional_place_too_a_given_password_is_replaced(user):
    given = renew_user(FIRST, NAME, "Analyst", user.role, user.organisation)
    client = Client()
    assert sign_in(client, given)["Location"] == "/sign-in/first-password/" and client.get("/").status_code == 302
    assert choose(client, OWN)["Location"] == "/" and client.get("/").status_code == 200


def test_a_password_that_was_given_is_over_after_a_week(user):
    given = renew_user(FIRST, NAME, "Analyst", user.role, user.organisation)
    until = User.objects.get(pk=user.pk).first_password_until
    assert dt.timedelta(days=6) < until - timezone.now() <= dt.timedelta(days=7)
    User.objects.filter(pk=user.pk).update(first_password_until=timezone.now())
    answer = sign_in(Client(), given)
    assert answer.status_code == 403 and "is over" in answer.content.decode()
    assert ENTRIES.filter(kind="refused").last().reason == "first_password_over"


def confirmed(client: Client) -> Client:
    session = client.session
    session["assurance"], session["confirmed_for"], session["confirmed_by"] = 2, "account", "code"
    session["confirmed_at"] = timezone.now().timestamp()
    session.save()
    return client


@pytest.mark.parametrize(
    ("new", "is_taken"),
    [
        ("correct horse battery", True),
        ("x" * 14, False),
        ("a long enough password 1", True),
        ("Braid-test-analyst-1", False),
        ("passwordpassword", False),
        ("1q2w3e4r5t6y7u8i9o0p", False),
        (" spaces are kept as they are ", True),
        ("é" * 64 + "abcdefgh", True),
    ],
)
def test_a_password_is_changed_by_whoever_knows_it_and_confirmed(user, client_of, new, is_taken):
    SecondFactor.objects.filter(user=has_factor(user)).update(created_at=timezone.now() - dt.timedelta(hours=1))
    client, other = confirmed(client_of("analyst")), client_of("analyst")
    wrong = client.post("/your-sign-in/password/", {"old_password": "no", "new_password1": new, "new_password2": new})
    assert wrong.status_code == 200
    form = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    assert client.post("/your-sign-in/password/", form).status_code == (302 if is_taken else 200)
    user.refresh_from_db()
    assert user.check_password(new) is (is_taken or new == PASSWORD)
    assert client.get("/").status_code == 200 and other.get("/").status_code == (302 if is_taken else 200)


def test_words_of_the_place_and_the_account_make_no_password(user):
    rule = WithoutOwnWords()
    for word in ("braidbraidbraid12", f"{NAME}.{NAME}.1", "CouncilHousing2026"):
        with pytest.raises(ValidationError):
            rule.validate(word, user)
    rule.validate("nine purple otters", user)


def test_the_last_lead_cannot_be_closed(published, user_of):
    user_of("ig_lead")
    with pytest.raises(NotPossible):
        close_user(FIRST, "test-ig_lead")


def test_a_session_of_nobody_confirms_nothing():
    from braid.web.second_factor import ACCOUNT, VAULT, find_confirmation

    for action in (VAULT, ACCOUNT):
        assert find_confirmation(SessionStore(), User(pk=1), action) == (1, None)


def test_every_password_field_hides_and_may_be_filled(user, client_of):
    has_factor(user)
    pages = [Client().get("/sign-in/"), client_of("analyst").get("/confirm/")]
    pages.append(confirmed(client_of("analyst")).get("/your-sign-in/password/"))
    given, new = renew_user(FIRST, "test-advocate", "Advocate", "advocate", user.organisation), Client()
    sign_in(new, given, "test-advocate")
    pages.append(new.get("/sign-in/first-password/"))
    fields = [one for page in pages for one in re.findall(r"<input[^>]*password[^>]*>", page.content.decode())]
    assert len(fields) == 7
    assert all('type="password"' in one and re.search('autocomplete="(current|new)-password"', one) for one in fields)
    assert not any(word in one for one in fields for word in ("maxlength", "onpaste", "readonly"))


def test_every_page_leads_to_signing_out(published, client_of):
    lead = client_of("ig_lead")
    for address in ("/", "/audit/", "/tasks/", "/trust/", "/conflicts/", "/your-sign-in/", "/confirm/", "/nowhere/"):
        text = lead.get(address).content.decode()
        assert 'href="/sign-out/"' in text and 'href="/your-sign-in/"' in text, address


def test_a_sessions_key_has_128_bits_and_more(published, client_of):
    keys = {client_of("analyst").cookies["braid_session"].value for _ in range(20)}
    assert len(keys) == 20 and all(re.fullmatch(r"[a-z0-9]{32}", key) for key in keys), "36 to the 32nd: 165 bits"


def test_what_is_over_is_deleted_beside_the_pages(user, client_of):
    from braid.web.sign_in import cleaning

    client = client_of("analyst")
    client.get("/")
    over = SignedSession.objects.create(
        session_key="x", session_data="", expire_date=timezone.now() - dt.timedelta(minutes=1)
    )
    cleaning._done_at.clear()
    cleaning.clean(lambda: True)
    assert SignedSession.objects.filter(pk=over.pk).exists()
    cleaning.clean()
    assert not SignedSession.objects.filter(pk=over.pk).exists() and client.get("/").status_code == 200
