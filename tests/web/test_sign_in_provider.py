"""Signing in by an identity provider: what opens a session, and every answer of a provider that opens none."""

import datetime as dt
import time

import pytest
from bent_provider import SUBJECT, bent_provider, shared_secret
from django.test import Client
from django.utils import timezone
from joserfc.jwk import ECKey
from published_sample import ENTRIES

from braid.trust.step_up import is_confirmed
from braid.web.models import SignedSession, User
from braid.web.second_factor import ACCOUNT, VAULT, find_confirmation
from braid.web.sign_in.issuer import ProviderAway
from braid.web.sign_in.provider import Begun, Provider, ProviderRefused
from braid.web.sign_in.provider_settings import ProviderSettingsInvalid, is_safe_address, read_provider_settings

BACK = "http://testserver/sign-in/provider/done/"


@pytest.fixture
def idp():
    with bent_provider() as provider:
        yield provider


@pytest.fixture
def braid(idp, tmp_path):
    return Provider(idp.settings(tmp_path))


def come_back(braid: Provider, idp, **answer: str):
    begun = braid.begin(BACK)
    return braid.finish({**idp.authorize(begun.address), **answer}, begun, BACK, timezone.now())


def test_whom_the_provider_saw_is_told_from_a_signed_answer(braid, idp):
    seen = come_back(braid, idp)
    assert (seen.subject, seen.sid) == (SUBJECT, "session-at-provider")
    assert abs(timezone.now() - seen.seen_at) < dt.timedelta(seconds=30)
    assert SUBJECT not in repr(seen) and "session-at-provider" not in repr(seen)


def now_and(seconds: int) -> int:
    return int(time.time()) + seconds


BENT = {
    "token_wrong_issuer": [{"iss": "https://elsewhere.example"}, {"iss": None}],
    "token_wrong_audience": [{"aud": "another"}, {"aud": ["another"]}, {"aud": None}, {"aud": {"braid-test": 1}}],
    "token_wrong_nonce": [{"nonce": "mine"}, {"nonce": None}, {"nonce": 7}],
    "token_not_valid_now": [
        *({"exp": -61}, {"exp": None}, {"iat": 61}, {"iat": None}, {"nbf": 300}, {"azp": "another"}),
        {"aud": ["braid-test", "another"]},
        {"at_hash": "AAAA"},
        *({"amr": "pwd"}, {"amr": {"mfa": 1}}),
    ],
    "token_sign_in_too_old": [{"auth_time": -36_001}, {"auth_time": None}, {"auth_time": 300}, {"auth_time": True}],
    "token_no_second_factor": [{"amr": ["pwd"]}, {"amr": None}, {"amr": []}],
    "token_names_nobody": [{"sub": ""}, {"sub": "x" * 256}],
}
TIMES = frozenset({"exp", "iat", "nbf", "auth_time"})


@pytest.mark.parametrize(("reason", "bent"), [(reason, bent) for reason, all_bent in BENT.items() for bent in all_bent])
def test_a_claim_that_does_not_fit_opens_nothing(braid, idp, reason, bent):
    bent = {k: now_and(v) if k in TIMES and type(v) is int else v for k, v in bent.items()}
    idp.bend_claims = lambda claims: {k: v for k, v in {**claims, **bent}.items() if v is not None}
    with pytest.raises(ProviderRefused) as refused:
        come_back(braid, idp)
    assert refused.value.reason == reason


@pytest.mark.parametrize("bent", [{"exp": -40}, {"iat": 40}, {"auth_time": 40}, {"nbf": 40}])
def test_a_clock_a_minute_away_does_no_harm(braid, idp, bent):
    idp.bend_claims = lambda claims: {**claims, **{k: now_and(v) for k, v in bent.items()}}
    assert come_back(braid, idp).subject == SUBJECT


