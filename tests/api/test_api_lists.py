"""Lists go on by cursors that say nothing, hold for one caller and one list, and miss and repeat nobody."""

import base64

import pytest
from django.conf import settings
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st
from joint_sample import put_joint
from machines import make_machine
from ninja.errors import ValidationError
from published_sample import ENTRIES
from sample_run import CHILD

from braid.api.cursors import Cursors
from braid.web.models import ApiUse, Barred, PersonRank, Referral, User
from braid.web.watch import known_asker

pytestmark = pytest.mark.django_db


def walk(machine, path: str, limit: int) -> list[dict]:
    """Return every item of a list, part by part."""
    found, cursor, sign = [], "", "&" if "?" in path else "?"
    while cursor is not None:
        ApiUse.objects.all().delete()
        answer = machine.get(f"{path}{sign}limit={limit}&cursor={cursor}")
        assert answer.status_code == 200, answer.content
        said = answer.json()
        assert len(said["items"]) <= limit
        found += said["items"]
        cursor = said["next"]
    return found


@pytest.mark.parametrize("path", ["/people", "/people?sort=total", "/people?sort=blockers", "/people?sort=backlogs"])
@pytest.mark.parametrize("limit", [7, 41])
def test_parts_of_any_size_are_the_whole_list(published, path, limit):
    machine = make_machine(role="analyst", name="vale-analysis")
    whole = [one["person_id"] for one in walk(machine, path, 100)]
    assert len(whole) == len(set(whole)) > 40
    assert [one["person_id"] for one in walk(machine, path, limit)] == whole


def test_the_order_of_priority_goes_on_where_it_stopped(published):
    machine = make_machine(role="analyst", name="vale-analysis")
    whole = walk(machine, "/ranking", 100)
    with known_asker():
        assert len({(row.band_position, row.points) for row in PersonRank.objects.all()}) > 1
    assert len(whole) > 10
    assert walk(machine, "/ranking", 3) == [
        {**one, "next_in_order": other["next_in_order"]}
        for one, other in zip(whole, walk(machine, "/ranking", 3), strict=True)
    ]


def test_whoever_is_hidden_between_two_calls_moves_nobody(published):
    machine = make_machine(role="analyst", name="vale-analysis")
    whole = [one["person_id"] for one in walk(machine, "/people", 100)]
    first = machine.get("/people?limit=10").json()
    with known_asker():
        Barred.objects.create(person_id=whole[3], username=machine.username)
        Barred.objects.create(person_id=whole[9], username=machine.username)
    then = machine.get(f"/people?limit=100&cursor={first['next']}").json()
    assert [one["person_id"] for one in then["items"]] == whole[10:]


def test_a_list_says_no_count_and_its_cursor_has_one_length(published):
    machine = make_machine(role="analyst", name="vale-analysis")
    lengths = set()
    for limit in (1, 2, 9, 30):
        said = machine.get(f"/people?limit={limit}").json()
        assert set(said) == {"items", "next", "is_cut"}
        lengths.add(len(said["next"]))
        assert said["items"][-1]["person_id"][:8].encode() not in base64.urlsafe_b64decode(said["next"] + "===")
    assert len(lengths) == 1


def test_hiding_somebody_changes_no_cursor_of_a_part_without_them(published):
    machine = make_machine(role="analyst", name="vale-analysis")
    before = machine.get("/people?limit=5").json()
    last = walk(machine, "/people", 100)[-1]["person_id"]
    with known_asker():
        Barred.objects.create(person_id=last, username=machine.username)
    assert machine.get("/people?limit=5").json() == before


def test_a_cursor_is_of_one_caller_one_list_and_one_filter(published):
    machine, other = (make_machine(role="analyst", name=name) for name in ("vale-analysis", "vale-other"))
    cursor = machine.get("/people?limit=5").json()["next"]
    assert machine.get(f"/people?cursor={cursor}").status_code == 200
    for answer in (
        other.get(f"/people?cursor={cursor}"),
        machine.get(f"/people?cursor={cursor}&sort=total"),
        machine.get(f"/ranking?cursor={cursor}"),
        machine.get(f"/people?cursor={cursor[:-4]}AAAA"),
    ):
        assert (answer.status_code, answer.json().get("fields")) == (422, ["cursor"])


def test_only_those_shown_are_recorded_as_looked_at(published):
    machine = make_machine(role="analyst", name="vale-analysis")
    machine.get("/people?limit=4")
    assert ENTRIES.filter(kind="look").count() == 4


def cursors_of(username: str, **narrowed: object) -> Cursors:
    """Return the cursors of a list as somebody asks for it."""
    request = RequestFactory().get("/")
    request.caller = type("Caller", (), {"user": User(username=username)})
    return Cursors(request, "list", "purpose", **narrowed)


@given(
    st.lists(st.one_of(st.integers(-(10**9), 10**9), st.text(max_size=9)), min_size=1, max_size=3), st.integers(0, 400)
)
def test_a_cursor_opens_as_it_was_sealed_and_never_changed(place, at):
    text = cursors_of("a").seal(place)
    assert cursors_of("a").open(text) == place == cursors_of("a").open(cursors_of("a").seal(place))
    at %= len(text) - 2
    changed = text[:at] + ("A" if text[at] != "A" else "B") + text[at + 1 :]
    for mine, said in ((cursors_of("b"), text), (cursors_of("a", sort="x"), text), (cursors_of("a"), changed)):
        with pytest.raises(ValidationError):
            mine.open(said)


@given(st.text(max_size=500).filter(bool))
def test_no_text_is_a_cursor(text):
    with pytest.raises(ValidationError):
        cursors_of("a").open(text)


def test_another_secret_opens_no_cursor(monkeypatch):
    text = cursors_of("a").seal([1])
    monkeypatch.setattr(settings, "SECRET_KEY", "another secret of a place, for a test")
    with pytest.raises(ValidationError):
        cursors_of("a").open(text)


def test_referrals_go_on_in_their_order(published):
    machine = make_machine()
    for number in range(5):
        put_joint(CHILD if number == 0 else f"{number:032x}", machine.username)
    whole = [one["id"] for one in walk(machine, "/referrals", 100)]
    assert [one["id"] for one in walk(machine, "/referrals", 2)] == whole
    with known_asker():
        assert len(whole) == Referral.objects.count() >= 5
    assert walk(machine, "/referrals?state=done", 5) == []
    for path in ("/cases", "/offers", "/actions"):
        listed = [one["id"] for one in walk(machine, path, 100)]
        assert len(listed) >= 5
        assert [one["id"] for one in walk(machine, path, 2)] == listed
