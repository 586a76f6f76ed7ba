"""Templates: the design system's macros beside our own pages, and what every page's frame needs."""

import datetime as dt
import hashlib
from collections.abc import Iterable
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, ClassVar
from uuid import UUID

from django.http import HttpRequest
from django.template import engines
from django.urls import reverse
from jinja2 import ChoiceLoader, Environment, PackageLoader, PrefixLoader, Template, nodes
from jinja2.ext import Extension
from jinja2.parser import Parser
from markupsafe import escape

from braid.language.dates import LONDON
from braid.language.person_ids import is_person_id
from braid.place.money.amounts import say_pence, say_pounds
from braid.trust.roles import ROLES, Role
from braid.web.organisation_names import organisation_words
from braid.web.served_place import served_marks

HERE = Path(__file__).resolve().parent
SPELT = "none one two three four five six seven eight nine ten".split()


class Cell(Extension):
    """`{% cell "Label" %}...{% endcell %}`: a cell of a table, which says its column where the table becomes a list.

    Written into the page's own text as the template is read; a macro is called anew for each cell of each row, some
    hundred times a page. `unprinted` after the label leaves it out on paper.
    """

    tags: ClassVar[set[str]] = {"cell"}

    def parse(self, parser: Parser) -> list[nodes.Node]:
        """Read the tag; what is in it stands in the template as it did."""
        line = next(parser.stream).lineno
        label = escape(parser.stream.expect("string").value)
        unprinted = " app-column-no-print" if parser.stream.skip_if("name:unprinted") else ""
        body = parser.parse_statements(("name:endcell",), drop_needle=True)
        begin = f'<td role="cell" data-label="{label}" class="govuk-table__cell{unprinted}">'
        return [_text(begin, line), *body, _text("</td>", line)]


def _text(words: str, line: int) -> nodes.Node:
    return nodes.Output([nodes.TemplateData(words)], lineno=line)


class OurTemplate(Template):
    """A template whose macros are made once: all of ours have the same globals, of which Jinja asks at each import."""

    def _get_default_module(self, ctx: Any = None) -> Any:
        return self._module or super()._get_default_module(ctx)


class OurEnvironment(Environment):
    """Where templates come from."""

    template_class = OurTemplate


def environment(**options: Any) -> Environment:
    """Return the template environment that Django's settings name."""
    components = PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")})
    options["loader"] = ChoiceLoader([options["loader"], components])
    made = OurEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[Cell], **options
    )  # Django passes autoescape on
    made.globals.update(url=_url, style_sheet=_style_sheet, script=_script, errors_in=_errors_in)
    made.filters.update(
        day=day_words, month=month_words, moment=moment_words, number=number_words, age=age_words, spelt=spelt_words
    )
    made.filters.update(pounds=say_pence, whole_pounds=say_pounds)
    made.filters.update(clock=clock_words, due=due_words, minute=minute_words, organisation=organisation_words)
    return made


def page_frame(request: HttpRequest) -> dict[str, Any]:
    """Return what every page's frame shows: who is signed in, where they may go, and what the data is."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"signed_in": None, "navigation": "", "marks": served_marks()}
    return {
        "signed_in": user.display_name,
        "navigation": draw_navigation(user.role, _here(request.path, user.role)),
        "marks": served_marks(),
    }


@lru_cache(maxsize=500)
def draw_navigation(role_code: str, here: frozenset[str]) -> Any:
    """Return the pages that a role may open, in their groups, with those marked that one is at: alike for everybody of
    the role, and drawn once."""
    groups = [
        {**group, "entries": [{**entry, "active": entry["href"] in here} for entry in group["entries"]]}
        for group in _links_of(role_code)
    ]
    template = engines.all()[0].env.get_template("navigation.html")
    return template.make_module({"navigation": groups}) if groups else ""


def _here(path: str, role_code: str) -> frozenset[str]:
    """Return which of the addresses of a role's navigation lead to where one is."""
    return frozenset(address for address in _addresses_of(role_code) if _is_here(path, address))


@cache
def _addresses_of(role_code: str) -> tuple[str, ...]:
    return tuple(entry["href"] for group in _links_of(role_code) for entry in group["entries"])


def month_words(value: dt.date) -> str:
    """Return the month of a day, as `November 2026`."""
    return f"{value:%B %Y}"


def day_words(value: dt.date | None, absent: str = "Not known") -> str:
    """Return a date as people read it: 5 November 2026."""
    return f"{value.day} {value:%B %Y}" if value else absent


def moment_words(value: dt.datetime) -> str:
    """Return a moment in UK time: 5 November 2026, 14:05:09."""
    local = value.astimezone(LONDON)
    return f"{day_words(local.date())}, {local:%H:%M:%S}"


def minute_words(value: dt.datetime) -> str:
    """Return a moment in UK time, to the minute: 5 November 2026, 14:05."""
    local = value.astimezone(LONDON)
    return f"{day_words(local.date())}, {local:%H:%M}"


def clock_words(value: dt.datetime | dt.time) -> str:
    """Return a time of the day in UK time: 14:05."""
    return f"{value.astimezone(LONDON) if isinstance(value, dt.datetime) else value:%H:%M}"


def due_words(value: dt.datetime) -> str:
    """Return until when something is due, in UK time: midnight is the end of the day before it, as people say it."""
    local = value.astimezone(LONDON)
    if local.time() == dt.time():
        return f"end of {day_words(local.date() - dt.timedelta(days=1))}"
    return f"{day_words(local.date())}, {local:%H:%M}"