@pytest.mark.parametrize(
    ("required", "claims", "is_let_in"),
    [
        ({"acr": ("two",), "amr": ()}, {}, True),
        ({"acr": ("three", "two"), "amr": ()}, {}, True),
        ({"acr": ("three",), "amr": ()}, {}, False),
        ({"acr": ("two",), "amr": ()}, {"acr": ["two"]}, False),
        ({"acr": ("two",), "amr": ("hwk",)}, {}, False),
        ({"acr": ("two",), "amr": ("hwk",)}, {"amr": ["hwk"]}, True),
    ],
)
def test_a_place_says_which_strength_it_needs(idp, tmp_path, required, claims, is_let_in):
    braid = Provider(idp.settings(tmp_path, **required))
    idp.bend_claims = lambda said: {**said, **claims}
    if is_let_in:
        assert come_back(braid, idp).subject == SUBJECT
    else:
        with pytest.raises(ProviderRefused, match="token_no_second_factor"):
            come_back(braid, idp)


@pytest.mark.parametrize("forged", ["none", "shared", "other_key", "cut"])
def test_a_signature_that_is_not_the_providers_opens_nothing(braid, idp, forged):
    if forged == "none":
        idp.header = {"alg": "none"}
    elif forged == "shared":
        idp.header, idp.signed_with = {"alg": "HS256", "kid": "first"}, shared_secret()
    elif forged == "other_key":
        idp.signed_with = ECKey.generate_key("P-256", {"kid": "first"})
    else:
        sign = idp.sign
        idp.sign = lambda claims: sign(claims)[:-4]
    with pytest.raises(ProviderRefused, match="token_not_signed_by_provider"):
        come_back(braid, idp)


def test_a_key_that_a_header_brings_along_is_not_used(braid, idp):
    own = ECKey.generate_key("P-256", {"kid": "mine"})
    idp.signed_with = own
    idp.header = {"alg": "ES256", "kid": "mine", "jwk": own.as_dict(private=False), "jku": "https://elsewhere.example"}
    with pytest.raises(ProviderRefused, match="token_not_signed_by_provider"):
        come_back(braid, idp)


def test_a_provider_may_change_its_key_at_any_time(braid, idp, monkeypatch):
    come_back(braid, idp)
    second = ECKey.generate_key("P-256", {"kid": "second"})
    idp.key, idp.shown_keys, idp.header = second, [second], {"alg": "ES256", "kid": "second"}
    with pytest.raises(ProviderRefused):
        come_back(braid, idp)  # asked for a moment ago: not again for everybody who names a key
    monkeypatch.setattr("braid.web.sign_in.issuer.KEYS_AGAIN_SECONDS", 0)
    assert come_back(braid, idp).subject == SUBJECT
    idp.header, idp.signed_with = {"alg": "ES256", "kid": "first"}, None
    idp.key = ECKey.generate_key("P-256", {"kid": "first"})
    with pytest.raises(ProviderRefused):
        come_back(braid, idp)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ({"state": "another"}, "provider_wrong_state"),
        ({"state": ""}, "provider_wrong_state"),
        ({"iss": "https://elsewhere.example"}, "provider_wrong_issuer"),
        ({"error": "access_denied"}, "provider_said_no"),
        ({"code": ""}, "provider_said_no"),
        ({"code": "guessed"}, "provider_code_refused"),
    ],
)
def test_what_the_browser_brings_back_must_be_what_was_asked(braid, idp, answer, reason):
    with pytest.raises(ProviderRefused) as refused:
        come_back(braid, idp, **answer)
    assert refused.value.reason == reason


def test_an_answer_without_issuer_is_refused_where_the_provider_says_that_it_names_itself(braid, idp):
    begun = braid.begin(BACK)
    answer = idp.authorize(begun.address)
    del answer["iss"]
    with pytest.raises(ProviderRefused, match="provider_wrong_issuer"):
        braid.finish(answer, begun, BACK, timezone.now())


