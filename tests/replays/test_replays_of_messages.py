"""Replays: messages that gave people away elsewhere. Here none leaves, each leaves a task and an audit entry."""

import os
from pathlib import Path

import pytest
from cases import CASES, ELSEWHERE
from outbound_world import (
    CHILD,
    ENQUIRER,
    EX,
    FATHER,
    LOCATIONS,
    LODGER,
    MOTHER,
    NEW_HOME,
    NEW_PHONE,
    OLD_HOME,
    OUTSIDE_HOME,
    OUTSIDE_PHONE,
    OUTSIDER,
    SCHOOL,
)
from post_office import TO_PEOPLE, holds, read_everything
from published_sample import ENTRIES

from braid.language.schema import Sensitivity
from braid.outbound import CHANNELS, Text
from braid.web.models import OutboxMessage
from braid.web.watch import known_asker

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", CASES)
def test_replay(name, post_office, tmp_path_factory, capsys):
    """By every channel: nothing arrives at the mail server or in the spool; a task and an entry for each message."""
    case = CASES[name]
    case.prepare(post_office)
    written = {channel: case.act(post_office, channel) for channel in case.channels}
    assert post_office.send() == {"refused": len(written)}
    for channel, message_id in written.items():
        post_office.assert_refused(message_id, *case.reasons(channel))
    own = tmp_path_factory.getbasetemp()  # of this run, or of one of its processes
    run = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    _add_to_table(run / "replays", name, set(written), capsys)


def _add_to_table(folder: Path, name: str, refused: set[str], capsys) -> None:
    """Keep the row of a case; whoever adds the last one prints the table."""
    folder.mkdir(exist_ok=True)
    row = "".join(f"{'refused' if channel in refused else '-':>12}" for channel in CHANNELS)
    (folder / name).write_text(f"{name:<36}{row}", encoding="utf-8")
    rows = [folder / one for one in CASES if (folder / one).is_file()]
    if len(rows) == len(CASES):
        with capsys.disabled():
            print(f"\n{'replay':<36}" + "".join(f"{channel:>12}" for channel in CHANNELS))
            print("\n".join(path.read_text(encoding="utf-8") for path in rows))
            print("\n".join(f"{one:<46} {file}" for one, file in ELSEWHERE.items()))


def test_thirteen_breaches_have_a_replay_each():
    assert len(CASES) + len(ELSEWHERE) == 13
    assert [file for file in ELSEWHERE.values() if not (Path(__file__).parent / file).is_file()] == []


def test_counterpart_messages_that_may_leave_do_leave_by_every_channel(post_office):
    """Without it, the replays would pass where nothing ever leaves."""
    post_office.make_safe(OUTSIDER, [", ".join(OUTSIDE_HOME[:2]), OUTSIDE_PHONE, "olu@mail.example"])
    for channel in TO_PEOPLE:
        post_office.write("practitioner", OUTSIDER, [OUTSIDER], channel, "Please come to the office.")
    assert post_office.send() == {"sent": len(TO_PEOPLE)}
    assert [mail[0] for mail in post_office.arrived.mails] == [["olu@mail.example"]] * 2, "e-mail and calendar"
    assert len(post_office.left()) == len(TO_PEOPLE)
    with known_asker():
        assert {bytes(row.sealed) for row in OutboxMessage.objects.all()} == {b""}, "the words are erased"
    entries = ENTRIES.filter(kind="sent")
    assert {(one.person_id, one.decision) for one in entries} == {(OUTSIDER, "allow")}
    assert entries.count() == len(TO_PEOPLE)


def test_counterpart_charnwood_a_letter_goes_to_where_somebody_lives_when_it_leaves(post_office):
    """Written before the move, sent after it: the address is that of the moment of sending."""
    post_office.write("practitioner", OUTSIDER, [OUTSIDER], "letter", "Please come to the office.")
    moved = ("3 Harbour View, Northmere", "QB92 6FF", "100092000003")
    world = post_office.world
    record_id = next(row["person_record_id"] for row in world.tables["stay"] if row["uprn"] == OUTSIDE_HOME[2])
    world.stay(record_id, moved, world.tables["stay"][0]["as_of_date"])
    post_office.publish()
    assert post_office.send() == {"sent": 1}
    values = ("3 Harbour View", moved[1], "9 Mill Lane", OUTSIDE_HOME[1])
    assert holds(post_office.left(), values) == ["3 Harbour View", moved[1]]


def test_counterpart_charnwood_the_mother_is_reached_at_her_own_points_alone(post_office):
    """With a safe contact that nobody else uses, a message leaves for it; without one, none does."""
    first = post_office.write("advocate", MOTHER, [MOTHER], "sms", "Please ring us.")
    post_office.send()
    post_office.assert_refused(first, "unsafe_contact")
    post_office.make_safe(MOTHER, [NEW_PHONE])
    post_office.write("advocate", MOTHER, [MOTHER], "sms", "Please ring us.")
    assert post_office.send() == {"sent": 1}
    assert holds(post_office.left(), (NEW_PHONE,)) == [NEW_PHONE]


