"""Reminders by e-mail: worked out under each user's own policies, written down, and sent once at most.

What somebody is told of is kept before the mail leaves, in a transaction of its own. A process that is killed between
the two has lost that mail and sends it no second time: nothing rests on a mail, since everything stands on the work
list by the clock, and in the next digest. Where a mail server says that it did not take a mail, what was kept is taken
back, and it is tried again.
"""

import datetime as dt
import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from braid.care.reminders import Choices, Kind, Mail, Thing, mail_of
from braid.language.dates import LONDON, london_date
from braid.language.schema import Sensitivity
from braid.outbound import ChannelNotAvailable, ChannelRefused, Draft, Text, deliver, render
from braid.outbound.model import ChannelUncertain, ContactPutOff, DraftRefused
from braid.trust.audit import is_code
from braid.trust.guard import Facts, Recipient, Refused, check_outbound
from braid.trust.roles import ROLES
from braid.web.access.context import asking_as
from braid.web.acting import Actor
from braid.web.care.things import list_meeting_changes, list_meetings, list_things
from braid.web.feed_history import list_feeds
from braid.web.models import ReminderChoice, ReminderSent, SearchMade, User
from braid.web.outbound.parties import party_of
from braid.web.outbound.route_file import Ways
from braid.web.pages_role import seeing_as_pages
from braid.web.published import find_published_run
from braid.web.recording import Facts as EntryFacts
from braid.web.recording import record
from braid.web.vault.tasks import REMINDERS_REFUSED, raise_task
from braid.web.watch import known_asker

TOLD_DAYS = 28
"""How long after its day a changed extract is still news."""
KEPT_DAYS = 366
"""How long it is kept of what somebody was reminded."""
SEARCHES_KEPT = dt.timedelta(days=1)
"""How long it is kept that somebody searched; what searches are held to is shorter, and the record has each."""
MOST_SILENT = 3
"""Mails one after another for which the server was not there: then it is left until the next round, so that a server
that is gone is not waited for once for everybody. A mailbox that is full, or refused, stops nobody else's."""
ROUND_SECONDS = 600
"""Each round begins with somebody else, so that whoever comes first is not always the same."""
WORK_LIST = "/work-list/"
REMINDERS = Actor("", "", "", "", "reminders")
"""Who sends reminders: nobody by name."""
Clock = Callable[[], dt.datetime]
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Claimed:
    """A mail that was written down and has not left: to whose account, and the ids of what was kept."""

    user: User
    mail: Mail
    rows: tuple[int, ...]


def remind_due(ways: Ways, clock: Clock = timezone.now) -> Counter[str]:
    """Remind everybody who has an e-mail address of what is new for them; return how many mails ended how.

    Runs as the owner of the tables. Twice at once is harmless: each user is taken by one.
    """
    ReminderSent.objects.filter(claimed_at__lt=clock() - dt.timedelta(days=KEPT_DAYS)).delete()
    SearchMade.objects.filter(made_at__lt=clock() - SEARCHES_KEPT).delete()
    outcomes: Counter[str] = Counter()
    silent = 0
    known = User.objects.filter(is_active=True, role__in=[role.code for role in ROLES.values() if role.sees_people])
    for number in _from_another(list(known.exclude(email="").order_by("pk").values_list("pk", flat=True)), clock()):
        try:
            outcome = _remind(number, ways, clock())
            outcomes[outcome] += 1
            silent = silent + 1 if outcome in ("queued", "uncertain") else 0 if outcome != "nothing" else silent
            if silent == MOST_SILENT:
                break
        except Exception as error:
            # Whatever it is, the next one is reminded all the same. Its text may hold a value, so its kind is said.
            logger.error("somebody was not reminded: %s; it is tried again", type(error).__name__)
            outcomes["failed"] += 1
    del outcomes["nothing"]
    return outcomes


