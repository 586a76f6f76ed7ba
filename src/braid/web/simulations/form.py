"""The forms in which somebody asks: scenarios over the services and pathways of a network, or a target to be reached.

Services and pathways are known in the forms by their number in the network, since their ids may hold anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField

from braid.simulation.answer import AS_IT_IS, faults
from braid.simulation.measures import Measure
from braid.simulation.model import MOST_PRIORITIES, YEAR, Network, Pathway, Service
from braid.simulation.scenarios import (
    ArrivalChange,
    CapacityChange,
    OrderChange,
    PriorityChange,
    Scenario,
)
from braid.simulation.targets import Target
from braid.web.queue_form import NumberField
from braid.web.simulations.asked import Asked, AskedSensitivity, AskedTarget, cost_of, question_of

MOST_SCENARIOS = 3
MOST_WEEKS = 10 * YEAR
FEWEST_REPLICATIONS, MOST_REPLICATIONS = 5, 100
LEVELS = ((0.8, "80 in 100"), (0.9, "90 in 100"), (0.95, "95 in 100"))
MOST_CAPACITY = 1_000_000
MOST_SEED = 2**31 - 1
MOST_FIELDS = 1000
OF_THE_REQUEST = 20
"""Fields of a request that are of no service and no pathway."""
FIELDS_OF_A_SERVICE, FIELDS_OF_A_PATHWAY = 4, 2
ORDERS = (("joined", "who joined the queue first"), ("clock", "whose clock has run longest"))
USUAL = {"weeks": 2 * YEAR, "replications": 20, "seed": 1, "level": "0.95"}
TOO_DEAR = (
    "This would take too long: {times:.1f} times what one question may. Ask for fewer replications, weeks or scenarios"
)
SENSITIVITY_TOO_DEAR = (
    "This would take too long: {times:.1f} times what one question may. Choose fewer kinds of figures, replications or"
    " weeks"
)
TARGET_TOO_DEAR = "This would take too long: {times:.1f} times what one question may. Ask for fewer replications"


def most_scenarios(network: Network) -> int:
    """Return how many scenarios one form holds: fewer where the network is so large that a request could not."""
    services = sum(1 for one in network.services if one.gives != "time")
    fields = FIELDS_OF_A_SERVICE * services + FIELDS_OF_A_PATHWAY * len(network.pathways) + 1
    return min(MOST_SCENARIOS, (MOST_FIELDS - OF_THE_REQUEST) // fields)


def number_field(label: str, asked: str, least: float, most: float, **more: Any) -> NumberField:
    """A field of a number; `asked` is what to enter, in every error."""
    words = f"Enter {asked} as a number from {least:,g} to {most:,g}"
    errors = dict.fromkeys(("required", "invalid", "min_value", "max_value"), words)
    return NumberField(label=label, min_value=least, max_value=most, error_messages=errors, **more)


def whole_field(label: str, asked: str, least: int, most: int, **more: Any) -> forms.IntegerField:
    """A field of a whole number."""
    words = f"Enter {asked} as a whole number from {least:,} to {most:,}"
    errors = dict.fromkeys(("required", "invalid", "min_value", "max_value"), words)
    return forms.IntegerField(label=label, min_value=least, max_value=most, error_messages=errors, **more)


def choice_field(label: str, choices: Any, **more: Any) -> forms.ChoiceField:
    """A field of a list."""
    words = dict.fromkeys(("required", "invalid_choice"), "Choose one from the list")
    return forms.ChoiceField(label=label, choices=choices, error_messages=words, **more)


def name_field(required: bool = True) -> forms.CharField:
    """The field of what a question is called."""
    errors = {"required": "Enter a name for the question", "max_length": "A name has at most 120 letters"}
    return forms.CharField(label="Name of the question", required=required, max_length=120, error_messages=errors)


class RunForm(forms.Form):
    """How often, with what luck and how surely: fields of every question."""

    replications = whole_field(
        "Replications", "how many replications", FEWEST_REPLICATIONS, MOST_REPLICATIONS,
        help_text="More make intervals narrower: four times as many, half as wide",
    )  # fmt: skip
    seed = whole_field(
        "Seed", "a seed", 0, MOST_SEED, help_text="The same seed gives the same figures, to the last digit"
    )
    level = choice_field(
        "How sure", [(f"{value:g}", words) for value, words in LEVELS],
        help_text="In so many places out of a hundred an interval would hold what is true of the model",
    )  # fmt: skip


@dataclass(frozen=True)
class ServiceFields:
    """The fields of one service in a scenario, with what it is called and has."""

    title: str
    unit: str
    add: BoundField
    from_week: BoundField
    order: BoundField
    ageing_weeks: BoundField


@dataclass(frozen=True)
class PathwayFields:
    """The fields of one pathway in a scenario."""

    title: str
    arrivals: BoundField
    priority: BoundField


@dataclass(frozen=True)
class ScenarioFields:
    """The fields of one scenario."""

    number: int
    name: BoundField
    services: tuple[ServiceFields, ...]
    pathways: tuple[PathwayFields, ...]
    is_rule_changed: bool
    """Whether anything about who is next is filled in, or wrong: shown unfolded then."""


class ScenarioForm(RunForm):
    """Up to three scenarios over a network, each field of a service or pathway empty where it stays as it is."""

    def __init__(self, data: Any, *, network: Network, scenarios: int, **more: Any) -> None:
        super().__init__(data, **more)
        self.network, self.count = network, scenarios
        self.fields["name"] = name_field()
        self.fields["weeks"] = whole_field("Weeks", "how many weeks to look ahead", 1, MOST_WEEKS)
        self.order_fields(["name", "weeks"])
        for number in range(scenarios):
            self._add_scenario(f"s{number + 1}", number + 1)

    def _add_scenario(self, prefix: str, number: int) -> None:
        errors = {"required": f"Enter a name for scenario {number}", "max_length": "A name has at most 80 letters"}
        self.fields[f"{prefix}-name"] = forms.CharField(
            label=f"Name of scenario {number}", max_length=80, error_messages=errors
        )
        for at, service in _with_queues(self.network):
            self._add_service(f"{prefix}-service{at}", title_of(service))
        for at, pathway in enumerate(self.network.pathways):
            self._add_pathway(f"{prefix}-pathway{at}", title_of(pathway))

    def _add_service(self, prefix: str, title: str) -> None:
        of = f"of {title}"
        self.fields[f"{prefix}-add"] = number_field(
            "More or fewer", f"the change {of}", -MOST_CAPACITY, MOST_CAPACITY, required=False
        )
        self.fields[f"{prefix}-from"] = whole_field(
            "From week", f"the first week of the change {of}", 0, MOST_WEEKS, required=False
        )
        self.fields[f"{prefix}-order"] = choice_field(
            "Who of a priority is next", [("", "as it is"), *ORDERS], required=False
        )
        self.fields[f"{prefix}-ageing"] = number_field(
            "Weeks of waiting that count as one priority higher", f"the weeks of ageing {of}", 1, MOST_WEEKS,
            required=False,
        )  # fmt: skip

    def _add_pathway(self, prefix: str, title: str) -> None:
        self.fields[f"{prefix}-arrivals"] = number_field(
            title, f"the change of arrivals of {title} in per cent", -100, 900,
            required=False,
        )  # fmt: skip
        self.fields[f"{prefix}-priority"] = whole_field(
            title, f"the priority of {title}", 0, MOST_PRIORITIES - 1, required=False
        )

    @property
    def scenarios(self) -> Iterator[ScenarioFields]:
        """The fields of each scenario, as the page shows them."""
        for number in range(1, self.count + 1):
            prefix = f"s{number}"
            services = tuple(
                ServiceFields(
                    title_of(one),
                    unit_of(one),
                    *(self[f"{prefix}-service{at}-{name}"] for name in ("add", "from", "order", "ageing")),
                )
                for at, one in _with_queues(self.network)
            )
            pathways = tuple(
                PathwayFields(
                    title_of(one), *(self[f"{prefix}-pathway{at}-{name}"] for name in ("arrivals", "priority"))
                )
                for at, one in enumerate(self.network.pathways)
            )
            rules = [field for one in services for field in (one.order, one.ageing_weeks)]
            rules += [one.priority for one in pathways]
            is_changed = any(field.errors or field.value() not in (None, "") for field in rules)
            yield ScenarioFields(number, self[f"{prefix}-name"], services, pathways, is_changed)

    def clean(self) -> None:
        """Check what can be said of all fields together: each scenario changes something, and it is not too dear."""
        super().clean()
        if self.errors:
            return
        for number in range(1, self.count + 1):
            self._check_scenario(number)
        if not self.errors:
            self._check_whole()

    def _check_scenario(self, number: int) -> None:
        prefix, given = f"s{number}", self.cleaned_data
        for at, service in _with_queues(self.network):
            of = f"{prefix}-service{at}"
            if given[f"{of}-from"] is not None and given[f"{of}-add"] is None:
                self.add_error(f"{of}-add", f"Enter the change of {title_of(service)}, or leave its week empty")
            if given[f"{of}-from"] is not None and given[f"{of}-from"] >= given["weeks"]:
                self.add_error(f"{of}-from", f"Enter a week of {title_of(service)} before the last, {given['weeks']}")
        if not self.errors and not self._scenario(number).changes:
            self.add_error(f"{prefix}-name", f"Change something in scenario {number}, or take it away")

    def _check_whole(self) -> None:
        names = [given for number in range(1, self.count + 1) if (given := self.cleaned_data[f"s{number}-name"])]
        for number, name in enumerate(names, 1):
            if name in (AS_IT_IS, *names[: number - 1]):
                self.add_error(f"s{number}-name", "Give each scenario a name of its own")
        if self.errors:
            return
        share = cost_of(self.asked, self.network).share
        if share > 1:
            self.add_error("replications", TOO_DEAR.format(times=share))
            return
        for place, rule, _step in faults(question_of(self.asked, self.network)):
            number = int(place[len("scenarios[")]) + 1 if place.startswith("scenarios[") else 1
            self.add_error(f"s{min(number, self.count)}-name" if self.count else "name", f"Scenario {number}: {rule}")

    @property
    def asked(self) -> Asked:
        """What is asked, once it is valid."""
        given = self.cleaned_data
        return Asked(
            kind="simulation_asked",
            scenarios=tuple(self._scenario(number) for number in range(1, self.count + 1)),
            weeks=given["weeks"],
            replications=given["replications"],
            seed=given["seed"],
            level=float(given["level"]),
        )

    def _scenario(self, number: int) -> Scenario:
        prefix, given, changes = f"s{number}", self.cleaned_data, []
        for at, service in _with_queues(self.network):
            of = f"{prefix}-service{at}"
            if given[f"{of}-add"]:
                start = given[f"{of}-from"] or 0
                changes.append(CapacityChange("capacity", service.id, add=given[f"{of}-add"], from_week=start))
            if given[f"{of}-order"] or given[f"{of}-ageing"] is not None:
                ageing = service.ageing_weeks if given[f"{of}-ageing"] is None else given[f"{of}-ageing"]
                changes.append(OrderChange("order", service.id, given[f"{of}-order"] or service.order, ageing))
        for at, pathway in enumerate(self.network.pathways):
            of = f"{prefix}-pathway{at}"
            if given[f"{of}-arrivals"]:
                times = round(1 + given[f"{of}-arrivals"] / 100, 6)
                changes.append(ArrivalChange("arrivals", pathway.id, times=times))
            if given[f"{of}-priority"] is not None:
                changes.append(PriorityChange("priority", pathway.id, given[f"{of}-priority"]))
        return Scenario("scenario", given[f"{prefix}-name"].strip(), tuple(changes))


def initial_of(asked: Asked, network: Network) -> dict[str, Any]:
    """Return what a form is filled in with to ask the same again; what it has no field for is left out."""
    services = {one.id: at for at, one in _with_queues(network)}
    pathways = {one.id: at for at, one in enumerate(network.pathways)}
    found: dict[str, Any] = {
        "weeks": asked.weeks,
        "replications": asked.replications,
        "seed": asked.seed,
        "level": f"{asked.level:g}",
    }
    for number, scenario in enumerate(asked.scenarios, 1):
        found[f"s{number}-name"] = scenario.name
        for change in scenario.changes:
            found |= {f"s{number}-{name}": value for name, value in _filled(change, network, services, pathways)}
    return found


def _filled(
    change: Any, network: Network, services: Mapping[str, int], pathways: Mapping[str, int]
) -> Iterator[tuple[str, Any]]:
    if isinstance(change, CapacityChange) and change.service in services:
        of = f"service{services[change.service]}"
        yield f"{of}-add", written(change.add)
        if change.from_week:
            yield f"{of}-from", change.from_week
    elif isinstance(change, OrderChange) and change.service in services:
        of, now = f"service{services[change.service]}", network.service(change.service)
        if change.order != now.order:
            yield f"{of}-order", change.order
        if change.ageing_weeks is not None and change.ageing_weeks != now.ageing_weeks:
            yield f"{of}-ageing", written(change.ageing_weeks)
    elif isinstance(change, ArrivalChange) and change.pathway in pathways:
        yield f"pathway{pathways[change.pathway]}-arrivals", written(round(100 * (change.times - 1), 3))
    elif isinstance(change, PriorityChange) and change.pathway in pathways:
        yield f"pathway{pathways[change.pathway]}-priority", change.priority


class TargetForm(RunForm):
    """How much more of a service brings a measure to a value by a week."""

    name = name_field()
    service = choice_field("More of which service", ())
    measure = choice_field("What is to be reached", ())
    is_at_most = choice_field("It should be", (("yes", "at most"), ("no", "at least")))
    value = number_field("Value", "the value to be reached", 0, 1e9, help_text="People, weeks, or per cent of a share")
    at_week = whole_field("By week", "the week of the target", 1, MOST_WEEKS)
    from_week = whole_field("The service has more from week", "the first week of more", 0, MOST_WEEKS)
    most = number_field("At most so much more", "the most more to be tried", 0.001, MOST_CAPACITY)
    in_steps = number_field("In steps of", "the step", 0.001, MOST_CAPACITY)

    def __init__(self, data: Any, *, network: Network, measures: list[Measure], **more: Any) -> None:
        super().__init__(data, **more)
        self.network, self.measures = network, {one.id: one for one in measures}
        self.fields["service"].choices = [
            (str(at), f"{title_of(one)} ({unit_of(one)})") for at, one in _with_queues(network)
        ]
        self.fields["measure"].choices = [(one.id, one.title) for one in measures if one.fewer_is_better is not None]
        names = "name service measure is_at_most value at_week from_week most in_steps".split()
        self.order_fields([*names, "replications", "seed", "level"])

    def clean(self) -> None:
        """Check what can be said of all fields together."""
        super().clean()
        if self.errors:
            return
        given = self.cleaned_data
        if given["from_week"] >= given["at_week"]:
            self.add_error("from_week", f"Enter a week before that of the target, {given['at_week']}")
        if given["in_steps"] > given["most"]:
            self.add_error("in_steps", "Enter a step of at most what is tried in all")
        is_share = self.measures[given["measure"]].unit == "share"
        if is_share and given["value"] > 100:
            self.add_error("value", "Enter a share in per cent, from 0 to 100")
        if not self.errors and (share := cost_of(self.asked, self.network).share) > 1:
            self.add_error("replications", TARGET_TOO_DEAR.format(times=share))

    @property
    def asked(self) -> AskedTarget:
        """What is asked, once it is valid."""
        given = self.cleaned_data
        value = given["value"]
        if self.measures[given["measure"]].unit == "share":
            value = round(value / 100, 6)
        return AskedTarget(
            kind="simulation_target",
            service=self.network.services[int(given["service"])].id,
            target=Target(given["measure"], given["at_week"], value, is_at_most=given["is_at_most"] == "yes"),
            from_week=given["from_week"],
            most=given["most"],
            step=given["in_steps"],
            replications=given["replications"],
            seed=given["seed"],
            level=float(given["level"]),
        )


TARGET_USUAL = {"replications": 10, "seed": 1, "level": "0.95", "at_week": YEAR, "from_week": 0, "is_at_most": "yes"}


def initial_of_target(asked: AskedTarget, network: Network, measures: list[Measure]) -> dict[str, Any]:
    """Return what a form is filled in with to ask the same again."""
    places = {one.id: str(at) for at, one in _with_queues(network)}
    is_share = {one.id: one.unit == "share" for one in measures}.get(asked.target.measure, False)
    return {
        "service": places.get(asked.service, ""),
        "measure": asked.target.measure,
        "is_at_most": "yes" if asked.target.is_at_most else "no",
        "value": written(asked.target.value * (100 if is_share else 1)),
        "at_week": asked.target.at_week,
        "from_week": asked.from_week,
        "most": written(asked.most),
        "in_steps": written(asked.step),
        "replications": asked.replications,
        "seed": asked.seed,
        "level": f"{asked.level:g}",
    }


def initial_of_reach(asked: AskedTarget, add: float | None, network: Network) -> dict[str, Any]:
    """Return what a form begins with to ask what reaching a target would do to every queue."""
    places = {one.id: at for at, one in _with_queues(network)}
    if not add or asked.service not in places:
        return {}
    of = f"s1-service{places[asked.service]}"
    named = f"{written(add)} more of {title_of(network.service(asked.service))}"
    return {"name": named, "s1-name": named[:80], f"{of}-add": written(add), f"{of}-from": asked.from_week or None}


UNCERTAIN = {
    "capacity": "capacities of services",
    "arrivals": "arrivals of pathways",
    "duration": "how long steps take",
    "patience": "how long people wait before they leave",
}
SENSITIVITY_USUAL = {"replications": 10, "seed": 1, "level": "0.95", "weeks": 2 * YEAR, "by": "20"} | {
    "of": ["capacity", "arrivals"]
}


class SensitivityForm(RunForm):
    """How far a measure goes when figures of the network are not what it says."""

    name = name_field()
    measure = choice_field("Which measure", ())
    of = forms.MultipleChoiceField(
        label="Which figures nobody knows well",
        choices=list(UNCERTAIN.items()),
        widget=forms.CheckboxSelectMultiple,
        error_messages=dict.fromkeys(("required", "invalid_choice", "invalid_list"), "Choose at least one kind"),
    )
    by = number_field("How far off each may be, in per cent", "how far off figures may be, in per cent,", 1, 90)
    weeks = whole_field("Weeks", "how many weeks to look ahead", 1, MOST_WEEKS)

    def __init__(self, data: Any, *, network: Network, measures: list[Measure], **more: Any) -> None:
        super().__init__(data, **more)
        self.network = network
        self.fields["measure"].choices = [(one.id, one.title) for one in measures]
        self.order_fields("name measure of by weeks replications seed level".split())

    def clean(self) -> None:
        """Check what can be said of all fields together."""
        super().clean()
        if self.errors:
            return
        if (share := cost_of(self.asked, self.network).share) > 1:
            self.add_error("replications", SENSITIVITY_TOO_DEAR.format(times=share))

    @property
    def asked(self) -> AskedSensitivity:
        """What is asked, once it is valid."""
        given = self.cleaned_data
        return AskedSensitivity(
            kind="simulation_sensitivity",
            measure=given["measure"],
            of=tuple(one for one in UNCERTAIN if one in given["of"]),
            by=round(given["by"] / 100, 6),
            weeks=given["weeks"],
            replications=given["replications"],
            seed=given["seed"],
            level=float(given["level"]),
        )


def initial_of_sensitivity(asked: AskedSensitivity) -> dict[str, Any]:
    """Return what a form is filled in with to ask the same again."""
    return {
        "measure": asked.measure,
        "of": list(asked.of),
        "by": written(100 * asked.by),
        "weeks": asked.weeks,
        "replications": asked.replications,
        "seed": asked.seed,
        "level": f"{asked.level:g}",
    }


class NameForm(forms.Form):
    """Another name for a question."""

    name = name_field()


def filled_from(data: Mapping[str, Any], without: int = 0) -> dict[str, Any]:
    """Return what was filled in, to show it again with a scenario more, or without one; later ones move up."""
    kept = {}
    for key, value in data.items():
        head, _, rest = key.partition("-")
        number = int(head[1:]) if rest and head[:1] == "s" and head[1:].isdecimal() else 0
        if without and number == without:
            continue
        moved = f"s{number - 1}-{rest}" if without and number > without else key
        kept[moved] = value
    return kept


def title_of(one: Service | Pathway) -> str:
    """Return what a service or a pathway is called."""
    return one.title or one.id


def unit_of(one: Service) -> str:
    """Return what a service gives."""
    return "slots a week" if one.gives == "slots" else "places"


def written(number: float) -> str:
    """Return a number as people write it."""
    return f"{round(number, 3):g}"


def _with_queues(network: Network) -> Iterator[tuple[int, Service]]:
    return ((at, one) for at, one in enumerate(network.services) if one.gives != "time")
