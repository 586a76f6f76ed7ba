"""Every process of care is sound and every pair of state and step is said; an unsound one is found out."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from braid.care import actions, cases, links, meetings, moves, plans, readiness, referrals
from braid.language.steps import Machine, NotPossible, State, Step, draw, find_faults

FOLLOWS = {
    "Referral": {
        ("pending", "accept"): "accepted",
        ("pending", "refuse"): "refused",
        ("accepted", "complete"): "done",
        ("pending", "revoke"): "revoked",
        ("accepted", "revoke"): "revoked",
    },
    "Joint case": {("open", "close"): "closed", ("closed", "reopen"): "open", ("open", "merge"): "merged"},
    "Offer of a case": {
        ("offered", "accept"): "accepted",
        ("offered", "decline"): "declined",
        ("offered", "withdraw"): "withdrawn",
    },
    "Action": {
        ("open", "complete"): "done",
        ("done", "check"): "checked",
        ("done", "send_back"): "open",
        ("open", "cancel"): "cancelled",
    },
    "Meeting": {
        ("planned", "ask_returns"): "gathering",
        ("gathering", "begin"): "in_session",
        ("in_session", "end"): "held",
        ("held", "agree"): "agreed",
        ("planned", "cancel"): "cancelled",
        ("gathering", "cancel"): "cancelled",
    },
    "Return": {
        ("asked", "give"): "given",
        ("nothing_held", "give"): "given",
        ("declined", "give"): "given",
        ("given", "give"): "given",
        ("asked", "say_nothing_held"): "nothing_held",
        ("declined", "say_nothing_held"): "nothing_held",
        ("asked", "decline"): "declined",
        ("nothing_held", "decline"): "declined",
    },
    "Item of a readiness list": {
        ("open", "take"): "in_hand",
        ("open", "say_late"): "late",
        ("in_hand", "say_late"): "late",
        ("late", "say_late"): "late",
        ("open", "complete"): "done",
        ("in_hand", "complete"): "done",
        ("late", "complete"): "done",
        ("open", "drop"): "not_needed",
        ("in_hand", "drop"): "not_needed",
        ("late", "drop"): "not_needed",
        ("open", "ask_drop"): "to_agree",
        ("in_hand", "ask_drop"): "to_agree",
        ("late", "ask_drop"): "to_agree",
        ("to_agree", "agree_drop"): "not_needed",
        ("to_agree", "object"): "open",
        ("to_agree", "reopen"): "open",
        ("done", "reopen"): "open",
        ("not_needed", "reopen"): "open",
    },
    "Planned move": {("planned", "make"): "made", ("planned", "call_off"): "called_off"},
    "Agreement to notify": {
        ("not_asked", "ask"): "asked",
        ("refused", "ask"): "asked",
        ("asked", "agree"): "agreed",
        ("asked", "refuse"): "refused",
        ("agreed", "refuse"): "refused",
    },
    "Notice of a move": {
        ("open", "hand_over"): "handed_over",
        ("open", "mark_sent"): "sent",
        ("handed_over", "mark_sent"): "sent",
        ("open", "mark_not_sent"): "not_sent",
        ("handed_over", "mark_not_sent"): "not_sent",
        ("handed_over", "reopen"): "open",
        ("not_sent", "reopen"): "open",
    },
    "Joint plan": {
        ("draft", "propose"): "proposed",
        ("proposed", "take_back"): "draft",
        ("proposed", "ask_change"): "draft",
        ("proposed", "approve"): "approved",
        ("approved", "review"): "approved",
        ("approved", "supersede"): "superseded",
        ("draft", "end"): "ended",
        ("proposed", "end"): "ended",
        ("approved", "end"): "ended",
    },
    "Approval of a joint plan": {
        ("asked", "approve"): "approved",
        ("asked", "ask_change"): "change_asked",
    },
    "Link without an account": {
        ("open", "use"): "used",
        ("open", "revoke"): "revoked",
        ("open", "expire"): "expired",
        ("open", "close"): "closed",
    },
    "Case on an agenda": {
        ("listed", "decide"): "decided",
        ("listed", "put_off"): "put_off",
        ("listed", "take_off"): "taken_off",
    },
}
"""Every step that may follow a state, and where it leads, written down apart from the code."""
MACHINES = {
    machine.title: machine
    for machine in (
        referrals.MACHINE,
        cases.MACHINE,
        cases.OFFER_MACHINE,
        actions.MACHINE,
        meetings.MACHINE,
        meetings.RETURN_MACHINE,
        meetings.ITEM_MACHINE,
        readiness.MACHINE,
        moves.MACHINE,
        moves.AGREEMENT_MACHINE,
        moves.NOTICE_MACHINE,
        plans.MACHINE,
        plans.APPROVAL_MACHINE,
        links.MACHINE,
    )
}


def test_each_process_is_written_down_here() -> None:
    assert set(MACHINES) == set(FOLLOWS)


@pytest.mark.parametrize("title", MACHINES)
def test_each_process_is_sound(title: str) -> None:
    assert find_faults(MACHINES[title]) == []


@pytest.mark.parametrize("title", MACHINES)
def test_each_pair_of_state_and_step_does_what_is_written_down(title: str) -> None:
    machine, left = MACHINES[title], dict(FOLLOWS[title])
    for state, step in product([*machine.states, "no_state"], [*machine.steps, "no_step"]):
        target = left.pop((state, step), None)
        if target is not None:
            assert machine.after(state, step) == target
            continue
        with pytest.raises(NotPossible, match=r"^It is .+ by now\. (What may follow: |Nothing follows that)"):
            machine.after(state, step)
    assert left == {}


def test_a_refused_step_says_what_may_follow() -> None:
    with pytest.raises(NotPossible, match=r"It is accepted by now\. What may follow: mark as done, revoke$"):
        referrals.MACHINE.after("accepted", "accept")


def test_a_refusal_reads_as_a_sentence_where_the_name_of_a_state_is_none() -> None:
    for machine, state, said in (
        (moves.MACHINE, "made", "It is made available by now"),
        (moves.NOTICE_MACHINE, "handed_over", "It is in the outbox by now"),
        (meetings.RETURN_MACHINE, "nothing_held", "It is answered with nothing held by now"),
        (actions.MACHINE, "open", "It is still to do by now"),
    ):
        with pytest.raises(NotPossible, match=f"^{said}"):
            machine.after(state, "no_step")


@pytest.mark.parametrize("title", MACHINES)
def test_each_process_is_drawn_whole(title: str) -> None:
    machine = MACHINES[title]
    lines = [line.strip() for line in draw(machine).splitlines()]
    arrows = {tuple(line.split(" : ")[0].split(" --> ")) for line in lines if " --> " in line and "[*]" not in line}
    assert arrows == {(state, target) for (state, _), target in FOLLOWS[title].items()}
    assert [line for line in lines if line.startswith("[*]")] == [f"[*] --> {machine.first}"]
    assert {line.split(" ")[0] for line in lines if line.endswith("--> [*]")} == {
        code for code, state in machine.states.items() if state.ends
    }


SOUND = Machine(
    "Door",
    "open",
    {"open": State("Open"), "shut": State("Shut"), "gone": State("Gone", ends=True)},
    {
        "shut": Step("Shut", ("open",), "shut", "anybody"),
        "open": Step("Open", ("shut",), "open", "anybody"),
        "remove": Step("Remove", ("shut",), "gone", "the owner"),
    },
)


def with_step(*sources: str, target: str) -> Machine:
    return replace(SOUND, steps={**SOUND.steps, "new": Step("New", sources, target, "anybody")})


def with_state(code: str, state: State) -> Machine:
    return replace(SOUND, states={**SOUND.states, code: state})


@pytest.mark.parametrize(
    ("machine", "said"),
    [
        (replace(SOUND, first="ajar"), "it begins with ajar, which is no state"),
        (with_step("open", target="ajar"), "new: ajar is no state"),
        (with_step("ajar", target="open"), "new: ajar is no state"),
        (with_step("gone", target="open"), "new: follows gone, which ends"),
        (with_state("ajar", State("Ajar", ends=True)), "ajar: nothing leads there"),
        (replace(with_step("open", target="gone"), states={**SOUND.states, "gone": State("Gone")}), "gone: nothing"),
    ],
)
def test_each_fault_of_a_process_is_found(machine: Machine, said: str) -> None:
    assert find_faults(SOUND) == []
    assert any(fault.startswith(said) for fault in find_faults(machine)), find_faults(machine)
