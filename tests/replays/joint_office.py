"""What the replays of joint work do: ask every address as an attacker would, send every form, gather what leaves.

Addresses come from the map of addresses, so that a new one is asked without being listed; forms come from the pages
themselves, each field of them filled.
"""

import csv
import io
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from django.db import connection
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from joint_sample import Joint
from joint_table import CHANNELS, OTHER_VIEWS, VIEWS
from page_forms import _Forms
from ways_to_ask import OBJECTS

from braid.web.watch import known_asker

WORDS = (
    "words of a referral",
    "Something to do",
    "words of a goal",
    "words of a review",
    "words of a person",
    "words of a return",
    "words of a meeting",
    "words of a chair",
    "words of a decision",
    "words of a draft",
    "words of a reason",
    "words of a correction",
    "words of an answer",
    "words of a building",
    "words of a nurse",
    "Somebody apart",
    "words of somebody served",
    "words of a service plan",
    "words of evidence",
)
"""What stands in the tables of `joint_sample.put_joint`: a canary for each kind of words."""
CHANNEL_OF = {name: channel for channel, names in CHANNELS.items() for name in names}
KEPT = (
    "referral jointcase casesubject casemember caseoffer casewait meeting agendaitem meetingreturn returnline".split()
)
KEPT += "agencynote dissent attendance minutesamendment careaction casereadiness readinessday plannedmove mover".split()
KEPT += "movenotice responseevent jointplan plangoal goalaction planapproval planreview goalreview ownview".split()
KEPT += "ownwords replylink draft outboxmessage sharedecision movecorrection".split()
KEPT += "appointmentsheet shownplan proposal proposalperson proposalchoice proposalanswer answeredperson".split()
KEPT += ["listingchange", "boardpaper"]
KEPT += "casedocument documentsubject documentversion documentreader".split()
KEPT += "serviceepisode serviceplan servicesession outcomescore roundreturn".split()
"""The tables that an attacker must not have changed."""


def addresses(patterns=None, prefix="/") -> Iterator[tuple[str, str, str]]:
    """Yield name, address and room of every address of the map."""
    for pattern in patterns or get_resolver().url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern):
            yield str(pattern.name), route, pattern.callback.__module__


def joint_addresses() -> dict[str, str]:
    """Return the addresses of joint work by name. Fails where a room of views is in neither list."""
    found = {}
    for name, route, room in addresses():
        where = room.rpartition(".")[2]
        if room.startswith("braid.web.views."):
            assert where in VIEWS | OTHER_VIEWS, f"{room}: say in joint_table.py whether this is joint work"
            if where in VIEWS:
                found[name] = route
    return found


def ids_of(joint: Joint, person_id: str, **more: str) -> dict[str, str]:
    """Return what to put into addresses, by the name of the parameter."""
    ids = {
        f"{name}_id": getattr(joint, name)
        for name in ("referral", "case", "led", "offer", "meeting", "item", "document", "proposal", "hearing", "paper")
    }
    ids["minutes_id"] = joint.minutes
    ids["return_id"] = joint.referral  # of a team, about nobody: none is there
    return {**ids, "person_id": person_id, "number": "1", "team_id": "hospital-safeguarding", "token": "x" * 43, **more}


class Sweep:
    """Every address of joint work asked by one client, by every method and form that is known of it."""

    def __init__(self, client: Client, ids: Mapping[str, str], typed: Iterable[Mapping[str, str]] = ()) -> None:
        self.client, self.ids = client, ids
        self.answers: dict[str, list] = defaultdict(list)
        self._typed = list(typed)

    def at(self, ids: Mapping[str, str]) -> "Sweep":
        """Go on with other ids; return this."""
        self.ids = ids
        return self

    def ask(self, *only: str) -> "Sweep":
        """Ask each address, or those of these names; return this."""
        for name, route in joint_addresses().items():
            if not only or name in only:
                address = self.address_of(route)
                self.answers[name].append(self.client.get(address))
                for form in self._forms_of(name, route):
                    self.answers[name].append(self.client.post(address, form))
        return self

    def address_of(self, route: str) -> str:
        """Return an address with its parameters filled in. Fails for a parameter that nobody has placed."""
        return re.sub(r"<(?:\w+:)?(\w+)>", lambda found: self.ids[found[1]], route)

    def _forms_of(self, name: str, route: str) -> list[dict[str, str]]:
        known = [way.form for way in OBJECTS if way.route == route and way.method == "POST"]
        return [*known, *self._typed, {}] if name in ("find", "own", "reply") else [*known, {}]

    def by_channel(self) -> dict[str, bytes]:
        """Return all that was answered, with its headers, by channel."""
        found: dict[str, bytes] = defaultdict(bytes)
        for name, answers in self.answers.items():
            for one in answers:
                found[CHANNEL_OF[name]] += one.content + repr(one.headers).encode() + b"\n"
        return found

    def statuses(self, *names: str) -> set[int]:
        """Return the statuses of the answers at these addresses."""
        return {one.status_code for name in names for one in self.answers[name]}