def _from_another(numbers: list[int], now: dt.datetime) -> list[int]:
    start = int(now.timestamp() // ROUND_SECONDS) % max(len(numbers), 1)
    return numbers[start:] + numbers[:start]


def _remind(number: int, ways: Ways, now: dt.datetime) -> str:
    claimed = _claim(number, ways, now)
    return "nothing" if claimed is None else _send(claimed, ways, now)


@transaction.atomic
def _claim(number: int, ways: Ways, now: dt.datetime) -> _Claimed | None:
    """Write down of what a user is reminded now; `None` where there is nothing new, or somebody else does it."""
    user = User.objects.select_for_update(skip_locked=True).filter(pk=number, is_active=True).first()
    if user is None or not user.email:
        return None
    told = frozenset(ReminderSent.objects.filter(user=user).values_list("key", flat=True))
    if _refused_on(now) in told:
        return None
    address = f"{ways.pages_address.rstrip('/')}{WORK_LIST}" if ways.pages_address else ""
    mail = mail_of(_things(user, now), choices_of(user), told, now, address)
    if mail is None:
        return None
    rows = ReminderSent.objects.bulk_create(ReminderSent(user=user, key=key) for key in mail.keys)
    return _Claimed(user, mail, tuple(row.pk for row in rows))


def _refused_on(now: dt.datetime) -> str:
    """What it is known by that the server refused an address on a day: it is not tried again on that day."""
    return f"refused:{london_date(now).isoformat()}"


def choices_of(user: User) -> Choices:
    """Return what a user chose, or what holds for whoever chose nothing."""
    row = ReminderChoice.objects.filter(user=user).first()
    return Choices(row.wants_digest, row.quiet_from, row.quiet_to) if row else Choices()


def _things(user: User, now: dt.datetime) -> list[Thing]:
    """Return what a user has to do for any purpose of their role, as the policies of the pages show it to them."""
    found = []
    for purpose in sorted(ROLES[user.role].purposes):
        with asking_as(user.username, purpose), seeing_as_pages():
            found += [*list_things(now), *list_meetings(now), *list_meeting_changes(user.username, now)]
    return [*found, *(list_changed_feeds() if ROLES[user.role].reads_sources else ())]


def list_changed_feeds() -> list[Thing]:
    """Return the feeds of the published run that changed suddenly: each is told once for its extract, by its name."""
    run = find_published_run()
    changed = [one for one in list_feeds(run) if one.alerts and one.newest and one.newest.extract_date]
    return [
        Thing(Kind.FEED, f"{one.feed}-{extract.isoformat()}", one.feed, _until(extract))
        for one in changed
        if one.newest and (extract := one.newest.extract_date)
    ]


def _until(extract: dt.date) -> dt.datetime:
    return dt.datetime.combine(extract + dt.timedelta(days=TOLD_DAYS), dt.time(), LONDON)


def _send(claimed: _Claimed, ways: Ways, now: dt.datetime) -> str:
    user, mail = claimed.user, claimed.mail
    party = party_of("user", user.username)
    body = Text("", mail.words, frozenset({Sensitivity.NORMAL}))
    known_by = f"reminder-{claimed.rows[0]}"
    draft = Draft(
        "", "email", party, frozenset(), (body,), now, protected=frozenset(), message_id=known_by, is_automatic=True
    )
    try:
        rendered = render(draft, (Recipient(party, "email", user.email),), (), now)
        facts = Facts(parties=frozenset({party}), known_persons=frozenset(), vault_answered=True)
        released = check_outbound(rendered.message, facts, (), timezone.localtime(now))
        if isinstance(released, Refused):
            return _refused(claimed, now)
        deliver(rendered, released, ways.routes, now)
    except ChannelUncertain:
        return "uncertain"  # it may have left: what was kept stays, so that it is not sent again
    except ContactPutOff:
        return _take_back(claimed, "put_off")
    except ChannelNotAvailable:
        return _take_back(claimed, "queued")
    except (ChannelRefused, DraftRefused):
        return _refused(claimed, now)
    return _sent(claimed)


@transaction.atomic
def _sent(claimed: _Claimed) -> str:
    ReminderSent.objects.filter(pk__in=claimed.rows).update(state="sent")
    return _write_down(claimed, "sent")


@transaction.atomic
def _take_back(claimed: _Claimed, outcome: str) -> str:
    ReminderSent.objects.filter(pk__in=claimed.rows).delete()
    return outcome


@transaction.atomic
def _refused(claimed: _Claimed, now: dt.datetime) -> str:
    """Take back what was not told, until the next day, and leave a task: an address is to be looked at by a human."""
    _take_back(claimed, "refused")
    ReminderSent.objects.get_or_create(user=claimed.user, key=_refused_on(now), defaults={"state": "refused"})
    raise_task(REMINDERS_REFUSED, _account_of(claimed.user))
    return _write_down(claimed, "refused")


def _account_of(user: User) -> str:
    return user.username if is_code(user.username) else f"number {user.pk}"


def _write_down(claimed: _Claimed, state: str) -> str:
    """Write down how it ended. Of the account and the number of things there is an entry, of the words none."""
    details = {"what": "reminder", "account": _account_of(claimed.user), "things": len(claimed.mail.keys)}
    kind, decision = ("sent", "allow") if state == "sent" else ("withheld", "deny")
    with known_asker():
        record(kind, REMINDERS, facts=EntryFacts(channel="email", decision=decision, details=details))
    return state
