"""The forms of the pages of boards. Each has a prefix of its own, so that no two fields of a page share an id."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.forms import BoundField

from braid.language.dates import LONDON
from braid.place.boards import actions
from braid.place.boards.deciding import INTERESTS, VOTES
from braid.place.boards.links import LINK_KINDS
from braid.place.boards.meetings import (
    CANCELLATIONS,
    ITEM_KINDS,
    LEAST_MINUTES,
    LONGEST_MEETING,
    MOST_MINUTES,
)
from braid.place.boards.quorum import ATTENDANCES
from braid.place.boards.risks import IMPACTS, LIKELIHOODS, RESPONSES, Level
from braid.place.boards.terms import COMMISSIONER, Board, Member
from braid.web.boards.deciding import DecisionWords
from braid.web.boards.files import COMMISSIONER_NAME, bodies_of, member_words
from braid.web.boards.keeping import ItemWords, PaperWords
from braid.web.boards.priorities import PriorityWords
from braid.web.boards.risks import Rating
from braid.web.care.fields import Choices, choice, day, words

NOBODY = "Name nobody, and write nothing of where anybody lives or how to reach them"
TITLE, TEXT, BODY_TEXT = 200, 4000, 20000
YES_NO = (("no", "No"), ("yes", "Yes"))


def line(label: str, missing: str, most: int = TITLE, required: bool = True, help_text: str = "") -> forms.CharField:
    """Return a field of one line."""
    errors = {"required": missing, "max_length": f"Shorten it to {most} characters"}
    return forms.CharField(label=label, required=required, max_length=most, help_text=help_text, error_messages=errors)


def text(label: str, missing: str = "", required: bool = True, help_text: str = NOBODY, most: int = TEXT) -> Any:
    """Return a field of several lines."""
    return words(label, missing, most, required=required, help_text=help_text)


def whole(label: str, asked: str, least: int, most: int, **more: Any) -> forms.IntegerField:
    """Return a field of a whole number."""
    said = f"Enter {asked} as a whole number from {least} to {most}"
    errors = dict.fromkeys(("required", "invalid", "min_value", "max_value"), said)
    return forms.IntegerField(label=label, min_value=least, max_value=most, error_messages=errors, **more)


def number_of(member: Member, members: Sequence[Member]) -> str:
    """Return how forms name a member: by its number among the members of the board."""
    return str(members.index(member))


class PlanForm(forms.Form):
    """When a meeting is, and how long."""

    date = day("Date", "Enter the date of the meeting")
    time = forms.TimeField(
        label="Time",
        help_text="For example 14:00",
        error_messages={"required": "Enter when it begins", "invalid": "Enter a time as hours and minutes"},
    )
    length = whole("Minutes", "how long it lasts", LEAST_MINUTES, LONGEST_MEETING, initial=120)

    @property
    def starts_at(self) -> dt.datetime:
        """When the meeting begins, in UK time."""
        return dt.datetime.combine(self.cleaned_data["date"], self.cleaned_data["time"], LONDON)


class ItemForm(forms.Form):
    """An item of an agenda; `position` where it stands on it already."""

    title = line("Item", "Enter what the item is about", help_text=NOBODY)
    kind = choice("Kind", ITEM_KINDS.items(), "Choose what kind of item it is")
    asks = text("What it asks of the board", required=False)
    minutes = whole("Minutes", "how long it takes", LEAST_MINUTES, MOST_MINUTES, initial=15)

    def __init__(self, *args: Any, board: Board, is_new: bool = True, **more: Any) -> None:
        super().__init__(*args, **more)
        matters = [(one.id, one.name) for one in board.terms.reserved]
        if matters:
            self.fields["matter"] = choice("Reserved matter", matters, "", required=False)
        usual = "no" if board.terms.publication == "public" else "yes"
        self.fields["confidential"] = forms.ChoiceField(
            label="Confidential", choices=YES_NO, initial=usual,
            help_text="A confidential item and its papers are there for the members of this board alone",
        )  # fmt: skip
        if not is_new:
            self.fields["position"] = whole("Place on the agenda", "where it stands", 1, 99)

    @property
    def words(self) -> ItemWords:
        """What was entered, as it is kept."""
        given = self.cleaned_data
        return ItemWords(
            given["kind"],
            given["title"],
            given["asks"],
            given["minutes"],
            given.get("matter", ""),
            given["confidential"] == "yes",
        )


class PaperForm(forms.Form):
    """A paper: what it is about, what it recommends, and what else might be done."""

    heading = line("Heading", "Enter the heading")
    summary = text("Summary", "Enter the summary")
    recommendation = text("Recommendation", "Enter what the paper recommends")
    body = text("The paper", required=False, most=BODY_TEXT)
    options = text("Options, and why they are not recommended", required=False)

    @property
    def words(self) -> PaperWords:
        """What was entered, as it is kept."""
        return PaperWords(**self.cleaned_data)


class SendForm(forms.Form):
    """Sending papers out; late ones with why."""

    urgency = text("Why it is urgent, where the papers are late", required=False)


class CancelForm(forms.Form):
    """Calling a meeting off."""

    reason = choice("Why it is called off", CANCELLATIONS.items(), "Choose why the meeting is called off")


class AttendanceForm(forms.Form):
    """Whether each member is there: one field a member, by its number."""

    def __init__(self, *args: Any, board: Board, known: dict[Member, str], **more: Any) -> None:
        super().__init__(*args, **more)
        self.members = board.members
        for number, member in enumerate(self.members):
            self.fields[f"m{number}"] = choice(
                member_words(board, member), ATTENDANCES.items(), "Choose whether they are there"
            )
            self.initial[f"m{number}"] = known.get(member, "")

    @property
    def attendance(self) -> dict[Member, str]:
        """The attendance by member."""
        return {member: self.cleaned_data[f"m{number}"] for number, member in enumerate(self.members)}


class InterestForm(forms.Form):
    """An interest that a member declares."""

    kind = choice("Kind of interest", INTERESTS.items(), "Choose the kind of interest")
    words = text("What it is", "Enter what the interest is")
    withdraws = forms.ChoiceField(
        label="Withdraws from the item", choices=YES_NO,
        help_text="Whoever withdraws neither discusses nor votes, and does not count towards the quorum of the item",
    )  # fmt: skip

    def __init__(self, *args: Any, board: Board, there: Iterable[Member], **more: Any) -> None:
        super().__init__(*args, **more)
        self.members = board.members
        known = [(number_of(one, self.members), member_words(board, one)) for one in self.members if one in set(there)]
        self.fields["member"] = choice("Member", known, "Choose a member who is there")
        self.order_fields(["member", "kind", "words", "withdraws"])

    @property
    def member(self) -> Member:
        """Who declares it."""
        return self.members[int(self.cleaned_data["member"])]


class DecisionForm(forms.Form):
    """What is decided on an item, with the vote of each member who is there for it."""

    title = line("Decision in one line", "Enter what is decided")
    words = text("What is decided", "Enter what is decided, in full")
    conditions = text("Conditions", required=False)
    reasons = text("Reasons", "Enter why")
    options_rejected = text("Options that were rejected, and why", required=False)
    review_date = day("Looked at again on", "Enter when the decision is looked at again")

    def __init__(self, *args: Any, board: Board, voting: Sequence[Member], standing: Choices, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["owner_body"] = choice("Who sees to it", bodies_of(board), "Choose who sees to it")
        earlier = list(standing)
        if earlier:
            self.fields["supersedes"] = choice("Takes the place of", earlier, "", required=False)
        self.voting = tuple(voting)
        for number, member in enumerate(self.voting):
            label = member_words(board, member)
            self.fields[f"vote{number}"] = forms.ChoiceField(label=f"Vote of {label}", choices=list(VOTES.items()))
            self.fields[f"dissent{number}"] = line(f"Dissent of {label}, in their words", "", most=1000, required=False)

    def of_decision(self) -> list[BoundField]:
        """The fields of the decision itself."""
        return [field for field in self if not field.name.startswith(("vote", "dissent"))]

    def of_votes(self) -> list[tuple[BoundField, BoundField]]:
        """The vote and the dissent of each member."""
        return [(self[f"vote{number}"], self[f"dissent{number}"]) for number in range(len(self.voting))]

    @property
    def decision(self) -> DecisionWords:
        """What was entered, as it is kept."""
        given = self.cleaned_data
        names = ("title", "words", "conditions", "reasons", "options_rejected", "owner_body", "review_date")
        return DecisionWords(**{name: given[name] for name in names}, supersedes=given.get("supersedes") or None)

    @property
    def votes(self) -> dict[Member, str]:
        """The vote of each member."""
        return {member: self.cleaned_data[f"vote{number}"] for number, member in enumerate(self.voting)}

    @property
    def dissents(self) -> dict[Member, str]:
        """The dissent of each member who has one."""
        given = {member: self.cleaned_data[f"dissent{number}"] for number, member in enumerate(self.voting)}
        return {member: said for member, said in given.items() if said}


class DiscussionForm(forms.Form):
    """The minutes of an item."""

    words = text("Minutes of this item", "Enter what was said", most=BODY_TEXT)


class ActionForm(forms.Form):
    """What one body does by a day."""

    words = text("What is to be done", "Enter what is to be done")
    due_date = day("By", "Enter by when")

    def __init__(self, *args: Any, board: Board, decisions: Choices = (), **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["body"] = choice("Who does it", bodies_of(board), "Choose who does it")
        carried = list(decisions)
        if carried:
            self.fields["decision"] = choice("From the decision", carried, "", required=False)


class ActionStepForm(forms.Form):
    """A step with an action, and its words."""

    words = text("What was done, or why", "Enter what was done, or why")
    due_date = day("New day, where it moves", "", required=False)

    def __init__(self, *args: Any, steps: Iterable[str], **more: Any) -> None:
        super().__init__(*args, **more)
        offered = [(code, actions.MACHINE.steps[code].name) for code in steps]
        self.fields["step"] = choice("Step", offered, "Choose a step")
        self.order_fields(["step", "words", "due_date"])
        if "move" not in dict(offered):
            del self.fields["due_date"]


class LinkForm(forms.Form):
    """What a decision is about."""

    link_kind = choice("It is about", [(code, one.name) for code, one in LINK_KINDS.items()], "Choose a kind")
    reference = line("Id", "Enter its id", 60, help_text="As it stands in the address of its page, or in its file")


class RatingForm(forms.Form):
    """How likely and how bad, before and after what is done about it."""

    likelihood_before = choice("Likelihood as it is", [(str(k), v) for k, v in LIKELIHOODS.items()], "Choose one")
    impact_before = choice("Impact as it is", [(str(k), v) for k, v in IMPACTS.items()], "Choose one")
    response = choice("Response", RESPONSES.items(), "Choose a response")
    words = text("What is done about it", "Enter what is done about it")
    likelihood_after = choice("Likelihood after that", [(str(k), v) for k, v in LIKELIHOODS.items()], "Choose one")
    impact_after = choice("Impact after that", [(str(k), v) for k, v in IMPACTS.items()], "Choose one")
    review_date = day("Looked at again on", "Enter when the risk is looked at again")

    @property
    def rating(self) -> Rating:
        """What was entered, as it is kept."""
        given = self.cleaned_data
        before = Level(int(given["likelihood_before"]), int(given["impact_before"]))
        after = Level(int(given["likelihood_after"]), int(given["impact_after"]))
        return Rating(before, after, given["response"], given["words"], given["review_date"])


class RiskForm(RatingForm):
    """A risk, with its first rating."""

    cause = text("Cause: because of", "Enter the cause")
    event = text("Event: there is a risk that", "Enter the event")
    effect = text("Effect: which would mean", "Enter the effect")

    def __init__(self, *args: Any, board: Board, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["owner_body"] = choice("Who watches it", bodies_of(board), "Choose who watches it")
        self.order_fields(["cause", "event", "effect", "owner_body", *RatingForm.base_fields])


class CloseForm(forms.Form):
    """Why a risk is none any more."""

    because = text("Why it is no risk any more", "Enter why it is no risk any more")


class PriorityForm(forms.Form):
    """A priority, the decision that makes it, and which other it replaces."""

    title = line("Priority", "Enter the priority")
    why = text("Why", "Enter why it is one")
    outcomes = line("Outcomes", "", required=False, help_text="Their ids, with a space between")
    measures = text("By which figures it is seen", required=False)
    position = whole("Place in the order", "where it stands", 1, 99, initial=1)
    from_date = day("From", "Enter from when")
    to_date = day("Until", "Enter until when")

    def __init__(self, *args: Any, decisions: Choices, standing: Choices, statements: Choices, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["decision"] = choice("By the decision", decisions, "Choose the decision that makes it")
        replaced = list(standing)
        if replaced:
            self.fields["replaces"] = choice("In the place of", replaced, "", required=False)
        self.fields["statements"] = forms.MultipleChoiceField(
            label="Problem statements", choices=list(statements), error_messages={"required": "Choose at least one"}
        )
        order = ("decision", "replaces", "title", "why", "statements", "outcomes", "measures", "position")
        self.order_fields([*order, "from_date", "to_date"])

    @property
    def words(self) -> PriorityWords:
        """What was entered, as it is kept."""
        given = self.cleaned_data
        return PriorityWords(
            given["position"], given["title"], given["why"], tuple(given["statements"]),
            tuple(given["outcomes"].split()), given["measures"], given["from_date"], given["to_date"],
        )  # fmt: skip


class PriorityEndForm(forms.Form):
    """Ending a priority by a decision."""

    def __init__(self, *args: Any, decisions: Choices, standing: Choices, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["priority"] = choice("Priority", standing, "Choose the priority")
        self.fields["decision"] = choice("By the decision", decisions, "Choose the decision that ends it")


class SeatForm(forms.Form):
    """Giving somebody a seat."""

    from_date = day("From", "Enter from when")
    until_date = day("Until", "", required=False)

    def __init__(self, *args: Any, board: Board, users: Choices, bodies: Choices, **more: Any) -> None:
        super().__init__(*args, **more)
        self.members = board.members
        seats = [(number_of(one, self.members), member_words(board, one)) for one in self.members]
        commissioner = [(f"{COMMISSIONER} {body}", f"{name}, {COMMISSIONER_NAME}") for body, name in bodies]
        self.fields["username"] = choice("Account", users, "Choose an account")
        self.fields["member"] = choice("Seat", [*seats, *commissioner], "Choose a seat")
        self.order_fields(["username", "member", "from_date", "until_date"])

    @property
    def member(self) -> Member:
        """The seat that is given."""
        given: str = self.cleaned_data["member"]
        if given.startswith(f"{COMMISSIONER} "):
            return Member(COMMISSIONER, given.removeprefix(f"{COMMISSIONER} "))
        return self.members[int(given)]