def hits(texts: Mapping[str, bytes], secrets: Iterable[str]) -> list[str]:
    """Return what stands where it must not, as `channel: secret`: as it is, and as HTML writes it."""
    found = []
    for channel, text in texts.items():
        folded = b"".join(text.split()).lower()
        for secret in secrets:
            plain = "".join(secret.split()).lower()
            ways = {plain, plain.replace("'", "&#39;"), plain.replace("'", "&#x27;")}
            found += [f"{channel}: {secret}" for way in ways if way.encode() in folded]
    return sorted(set(found))


def state() -> dict[str, str]:
    """Return a digest of each table of joint work."""
    found = {}
    with known_asker(), connection.cursor() as cursor:
        for table in KEPT:
            cursor.execute(f"select md5(coalesce(string_agg(t::text, '|' order by t::text), '')) from braid_{table} t")
            found[table] = cursor.fetchone()[0]
    return found


def everything_kept(written_alone: bool = False) -> str:
    """Return every row of every table of the pages as text, sealed values as they are.

    With `written_alone` just tables that this transaction wrote to: what a form leaves behind is in one of them.
    """
    changed = "(select relname from pg_stat_xact_user_tables where n_tup_ins + n_tup_upd > 0)"
    with known_asker(), connection.cursor() as cursor:
        cursor.execute(
            "select tablename from pg_tables where schemaname = 'public' and tablename like 'braid\\_%'"
            + (f" and tablename in {changed}" if written_alone else "")
        )
        texts = []
        for (table,) in cursor.fetchall():
            cursor.execute(f"select coalesce(string_agg(t::text, chr(10)), '') from \"{table}\" t")
            texts.append(cursor.fetchone()[0])
    return "\n".join(texts)


class _Buttons(_Forms):
    """Forms with the names and values of their buttons, and which fields are long words."""

    def handle_starttag(self, tag, attrs) -> None:
        super().handle_starttag(tag, attrs)
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._add("", "action", given.get("action", ""))
        if tag == "button" and self._is_open and given.get("name"):
            self._add(given["name"], "button", given.get("value", ""))


def forms_of(page: str, words: str, day: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield each form of a page as somebody sends it who types `words` wherever words fit.

    Once for each button, with the first and with the last choice of each list; with it the address it goes to, empty
    for the page's own.
    """
    parser = _Buttons()
    parser.feed(page)
    for form in parser.forms:
        sent, other, buttons, action = {}, {}, [("", "")], ""
        for name, (kind, options) in form.items():
            if kind == "button":
                buttons = [*buttons, *((name, value) for value in options)]
            elif kind == "action":
                action = options[0]
            elif kind == "text":
                sent[name] = _typed(name, words, day)
            elif kind == "hidden":
                sent[name] = options[0]
            else:
                sent[name] = next((one for one in options if one), "")
                other[name] = options[-1]
        for name, value in buttons:
            yield action, {**sent, name: value} if name else dict(sent)
            if any(sent[one] != last for one, last in other.items()):
                yield action, {**sent, **other, name: value} if name else {**sent, **other}


def _typed(name: str, words: str, day: str) -> str:
    last = name.rpartition("-")[2].rpartition(".")[2]
    if re.search(r"(^day$|_on$|until$|^due|date)", last):
        return day
    if last in ("starts_at", "at"):
        return f"{day} 10:00"
    if re.search(r"(^days$|minutes|hour)", last):
        return "7"
    return words


def rows_of_csv(content: bytes) -> list[dict[str, str]]:
    """Return the rows of a file of comma-separated values."""
    return list(csv.DictReader(io.StringIO(content.decode("utf-8"))))
