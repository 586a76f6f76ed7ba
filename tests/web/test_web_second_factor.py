"""The second factor: which codes are taken, which sessions it opens, and who never gets past it."""

import datetime as dt

import pytest
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.test import Client
from django.utils import timezone
from published_sample import PASSWORD, as_pages
from sample_run import CANARIES, VICTIM
from vault_sample import VICTIMS, code_of, confirm_session, query

from braid.trust.roles import ROLES
from braid.web.accounts import FIRST, close_user, demo_code, renew_factor, renew_user
from braid.web.demo_users import create_demo_users, new_demo_passwords
from braid.web.key_rotation import rotate_vault
from braid.web.models import SafetyTask, SecondFactor
from braid.web.refusals import NoDemoUser
from braid.web.second_factor import Answer, confirm, enrol, find_confirmation

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 11, 27, 12, 0, 10, tzinfo=dt.UTC)
STEP = dt.timedelta(seconds=30)
ADDRESS_PAGE = f"/people/{VICTIM}/location/address/"


@pytest.fixture(autouse=True)
def quick_passwords(settings):
    """What a password's hash costs is not what is tested here, and it is checked a hundred times."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def user(user_of):
    made = user_of("advocate")
    made.password = make_password(PASSWORD)
    made.save()
    return made


@pytest.fixture
def secret(user):
    return enrol(user).secret


def at(seconds: float) -> dt.datetime:
    return NOW + dt.timedelta(seconds=seconds)


def test_the_codes_are_those_of_the_rfc():
    """The known answers of RFC 6238, appendix B, for SHA-1: the last six of eight digits."""
    from braid.web.second_factor import _code, _step

    known = {59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037"}
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    for second, code in known.items():
        moment = dt.datetime.fromtimestamp(second, dt.UTC)
        assert _code(secret, _step(moment)) == code == code_of(secret, moment)


@pytest.mark.parametrize(("steps", "answer"), [(-3, "wrong"), (-2, "wrong"), (-1, "confirmed"), (0, "confirmed")])
def test_a_code_holds_for_its_step_and_the_ones_beside_it(user, secret, steps, answer):
    assert confirm(user, PASSWORD, code_of(secret, NOW + steps * STEP), NOW) == answer


@pytest.mark.parametrize(("steps", "answer"), [(1, "confirmed"), (2, "wrong"), (3, "wrong")])
def test_a_telephone_may_be_one_step_ahead(user, secret, steps, answer):
    assert confirm(user, PASSWORD, code_of(secret, NOW + steps * STEP), NOW) == answer


def test_a_code_is_taken_once_and_an_older_one_never_after_it(user, secret):
    code, before, after = (code_of(secret, NOW + steps * STEP) for steps in (0, -1, 1))
    assert confirm(user, PASSWORD, code, NOW) is Answer.CONFIRMED
    assert confirm(user, PASSWORD, code, NOW) is Answer.WRONG
    assert confirm(user, PASSWORD, before, NOW) is Answer.WRONG
    assert confirm(user, PASSWORD, code, at(-3600)) is Answer.WRONG, "nor after the clock was set back"
    assert confirm(user, PASSWORD, after, NOW) is Answer.CONFIRMED
    assert confirm(user, PASSWORD, after, at(30)) is Answer.WRONG


@pytest.mark.parametrize(
    ("password", "right_code"), [("wrong", True), (PASSWORD, False), ("", True), (PASSWORD.upper(), True)]
)
def test_both_must_be_right(user, secret, password, right_code):
    code = code_of(secret, NOW)
    given = code if right_code else f"{(int(code) + 1) % 1_000_000:06d}"
    assert confirm(user, password, given, NOW) is Answer.WRONG
    assert confirm(user, PASSWORD, code, NOW) is Answer.CONFIRMED, "a miss uses no code up"


def test_five_misses_lock_for_fifteen_minutes_to_the_second(user, secret):
    answers = [confirm(user, PASSWORD, "000000", at(second)) for second in range(5)]
    assert answers == [Answer.WRONG] * 4 + [Answer.LOCKED]
    locked_at = at(4)
    for second in (0, 1, 899):
        moment = locked_at + dt.timedelta(seconds=second)
        assert confirm(user, PASSWORD, code_of(secret, moment), moment) is Answer.LOCKED
    moment = locked_at + dt.timedelta(seconds=900)
    assert confirm(user, PASSWORD, code_of(secret, moment), moment) is Answer.CONFIRMED


def test_a_right_one_forgets_the_misses_and_a_lock_starts_the_count_anew(user, secret):
    for round_ in range(3):
        start = at(round_ * 120)
        assert [confirm(user, PASSWORD, "000000", start) for _ in range(4)] == [Answer.WRONG] * 4
        assert confirm(user, PASSWORD, code_of(secret, start), start) is Answer.CONFIRMED
    for _ in range(5):
        confirm(user, PASSWORD, "000000", at(600))
    later = at(600 + 900)
    assert [confirm(user, PASSWORD, "000000", later) for _ in range(5)] == [Answer.WRONG] * 4 + [Answer.LOCKED]


def test_the_page_asks_confirms_and_goes_on_to_what_was_asked_for(published, client_of, user, secret):
    client = client_of("advocate", VICTIMS)
    SecondFactor.objects.update(created_at=timezone.now() - dt.timedelta(hours=1))
    asked = client.get(ADDRESS_PAGE)
    assert asked.status_code == 302
    assert asked["Location"] == f"/confirm/?next=%2Fpeople%2F{VICTIM}%2Flocation%2Faddress%2F"
    before = client.session.session_key
    wrong = client.post("/confirm/", {"password": PASSWORD, "code": "000000", "next": ADDRESS_PAGE})
    assert wrong.status_code == 200 and b"Enter your correct password and a new code" in wrong.content
    assert client.get(ADDRESS_PAGE).status_code == 302
    code = code_of(secret, timezone.now())
    done = client.post("/confirm/", {"password": PASSWORD, "code": f"{code[:3]} {code[3:]}", "next": ADDRESS_PAGE})
    assert (done.status_code, done["Location"]) == (302, ADDRESS_PAGE)
    assert client.session.session_key != before, "a session that was stolen before is not raised with it"
    shown = client.get(ADDRESS_PAGE)
    assert shown.status_code == 200 and CANARIES["address"] in shown.content.decode()
    client.post("/sign-out/")
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    client.post("/reason/", {"purpose": VICTIMS, "reference": "MTG-1"})
    assert client.get(ADDRESS_PAGE).status_code == 302, "the next session begins without it"


def test_a_code_that_opened_one_session_opens_no_other(published, client_of, user, secret):
    code = {"password": PASSWORD, "code": code_of(secret, timezone.now())}
    assert client_of("advocate", VICTIMS).post("/confirm/", code).status_code == 302
    again = client_of("advocate", VICTIMS)
    assert again.post("/confirm/", code).status_code == 200
    assert again.get(ADDRESS_PAGE).status_code == 302


@pytest.mark.parametrize("next_page", ["https://elsewhere.example/", "//elsewhere.example", "javascript:alert(1)", ""])
def test_the_page_leads_nowhere_else(published, client_of, user, secret, next_page):
    answer = client_of("advocate").post(
        "/confirm/", {"password": PASSWORD, "code": code_of(secret, timezone.now()), "next": next_page}
    )
    assert (answer.status_code, answer["Location"]) == (302, "/people/")


@pytest.mark.parametrize(
    "code", ["", "12345", "1234567", "abcdef", "12345x", "\N{ARABIC-INDIC DIGIT ONE}" * 6, "-12345", "\x00" * 6]
)
def test_what_is_no_code_is_refused_without_a_count(published, client_of, user, secret, code):
    answer = client_of("advocate").post("/confirm/", {"password": PASSWORD, "code": code})
    assert answer.status_code == 200 and b"There is a problem" in answer.content
    assert SecondFactor.objects.get().wrong_codes == 0


def test_the_page_locks_and_stays_locked_for_another_session(published, client_of, user, secret):
    client = client_of("advocate", VICTIMS)
    for _ in range(5):
        answer = client.post("/confirm/", {"password": PASSWORD, "code": "000000"})
    assert answer.status_code == 429
    right = {"password": PASSWORD, "code": code_of(secret, timezone.now())}
    assert client.post("/confirm/", right).status_code == 429
    assert client_of("advocate", VICTIMS).post("/confirm/", right).status_code == 429
    assert client.get(ADDRESS_PAGE).status_code == 302


def test_the_form_needs_its_token(published, user, secret):
    client = Client(enforce_csrf_checks=True)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    answer = client.post("/confirm/", {"password": PASSWORD, "code": code_of(secret, timezone.now())})
    assert answer.status_code == 403


def test_an_account_without_a_factor_is_told_so(published, client_of, user):
    answer = client_of("advocate", VICTIMS).post("/confirm/", {"password": PASSWORD, "code": "123456"})
    assert answer.status_code == 403
    assert b"no second factor" in answer.content


def test_a_factor_renewed_or_removed_ends_what_it_confirmed(published, client_of, user, secret):
    client = confirm_session(client_of("advocate", VICTIMS), seconds_ago=0)
    SecondFactor.objects.update(created_at=timezone.now() - dt.timedelta(minutes=1))
    assert client.get(ADDRESS_PAGE).status_code == 200
    SecondFactor.objects.update(created_at=timezone.now() + dt.timedelta(seconds=1))
    assert client.get(ADDRESS_PAGE).status_code == 302
    SecondFactor.objects.update(created_at=timezone.now() - dt.timedelta(minutes=1))
    assert client.get(ADDRESS_PAGE).status_code == 200
    SecondFactor.objects.all().delete()
    assert client.get(ADDRESS_PAGE).status_code == 302


def test_a_renewed_factor_has_a_new_secret_and_the_old_codes_end(user, secret):
    renewed = renew_factor(FIRST, user.username)
    assert renewed.secret != secret
    assert confirm(user, PASSWORD, code_of(secret, NOW), NOW) is Answer.WRONG
    assert confirm(user, PASSWORD, code_of(renewed.secret, NOW), NOW) is Answer.CONFIRMED
    assert renewed.uri.startswith("otpauth://totp/Braid:test-advocate?secret=" + renewed.secret)


@pytest.mark.parametrize(
    "session",
    [
        {},
        {"assurance": 2},
        {"confirmed_at": NOW.timestamp()},
        {"assurance": 1, "confirmed_at": NOW.timestamp()},
        {"assurance": "2", "confirmed_at": NOW.timestamp()},
        {"assurance": 2, "confirmed_at": "now"},
        {"assurance": 2, "confirmed_at": None},
    ],
)
def test_a_session_that_says_half_of_it_is_not_confirmed(user, secret, session):
    assert find_confirmation(session, user) == (1, None)


def test_a_secret_is_kept_sealed_for_its_own_account(user, secret, user_of):
    factor = SecondFactor.objects.get()
    kept = [bytes(factor.sealed), bytes(factor.wrapped), repr(factor).encode(), repr(enrol(user)).encode()]
    assert not any(secret.encode() in text for text in kept)
    mine, other = enrol(user), user_of("analyst")
    enrol(other)
    moved = SecondFactor.objects.get(user=user)
    SecondFactor.objects.filter(user=other).update(sealed=moved.sealed, wrapped=moved.wrapped, key_id=moved.key_id)
    assert confirm(other, PASSWORD, code_of(mine.secret, NOW), NOW) is Answer.NOT_CHECKED


def test_a_secret_that_does_not_open_confirms_nobody_and_leaves_a_task(
    published, client_of, user, secret, tmp_path, monkeypatch
):
    client = client_of("advocate", VICTIMS)
    monkeypatch.setattr(settings, "VAULT_KEY_FILE", str(tmp_path / "missing"))
    for _ in range(6):
        answer = client.post("/confirm/", {"password": PASSWORD, "code": code_of(secret, timezone.now())})
        assert answer.status_code == 503 and b"cannot be checked" in answer.content
    assert [task.kind for task in SafetyTask.objects.all()] == ["second_factor_unreadable"]
    assert client.get(ADDRESS_PAGE).status_code == 302


def test_factors_outlive_a_rotation(user, secret, tmp_path, monkeypatch):
    monkeypatch.setattr(settings, "VAULT_KEY_FILE", str(tmp_path / "vault_key"))
    SecondFactor.objects.all().delete()
    again = enrol(user).secret
    rotate_vault()
    assert confirm(user, PASSWORD, code_of(again, NOW), NOW) is Answer.CONFIRMED


def test_the_pages_check_codes_and_cannot_set_a_secret(user, secret):
    with as_pages():
        assert confirm(user, PASSWORD, code_of(secret, NOW), NOW) is Answer.CONFIRMED
        assert confirm(user, PASSWORD, "000000", NOW) is Answer.WRONG


def test_codes_are_printed_for_demo_accounts_alone(sample, db):
    names = [name for _, name, _ in create_demo_users(new_demo_passwords(), sample[0])]
    assert len(names) == len(ROLES) + 3 == SecondFactor.objects.count()
    assert all(len(demo_code(name)) == 6 for name in names)
    renew_user(FIRST, names[0], "A. Human", "advocate", "harbour")
    renew_factor(FIRST, names[0])
    for name in (names[0], "nobody"):
        with pytest.raises(NoDemoUser):
            demo_code(name)


def test_a_closed_account_has_no_factor(user, secret):
    close_user(FIRST, user.username)
    assert not SecondFactor.objects.exists()


def test_no_secret_stands_in_the_database(user, secret):
    text = "".join(str(row) for row in query("select t::text from braid_secondfactor t"))
    assert secret not in text and secret.encode().hex() not in text
