"""What was forecast beside what was published: which list is of which queue, and what lies inside the band."""

import datetime as dt
from dataclasses import replace

import pytest

from braid.place.forecasts import Forecast, Sighting, follow, freeze, kinds_of_services, read_forecast, write_forecast
from braid.simulation.answer import Question, answer
from braid.simulation.calibration import default_rules
from braid.simulation.durations import Exponential
from braid.simulation.measures import Fan
from braid.simulation.model import Network, Pathway, Present, Service, Step, Weekly
from braid.simulation.scenarios import CapacityChange, Scenario

RULES = default_rules()
START = dt.date(2026, 11, 2)
WEEK = dt.timedelta(weeks=1)


def network(weeks: int = 60) -> Network:
    """A queue of one kind of wait, by the id that rules of calibration give its service."""
    step = Step("therapy", ("therapy",), Exponential("exponential", 1.0), title="Therapy")
    return Network(
        kind="network",
        name="Small",
        start=START,
        weeks=weeks,
        services=(Service("therapy", "slots", Weekly(8.0), title="Therapy"),),
        pathways=(Pathway("person", (step,), Weekly(8.0), unit="person", title="People"),),
        present=(Present("person", 100, least=0.0, most=20.0),),
        sources={},
    )


@pytest.fixture(scope="module")
def answered():
    more = Scenario("scenario", "more therapy", (CapacityChange("capacity", "therapy", add=2.0),))
    return answer(Question("simulation_question", network(), (more,), replications=10))


@pytest.fixture
def forecast(answered) -> Forecast:
    return freeze(answered, 0, "How many more", "d" * 64, ("Therapy: 2 more slots a week",))


def with_band(forecast: Forecast, about: str = "therapy", begins: float = 100.0) -> Forecast:
    """The same with a band that anybody can reckon: it begins alike and is 80 to 90 from the first week on."""
    weeks = tuple(range(61))
    flat = {"0.05": 80.0, "0.25": 82.0, "0.5": 85.0, "0.75": 88.0, "0.95": 90.0}
    bands = {share: (begins, *[value] * 60) for share, value in flat.items()}
    return replace(forecast, then=(Fan(about, "Therapy", weeks, (begins, *[85.0] * 60), bands),))


def test_a_forecast_is_the_answer_and_comes_back_as_it_was_kept(answered, forecast):
    assert forecast.scenario == "more therapy"
    assert forecast.then == answered.told[1].fans
    assert forecast.now == answered.told[0].fans
    assert forecast.comparison == answered.comparisons[0]
    assert forecast.question_fingerprint == answered.question
    assert read_forecast(write_forecast(forecast)) == forecast
    for number in (-1, 1):
        with pytest.raises(ValueError, match="no scenario"):
            freeze(answered, number, "", "", ())


def test_kinds_of_services_are_those_of_all_steps():
    known = kinds_of_services(RULES)
    for pathway in RULES.pathways:
        for step in pathway.steps:
            assert step.kind in known[step.service]
    assert known["therapy"] == ("therapy",)


@pytest.mark.parametrize(
    ("waiting", "verdict"),
    [(77, "below"), (78, "inside"), (80, "inside"), (90, "inside"), (92, "inside"), (93, "above"), (None, "not_shown")],
)
def test_a_published_size_is_inside_where_what_it_stands_for_may_be(forecast, waiting, verdict):
    sizes = {"therapy": [(START, 100), (START + 4 * WEEK, waiting)]}
    (one,) = follow(with_band(forecast), sizes, START, RULES)
    assert one.sightings == (Sighting(START + 4 * WEEK, waiting, 80.0, 85.0, 90.0, verdict),)
    assert one.because == ""


def test_between_two_rows_the_band_is_straight(forecast):
    sizes = {"therapy": [(START, 100), (START + 3 * WEEK / 7, 93), (START + 6 * WEEK / 7, 93)]}
    (one,) = follow(with_band(forecast), sizes, START, RULES)
    first, second = one.sightings
    assert (first.low, first.high) == pytest.approx((100 - 20 * 3 / 7, 100 - 10 * 3 / 7))
    assert (first.verdict, second.verdict) == ("inside", "inside")
    assert second.high == pytest.approx(100 - 10 * 6 / 7)


def test_words_say_on_how_many_days_it_was_outside(forecast):
    sizes = {"therapy": [(START, 100), (START + WEEK, 85), (START + 2 * WEEK, 95), (START + 3 * WEEK, None)]}
    (one,) = follow(with_band(forecast), sizes, START, RULES)
    assert one.words == (
        "Outside the band on 1 of 2 published days since the decision: 95 on 16 November 2026, above the band."
    )
    (inside,) = follow(with_band(forecast), {"therapy": sizes["therapy"][:2]}, START, RULES)
    assert inside.words == "Inside the band on each of 1 published day since the decision."
    (none,) = follow(with_band(forecast), {"therapy": sizes["therapy"][:1]}, START, RULES)
    assert none.words.startswith("No size has been published since")


def test_only_days_after_the_decision_and_within_the_forecast_count(forecast):
    decided = START + 2 * WEEK
    days = [START, START + WEEK, decided, decided + WEEK, START + 60 * WEEK, START + 61 * WEEK]
    sizes = {"therapy": [(day, 100) for day in days]}
    (one,) = follow(with_band(forecast), sizes, decided, RULES)
    assert [each.day for each in one.sightings] == [decided + WEEK, START + 60 * WEEK]


@pytest.mark.parametrize(
    ("about", "said"),
    [
        ("nowhere", "No kind of wait is known"),
        ("temporary_accommodation", "who holds a place"),
    ],
)
def test_a_list_that_is_not_one_published_queue_is_not_compared(forecast, about, said):
    sizes = {kind: [(START, 100), (START + WEEK, 85)] for kind in ("therapy", "temporary_accommodation")}
    (one,) = follow(with_band(forecast, about), sizes, START, RULES)
    assert said in one.because
    assert one.sightings == ()
    assert one.words.startswith("Not compared. ")


def test_a_service_of_several_kinds_and_a_kind_of_several_services_are_not_compared(forecast):
    first, *_ = RULES.pathways
    step = next(one for each in RULES.pathways for one in each.steps if one.service == "therapy")
    both = replace(RULES, pathways=(*RULES.pathways, replace(first, steps=(replace(step, kind="rtt"),))))
    assert "several kinds" in follow(with_band(forecast), {}, START, both)[0].because
    kept = (
        replace(each, steps=tuple(one for one in each.steps if one.service != "family_court"))
        for each in RULES.pathways
    )
    moved = replace(first, steps=(replace(step, service="family_court"),))
    alone = replace(RULES, pathways=(*kept, moved))
    assert "several services" in follow(with_band(forecast), {}, START, alone)[0].because


@pytest.mark.parametrize(
    ("published", "is_compared"), [(100, True), (110, True), (111, True), (112, False), (88, False)]
)
def test_what_does_not_begin_alike_is_not_compared(forecast, published, is_compared):
    sizes = {"therapy": [(START - 7 * WEEK / 7, published), (START + 3 * WEEK, 85)]}
    (one,) = follow(with_band(forecast), sizes, START, RULES)
    assert (one.because == "") == is_compared


def test_without_a_size_on_its_first_day_nothing_is_compared(forecast):
    sizes = {"therapy": [(START - 2 * WEEK, 100), (START, None), (START + 3 * WEEK, 85)]}
    assert "No size was published on its first day" in follow(with_band(forecast), sizes, START, RULES)[0].because