def test_a_code_needs_the_verifier_of_the_browser_that_began(braid, idp):
    begun = braid.begin(BACK)
    other = Begun(begun.address, begun.state, begun.nonce, "somebody else's verifier, of the right length as well")
    with pytest.raises(ProviderRefused, match="provider_code_refused"):
        braid.finish(idp.authorize(begun.address), other, BACK, timezone.now())


def test_nobody_signs_in_who_began_nothing(braid, idp):
    with pytest.raises(ProviderRefused, match="provider_wrong_state"):
        braid.finish({"code": "code-1", "state": "", "iss": idp.issuer}, Begun("", "", "", ""), BACK, timezone.now())


@pytest.mark.parametrize(
    "bent",
    [
        {"issuer": "http://localhost:1"},
        {"authorization_endpoint": "http://elsewhere.example/a"},
        {"jwks_uri": "file:///etc/passwd"},
    ],
)
def test_a_description_that_is_not_of_the_issuer_or_not_safe_is_no_provider(braid, idp, bent):
    idp.bend_description = bent
    with pytest.raises(ProviderAway):
        come_back(braid, idp)


def test_a_provider_that_does_not_answer_is_away_and_nothing_falls_back(braid, idp):
    begun = braid.begin(BACK)
    answer = idp.authorize(begun.address)
    idp.down = True
    with pytest.raises(ProviderAway):
        braid.finish(answer, begun, BACK, timezone.now())


LOGOUTS = {
    "logout_wrong_type": [{"typ": "JWT"}, {"events": {}}, {"events": None}, {"events": []}, {"nonce": "x"}],
    "logout_wrong_audience": [{"iss": "https://elsewhere.example"}, {"aud": "another"}],
    "logout_too_old": [{"iat": -500}, {"iat": 120}, {"iat": None}, {"exp": -61}, {"exp": None}, {"jti": None}],
    "logout_of_nobody": [{"sub": None, "sid": None}],
}


@pytest.mark.parametrize(("reason", "bent"), [(reason, bent) for reason, every in LOGOUTS.items() for bent in every])
def test_a_logout_token_that_does_not_fit_ends_nothing(braid, idp, reason, bent):
    bent = {k: now_and(v) if k in TIMES and type(v) is int else v for k, v in bent.items()}
    with pytest.raises(ProviderRefused) as refused:
        braid.read_logout(idp.logout_token(**bent), timezone.now())
    assert refused.value.reason == reason


def test_an_id_token_is_no_logout_token(braid, idp):
    with pytest.raises(ProviderRefused, match="logout_wrong_type"):
        braid.read_logout(idp.sign(idp.claims("n")), timezone.now())


@pytest.mark.parametrize(
    ("address", "is_safe"),
    [
        ("https://id.example.gov.uk/realm", True),
        ("http://localhost:8080", True),
        ("http://id.example.gov.uk", False),
        ("https://user@id.example", False),
        ("https://id.example/?a=b", False),
        ("file:///etc/passwd", False),
        ("https://[", False),
        ("", False),
    ],
)
def test_a_provider_is_reached_over_tls_or_not_at_all(address, is_safe):
    assert is_safe_address(address) is is_safe


def test_settings_are_whole_or_none():
    whole = {"BRAID_OIDC_ISSUER": "https://id.example", "BRAID_OIDC_CLIENT_ID": "b"}
    assert read_provider_settings({}) is None and read_provider_settings({"BRAID_OIDC_ACR": " "}) is None
    with pytest.raises(ProviderSettingsInvalid, match="BRAID_OIDC_CLIENT_SECRET_FILE"):
        read_provider_settings(whole)
    found = read_provider_settings({**whole, "BRAID_OIDC_CLIENT_SECRET_FILE": "/run/secret"})
    assert (found.amr, found.acr, found.user_claim) == (("mfa",), (), "sub"), "two factors even where nothing is said"
    with pytest.raises(ProviderSettingsInvalid, match="https"):
        read_provider_settings(
            {**whole, "BRAID_OIDC_ISSUER": "http://id.example", "BRAID_OIDC_CLIENT_SECRET_FILE": "x"}
        )


