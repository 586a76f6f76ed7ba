"""From a run to a network: services, pathways, who waits today, where each figure comes from, and what is odd."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from braid.language.clock_rules import get_versions
from braid.simulation.calibration import flows, laws
from braid.simulation.calibration.counts import WEEK_DAYS, Alike, Counts, count_waits
from braid.simulation.calibration.laws import Law
from braid.simulation.calibration.queues import (
    BandedCount,
    band_id,
    band_of,
    bands_of,
    present_from_bands,
    queues_of,
)
from braid.simulation.calibration.rules import LeadRules, PathwayRules, Rules, StepRules
from braid.simulation.consistency import Figures, Finding, check_consistency
from braid.simulation.durations import Duration, Fixed
from braid.simulation.model import Band, Clock, LeadsTo, Network, Pathway, Present, Profile, Service, Step, Weekly
from braid.store.engine import Engine

WITHIN_WEEKS = 26.0
"""Which share of those served had waited half a year at most is held against what serving in turn would make it."""


@dataclass(frozen=True)
class Posed:
    """A network made from a run. It holds counts by pathway, step and day, and nobody's id."""

    network: Network
    findings: tuple[Finding, ...]
    """What does not add up in its figures."""
    assumed: tuple[str, ...]
    """What was not measured, in words: each begins with what it is of."""
    open_waits: Mapping[str, int]
    """Open waits of the run by kind."""
    left_out: Mapping[str, int]
    """Of these, the kinds that no rule names."""
    window_weeks: int
    """Over how many weeks rates were counted at most."""


def pose(
    engine: Engine,
    as_of: dt.date,
    weeks: int,
    rules: Rules,
    *,
    name: str = "place",
    banded: Mapping[str, Sequence[BandedCount]] | None = None,
) -> Posed:
    """Return a network of `weeks` weeks that begins as a run ends on `as_of`, with what does not add up in it.

    `engine` holds the tables of `counts.TABLES` of the run. `banded` gives, by kind of wait, who waits as a published
    table of bands has it, instead of the run's own rows; only for kinds that are paired with none.
    """
    return _Calibration(count_waits(engine, as_of, rules), rules).pose(weeks, name, banded or {})


