"""The rules of a calibration: which kinds of wait are steps of which pathways, before which services.

They are data (`queues.toml`), so that a place may say its own. A pathway is made of waits of one person. Its **anchor**
is the wait that it is about. Another step's wait is paired with it: `together`, so that only who waits for both is in
the pathway, or `before`, so that whoever has no such wait has that step behind them. Pathways take their waits in the
order of the file, and what they leave goes to the one pathway of that kind that needs no other wait.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Literal, cast

from braid.language.codes import WAIT_KINDS
from braid.language.rule_files import Fields, RulesInvalid, read_text, read_toml
from braid.simulation.model import MOST_PRIORITIES, Gives
from braid.trust.disclosure import SUPPRESSED_TO

Pairing = Literal["anchor", "together", "before"]
EndIn = Literal["wait", "episode"]
RULES_FILE = "queues.toml"
TOP = "rules"
GIVES = ("slots", "places", "time")
LEAST_KNOT_ENDS = SUPPRESSED_TO + 1
"""So many ends stand behind each point of a law: as many as a published count."""


@dataclass(frozen=True)
class KindRules:
    """How the waits of a kind end, and who of them comes first."""

    kind: str
    end_in: EndIn
    """Whether the wait itself says how it ended (`stop_event`), or its case (`end_reason` of the episode)."""
    left: tuple[str, ...]
    """Codes of ends by which somebody left without what they waited for."""
    served: tuple[str, ...]
    """Or codes of ends by which somebody got it, where a source has no list of the others; one of the two is empty."""
    bands: tuple[str, ...]
    """Codes of `priority`, who is first standing first; who has another or none comes with the last."""
    assumed_weeks: float
    """Mean weeks that are assumed where no wait of the kind was seen to end."""


@dataclass(frozen=True)
class ServiceRules:
    """A service of the place."""

    id: str
    title: str
    gives: Gives


@dataclass(frozen=True)
class StepRules:
    """A step of a pathway: a wait of one kind for one service."""

    id: str
    kind: str
    service: str
    pairing: Pairing
    after: tuple[str, ...]
    hold_until: str | None


@dataclass(frozen=True)
class PathwayRules:
    """A pathway: its steps, one of which is its anchor."""

    id: str
    title: str
    unit: str
    steps: tuple[StepRules, ...]
    rule: str | None
    """The rule of a problem statement by which one wait holds another here; assumed to hold whoever waits for both."""

    @property
    def needs_none(self) -> bool:
        """Whether somebody may be in it who waits for nothing but its anchor."""
        return all(step.pairing != "together" for step in self.steps)

    @property
    def anchor(self) -> StepRules:
        """The step that the pathway is about."""
        return next(step for step in self.steps if step.pairing == "anchor")


@dataclass(frozen=True)
class LeadRules:
    """Some of those who end one pathway begin another then: whose wait begins so many days before or after."""

    begins: str
    leads_to: str
    days_before: int
    days_after: int


@dataclass(frozen=True)
class Rules:
    """How the waits of a place are read as queues."""

    window_weeks: int
    """Ends further back are not trusted to be all there."""
    least_ends: int
    """Of fewer ends no curve is drawn: the exponential law with their rate is assumed."""
    longest_weeks: int
    """No wait is thought to last longer."""
    pairing_days: int
    """How far two waits of one person may lie apart that are taken for one case."""
    kinds: tuple[KindRules, ...]
    services: tuple[ServiceRules, ...]
    pathways: tuple[PathwayRules, ...]
    leads: tuple[LeadRules, ...]

    def kind(self, wanted: str) -> KindRules:
        """Return the rules of a kind of wait. Raises `KeyError`."""
        return self._by_kind[wanted]

    def service(self, wanted: str) -> ServiceRules:
        """Return the rules of a service. Raises `KeyError`."""
        return self._by_service[wanted]

    @cached_property
    def _by_kind(self) -> dict[str, KindRules]:
        return {one.kind: one for one in self.kinds}

    @cached_property
    def _by_service(self) -> dict[str, ServiceRules]:
        return {one.id: one for one in self.services}

    def alone(self, kind: str) -> PathwayRules:
        """Return the pathway of the waits of a kind that are paired with none. Raises `KeyError`."""
        return {one.anchor.kind: one for one in self.pathways if one.needs_none}[kind]


def default_rules() -> Rules:
    """Return the rules that come with Braid."""
    resource = files("braid.simulation.calibration").joinpath(RULES_FILE)
    return load_rules(resource.read_text(encoding="utf-8"), RULES_FILE)


def read_rules(path: Path) -> Rules:
    """Return the rules in a file of a place. Raises `RulesInvalid`, `RulesUnreadable` with every fault."""
    return load_rules(read_text(path), path.name)


def load_rules(text: str, file: str) -> Rules:
    """Return the rules that a TOML text holds. Raises `RulesInvalid` with every fault."""
    fields = read_toml(text, file, TOP)
    known = "window_weeks least_ends longest_weeks pairing_days timed_kinds assumed_weeks kind service pathway lead"
    fields.check_known(known.split())
    numbers = (
        fields.number("window_weeks", "weeks", 1),
        fields.number("least_ends", "ends", 2 * LEAST_KNOT_ENDS),
        fields.number("longest_weeks", "weeks", 1),
        fields.number("pairing_days", "days", 0),
    )
    assumed_weeks = float(fields.number("assumed_weeks", "weeks", 1))
    timed = fields.codes("timed_kinds", WAIT_KINDS) if fields.has("timed_kinds") else ()
    kinds = (*map(_kind, fields.tables("kind")), *(_timed_kind(kind, assumed_weeks) for kind in timed))
    services = (*map(_service, fields.tables("service")), *map(_timed_service, timed))
    known_services = {one.id for one in services}
    read = (_pathway(item, {one.kind for one in kinds}, known_services) for item in fields.tables("pathway"))
    pathways = (*read, *map(_timed_pathway, timed))
    leads = tuple(_lead(item, {one.id for one in pathways}) for item in fields.tables("lead"))
    rules = Rules(*numbers, kinds, services, pathways, leads)
    if not fields.faults:
        _check_whole(fields, rules)
    if fields.faults:
        raise RulesInvalid(fields.faults)
    return rules


def _kind(fields: Fields) -> KindRules:
    fields.check_known(("kind", "end_in", "left", "served", "bands", "assumed_weeks"))
    if fields.has("left") and fields.has("served"):
        fields.refuse("left and served are both given", "keep one: all other ends are the other")
    bands = _texts(fields, "bands")
    if len(bands) > MOST_PRIORITIES:
        fields.refuse(f"there are more than {MOST_PRIORITIES} bands", "let some share a place")
    return KindRules(
        fields.code("kind", WAIT_KINDS),
        cast(EndIn, fields.code("end_in", ("wait", "episode")) if fields.has("end_in") else "wait"),
        _texts(fields, "left"),
        _texts(fields, "served"),
        bands,
        float(fields.number("assumed_weeks", "weeks", 1)),
    )


def _texts(fields: Fields, key: str) -> tuple[str, ...]:
    """Return a list of codes of a source, which may be absent."""
    values = fields.values.get(key, [])
    if not isinstance(values, list) or not all(isinstance(value, str) and value.strip() for value in values):
        fields.refuse(f"{key!r} must be a list of codes", f'write {key} = ["system:code"]')
        return ()
    if len(set(values)) < len(values):
        fields.refuse(f"{key} names one code twice", "name it once")
    return tuple(values)


def _service(fields: Fields) -> ServiceRules:
    fields.check_known(("id", "title", "gives"))
    gives = cast(Gives, fields.code("gives", GIVES))
    return ServiceRules(fields.name("id", 60), fields.text("title", 120), gives)


def _pathway(fields: Fields, kinds: Collection[str], services: Collection[str]) -> PathwayRules:
    fields.check_known(("id", "title", "unit", "rule", "step"))
    steps = tuple(_step(item, kinds, services) for item in fields.tables("step"))
    if sum(step.pairing == "anchor" for step in steps) != 1:
        fields.refuse("one step is the anchor", "leave out pairing of the step that the pathway is about, only there")
    _check_steps(fields, steps)
    rule = fields.name("rule", 60) if fields.has("rule") else None
    return PathwayRules(fields.name("id", 60), fields.text("title", 120), fields.text("unit", 30), steps, rule)


def _step(fields: Fields, kinds: Collection[str], services: Collection[str]) -> StepRules:
    fields.check_known(("id", "kind", "service", "pairing", "after", "hold_until"))
    pairing = fields.code("pairing", ("together", "before")) if fields.has("pairing") else "anchor"
    return StepRules(
        fields.name("id", 60),
        fields.code("kind", kinds),
        fields.code("service", services),
        cast(Pairing, pairing),
        _texts(fields, "after"),
        fields.name("hold_until", 60) if fields.has("hold_until") else None,
    )


def _check_steps(fields: Fields, steps: tuple[StepRules, ...]) -> None:
    ids = [step.id for step in steps]
    if len(set(ids)) < len(ids) or len({step.kind for step in steps}) < len(steps):
        fields.refuse("two steps have one id or one kind of wait", "give each its own")
    for number, step in enumerate(steps):
        if set(step.after) - set(ids[:number]):
            fields.refuse(
                f"step {step.id!r} comes after one that does not stand before it", "put it before, or correct"
            )
        if step.hold_until is not None and step.hold_until not in ids[number + 1 :]:
            fields.refuse(f"step {step.id!r} is held until one that does not stand after it", "put that one after it")


def _lead(fields: Fields, pathways: Collection[str]) -> LeadRules:
    fields.check_known(("begins", "leads_to", "days_before", "days_after"))
    return LeadRules(
        fields.code("begins", pathways),
        fields.code("leads_to", pathways),
        fields.number("days_before", "days"),
        fields.number("days_after", "days"),
    )


def _timed_kind(kind: str, assumed_weeks: float) -> KindRules:
    return KindRules(kind, "wait", (), (), (), assumed_weeks)


def _timed_service(kind: str) -> ServiceRules:
    return ServiceRules(kind, WAIT_KINDS[kind].name, "time")


def _timed_pathway(kind: str) -> PathwayRules:
    step = StepRules(kind, kind, kind, "anchor", (), None)
    return PathwayRules(kind, WAIT_KINDS[kind].name, "person", (step,), None)


def _check_whole(fields: Fields, rules: Rules) -> None:
    """Leave a fault for what does not fit together."""
    for name, ids in (
        ("kind", [one.kind for one in rules.kinds]),
        ("service", [one.id for one in rules.services]),
        ("pathway", [one.id for one in rules.pathways]),
    ):
        for twice in sorted({one for one in ids if ids.count(one) > 1}):
            fields.refuse(f"{name} {twice!r} stands twice", "leave it once")
    for kind in _kinds_without_pathway(rules):
        fields.refuse(f"not one pathway takes the waits of kind {kind!r} alone", "give it one")
    for lead in rules.leads:
        places = [one.id for one in rules.pathways]
        if places.index(lead.begins) == places.index(lead.leads_to):
            fields.refuse(f"pathway {lead.begins!r} leads to itself", "leave it out: additions count who comes again")


def _kinds_without_pathway(rules: Rules) -> Iterator[str]:
    alone = [one.anchor.kind for one in rules.pathways if one.needs_none]
    for one in rules.kinds:
        if alone.count(one.kind) != 1:
            yield one.kind


def banded_place(pathway: PathwayRules, rules: Rules) -> int:
    """Return the place of the step whose waits say the bands of a pathway: the first with any, else its anchor."""
    banded = [place for place, step in enumerate(pathway.steps) if rules.kind(step.kind).bands]
    return banded[0] if banded else pathway.steps.index(pathway.anchor)


def bands_of(pathway: PathwayRules, rules: Rules) -> tuple[str, ...]:
    """Return the bands of a pathway, first come first; none where none of its kinds of wait has any."""
    codes = rules.kind(pathway.steps[banded_place(pathway, rules)].kind).bands
    return tuple(code.lower().replace(":", "_").replace(" ", "_") for code in codes)


def paired_kinds(rules: Rules) -> tuple[str, ...]:
    """Return the kinds of wait that some pathway pairs with another, or that one leads to or from."""
    pathways = {one.id: one for one in rules.pathways}
    paired = {step.kind for one in rules.pathways if len(one.steps) > 1 for step in one.steps}
    led = {pathways[each].anchor.kind for lead in rules.leads for each in (lead.begins, lead.leads_to)}
    return tuple(sorted(paired | led))
