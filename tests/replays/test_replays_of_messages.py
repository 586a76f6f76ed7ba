"""Replays: messages that gave people away elsewhere. Here none leaves, each leaves a task and an audit entry."""

from pathlib import Path

import pytest
from cases import CASES, ELSEWHERE
from post_office import holds

from braid.outbound import CHANNELS

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", CASES)
def test_replay(name, post_office):
    """By every channel: nothing arrives at the mail server or in the spool; a task and an entry for each message."""
    case = CASES[name]
    case.prepare(post_office)
    written = {channel: case.act(post_office, channel) for channel in case.channels}
    assert post_office.send() == {"refused": len(written)}
    for channel, message_id in written.items():
        post_office.assert_refused(message_id, *case.reasons(channel))
    assert holds(post_office.left(), case.secrets) == []


def test_table_of_cases_and_channels(post_office, capsys):
    """The table as it stands, from what the cases do: printed with `-s`. No cell may say that a message left."""
    for case in CASES.values():
        case.prepare(post_office)
    states = {}
    for name, case in CASES.items():
        for channel in case.channels:
            case.act(post_office, channel)
            (states[name, channel],) = post_office.send()
    with capsys.disabled():
        print(f"\n{'replay':<36}" + "".join(f"{channel:>12}" for channel in CHANNELS))
        for name in CASES:
            row = "".join(f"{states.get((name, channel), '-'):>12}" for channel in CHANNELS)
            print(f"{name:<36}{row}")
        for name, file in ELSEWHERE.items():
            print(f"{name:<36}  {file}")
    assert set(states.values()) == {"refused"}
    assert post_office.left() == []
    assert len(CASES) + len(ELSEWHERE) == 13
    assert all((Path(__file__).parent / file).is_file() for file in ELSEWHERE.values())