# Through the pages.


@pytest.fixture
def by_provider(settings, idp, tmp_path, published, user_of):
    """The pages sign in by the provider, which knows the analyst."""
    settings.SIGN_IN_PROVIDER = idp.settings(tmp_path)
    user = user_of("analyst")
    User.objects.filter(pk=user.pk).update(provider_subject=SUBJECT)
    user.refresh_from_db()
    return user


def go(client: Client, idp, target: str = "", **answer: str):
    there = client.get("/sign-in/provider/" + (f"?next={target}" if target else ""))
    return client.get("/sign-in/provider/done/", {**idp.authorize(there["Location"]), **answer})


def test_who_is_known_gets_a_session_under_a_new_key_and_goes_on(by_provider, idp):
    client = Client()
    there = client.get("/sign-in/provider/?next=/people/")
    before = client.cookies["braid_session"].value
    back = client.get("/sign-in/provider/done/", idp.authorize(there["Location"]))
    assert back["Location"] == "/people/" and client.cookies["braid_session"].value != before
    assert client.get("/").status_code == 200
    row = SignedSession.objects.get(user_id=by_provider.pk)
    assert row.method == "provider" and before not in row.session_key
    entry = ENTRIES.filter(kind="signed_in").last()
    assert (entry.username, entry.page, entry.assurance) == (by_provider.username, "sign in provider", 2)


def test_where_one_is_sent_is_never_another_site(by_provider, idp):
    assert go(Client(), idp, "https://elsewhere.example/")["Location"] == "/"


@pytest.mark.parametrize("change", [{"is_active": False}, {"provider_subject": ""}, {"is_recovery": True}])
def test_who_is_unknown_closed_or_sealed_gets_no_session(by_provider, idp, change):
    User.objects.filter(pk=by_provider.pk).update(**change)
    client = Client()
    answer = go(client, idp)
    assert answer.status_code == 403 and "No open account here is yours" in answer.content.decode()
    assert client.get("/").status_code == 302 and not SignedSession.objects.filter(user_id=by_provider.pk).exists()
    assert ENTRIES.filter(kind="refused").last().reason == "account_unknown"
    assert SUBJECT not in answer.content.decode()


def test_without_a_second_factor_there_are_clear_words_and_no_session(by_provider, idp):
    idp.bend_claims = lambda claims: {**claims, "amr": ["pwd"]}
    client = Client()
    answer = go(client, idp)
    assert answer.status_code == 403 and "did not ask you for a second factor" in answer.content.decode()
    assert client.get("/").status_code == 302
    assert ENTRIES.filter(kind="refused").last().reason == "token_no_second_factor"


def test_an_answer_is_taken_once_and_in_the_browser_that_began_alone(by_provider, idp):
    client, other = Client(), Client()
    there = client.get("/sign-in/provider/")
    answer = idp.authorize(there["Location"])
    assert other.get("/sign-in/provider/done/", answer).status_code == 403
    assert client.get("/sign-in/provider/done/", answer).status_code == 302
    client.post("/sign-out/")
    idp.authorize(there["Location"])
    assert client.get("/sign-in/provider/done/", answer).status_code == 403


def test_while_the_provider_is_away_nobody_new_comes_in_and_whoever_is_in_stays(by_provider, idp, settings, tmp_path):
    client = Client()
    go(client, idp)
    idp.down = True
    settings.SIGN_IN_PROVIDER = idp.settings(tmp_path, acr=("two",))  # another process, which has asked nothing yet
    answer = Client().get("/sign-in/provider/")
    assert answer.status_code == 503 and "does not answer" in answer.content.decode()
    assert client.get("/").status_code == 200