def test_counterpart_wakefield_a_bundle_leaves_without_its_annex(post_office):
    """What is declared to locate is split out: his copy holds neither the annex nor a word that there is one."""
    post_office.make_safe(FATHER, [", ".join(OLD_HOME[:2])])
    annex = f"They live at {NEW_HOME[0]}, {NEW_HOME[1]}. School: {SCHOOL}. Telephone {NEW_PHONE}."
    post_office.write("practitioner", FATHER, [FATHER], "bundle", "The hearing is on 1 December.", annex=annex)
    assert post_office.send() == {"sent": 1}
    (bundle,) = post_office.left()
    assert "The hearing is on 1 December." in read_everything(bundle)
    assert holds([bundle], (*LOCATIONS, "annex")) == []


def test_counterpart_partner_system_gets_what_two_people_released_to_it(post_office):
    """A release is of one kind of location, to one recipient, until a date; one human alone opens nothing."""
    to_council, words = ["organisation:northmere-council"], f"Write to {NEW_HOME[0]}, {NEW_HOME[1]}."
    post_office.release(MOTHER, ["address", "postcode"], "organisation", "northmere-council", confirmed=False)
    first = post_office.write("analyst", MOTHER, to_council, "email", words)
    assert post_office.send() == {"refused": 1}
    post_office.assert_refused(first, "location")
    for person in (MOTHER, CHILD):
        post_office.release(person, ["address", "postcode"], "organisation", "northmere-council")
    post_office.write("analyst", MOTHER, to_council, "email", words)
    assert post_office.send() == {"sent": 1}
    assert holds(post_office.left(), (NEW_HOME[0],)) == [NEW_HOME[0]]
    elsewhere = post_office.write("advocate", MOTHER, ["organisation:harbour"], "email", words)
    assert post_office.send() == {"refused": 1}
    with known_asker():
        assert "location" in OutboxMessage.objects.get(pk=elsewhere).refused_reasons


def test_the_page_does_not_offer_whoever_lives_elsewhere(post_office):
    """Wakefield and both parents, a step earlier: he is no recipient that the child's page knows."""
    form = {"recipients": [f"person:{FATHER}"], "channel": "letter", "body": "Hello", "classes": ["N"]}
    answer = post_office.clients["practitioner"].post(f"/people/{CHILD}/message/", form)
    assert answer.status_code == 400
    with known_asker():
        assert not OutboxMessage.objects.exists()


def test_an_exclusion_of_a_minute_ago_holds_for_what_was_written_before(post_office):
    """The decision is taken at sending: a message that waits is held by what was entered meanwhile."""
    plain = Text("", "Please come to the office.", frozenset({Sensitivity.NORMAL}))
    post_office.make_safe(FATHER, [", ".join(OLD_HOME[:2])])
    waiting = post_office.queue("practitioner", [OUTSIDER], [FATHER], "letter", plain)
    post_office.exclude(OUTSIDER, FATHER)
    post_office.send()
    post_office.assert_refused(waiting, "excluded")


def test_risk_assessment_on_a_former_partners_own_page(post_office):
    """Nothing but her former partner leads from her to the family; their locations are searched for all the same."""
    post_office.make_safe(EX, ["5 Ferry Road, Northmere, QB93 5EE", "07700 900302", "erin@mail.example"])
    for channel in TO_PEOPLE:
        message_id = post_office.write("practitioner", EX, [EX], channel, f"She moved to {NEW_HOME[0]}, {NEW_HOME[1]}.")
        assert post_office.send() == {"refused": 1}
        post_office.assert_refused(message_id, "location")


def test_a_safe_contact_that_one_human_entered_opens_nothing(post_office):
    """Of a protected person: whoever enters a number alone could enter the wrong one."""
    post_office.make_safe(MOTHER, [NEW_PHONE], confirmed=False)
    message_id = post_office.write("advocate", MOTHER, [MOTHER], "sms", "Please ring us.")
    post_office.send()
    post_office.assert_refused(message_id, "unsafe_contact")


def test_replay_the_enquirer_is_named_on_the_partners_own_record(post_office):
    """By a practitioner, who knows of no support and declares none: the name alone tells the partner that she asked."""
    post_office.make_safe(LODGER, [", ".join(OLD_HOME[:2]), "07700 900600", "lee@mail.example"])
    said = "asking,  UNA has asked us about you."
    written = [post_office.write("practitioner", LODGER, [LODGER], channel, said) for channel in TO_PEOPLE]
    council = ["organisation:northmere-council"]
    written += [post_office.write("practitioner", LODGER, council, channel, said) for channel in ("webhook", "email")]
    assert post_office.send() == {"refused": len(written)}
    for message_id in written:
        post_office.assert_refused(message_id, "existence")


def test_counterpart_whoever_gives_support_and_who_has_it_may_be_told_the_name(post_office):
    post_office.make_safe(LODGER, ["07700 900600"])
    post_office.make_safe(ENQUIRER, ["una@mail.example"])
    post_office.write("practitioner", LODGER, [LODGER], "sms", "Una will bring the keys.")
    post_office.write("practitioner", ENQUIRER, [ENQUIRER], "email", "Dear Una Asking, please come to the office.")
    post_office.write("practitioner", ENQUIRER, ["organisation:northmere-council"], "email", "Una Asking has moved.")
    assert post_office.send() == {"sent": 3}
