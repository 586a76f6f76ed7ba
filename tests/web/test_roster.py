"""Accounts by a list: each rule of a row, what a list does, and that a dry run does nothing."""

import pytest
from django.test import Client
from published_sample import ENTRIES
from sample_agreements import HOST

from braid.web.account_lists.roster import RosterUnreadable, keep_roster, read_roster
from braid.web.accounts import FIRST, renew_user
from braid.web.models import SignedSession, User

ORGANISATIONS = (HOST, "harbour")
HEAD = "user_name,name,role,organisation,email,subject,active\n"
GOOD = f"a-one,A. One,analyst,{HOST},one@place.example,sub-1,yes\n"


def read(tmp_path, text: str):
    file = tmp_path / "staff.csv"
    file.write_text(text, encoding="utf-8")
    return read_roster(file, ORGANISATIONS)


@pytest.mark.parametrize(
    ("row", "column"),
    [
        (f",A. One,analyst,{HOST},,,", "user_name"),
        (f"a-two,,analyst,{HOST},,,", "name"),
        (f"a-two,A. Two,king,{HOST},,,", "role"),
        ("a-two,A. Two,analyst,nowhere,,,", "organisation"),
        (f"a-two,A. Two,analyst,{HOST},not an address,,", "email"),
        (f"a-two,A. Two,analyst,{HOST},,,maybe", "active"),
        (f"{'x' * 151},A. Two,analyst,{HOST},,,", "user_name"),
        (f"a-one,A. Two,analyst,{HOST},,,", "user_name"),
        (f"a-two,A. Two,analyst,{HOST},,sub-1,", "subject"),
        (f"a-two,A. Two,analyst,{HOST}", ""),
        (f"a-two,A. Two,analyst,{HOST},,,,more", ""),
    ],
)
def test_a_row_that_breaks_a_rule_is_named_by_line_and_rule_and_never_by_value(tmp_path, row, column):
    entries, faults = read(tmp_path, HEAD + GOOD + row + "\n")
    assert [entry.user_name for _, entry in entries] == ["a-one"]
    assert {(fault.line, fault.column) for fault in faults} == {(3, column)}
    assert not any(value in repr(faults) for value in ("a-two", "A. Two", "king", "nowhere", "sub-1", "maybe"))


@pytest.mark.parametrize("text", ["user_name,name\n", HEAD.replace("email", "mail"), "", '"open', "\x00"])
def test_a_file_that_is_no_list_is_refused_whole(tmp_path, text):
    with pytest.raises(RosterUnreadable, match="Next step"):
        read(tmp_path, text)


@pytest.mark.django_db
def test_a_list_adds_changes_closes_and_opens_and_a_dry_run_does_none_of_it(tmp_path, published):
    renew_user(FIRST, "lead-2", "Second", "ig_lead", HOST)
    entries, _ = read(tmp_path, HEAD + GOOD)
    assert keep_roster(FIRST, entries, is_dry=True).counts == {"added": 1}
    assert not User.objects.filter(username="a-one").exists()
    assert keep_roster(FIRST, entries).counts == {"added": 1}
    assert keep_roster(FIRST, entries).counts == {"unchanged": 1}
    user = User.objects.get(username="a-one")
    assert not user.has_usable_password() and (user.role, user.provider_subject) == ("analyst", "sub-1")
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    entries, _ = read(tmp_path, HEAD + GOOD.replace("analyst", "practitioner"))
    assert keep_roster(FIRST, entries).counts == {"changed": 1}
    assert not SignedSession.objects.filter(user_id=user.pk).exists() and client.get("/").status_code == 302
    entries, _ = read(tmp_path, HEAD + GOOD.replace("yes", "no"))
    assert keep_roster(FIRST, entries).counts == {"closed": 1}
    entries, _ = read(tmp_path, HEAD + GOOD)
    assert keep_roster(FIRST, entries).counts == {"opened": 1}
    whats = [entry.details["what"] for entry in ENTRIES.filter(kind="account_changed") if "one" in str(entry.details)]
    assert whats == ["account added", "account renewed", "account closed", "account renewed"]


@pytest.mark.django_db
def test_who_stands_in_no_row_is_closed_where_asked_but_never_the_last_lead(tmp_path, published, user_of):
    User.objects.exclude(organisation=HOST).update(is_active=False)
    stay = User.objects.filter(organisation=HOST, role="analyst").first()
    entries, _ = read(tmp_path, HEAD + f"{stay.username},{stay.display_name},analyst,{HOST},,,\n")
    report = keep_roster(FIRST, entries, HOST)
    left = set(User.objects.filter(organisation=HOST, is_active=True).values_list("username", flat=True))
    assert left == {stay.username, "test-ig_lead"} and report.counts["closed"] >= 1
    assert [fault.line for fault in report.faults] == [0]


@pytest.mark.django_db
def test_two_accounts_never_have_one_subject_and_demo_accounts_stay(tmp_path, published):
    User.objects.filter(username="test-analyst").update(provider_subject="sub-1")
    User.objects.filter(username="test-advocate").update(is_demo=True)
    rows = GOOD + f"test-advocate,X,analyst,{HOST},,,no\n"
    entries, _ = read(tmp_path, HEAD + rows)
    report = keep_roster(FIRST, entries)
    assert [fault.line for fault in report.faults] == [2, 3] and not report.counts
    assert User.objects.get(username="test-advocate").is_active