def test_no_password_opens_anything_beside_a_provider(by_provider, user_of):
    from published_sample import PASSWORD

    client = Client()
    form = {"username": by_provider.username, "password": PASSWORD}
    assert client.post("/sign-in/", form).status_code == 403
    assert b'type="password"' not in client.get("/sign-in/").content
    assert client.post("/sign-in/recovery/", form).status_code == 200, "nor is this one a recovery account"
    assert client.get("/").status_code == 302


def test_the_provider_ends_sessions_of_its_own_and_no_newer_one(by_provider, idp):
    client, other, local = Client(), Client(), Client()
    go(client, idp)
    idp.bend_claims = lambda claims: {**claims, "sid": "another"}
    go(other, idp)
    local.force_login(by_provider, backend="django.contrib.auth.backends.ModelBackend")
    token = idp.logout_token(sub=None)
    assert Client(enforce_csrf_checks=True).post("/sign-in/provider/end/", {"logout_token": token}).status_code == 200
    assert [one.get("/").status_code for one in (client, other, local)] == [302, 200, 200]
    entry = ENTRIES.filter(kind="signed_out").last()
    assert (entry.username, entry.page) == (by_provider.username, "sign in provider end")
    everywhere = idp.logout_token(sid=None)
    assert Client().post("/sign-in/provider/end/", {"logout_token": everywhere}).status_code == 200
    assert [one.get("/").status_code for one in (other, local)] == [302, 200]
    SignedSession.objects.filter(user_id=by_provider.pk).update(
        method="provider", started_at=timezone.now() + dt.timedelta(minutes=2)
    )
    Client().post("/sign-in/provider/end/", {"logout_token": everywhere})
    assert local.get("/").status_code == 200, "said again, it ends nothing that began after it"


def test_signing_out_leads_to_the_providers_own_and_the_page_may_go_there(by_provider, idp):
    client = Client()
    go(client, idp)
    page = client.get("/sign-out/")
    assert idp.issuer in page["Content-Security-Policy"]
    answer = client.post("/sign-out/")
    assert answer["Location"].startswith(f"{idp.issuer}/end?client_id=braid-test&post_logout_redirect_uri=")
    assert "id_token_hint=" in answer["Location"]
    assert client.get("/").status_code == 302


def test_a_session_ends_ten_hours_after_the_provider_saw_the_human(by_provider, idp):
    idp.bend_claims = lambda claims: {**claims, "auth_time": now_and(-35_995)}
    client = Client()
    go(client, idp)
    assert client.get("/").status_code == 200
    session = client.session
    session["signed_in_at"] -= 10
    session.save()
    assert client.get("/").status_code == 302


def test_groups_of_the_provider_give_nothing(by_provider, idp):
    idp.bend_claims = lambda claims: {**claims, "groups": ["ig_lead"], "roles": ["ig_lead"]}
    client = Client()
    go(client, idp)
    assert client.get("/audit/").status_code == 403
    assert User.objects.get(pk=by_provider.pk).role == "analyst"


def test_no_token_reaches_the_browser(by_provider, idp):
    client, signed = Client(), []
    sign = idp.sign
    idp.sign = lambda claims: signed.append(sign(claims)) or signed[-1]
    back = go(client, idp)
    seen = [str(back.headers), back.content.decode(), client.get("/").content.decode(), str(client.cookies)]
    assert signed and not any(token in text for token in signed for text in seen)
    assert signed[0] not in client.get("/your-sign-in/").content.decode()


# Asked for anew, before what is most sensitive.


def again(client: Client, idp, target: str = "/your-sign-in/password/", **answer: str):
    there = client.get(f"/sign-in/provider/again/?next={target}")
    return client.get("/sign-in/provider/done/", {**idp.authorize(there["Location"]), **answer})


def confirmed_for(client: Client, user: User) -> set[str]:
    """For which actions the session is confirmed now."""
    actions = (ACCOUNT, VAULT)
    return {one for one in actions if is_confirmed(*find_confirmation(client.session, user, one), timezone.now())}


