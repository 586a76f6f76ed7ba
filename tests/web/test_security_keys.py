"""Security keys: registered, used and removed, and every answer of a key that is not taken."""

import html
import re
import time

import pytest
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.backends.signed_cookies import SessionStore
from django.test import Client
from published_sample import ENTRIES, PASSWORD
from sample_run import VICTIM
from software_key import PRESENT, SoftwareKey
from vault_sample import has_factor

from braid.web.models import SafetyTask, SecurityKey, SignedSession
from braid.web.sign_in import keys
from braid.web.sign_in.keys import KeyAnswer, KeyRefused, Site

pytestmark = pytest.mark.django_db
SITE = Site("testserver", "http://testserver")


@pytest.fixture(autouse=True)
def quick_passwords(settings):
    """What a password's hash costs is not what is tested here."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def user(user_of):
    made = user_of("advocate")
    made.set_password(PASSWORD)
    made.save()
    return made


@pytest.fixture
def session() -> SessionBase:
    return SessionStore()


def register(session: SessionBase, user, key: SoftwareKey, name: str = "blue") -> SecurityKey:
    return keys.register(session, user, SITE, key.make(keys.ask_to_register(session, user, SITE)), name)


def use(session: SessionBase, user, key: SoftwareKey, action: str = "vault") -> KeyAnswer:
    return keys.use(session, user, SITE, key.use(keys.ask_to_use(session, user, SITE, action)), action)[0]


def test_several_keys_are_registered_used_and_removed(session, user):
    blue, red = SoftwareKey(), SoftwareKey(count=0)
    rows = [register(session, user, blue), register(session, user, red, "red")]
    for key in (blue, red, blue, red):
        assert use(session, user, key) is KeyAnswer.CONFIRMED
    assert [row.name for row in keys.list_keys(user)] == ["blue", "red"]
    assert keys.list_keys(user)[0].sign_count == 3 and keys.list_keys(user)[0].last_used_at
    assert keys.remove(user, rows[0].pk) and not keys.remove(user, rows[0].pk)
    options = keys.ask_to_use(session, user, SITE, "vault")
    assert keys.use(session, user, SITE, blue.use(options), "vault")[0] is KeyAnswer.WRONG
    assert use(session, user, red) is KeyAnswer.CONFIRMED


@pytest.mark.parametrize(
    "bent",
    [{"host": "elsewhere"}, {"origin": "https://elsewhere.example"}, {"flags": PRESENT}, {"flags": 4}],
)
def test_a_key_made_elsewhere_or_without_asking_who_holds_it_is_refused(session, user, bent):
    with pytest.raises(KeyRefused):
        register(session, user, SoftwareKey(**bent))
    assert not keys.list_keys(user)


@pytest.mark.parametrize(
    "bent",
    [{"host": "elsewhere"}, {"origin": "https://elsewhere.example"}, {"flags": PRESENT}, {"flags": 0}],
)
def test_a_signature_for_elsewhere_or_without_asking_who_holds_it_opens_nothing(session, user, bent):
    key = SoftwareKey()
    register(session, user, key)
    for name, value in bent.items():
        setattr(key, name, value)
    assert use(session, user, key) is KeyAnswer.WRONG


def test_another_keys_signature_opens_nothing(session, user):
    key, other = SoftwareKey(), SoftwareKey()
    register(session, user, key)
    other.credential_id = key.credential_id
    assert use(session, user, other) is KeyAnswer.WRONG


def test_another_users_key_opens_nothing(session, user, user_of):
    mine, theirs = SoftwareKey(), SoftwareKey()
    register(session, user, mine)
    register(session, user_of("analyst"), theirs)
    options = keys.ask_to_use(session, user, SITE, "vault")
    assert keys.use(session, user, SITE, theirs.use(options), "vault")[0] is KeyAnswer.WRONG


def test_a_challenge_is_taken_once_in_its_session_for_its_action_within_five_minutes(session, user, monkeypatch):
    key = SoftwareKey()
    register(session, user, key)
    options = keys.ask_to_use(session, user, SITE, "vault")
    assert keys.use(session, user, SITE, key.use(options), "account")[0] is KeyAnswer.WRONG, "drawn for the vault"
    assert keys.use(session, user, SITE, key.use(options), "vault")[0] is KeyAnswer.WRONG, "and spent by that"
    options = keys.ask_to_use(session, user, SITE, "vault")
    assert keys.use(SessionStore(), user, SITE, key.use(options), "vault")[0] is KeyAnswer.WRONG, "another session"
    signed = key.use(options)
    session[keys.CHALLENGE]["at"] -= keys.CHALLENGE_SECONDS
    assert keys.use(session, user, SITE, signed, "vault")[0] is KeyAnswer.WRONG, "too late"
    options = keys.ask_to_use(session, user, SITE, "vault")
    signed = key.use(options)
    assert keys.use(session, user, SITE, signed, "vault")[0] is KeyAnswer.CONFIRMED
    assert keys.use(session, user, SITE, signed, "vault")[0] is KeyAnswer.WRONG, "said again"


@pytest.mark.parametrize("back", [0, 1, 100])
def test_a_copied_key_is_stopped_and_the_leads_are_told(session, user, back):
    key = SoftwareKey(count=100)
    register(session, user, key)
    assert use(session, user, key) is KeyAnswer.CONFIRMED
    key.count -= back + 1
    assert use(session, user, key) is KeyAnswer.COPIED
    key.count = 500
    assert keys.ask_to_use(session, user, SITE, "vault") is None
    assert keys.list_keys(user)[0].stopped_at
    assert SafetyTask.objects.filter(kind="key_copied", subject_id=str(user.pk)).exists()


@pytest.mark.parametrize("answer", ["", "{", "[]", "null", '{"id": 7}', '{"id": "%%"}', '{"id": "AA"}', "x" * 20_001])
def test_what_is_no_answer_of_a_key_is_refused_and_nothing_breaks(session, user, answer):
    register(session, user, SoftwareKey())
    keys.ask_to_use(session, user, SITE, "vault")
    assert keys.use(session, user, SITE, answer, "vault")[0] is KeyAnswer.WRONG
    keys.ask_to_register(session, user, SITE)
    with pytest.raises(KeyRefused):
        keys.register(session, user, SITE, answer, "x")


def test_a_key_is_registered_once_and_ten_are_enough(session, user, user_of):
    key = SoftwareKey()
    register(session, user, key)
    with pytest.raises(KeyRefused, match="in use"):
        register(session, user_of("analyst"), key)
    for _ in range(keys.MOST_KEYS - 1):
        register(session, user, SoftwareKey())
    with pytest.raises(KeyRefused, match="at most"):
        keys.ask_to_register(session, user, SITE)


# Through the pages.


def options_in(page) -> str:
    return html.unescape(re.search(r'data-options="([^"]+)"', page.content.decode())[1])


def test_a_key_signs_in_after_the_password_and_opens_the_vault_and_nothing_else(published, user):
    key, client = SoftwareKey(), Client()
    session = SessionStore()
    register(session, user, key)
    answer = client.post("/sign-in/", {"username": user.username, "password": PASSWORD})
    assert answer["Location"] == "/sign-in/factor/" and client.get("/").status_code == 302
    page = client.get("/sign-in/factor/")
    assert b'name="code"' not in page.content, "it has no codes"
    assert client.post("/sign-in/factor/", {"signed": "{}"}).status_code == 200
    assert client.get("/").status_code == 302
    options = options_in(client.get("/sign-in/factor/"))
    assert client.post("/sign-in/factor/", {"signed": key.use(options)})["Location"] == "/"
    assert SignedSession.objects.get(user_id=user.pk).method == "key"
    client.post("/reason/", {"purpose": "victim_response", "reference": "MTG-2026-041"})
    place = f"/people/{VICTIM}/location/address/"
    assert client.get(place).status_code == 302, "signing in opens no vault"
    confirm = f"/confirm/?next={place}"
    before = client.cookies["braid_session"].value
    signed = key.use(options_in(client.get(confirm)))
    assert client.post("/confirm/", {"signed": signed, "next": place})["Location"] == place
    assert client.cookies["braid_session"].value != before, "a new key at step-up"
    assert client.get(place).status_code == 200
    assert client.get("/your-sign-in/keys/").status_code == 302, "confirmed for the vault, not for this"
    SecurityKey.objects.all().delete()
    assert client.get(place).status_code == 302, "lost with the key that confirmed it"


def test_keys_are_added_and_removed_by_whoever_confirmed_it(published, user, client_of):
    has_factor(user)
    client = client_of("advocate")
    assert client.get("/your-sign-in/keys/")["Location"] == "/confirm/?next=%2Fyour-sign-in%2Fkeys%2F"
    session = client.session
    session["assurance"], session["confirmed_for"], session["confirmed_by"] = 2, "account", "code"
    session["confirmed_at"] = time.time()
    session.save()
    other = client_of("advocate")
    key = SoftwareKey()
    made = key.make(options_in(client.get("/your-sign-in/keys/")))
    assert client.post("/your-sign-in/keys/", {"made": made, "name": ""}).status_code == 200
    made = key.make(options_in(client.get("/your-sign-in/keys/")))
    assert client.post("/your-sign-in/keys/", {"made": made, "name": "blue"}).status_code == 302
    assert "blue" in client.get("/your-sign-in/").content.decode()
    row = SecurityKey.objects.get()
    assert SafetyTask.objects.filter(kind="account_widened", subject_id=str(user.pk)).exists()
    assert other.get("/").status_code == 200
    assert client.post(f"/your-sign-in/keys/{row.pk}/remove/").status_code == 302
    assert not SecurityKey.objects.exists() and other.get("/").status_code == 302 and client.get("/").status_code == 200
    done = [entry.details["what"] for entry in ENTRIES.filter(kind="account_changed", page="own_sign_in")]
    assert done == ["security key added", "security key removed"]


def test_a_key_of_somebody_else_is_not_there(published, user, user_of, client_of):
    has_factor(user)
    theirs = register(SessionStore(), user_of("analyst"), SoftwareKey())
    client = client_of("advocate")
    session = client.session
    session["assurance"], session["confirmed_for"], session["confirmed_by"] = 2, "account", "code"
    session["confirmed_at"] = time.time()
    session.save()
    assert client.post(f"/your-sign-in/keys/{theirs.pk}/remove/").status_code == 404
    assert SecurityKey.objects.filter(pk=theirs.pk).exists()


def test_the_script_of_keys_is_let_in_by_its_nonce_on_pages_with_a_key_alone(published, user):
    register(SessionStore(), user, SoftwareKey())
    client = Client()
    client.post("/sign-in/", {"username": user.username, "password": PASSWORD})
    page = client.get("/sign-in/factor/")
    nonce = re.search(r"script-src 'nonce-([^']+)'", page["Content-Security-Policy"])[1]
    text = page.content.decode()
    assert text.count("<script") == 1 and re.search(
        rf'<script type="module" src="/static/[^"]+" nonce="{re.escape(nonce)}">', text
    )
    assert "script-src 'none'" in client.get("/sign-in/")["Content-Security-Policy"]
