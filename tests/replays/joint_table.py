"""Which breach that happened elsewhere is replayed by which channel of joint work: the table of `docs/trust.md`.

A channel is a name for addresses that belong together, or for what leaves by no address. Every address of joint work,
as the map of addresses has it, stands in one channel: a new one fails
`test_every_address_of_joint_work_is_in_a_channel` until it is placed, and is attacked by the sweeps from then on.
"""

from dataclasses import dataclass

VIEWS = {
    "referrals",
    "cases",
    "case_people",
    "readiness",
    "moves",
    "response",
    "plans",
    "links",
    "meetings",
    "agendas",
    "minutes",
    "reminders",
    "find",
    "disclosures",
    "documents",
    "placements",
    "appointments",
    "listing",
    "papers",
    "served",
}
"""The rooms of `braid.web.views` whose addresses are joint work."""
OTHER_VIEWS = {
    "audit",
    "audit_open",
    "backlogs",
    "blockers",
    "boards",
    "commissions",
    "chains",
    "crosswalk",
    "emergencies",
    "feeds",
    "geography",
    "link_reviews",
    "messages",
    "operating",
    "outcomes",
    "overlay",
    "own_sign_in",
    "packs",
    "together",
    "people",
    "place",
    "portfolio",
    "priority",
    "provider",
    "rights",
    "signing",
    "simulations",
    "statements",
    "funds",
    "costs",
    "systems",
    "tasks",
    "trust",
    "vault",
    "what_if",
}
"""Those that are not: what they show is held to other tests, and the replays of messages go through them."""
CHANNELS: dict[str, tuple[str, ...]] = {
    "work list": ("work", "teams", "team"),
    "referral": ("refer", "referral", "referral_service", "commission_returns", "commission_return"),
    "reply by code": ("referral_links", "reply"),
    "case": ("open_case", "cases", "case", "case_people", "stand_in", "offer"),
    "readiness": ("readiness",),
    "moves": ("moves",),
    "response": ("response", "response_apart"),
    "meeting": ("meetings", "meeting", "agenda_item"),
    "agenda": ("agenda", "agenda_calendar"),
    "follow": ("follow",),
    "minutes": ("minutes",),
    "plan and its paper": ("plan", "plan_version"),
    "own view": ("own_views", "own"),
    "documents": ("documents", "documents_apart", "document", "document_file"),
    "appointments": ("appointments", "appointments_apart", "appointment_calendar"),
    "placements": ("placements", "placement", "placement_why_not", "placement_calendar"),
    "listing": ("listing", "hearing", "hearing_places", "hearing_calendar"),
    "board on paper": ("placement_print", "listing_print", "paper"),
    "find": ("find",),
    "ledger": ("trust_disclosures",),
    "calendar": ("reminders", "calendar"),
    "minutes sent": (),
    "notice sent": (),
    "reminder, digest": (),
    "extract": (),
}
"""Each channel with the names of its addresses; the last four have none."""
PAGES = tuple(channel for channel, addresses in CHANNELS.items() if addresses)
"""Every channel that somebody asks."""
BY_NOBODYS_HAND = ("minutes sent", "notice sent", "reminder, digest", "extract")


@dataclass(frozen=True)
class Replay:
    """A breach: what happened, what is done here, and by which channels."""

    happened: str
    done_here: str
    channels: tuple[str, ...]


REPLAYS = {
    "charnwood_old_shared_home": Replay(
        "new address posted to the old shared home",
        "the lead types the safe address into every field of every form, and sends what was let through",
        (*PAGES, "minutes sent", "notice sent"),
    ),
    "wakefield_court_bundle": Replay(
        "court bundle named mother's and children's address to the father",
        "another person of the same case reads their own view, their paper and every copy of the minutes",
        ("plan and its paper", "own view", "minutes sent"),
    ),
    "bolton_voicemail_on_shared_number": Replay(
        "voicemail left on a number that the husband answered",
        "whoever overheard a code types it after how to reach the person changed, or to see who it is about",
        ("reply by code", "own view"),
    ),
    "copy_to_both_parents": Replay(
        "copy of a letter to one parent went to the other",
        "somebody who is apart in the case is given a view, a referral and a copy",
        ("own view", "minutes sent", "extract"),
    ),
    "auto_letter_of_a_partner_system": Replay(
        "a partner's system wrote to everybody on the file",
        "what leaves by itself, with every protected location of the place known to the run",
        ("reminder, digest", "calendar", "extract"),
    ),
    "adopted_children_to_birth_father": Replay(
        "birth father was told the adopted children's address",
        "everybody, its lead too, asks for joint work about the identity before an adoption",
        (*PAGES, "reminder, digest"),
    ),
    "risk_assessment_to_ex_partners": Replay(
        "unredacted risk assessment sent to former partners",
        "the lead of everything turns out to be the former partner, and is kept apart; then asks all of it again",
        (*PAGES, "minutes sent", "reminder, digest"),
    ),
    "enquirer_told_to_the_partner": Replay(
        "partners were told that women had asked about them",
        "a worker of whoever is apart looks for a trace of the case on everything they see",
        (*PAGES, "extract"),
    ),
    "lambeth_redaction_undone": Replay(
        "what was blacked out could be read beneath",
        "the bytes of every page and file are read for a line that was withheld, hidden fields and layers too",
        (*PAGES, "minutes sent"),
    ),
    "psni_hidden_worksheet": Replay(
        "raw rows in a hidden sheet of a published file",
        "each file that is handed out is unfolded and held to the columns, parts and properties that it may have",
        ("calendar", "minutes sent", "reminder, digest", "extract"),
    ),
    "two_people_on_one_nhs_number": Replay(
        "two people on one NHS number: the record of one was shown as the other's",
        "a run parts the two after joint work was begun; whoever works with the other asks for it",
        PAGES,
    ),
    "advanced_one_account_without_a_second_factor": Replay(
        "one account without a second factor: door codes of 890 homes",
        "its thief asks everything of joint work, in the place of the lead, for what rests in the vault",
        PAGES,
    ),
    "capita_ignored_alert": Replay(
        "an alert ignored for 58 hours",
        "a referral, an offer, a return, an approval and an action are left for 58 hours over their time",
        ("work list", "meeting", "reminder, digest", "calendar"),
    ),
    "browsing_by_staff": Replay(
        "staff looked people up out of curiosity, as threat 13 of the list has it",
        "five roles of other purposes and seats ask every address with the right ids, and send every form",
        PAGES,
    ),
    "mail_to_the_wrong_person": Replay(
        "e-mail sent to the wrong person, the commonest of all",
        "reminders, digest and a calendar's address go to a stranger's mailbox",
        ("reminder, digest", "calendar"),
    ),
}
"""The thirteen of the trust programme, and two that need no message."""


def table() -> list[str]:
    """Return the lines of the table: a row for each replay, a column for each channel."""
    lines = ["| what happened | played here | channels, all stopped |", "|---|---|---|"]
    return lines + [f"| {one.happened} | {one.done_here} | {_channels(one.channels)} |" for one in REPLAYS.values()]


def _channels(channels: tuple[str, ...]) -> str:
    if set(channels) >= set(PAGES):
        more = [one for one in channels if one not in PAGES]
        return f"every page ({len(PAGES)} channels)" + (f"; {'; '.join(more)}" if more else "")
    return "; ".join(channels)