def age_words(value: dt.timedelta) -> str:
    """Return an age in days, hours and minutes: 2 days 10 hours; 5 minutes."""
    minutes = max(0, int(value.total_seconds()) // 60)
    parts = ((minutes // 1440, "day"), (minutes // 60 % 24, "hour"), (minutes % 60, "minute"))
    said = [f"{count} {unit}{'' if count == 1 else 's'}" for count, unit in parts if count]
    return " ".join(said[:2]) or "under a minute"


def number_words(value: float) -> str:
    """Return a number with commas, without decimals."""
    return f"{round(value):,}"


def spelt_words(value: int) -> str:
    """Return a small number as people say it: three; one that is not small in digits."""
    return SPELT[value] if value < len(SPELT) else number_words(value)


def _links_of(role_code: str) -> list[dict[str, Any]]:
    """Return the pages that a role may open, under the names of their groups; a group of none is not there."""
    role = ROLES.get(role_code)
    if role is None:
        return []
    groups = [
        (name, [{"text": text, "href": _url(code)} for code, text, shown in pages if shown])
        for name, pages in _groups(role)
    ]
    return [{"name": name, "entries": entries} for name, entries in groups if entries]


def _groups(role: Role) -> list[tuple[str, list[tuple[str, str, bool]]]]:
    """Every page of the navigation by group, in the order in which each role has them, and whether it has it."""
    return [
        (
            "People",
            [
                ("people", "People", role.sees_people),
                ("work", "Work list", role.sees_people),
                ("find", "Find", role.sees_people),
                ("break_glass", "Emergency access", role.sees_people),
                ("messages", "Messages", role.sees_people),
            ],
        ),
        (
            "Care",
            [
                ("cases", "Joint cases", role.sees_people),
                ("meetings", "Meetings", role.sees_people),
                ("commission_returns", "Returns", role.sees_people),
            ],
        ),
        (
            "Waits",
            [
                ("backlogs", "Backlogs", role.sees_place),
                ("blockers", "Blockers", role.sees_place),
                ("problems", "Problems", role.sees_place),
                ("rules", "Rules and fairness", role.sees_place),
            ],
        ),
        (
            "Linking",
            [
                ("link_reviews", "Links", role.decides_links),
                ("link_quality", "Quality of links", role.decides_links or role.governs),
                ("feeds", "Feeds", role.reads_sources),
            ],
        ),
        (
            "Planning",
            [
                ("placements", "Placements", "placements" in role.plans),
                ("listing", "Listing", "listing" in role.plans),
                ("simulations", "Simulations", role.simulates),
                ("portfolio", "Portfolio", role.governs),
            ],
        ),
        (
            "Place",
            [
                ("place", "Place", role.sees_place),
                ("bodies", "Bodies", role.sees_place),
                ("crosswalk", "Crosswalk", True),
                ("outcomes", "Outcomes", role.governs),
                ("chains", "Chains", role.governs),
            ],
        ),
        ("Boards", [("boards", "Boards", role.governs), ("boards_together", "Boards together", role.governs)]),
        (
            "Money",
            [
                ("funds", "Funds", role.governs),
                ("costs", "Costs", role.governs),
                ("commissions", "Commissions", role.governs),
            ],
        ),
        (
            "Record",
            [
                ("tasks", "Safety tasks", role.sees_audit),
                ("audit", "Audit", role.sees_audit),
                ("trust", "Trust", role.sees_audit),
                ("conflicts", "Conflicts", True),
                ("status", "Status", True),
            ],
        ),
    ]


def _is_here(path: str, target: str) -> bool:
    return path == target if target == "/" else path.startswith(target)


def _url(name: str, *arguments: object) -> str:
    if not arguments:
        return _address(name)
    kinds = tuple(map(_kind_of, arguments))
    return reverse(name, args=arguments) if "" in kinds else _pattern(name, kinds) % arguments


def _kind_of(argument: object) -> str:
    """Return the form of what an address names, where addresses of the form are alike in all else; or nothing."""
    if isinstance(argument, UUID):
        return "uuid"
    if type(argument) is int and argument >= 0:
        return "number"
    return "person" if type(argument) is str and is_person_id(argument) else ""


_STANDS_FOR: dict[str, tuple[object, ...]] = {
    "uuid": tuple(UUID(f"{n:08x}-b1a1-4b1a-8b1a-b1a1db1a1db1") for n in range(1, 9)),
    "number": tuple(870_310_100 + n for n in range(1, 9)),
    "person": tuple(f"b1a1d{n:027x}" for n in range(1, 9)),
}
"""What stands in an address for an argument of each form, by its place, until the argument is known."""


@lru_cache(maxsize=1000)
def _pattern(name: str, kinds: tuple[str, ...]) -> str:
    """Return the address of a page with a place for each argument: written once, as Django writes it, for all."""
    stand_ins = [_STANDS_FOR[kind][at] for at, kind in enumerate(kinds)]
    address = reverse(name, args=stand_ins).replace("%", "%%")
    for stand_in in stand_ins:
        address = address.replace(str(stand_in), "%s")
    return address


@cache
def _address(name: str) -> str:
    """Address of a page that needs nothing to find it: the same at every asking, and some thirty on every page."""
    return reverse(name)


def _errors_in(forms: Iterable[Any]) -> bool:
    """Return whether a form that was sent was refused: the title of the page says so first."""
    return any(form.errors for form in forms)


def _style_sheet(name: str = "braid") -> str:
    return _stamped(f"{name}.css")


def _script(name: str) -> str:
    return _stamped(f"{name}.js")


@cache
def _stamped(name: str) -> str:
    """Address of a file of ours, with a stamp of its content so that browsers take a new one at once."""
    content = (HERE / "static" / "braid" / name).read_bytes()
    return f"/static/braid/{name}?v={hashlib.sha256(content).hexdigest()[:12]}"