def seen_at(seconds: int, **bent: object):
    return lambda claims: {**claims, "auth_time": now_and(seconds), **bent}


@pytest.mark.parametrize(("target", "action"), [("/your-sign-in/", ACCOUNT), ("/people/", VAULT)])
def test_whoever_signs_in_there_anew_is_confirmed_for_one_action(by_provider, idp, target, action):
    client = Client()
    go(client, idp)
    assert confirmed_for(client, by_provider) == set()
    page = client.get(f"/confirm/?next={target}").content.decode()
    assert "/sign-in/provider/again/?next=" in page and 'name="code"' not in page, "there is no factor here"
    there = client.get(f"/sign-in/provider/again/?next={target}")["Location"]
    assert "prompt=login" in there and "max_age=0" in there
    before = client.cookies["braid_session"].value
    idp.bend_claims = lambda claims: {**seen_at(0)(claims), "sid": "another"}
    back = client.get("/sign-in/provider/done/", idp.authorize(there))
    assert back["Location"] == target and confirmed_for(client, by_provider) == {action}
    assert client.cookies["braid_session"].value != before and client.get("/").status_code == 200
    client.post("/sign-in/provider/end/", {"logout_token": idp.logout_token(sub=None, sid="another", iat=now_and(1))})
    assert client.get("/").status_code == 302, "the provider ends what it opened last"


@pytest.mark.parametrize(
    ("bent", "reason"),
    [
        (seen_at(-120), "token_not_seen_again"),
        (seen_at(0, sub="somebody-else"), "token_names_another"),
        (seen_at(0, amr=["pwd"]), "token_no_second_factor"),
    ],
)
def test_a_sign_in_of_before_of_another_or_by_one_factor_confirms_nothing(by_provider, idp, bent, reason):
    client = Client()
    go(client, idp)
    idp.bend_claims = bent
    assert again(client, idp).status_code == 403 and confirmed_for(client, by_provider) == set()
    assert ENTRIES.filter(kind="refused").last().reason == reason
    assert client.get("/").status_code == 200, "their session goes on"


def test_a_place_may_ask_for_another_class_anew(by_provider, idp, settings, tmp_path):
    settings.SIGN_IN_PROVIDER = idp.settings(tmp_path, acr=("two",), step_up_acr=("three",))
    client = Client()
    assert go(client, idp).status_code == 302
    assert "acr_values=three" in client.get("/sign-in/provider/again/")["Location"]
    idp.bend_claims = seen_at(0)
    assert again(client, idp).status_code == 403 and confirmed_for(client, by_provider) == set()
    idp.bend_claims = seen_at(0, acr="three")
    assert again(client, idp).status_code == 302 and confirmed_for(client, by_provider) == {ACCOUNT}
    by_provider.provider_subject = ""
    assert confirmed_for(client, by_provider) == set(), "lost with the name at the provider"


def test_what_changes_a_sign_in_asks_the_provider_anew(by_provider, idp, monkeypatch):
    monkeypatch.setattr("braid.web.views.own_sign_in.CONFIRMED_FOR", dt.timedelta())
    client = Client()
    go(client, idp)
    asked = client.post("/your-sign-in/", {"others": "1"})
    assert asked["Location"].startswith("/confirm/?next=%2Fyour-sign-in%2F")
    idp.bend_claims = seen_at(0)
    again(client, idp, "/your-sign-in/")
    assert client.post("/your-sign-in/", {"others": "1"})["Location"].endswith("?done=ended")


def test_nobody_is_sent_to_the_provider_anew_who_did_not_come_by_it(by_provider, idp, client_of):
    assert client_of("analyst").get("/sign-in/provider/again/").status_code == 404
    assert Client().get("/sign-in/provider/again/")["Location"].startswith("/sign-in/")
