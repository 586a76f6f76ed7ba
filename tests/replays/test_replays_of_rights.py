"""Lambeth, and the perpetrator who asks: what somebody is told of themselves holds nothing that was withheld.

Played through the real pages, worker, outbox, guard and channels, in the world of the family that fled.
"""

import datetime as dt
import json

import pytest
from outbound_world import (
    CHILD,
    FATHER,
    LOCATIONS,
    MOTHER,
    NEW_PHONE,
    OUTSIDE_HOME,
    OUTSIDER,
    TWIN,
)
from post_office import holds
from rights_desk import Desk, lead

from braid.outbound.containers import unfold
from braid.trust.locations import normalise
from braid.trust.locations import unfold as every_reading
from braid.web.models import OutboxMessage, SafetyTask
from braid.web.rights.pack import PackUnsafe, Told, check_bytes, make_json, make_pdf
from braid.web.watch import known_asker

pytestmark = pytest.mark.django_db

NAMES = ("Maya Replay", "Cleo Replay", "Harbour", "Support for victims")


@pytest.fixture
def desk(post_office):
    """Two leads at the desk of the world of the replays."""
    return Desk(post_office.world.place, lead("lead-one"), lead("lead-two"))


def readings(files: list[bytes]) -> str:
    """Everything that left, unfolded, in every reading: letters and digits alone."""
    found = [every_reading(leaf.content).squashed for one in files for leaf in unfold("what left", one)]
    assert found
    return "\n".join([*found, *(every_reading(one).squashed for one in files)])


def test_whoever_asks_is_told_what_is_held_of_them_and_by_the_guarded_channel_alone(desk, post_office):
    request_id = desk.through(OUTSIDER)
    assert desk.row(request_id).state == "leaving" and not post_office.left(), "it waits for the guard"
    assert post_office.send() == {"sent": 1}
    desk.work()
    assert desk.row(request_id).state == "given"
    text = readings(post_office.left())
    for told in ("temporary accommodation", "What is held about you", "Calendar days", OUTSIDE_HOME[0]):
        assert normalise(told) in text, told


def test_the_perpetrator_who_asks_learns_nothing_of_whom_he_is_kept_from(desk, post_office):
    """Everything that may be told at all is kept, so that no human's care saves it."""
    request_id = desk.through(FATHER)
    lines = [line for _, lines in desk.lines(request_id) for line in lines]
    assert any(line.locked == "support" for line in lines), "that she fears him is on record, and locked"
    post_office.send()
    desk.work()
    text = readings(post_office.left()) if post_office.left() else ""
    for secret in (*LOCATIONS, *NAMES, "victim"):
        assert normalise(secret) not in text, secret
    assert holds(post_office.left(), (*LOCATIONS, *NAMES)) == [], "nor by other people's readers"
    row = desk.row(request_id)
    assert row.state in ("given", "deciding"), "given, or held back by the guard"


def test_a_parent_who_asks_for_a_child_is_told_no_location(desk, post_office):
    request_id = desk.open(CHILD, asker="parent", parent=FATHER)
    desk.work()
    lines = [line for _, lines in desk.lines(request_id) for line in lines]
    assert lines and any(line.locked for line in lines)
    words = normalise(" ".join(line.words for line in lines))
    for secret in LOCATIONS:
        assert normalise(secret) not in words, "what nobody may tell is not even kept"
    desk.decide(request_id)
    desk.step(request_id, "submit")
    desk.approve(request_id)
    desk.work()
    assert post_office.send() == {"refused": 1}, "the father is kept from the child"
    desk.work()
    row = desk.row(request_id)
    assert (row.state, row.held_because, row.second_by) == ("deciding", "refused", "")
    assert SafetyTask.objects.filter(kind="message_refused").exists() and not post_office.left()


def test_no_location_of_anybody_is_laid_before_another_who_asks(desk, post_office):
    """Nobody here is protected, so that no search would find it: the class of the column decides."""
    request_id = desk.open(TWIN, asker="parent", parent=OUTSIDER)
    desk.work()
    lines = [line for _, lines in desk.lines(request_id) for line in lines]
    words = normalise(" ".join(line.words for line in lines))
    assert any(line.locked == "location" for line in lines) and normalise(OUTSIDE_HOME[0]) not in words


def test_redaction_undone_what_was_withheld_is_nowhere_in_what_left(desk, post_office):
    """Lambeth: a box over words leaves the words. Here they were never written. (The envelope bears the address.)"""
    withheld: list[str] = []

    def keep(item, line):
        if item.kind == "record" and len(normalise(line.words)) > 8 and line.words != OUTSIDE_HOME[0]:
            withheld.append(line.words)
            return False
        return True

    request_id = desk.through(OUTSIDER, keep)
    post_office.send()
    text = readings(post_office.left())
    assert withheld and not [words for words in withheld if normalise(words) in text]
    assert holds(post_office.left(), tuple(withheld)) == [], "nor by other people's readers"
    with known_asker():
        message = OutboxMessage.objects.get(rights_id=request_id)
    assert (message.state, bytes(message.sealed)) == ("sent", b"")


def test_a_pack_for_the_eye_and_one_for_a_machine_hold_the_same_and_nothing_withheld(desk, post_office):
    post_office.make_safe(OUTSIDER, ["olu@mail.example"])
    withheld = NEW_PHONE  # nobody's of the outsider: any line would do
    request_id = desk.through(OUTSIDER, lambda item, line: item.kind != "look", channel="email")
    assert post_office.send() == {"sent": 1}
    text = readings(post_office.left())
    assert normalise("temporary accommodation") in text and normalise(withheld) not in text
    assert desk.row(request_id).state == "leaving"


TOLD = Told((("A record", (("Name", "Olu Outside"),)),), frozenset(), frozenset({"The words of somebody else"}))


def test_the_pack_is_opened_again_and_refused_where_it_holds_what_was_withheld():

    pdf = make_pdf(TOLD, dt.date(2026, 11, 30))
    assert json.loads(make_json(TOLD))["sections"][0]["lines"] == [{"what": "Name", "words": "Olu Outside"}]
    check_bytes("pack.pdf", pdf, TOLD)
    hidden = Told((("A record", (("Name", "The words of somebody else"),)),), frozenset(), frozenset())
    for leaking in (make_pdf(hidden, dt.date(2026, 11, 30)), make_json(hidden)):
        with pytest.raises(PackUnsafe):
            check_bytes("pack.pdf" if leaking.startswith(b"%PDF") else "pack.json", leaking, TOLD)
    boxed = pdf.replace(b"%%EOF", b"% The words of somebody else\n%%EOF")
    with pytest.raises(PackUnsafe):
        check_bytes("pack.pdf", boxed, TOLD)


def test_the_mother_who_asks_is_answered_where_she_said_that_it_is_safe(desk, post_office):
    post_office.make_safe(MOTHER, ["maya@mail.example"])
    request_id = desk.through(MOTHER, channel="email")
    post_office.send()
    desk.work()
    assert desk.row(request_id).state == "given"
    text = readings(post_office.left())
    for secret in LOCATIONS:
        assert normalise(secret) not in text, "where she lives she knows; a mailbox is read by others"
