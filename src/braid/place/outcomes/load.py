"""Reading outcomes: those that ship and the place's own `outcomes.toml`. Strict: nothing unknown passes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from importlib import resources
from itertools import pairwise
from pathlib import Path

from braid.language.codes import CAUSE_GROUPS, EVENT_KINDS, EVENT_STATUSES, WAIT_KINDS
from braid.language.rule_files import Fault, Fields, RulesInvalid, read_text, read_toml
from braid.place.outcomes.model import (
    COUNTED,
    FIGURES,
    OWN,
    PATHS,
    PERIODS,
    SHIPPED,
    WITH_DAYS,
    Baseline,
    Change,
    Counted,
    Framework,
    Gap,
    Headline,
    Measure,
    Met,
    Outcome,
    Outcomes,
    Step,
    Target,
)
from braid.problems.conditions import load_cohort
from braid.problems.load import BETTER, load_statements
from braid.problems.model import Cohort, Statement, WaitsFor, WaitsInBacklogs
from braid.store.place_folder import Place

FILE = "outcomes.toml"
TOP = "outcomes"
STATEMENTS = "statements"
LONGEST_ID, LONGEST_NAME, LONGEST_TEXT = 40, 100, 500
NO_KINDS = ("people", "pupils")
OUTCOME_KEYS = tuple(
    "id name why better framework headline statement declared figure period counted among met per known_from baseline"
    " target change".split()
)
MET_KEYS = tuple("within_limit days_at_most days_at_least statuses causes attended_percent who".split())


def load_outcomes(place: Place) -> Outcomes:
    """Return what ships and what the place's `outcomes.toml` adds; an outcome of a shipped id replaces that one.

    Raises `RulesInvalid` with every fault, `RulesUnreadable` where the file is no TOML.
    """
    statements = load_statements(place.folder)
    shipped = shipped_outcomes(statements)
    path = place.folder / FILE
    if not path.is_file():
        return shipped
    return parse_outcomes(read_text(path), shipped, statements, place.district_names())


def shipped_outcomes(statements: Iterable[Statement]) -> Outcomes:
    """Return the ten headline outcomes of Supporting Families and the outcomes that shipped statements declare.

    An outcome of a statement that a place replaced by one without it is left out.
    """
    known = tuple(statements)
    declared = {(each.problem_id, one.measure_id) for each in known for one in each.outcomes}
    frameworks = [_statements_framework(known)]
    outcomes: list[Outcome] = []
    gaps: list[Gap] = []
    for name in (SHIPPED, STATEMENTS):
        found = _parse(shipped_text(name), f"{name}.toml", Outcomes(tuple(frameworks), (), ()), known, {})
        frameworks = list(found.frameworks)
        outcomes += [one for one in found.outcomes if not one.declared or (one.statement, one.declared) in declared]
        gaps += [one for one in found.gaps if one.framework != STATEMENTS or tuple(one.headline.split(".")) in declared]
    return Outcomes((frameworks[-1], frameworks[0]), tuple(outcomes), tuple(gaps))


def shipped_text(name: str) -> str:
    """Return a file that ships, as text."""
    return resources.files("braid.place.outcomes").joinpath("frameworks", f"{name}.toml").read_text(encoding="utf-8")


def parse_outcomes(
    text: str, shipped: Outcomes, statements: Iterable[Statement], districts: Mapping[str, str]
) -> Outcomes:
    """Return the outcomes of a place's file together with the shipped ones. Raises `RulesInvalid`."""
    own = _parse(text, FILE, shipped, tuple(statements), districts)
    taken = {one.id for one in own.outcomes}
    kept = tuple(one for one in shipped.outcomes if one.id not in taken)
    measured = {(one.framework, one.headline) for one in (*kept, *own.outcomes)}
    gaps = tuple(gap for gap in (*shipped.gaps, *own.gaps) if (gap.framework, gap.headline) not in measured)
    return Outcomes(own.frameworks, (*kept, *own.outcomes), gaps)


def _statements_framework(statements: Iterable[Statement]) -> Framework:
    """The outcomes that the place's problem statements declare, each a headline `statement.outcome`."""
    headlines = tuple(
        Headline(f"{each.problem_id}.{one.measure_id}", f"{each.name}: {one.name}", one.how)
        for each in statements
        for one in each.outcomes
    )
    return Framework(STATEMENTS, "Problem statements", "the place's problem statements", headlines)


