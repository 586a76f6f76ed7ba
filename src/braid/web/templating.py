"""Templates: the design system's macros beside our own pages, and what every page's frame needs."""

import datetime as dt
import hashlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from jinja2 import ChoiceLoader, Environment, PackageLoader, PrefixLoader

from braid.language.dates import LONDON
from braid.place.money.amounts import say_pence, say_pounds
from braid.trust.roles import ROLES, Role
from braid.web.organisation_names import organisation_words
from braid.web.served_place import served_marks

HERE = Path(__file__).resolve().parent
SPELT = "none one two three four five six seven eight nine ten".split()


def environment(**options: Any) -> Environment:
    """Return the template environment that Django's settings name."""
    components = PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")})
    options["loader"] = ChoiceLoader([options["loader"], components])
    made = Environment(trim_blocks=True, lstrip_blocks=True, **options)  # noqa: S701 - Django passes autoescape on
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
        return {"signed_in": None, "navigation": [], "marks": served_marks()}
    navigation = _navigation(request, user.role)
    return {"signed_in": user.display_name, "navigation": navigation, "marks": served_marks()}


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


def _navigation(request: HttpRequest, role_code: str) -> list[dict[str, Any]]:
    """Return the pages that a role may open, under the names of their groups; a group of none is not there."""
    role = ROLES.get(role_code)
    if role is None:
        return []
    groups = [
        (name, [_entry(request, code, text) for code, text, shown in pages if shown]) for name, pages in _groups(role)
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


def _entry(request: HttpRequest, code: str, text: str) -> dict[str, Any]:
    address = _url(code)
    return {"text": text, "href": address, "active": _is_here(request.path, address)}


def _is_here(path: str, target: str) -> bool:
    return path == target if target == "/" else path.startswith(target)


def _url(name: str, *arguments: object) -> str:
    return reverse(name, args=arguments) if arguments else _address(name)


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
