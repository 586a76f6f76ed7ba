"""From a run to a network: services, pathways, who waits today, where each figure comes from, and what is odd."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from braid.language.clock_rules import get_versions
from braid.language.codes import WAIT_KINDS
from braid.simulation.calibration import flows, laws
from braid.simulation.calibration.counts import WEEK_DAYS, Counts, Waits, Window, join_waits
from braid.simulation.calibration.laws import Law
from braid.simulation.calibration.queues import BandedCount, present_from_bands, queues_of
from braid.simulation.calibration.reach import without_unreached
from braid.simulation.calibration.rules import LeadRules, PathwayRules, Rules, StepRules, banded_place, bands_of
from braid.simulation.calibration.tables import count_waits
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

    `engine` holds the tables of `tables.TABLES` of the run. `banded` gives, by kind of wait, who waits as a published
    table of bands has it, instead of the run's own rows; only for kinds that are paired with none.
    """
    return _Calibration(count_waits(engine, as_of, rules), rules).pose(weeks, name, banded or {})


class _Calibration:
    def __init__(self, counts: Counts, rules: Rules) -> None:
        self.counts, self.rules = counts, rules
        self.sources: dict[str, str] = {}
        self.profiles: list[Profile] = []
        self.patience: dict[str, Law] = {}

    def pose(self, weeks: int, name: str, banded: Mapping[str, Sequence[BandedCount]]) -> Posed:
        """Return the network and what is odd about it."""
        present = self._present(banded)
        held = {group.pathway for group in present}
        chosen = [one for one in self.rules.pathways if one.id in held or len(self._waits(one, one.anchor).counts)]
        network = without_unreached(
            Network(
                kind="network",
                name=name,
                start=self.counts.as_of + dt.timedelta(days=1),
                weeks=weeks,
                services=tuple(self._service(one.id) for one in self.rules.services),
                pathways=tuple(self._pathway(one, {each.id for each in chosen}) for one in chosen),
                profiles=tuple(self.profiles),
                present=present,
                sources=self.sources,
            )
        )
        named = {one.kind for one in self.rules.kinds}
        return Posed(
            network,
            tuple(finding for one in network.services for finding in check_consistency(self._figures(one))),
            tuple(_assumed(network.sources)),
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

    def _waits(self, pathway: PathwayRules, step: StepRules) -> Waits:
        return self.counts.waits.get((pathway.id, step.id), join_waits(step.kind, ()))

    def _pathway(self, pathway: PathwayRules, known: set[str]) -> Pathway:
        bands = self._bands(pathway)
        steps = tuple(self._step(pathway, step, known, has_bands=bool(bands)) for step in pathway.steps)
        if pathway.rule:
            self._note(
                f"pathway.{pathway.id}.steps",
                f"assumed: rule {pathway.rule}, one wait holds the other up. Measured: who waits for both",
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
        flow = flows.arrivals_of(pathway.id, self._waits(pathway, pathway.anchor), self.counts, led)
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
        bands = bands_of(pathway, self.rules)
        if not bands:
            return ()
        waits = self._waits(pathway, pathway.steps[banded_place(pathway, self.rules)])
        window = self.counts.windows[waits.kind]
        came = waits.only(waits.started < WEEK_DAYS * window.weeks)
        known = came if len(came.counts) else waits
        amounts = np.bincount(known.band, known.counts, minlength=len(bands)).tolist()
        total = sum(amounts)
        self._note(f"pathway.{pathway.id}.bands", f"measured: person_wait of kind {waits.kind}; {total:,.0f} waits")
        return tuple(
            Band(band, amount / total if total else 1 / len(bands), priority)
            for priority, (band, amount) in enumerate(zip(bands, amounts, strict=True))
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
            title=WAIT_KINDS[step.kind].name,
        )

    def _duration(self, pathway: PathwayRules, step: StepRules) -> Duration:
        place = f"pathway.{pathway.id}.{step.id}.duration"
        if self.rules.service(step.service).gives == "slots":
            self._note(place, "assumed: a slot ends the wait, and what follows it holds nothing")
            return Fixed("fixed", 0.0)
        if step.hold_until is not None:
            self._note(place, f"assumed: it is held until {step.hold_until}, and for nothing else")
            return Fixed("fixed", 0.0)
        law = laws.how_long(self._waits(pathway, step), self.counts, self.rules)
        self._note(place, law.source)
        assert law.duration is not None
        return law.duration

    def _patience(self, pathway: PathwayRules, step: StepRules) -> Duration | None:
        """Return how long people wait before they leave: one law for all waits of the kind, whichever the pathway."""
        if step.kind not in self.patience:
            of_kind = [waits for waits in self.counts.waits.values() if waits.kind == step.kind]
            self.patience[step.kind] = laws.how_patient(join_waits(step.kind, of_kind), self.counts, self.rules)
        law = self.patience[step.kind]
        self._note(f"pathway.{pathway.id}.{step.id}.patience", law.source)
        return law.duration

    def _leads(self, pathway: PathwayRules, step: StepRules, known: set[str]) -> tuple[LeadsTo, ...]:
        if step is not pathway.anchor:
            return ()
        waits = self._waits(pathway, step)
        ended = int(waits.counts[~waits.is_open].sum())
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
        is_places = service.gives == "places"
        capacity = flows.places_of(waits) if is_places else flows.slots_of(waits, self.counts)
        self._note(f"service.{wanted}.capacity", capacity.source)
        return Service(wanted, service.gives, capacity.weekly, service.title)

    def _waits_for(self, service: str) -> list[Waits]:
        """Return the waits of all steps before a service, by kind."""
        steps = [(one, step) for one in self.rules.pathways for step in one.steps if step.service == service]
        found: dict[str, list[Waits]] = {}
        for pathway, step in steps:
            found.setdefault(step.kind, []).append(self._waits(pathway, step))
        return [join_waits(kind, parts) for kind, parts in found.items()]

    def _note(self, place: str, source: str) -> None:
        self.sources[place] = source

    # -- what is odd

    def _figures(self, service: Service) -> Figures:
        waits = self._waits_for(service.id)
        rates = _Rates(waits, self.counts)
        mean = self._mean_wait(waits)
        return Figures(
            service=service.id,
            title=service.title,
            gives=service.gives,
            weeks=rates.weeks,
            waiting=float(sum(each.open_count for each in waits)),
            additions=rates.sum_of(flows.additions_by_week),
            removals=rates.sum_of(lambda each, window: flows.removals_by_week(each.only(~each.has_left), window)),
            leaving=rates.sum_of(lambda each, window: flows.removals_by_week(each.only(each.has_left), window)),
            growth=rates.growth,
            mean_wait=mean,
            within_weeks=WITHIN_WEEKS,
            within_share=_within_share(waits),
            capacity=service.capacity.level if service.gives != "time" else None,
            in_place_weeks=mean if service.gives == "places" else None,
            was_empty=service.gives == "slots" and flows.slots_of(waits, self.counts).was_empty,
        )

    def _mean_wait(self, waits: Sequence[Waits]) -> float | None:
        """Return the mean wait by the survival curve, where enough were seen to end for one."""
        if len(waits) != 1:
            return None
        law = laws.how_long(waits[0], self.counts, self.rules)
        return law.duration.mean if law.duration is not None and not law.is_assumed else None


@dataclass(frozen=True)
class _Rates:
    """What happens in a week before one service, each kind of wait counted over its own window."""

    waits: Sequence[Waits]
    counts: Counts

    @property
    def known(self) -> list[tuple[Waits, Window]]:
        """Return the waits of kinds of which any week is known."""
        each = [(waits, self.counts.windows[waits.kind]) for waits in self.waits]
        return [(waits, window) for waits, window in each if window.weeks]

    @property
    def weeks(self) -> float | None:
        return min((window.weeks for _, window in self.known), default=None)

    def sum_of(self, weekly: flows.WeeklyOf) -> float | None:
        known = self.known
        return float(sum(weekly(waits, window).mean() for waits, window in known)) if known else None

    @property
    def growth(self) -> float | None:
        """Change of size from the start of the window to its end, by its weeks; counted, not reckoned from rates."""
        known = self.known
        return float(sum(_grown(waits, window) for waits, window in known)) if known else None


def _grown(waits: Waits, window: Window) -> float:
    before = int(waits.counts[waits.started >= WEEK_DAYS * window.weeks].sum())
    return (waits.open_count - before) / window.weeks


def _within_share(waits: Sequence[Waits]) -> float | None:
    """Return which share of those who were served had waited `WITHIN_WEEKS` at most."""
    served = [each.only(~each.is_open & ~each.has_left) for each in waits]
    total = sum(int(each.counts.sum()) for each in served)
    soon = sum(int(each.counts[each.started - each.ended <= WITHIN_WEEKS * WEEK_DAYS].sum()) for each in served)
    return soon / total if total else None


def _assumed(sources: Mapping[str, str]) -> Iterator[str]:
    """Yield what was not measured: what it is of, and the words without their count."""
    for place, source in sources.items():
        if "assumed" in source:
            yield f"{place}: {source.partition(';')[0]}"


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