def _parse(
    text: str, file: str, known: Outcomes, statements: tuple[Statement, ...], districts: Mapping[str, str]
) -> Outcomes:
    top = read_toml(text, file, TOP)
    top.check_known(("framework", "outcome", "gap"))
    frameworks = (*known.frameworks, *(_framework(fields) for fields in top.tables("framework")))
    headlines = {framework.id: {one.id for one in framework.headlines} for framework in frameworks}
    by_id = {statement.problem_id: statement for statement in statements}
    outcomes = tuple(_outcome(fields, headlines, by_id, districts) for fields in top.tables("outcome"))
    gaps = tuple(_gap(fields, headlines) for fields in top.tables("gap"))
    faults = [*top.faults, *_twice(file, "framework", (one.id for one in frameworks))]
    faults += _twice(file, "outcome", (one.id for one in outcomes))
    if faults:
        raise RulesInvalid(faults)
    return Outcomes(frameworks, outcomes, gaps)


def _twice(file: str, what: str, ids: Iterable[str]) -> list[Fault]:
    times = Counter(one for one in ids if one)
    return [
        Fault(file, what, f"{one!r} is there twice", f"give each {what} its own id")
        for one in sorted(one for one, count in times.items() if count > 1)
    ]


def _framework(fields: Fields) -> Framework:
    fields.check_known(("id", "name", "source", "headline"))
    headlines = tuple(_headline(one) for one in fields.tables("headline"))
    name, source = fields.text("name", LONGEST_NAME), fields.text("source", LONGEST_TEXT)
    return Framework(fields.name("id", LONGEST_ID), name, source, headlines)


def _headline(fields: Fields) -> Headline:
    fields.check_known(("id", "name", "about"))
    name, about = fields.text("name", LONGEST_NAME), fields.text("about", LONGEST_TEXT)
    return Headline(fields.name("id", LONGEST_ID), name, about)


def _gap(fields: Fields, headlines: Mapping[str, Collection[str]]) -> Gap:
    fields.check_known(("framework", "headline", "because"))
    framework = fields.code("framework", headlines)
    headline = fields.code("headline", headlines.get(framework, ())) if framework else ""
    return Gap(framework, headline, fields.text("because", LONGEST_TEXT))


def _outcome(
    fields: Fields,
    headlines: Mapping[str, Collection[str]],
    statements: Mapping[str, Statement],
    districts: Mapping[str, str],
) -> Outcome:
    fields.check_known(OUTCOME_KEYS)
    statement = fields.code("statement", statements) if fields.has("statement") else ""
    declared = _declared(fields, statements.get(statement))
    framework, headline = _headline_of(fields, headlines, statement, declared)
    measure = _measure(fields)
    baseline = _baseline(fields.table("baseline")) if fields.has("baseline") else None
    target = _target(fields.table("target")) if fields.has("target") else None
    if target and target.path == "linear" and baseline is None:
        fields.refuse("a straight line to the target begins at a baseline", "add a baseline, or write stepped")
    return Outcome(
        id=fields.name("id", LONGEST_ID),
        name=fields.text("name", LONGEST_NAME),
        why=fields.text("why", LONGEST_TEXT),
        better=fields.code("better", BETTER),
        framework=framework,
        headline=headline,
        measure=measure,
        statement=statement,
        declared=declared,
        baseline=baseline,
        target=target,
        changes=tuple(_change(one, districts) for one in fields.tables("change")),
    )


def _declared(fields: Fields, statement: Statement | None) -> str:
    if not fields.has("declared"):
        return ""
    if statement is None:
        fields.refuse("'declared' names an outcome of a statement", "name the statement too")
        return ""
    return fields.code("declared", [one.measure_id for one in statement.outcomes])


def _headline_of(
    fields: Fields, headlines: Mapping[str, Collection[str]], statement: str, declared: str
) -> tuple[str, str]:
    """Return the framework and headline: as written, else that of the statement's own outcome, else the place's own."""
    if not fields.has("framework"):
        if fields.has("headline"):
            fields.refuse("'headline' is one of a framework", "name the framework too")
        return (STATEMENTS, f"{statement}.{declared}") if declared else (OWN, "")
    framework = fields.code("framework", headlines)
    return framework, fields.code("headline", headlines.get(framework, ())) if framework else ""


def _measure(fields: Fields) -> Measure:
    figure, period = fields.code("figure", FIGURES), fields.code("period", PERIODS)
    counted = _counted(fields)
    met = _met(fields.table("met"), counted) if fields.has("met") else Met()
    per = _cohort(fields.table("per")) if fields.has("per") else None
    _check_figure(fields, figure, counted, met, has_per=per is not None)
    return Measure(figure, period, counted, met, per, fields.day("known_from") if fields.has("known_from") else None)


def _counted(fields: Fields) -> Counted:
    table = fields.table("counted")
    table.check_known(("of", "kinds"))
    of = table.code("of", COUNTED)
    kinds: tuple[str, ...] = ()
    if of in NO_KINDS:
        if table.has("kinds"):
            table.refuse(f"{of} have no kinds", "leave kinds out, and say in among who is counted")
    elif of:
        kinds = table.codes("kinds", EVENT_KINDS if of == "events" else WAIT_KINDS)
    among = _cohort(fields.table("among")) if fields.has("among") else None
    if of == "people" and among is None:
        fields.refuse("people are counted, and nothing says which", "add among with a condition")
    return Counted(of, kinds, among)