class _Calibration:
    def __init__(self, counts: Counts, rules: Rules) -> None:
        self.counts, self.rules = counts, rules
        self.sources: dict[str, str] = {}
        self.assumed: list[str] = []
        self.profiles: list[Profile] = []
        self.by_step: dict[tuple[str, str], list[Alike]] = {}
        for one in counts.alike:
            self.by_step.setdefault((one.pathway, one.step), []).append(one)
        self.by_kind: dict[str, list[Alike]] = {}
        for one in counts.alike:
            self.by_kind.setdefault(one.kind, []).append(one)
        self.patience: dict[str, Law] = {}

    def pose(self, weeks: int, name: str, banded: Mapping[str, Sequence[BandedCount]]) -> Posed:
        """Return the network and what is odd about it."""
        present = self._present(banded)
        held = {group.pathway for group in present}
        chosen = [one for one in self.rules.pathways if one.id in held or self._anchors(one)]
        pathways = tuple(self._pathway(one, {each.id for each in chosen}) for one in chosen)
        used = {service for pathway in pathways for step in pathway.steps for service in step.services}
        services = tuple(self._service(one.id) for one in self.rules.services if one.id in used)
        network = Network(
            kind="network",
            name=name,
            start=self.counts.as_of + dt.timedelta(days=1),
            weeks=weeks,
            services=services,
            pathways=pathways,
            profiles=tuple(self.profiles),
            present=present,
            sources=self.sources,
        )
        named = {one.kind for one in self.rules.kinds}
        return Posed(
            network,
            tuple(finding for one in services for finding in check_consistency(self._figures(one))),
            tuple(self.assumed),
            self.counts.open_waits,
            {kind: waits for kind, waits in self.counts.open_waits.items() if kind not in named},
            max((window.weeks for window in self.counts.windows.values()), default=0),
        )

    # -- who waits

    def _present(self, banded: Mapping[str, Sequence[BandedCount]]) -> tuple[Present, ...]:
        instead = {self.rules.alone(kind).id: bands for kind, bands in banded.items()}
        groups = [group for group in queues_of(self.counts, self.rules) if group.pathway not in instead]
        for pathway, bands in instead.items():
            groups += present_from_bands(pathway, bands)
            self._note(f"pathway.{pathway}.present", "measured: published table of bands, suppressed counts assumed")
        for pathway in sorted({group.pathway for group in groups} - instead.keys()):
            people = sum(group.count for group in groups if group.pathway == pathway)
            self._note(
                f"pathway.{pathway}.present", f"measured: person_wait, open on {self.counts.as_of}; {people:,} people"
            )
        return tuple(groups)

    # -- pathways

    def _anchors(self, pathway: PathwayRules) -> list[Alike]:
        return self.by_step.get((pathway.id, pathway.anchor.id), [])

    def _pathway(self, pathway: PathwayRules, known: set[str]) -> Pathway:
        bands = self._bands(pathway)
        steps = tuple(self._step(pathway, step, known, has_bands=bool(bands)) for step in pathway.steps)
        if pathway.rule:
            self._note(
                f"pathway.{pathway.id}.steps",
                f"assumed: rule {pathway.rule}, one wait holds the other up; measured: who waits for both",
            )
        return Pathway(
            id=pathway.id,
            title=pathway.title,
            unit=pathway.unit,
            steps=steps,
            arrivals=self._arrivals(pathway),
            bands=bands,
            clock=_clock(pathway),
        )

    def _arrivals(self, pathway: PathwayRules) -> Weekly:
        led = sum(self._led_a_week(lead) for lead in self.rules.leads if lead.leads_to == pathway.id)
        kind = pathway.anchor.kind
        flow = flows.arrivals_of(pathway.id, self._anchors(pathway), self.counts, kind, led)
        if flow.profile:
            self.profiles.append(flow.profile)
        self._note(f"pathway.{pathway.id}.arrivals", flow.source)
        return flow.weekly

    def _led_a_week(self, lead: LeadRules) -> float:
        begins = {one.id: one for one in self.rules.pathways}[lead.begins]
        window = self.counts.windows.get(begins.anchor.kind)
        return self.counts.led.get(lead, 0) / window.weeks if window and window.weeks else 0.0

    def _bands(self, pathway: PathwayRules) -> tuple[Band, ...]:
        """Return the bands by their share of those who came, or, where none is known to have come, of those there."""
        codes = bands_of(pathway, self.rules)
        if not codes:
            return ()
        banded = next(step for step in pathway.steps if self.rules.kind(step.kind).bands)
        waits = self.by_step.get((pathway.id, banded.id), [])
        window = self.counts.windows[banded.kind]
        came = [one for one in waits if one.start_date >= window.first_date] or waits
        amounts = {band_id(code): 0 for code in codes}
        for one in came:
            amounts[str(band_of(pathway, one.band, self.rules))] += one.waits
        total = sum(amounts.values())
        self._note(f"pathway.{pathway.id}.bands", f"measured: person_wait of kind {banded.kind}; {total:,} waits")
        return tuple(
            Band(band, amount / total if total else 1 / len(amounts), priority)
            for priority, (band, amount) in enumerate(amounts.items())
        )

    def _step(self, pathway: PathwayRules, step: StepRules, known: set[str], *, has_bands: bool) -> Step:
        gives = self.rules.service(step.service).gives
        patience = self._patience(pathway, step) if gives == "slots" else None
        return Step(
            id=step.id,
            services=(step.service,),
            duration=self._duration(pathway, step),
            after=step.after,
            hold_until=step.hold_until,
            patience=patience,
            priority=0 if has_bands and not self.rules.kind(step.kind).bands else None,
            leads_to=self._leads(pathway, step, known),
            target_weeks=_limit_weeks(step.kind),
        )

    def _duration(self, pathway: PathwayRules, step: StepRules) -> Duration:
        place = f"pathway.{pathway.id}.{step.id}.duration"
        if self.rules.service(step.service).gives == "slots":
            self._note(place, "assumed: a slot ends the wait, and what follows it holds nothing")
            return Fixed("fixed", 0.0)
        if step.hold_until is not None:
            self._note(place, f"assumed: it is held until {step.hold_until}, and for nothing else")
            return Fixed("fixed", 0.0)
        law = laws.how_long(self.by_step.get((pathway.id, step.id), []), self.counts, self.rules, step.kind)
        self._note(place, law.source)
        assert law.duration is not None
        return law.duration

    def _patience(self, pathway: PathwayRules, step: StepRules) -> Duration | None:
        """Return how long people wait before they leave: one law for all waits of the kind, whichever the pathway."""
        if step.kind not in self.patience:
            waits = self.by_kind.get(step.kind, [])
            self.patience[step.kind] = laws.how_patient(waits, self.counts, self.rules, step.kind)
        law = self.patience[step.kind]
        self._note(f"pathway.{pathway.id}.{step.id}.patience", law.source)
        return law.duration

    def _leads(self, pathway: PathwayRules, step: StepRules, known: set[str]) -> tuple[LeadsTo, ...]:
        if step is not pathway.anchor:
            return ()
        window = self.counts.windows[step.kind]
        ended = sum(
            one.waits
            for one in self._anchors(pathway)
            if one.stop_date is not None and one.stop_date >= window.first_date
        )
        found = []
        for lead in self.rules.leads:
            led = self.counts.led.get(lead, 0) if lead.begins == pathway.id and lead.leads_to in known else 0
            if led and ended:
                words = f"measured: of those who ended, who began {lead.leads_to} near that day; {led:,} of {ended:,}"
                self._note(f"pathway.{pathway.id}.{step.id}.leads_to.{lead.leads_to}", words)
                found.append(LeadsTo(lead.leads_to, min(led / ended, 1.0)))
        return tuple(found)

    # -- services

    def _service(self, wanted: str) -> Service:
        service = self.rules.service(wanted)
        if service.gives == "time":
            self._note(f"service.{wanted}.capacity", "assumed: enough for everybody")
            return Service(wanted, "time", title=service.title)
        waits = self._waits_for(wanted)
        if service.gives == "places":
            capacity = flows.places_of(waits)
        else:
            capacity = flows.slots_of(waits, self.counts, self.rules)
        self._note(f"service.{wanted}.capacity", capacity.source)
        return Service(wanted, service.gives, capacity.weekly, service.title)

    def _waits_for(self, service: str) -> list[Alike]:
        """Return the waits of all steps before a service."""
        steps = [(one.id, step) for one in self.rules.pathways for step in one.steps if step.service == service]
        return [one for pathway, step in steps for one in self.by_step.get((pathway, step.id), [])]

    def _note(self, place: str, source: str) -> None:
        self.sources[place] = source
        if "assumed" in source:
            self.assumed.append(f"{place}: {source.partition(';')[0]}")

    # -- what is odd

    def _figures(self, service: Service) -> Figures:
        waits = self._waits_for(service.id)
        measured = _Measured(waits, self.counts, self.rules)
        mean = self._mean_wait(waits)
        return Figures(
            service=service.id,
            title=service.title,
            gives=service.gives,
            weeks=measured.weeks,
            waiting=measured.waiting,
            additions=measured.additions,
            removals=measured.served,
            leaving=measured.left,
            growth=measured.growth,
            mean_wait=mean,
            within_weeks=WITHIN_WEEKS,
            within_share=measured.within_share,
            capacity=service.capacity.level if service.gives != "time" else None,
            in_place_weeks=mean if service.gives == "places" else None,
            was_empty=service.gives == "slots" and measured.was_empty,
        )

    def _mean_wait(self, waits: list[Alike]) -> float | None:
        """Return the mean wait by the survival curve, where enough were seen to end for one."""
        kinds = {one.kind for one in waits}
        if len(kinds) != 1:
            return None
        law = laws.how_long(waits, self.counts, self.rules, kinds.pop())
        return law.duration.mean if law.duration is not None and not law.is_assumed else None


