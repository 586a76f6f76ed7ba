"""A process as data: states, and the steps that lead from one to another. Read, drawn and tested whole.

Who may take a step, and when, is said by the rules of each process; a machine says only what follows what.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


class NotPossible(Exception):
    """The step may not be taken: by this person, or at all. The message names the rule and the next step."""


@dataclass(frozen=True)
class State:
    """Where something stands. Nothing follows a state that `ends`.

    `said` is how a refusal says it, after "It is"; by default its name, which then reads as an adjective.
    """

    name: str
    ends: bool = False
    said: str = ""


@dataclass(frozen=True)
class Step:
    """What somebody does: from which states, and where it leads. `by` says in words whose step it is."""

    name: str
    sources: tuple[str, ...]
    target: str
    by: str


@dataclass(frozen=True)
class Machine:
    """A process: its states and steps by code, and the state in which it begins."""

    title: str
    first: str
    states: Mapping[str, State]
    steps: Mapping[str, Step]

    def after(self, state: str, step: str) -> str:
        """Return the state after a step. Raises `NotPossible` where the step does not follow, saying what does."""
        taken = self.steps.get(step)
        if taken is None or state not in taken.sources:
            raise NotPossible(self._words_of_refusal(state))
        return taken.target

    def steps_from(self, state: str) -> tuple[str, ...]:
        """Return the codes of the steps that may follow a state."""
        return tuple(code for code, step in self.steps.items() if state in step.sources)

    def _words_of_refusal(self, state: str) -> str:
        now = self._said(state)
        follow = [self.steps[code].name.lower() for code in self.steps_from(state)]
        return f"It is {now} by now. " + (f"What may follow: {', '.join(follow)}" if follow else "Nothing follows that")

    def _said(self, state: str) -> str:
        found = self.states.get(state)
        return found.said or found.name.lower() if found else "not known"


def find_faults(machine: Machine) -> list[str]:
    """Return what makes a machine unsound: unknown states, states nobody reaches or leaves; empty where it is sound."""
    faults = []
    known = set(machine.states)
    if machine.first not in known:
        faults.append(f"it begins with {machine.first}, which is no state")
    for code, step in machine.steps.items():
        faults += [f"{code}: {state} is no state" for state in sorted({*step.sources, step.target} - known)]
        faults += [
            f"{code}: follows {state}, which ends"
            for state in step.sources
            if state in known and machine.states[state].ends
        ]
    reached, before = {machine.first}, set[str]()
    while reached != before:
        before = set(reached)
        reached |= {step.target for step in machine.steps.values() if reached & set(step.sources)}
    faults += [f"{state}: nothing leads there" for state in sorted(known - reached)]
    stuck = {state for state in known if not machine.steps_from(state) and not machine.states[state].ends}
    return faults + [f"{state}: nothing leads away, and it does not end" for state in sorted(stuck)]


def draw(machine: Machine) -> str:
    """Return a machine as a Mermaid state diagram."""
    lines = ["stateDiagram-v2", f"    [*] --> {machine.first}"]
    lines += [f"    {code} : {state.name}" for code, state in machine.states.items()]
    for step in machine.steps.values():
        lines += [f"    {source} --> {step.target} : {step.name} ({step.by})" for source in step.sources]
    lines += [f"    {code} --> [*]" for code, state in machine.states.items() if state.ends]
    return "\n".join(lines)