def _met(fields: Fields, counted: Counted) -> Met:
    fields.check_known(MET_KEYS)
    for keys, of in (
        (("within_limit", "days_at_most", "days_at_least"), WITH_DAYS),
        (("statuses", "causes"), ("events",)),
        (("attended_percent",), ("pupils",)),
    ):
        for key in keys:
            if fields.has(key) and counted.of not in of:
                fields.refuse(f"{key!r} is only for {' and '.join(of)}", f"leave {key} out")

    def number(key: str, what: str, most: int | None = None) -> int | None:
        return fields.number(key, what, 0, most) if fields.has(key) else None

    return Met(
        within_limit=fields.flag("within_limit") if fields.has("within_limit") else False,
        days_at_most=number("days_at_most", "days"),
        days_at_least=number("days_at_least", "days"),
        statuses=fields.codes("statuses", EVENT_STATUSES) if fields.has("statuses") else (),
        causes=fields.codes("causes", CAUSE_GROUPS) if fields.has("causes") else (),
        attended_percent=number("attended_percent", "per cent", 100),
        who=_cohort(fields.table("who")) if fields.has("who") else None,
    )


def _check_figure(fields: Fields, figure: str, counted: Counted, met: Met, *, has_per: bool) -> None:
    says_nothing = met == Met()
    if figure == "share" and says_nothing:
        fields.refuse("a share needs to say what is met", "add met with what must hold")
    if figure == "median" and counted.of and counted.of not in WITH_DAYS:
        fields.refuse(f"a median is of days, and {counted.of} have none", f"count {' or '.join(WITH_DAYS)}")
    if figure == "median" and not says_nothing:
        fields.refuse("a median is of all that is counted", "leave met out, or say in among who is counted")
    if (figure == "rate") is not has_per:
        fields.refuse("a rate, and nothing else, says among whom it is", "add per with a condition, or leave it out")
    if figure == "rate" and counted.of in ("people", "waits_open"):
        fields.refuse("a rate counts what happens in a period", "count what began, ended or happened")


def _cohort(fields: Fields) -> Cohort:
    """Read whom conditions leave in. Two forms say nothing of a day that is gone, and are refused."""
    cohort = load_cohort(fields, "", ())
    for condition in cohort.conditions:
        if isinstance(condition, WaitsInBacklogs):
            fields.refuse("'backlogs_at_least' is known for the day of a run alone", "use a condition with wait")
        if isinstance(condition, WaitsFor) and condition.standing is not None:
            fields.refuse("as whom somebody waits is known for the day of a run alone", "leave this condition out")
    return cohort


def _baseline(fields: Fields) -> Baseline:
    if fields.has("value"):
        fields.check_known(("value", "source"))
        return Baseline(value=fields.measure("value"), source=fields.text("source", LONGEST_TEXT))
    fields.check_known(("from", "until"))
    first, last = fields.day("from"), fields.day("until")
    if last < first:
        fields.refuse("the baseline ends before it begins", "write until on a later day")
    return Baseline(first_date=first, last_date=last)


def _target(fields: Fields) -> Target:
    path = fields.code("path", PATHS)
    if path == "stepped":
        fields.check_known(("path", "step"))
        steps = tuple(_step(one, ("by", "value")) for one in fields.tables("step"))
        if not steps:
            fields.refuse("a stepped target has no step", "add a step with by and value")
        if any(one.by_date >= other.by_date for one, other in pairwise(steps)):
            fields.refuse("the steps are not in order of day", "write the earliest first")
        return Target(steps, path)
    target = Target((_step(fields, ("path", "from", "by", "value")),), path, fields.day("from"))
    if target.from_date is not None and target.from_date >= target.last.by_date:
        fields.refuse("the way to the target ends before it begins", "write by on a later day than from")
    return target


def _step(fields: Fields, keys: tuple[str, ...]) -> Step:
    fields.check_known(keys)
    return Step(fields.day("by"), fields.measure("value"))


def _change(fields: Fields, districts: Mapping[str, str]) -> Change:
    fields.check_known(("what", "from", "districts", "else_changed", "recalculates"))
    return Change(
        what=fields.text("what", LONGEST_TEXT),
        from_date=fields.day("from"),
        districts=fields.codes("districts", districts) if fields.has("districts") else (),
        else_changed=fields.text("else_changed", LONGEST_TEXT),
        recalculates=fields.text("recalculates", LONGEST_TEXT) if fields.has("recalculates") else "",
    )


def find_file(folder: Path) -> Path | None:
    """Return the place's own file of outcomes; `None` where it wrote none."""
    path = folder / FILE
    return path if path.is_file() else None