@dataclass(frozen=True)
class _Measured:
    """The weekly rates of the waits before one service, each kind over its own window."""

    waits: list[Alike]
    counts: Counts
    rules: Rules

    @cached_property
    def kinds(self) -> dict[str, list[Alike]]:
        found: dict[str, list[Alike]] = {}
        for one in self.waits:
            if self.counts.windows[one.kind].weeks:
                found.setdefault(one.kind, []).append(one)
        return found

    @property
    def weeks(self) -> float | None:
        return min((self.counts.windows[kind].weeks for kind in self.kinds), default=None)

    @property
    def waiting(self) -> float:
        return float(sum(one.waits for one in self.waits if one.stop_date is None))

    @property
    def additions(self) -> float | None:
        return self._rate(lambda kind, waits: flows.additions_by_week(waits, self.counts.windows[kind]))

    @property
    def served(self) -> float | None:
        return self._rate(lambda kind, waits: self._ended(kind, waits, has_left=False))

    @property
    def left(self) -> float | None:
        return self._rate(lambda kind, waits: self._ended(kind, waits, has_left=True))

    def _ended(self, kind: str, waits: list[Alike], *, has_left: bool) -> flows.Numbers:
        rules = self.rules.kind(kind)
        ended = [one for one in waits if one.stop_date is not None and rules.is_left(one.code) == has_left]
        return flows.removals_by_week(ended, self.counts.windows[kind])

    def _rate(self, weekly: flows.WeeklyOf) -> float | None:
        if not self.kinds:
            return None
        return float(sum(weekly(kind, waits).mean() for kind, waits in self.kinds.items()))

    @property
    def growth(self) -> float | None:
        """Change of size from the start of the window to its end, by its weeks; counted, not reckoned from rates."""
        if not self.kinds:
            return None
        return float(sum(self._grown(kind, waits) for kind, waits in self.kinds.items()))

    def _grown(self, kind: str, waits: list[Alike]) -> float:
        window = self.counts.windows[kind]
        before = sum(one.waits for one in waits if one.start_date < window.first_date)
        now = sum(one.waits for one in waits if one.stop_date is None)
        return (now - before) / window.weeks

    @property
    def within_share(self) -> float | None:
        served = [
            ((one.stop_date - one.start_date).days / WEEK_DAYS, one.waits)
            for kind, waits in self.kinds.items()
            for one in waits
            if one.stop_date is not None and not self.rules.kind(kind).is_left(one.code)
        ]
        total = sum(waits for _, waits in served)
        return sum(waits for weeks, waits in served if weeks <= WITHIN_WEEKS) / total if total else None

    @property
    def was_empty(self) -> bool:
        sizes = [flows.sizes_by_week(waits, self.counts.windows[kind]) for kind, waits in self.kinds.items()]
        return bool(sizes) and any(bool(np.any(size <= 0)) for size in sizes)


def _limit_weeks(kind: str) -> float | None:
    """Return about how many weeks the newest limit in force of a kind of wait gives; `None` where there is none."""
    in_force = [rule for rule in get_versions(kind) if rule.holds_from is not None]
    return in_force[-1].limit.about_weeks or None if in_force else None


def _clock(pathway: PathwayRules) -> Clock | None:
    """Return the clock of a pathway: its anchor's limit, from arrival to the end of that step."""
    weeks = _limit_weeks(pathway.anchor.kind)
    return Clock(weeks, stop=pathway.anchor.id) if weeks else None


def open_by_kind(network: Network, rules: Rules) -> dict[str, int]:
    """Return the open waits of each kind that a network holds on its first day, from the groups of who is there."""
    kinds = {(one.id, step.id): step.kind for one in rules.pathways for step in one.steps}
    found: dict[str, int] = {}
    for group in network.present:
        for step in network.pathway(group.pathway).steps:
            if step.id not in group.done:
                kind = kinds[group.pathway, step.id]
                found[kind] = found.get(kind, 0) + group.count
    return found
