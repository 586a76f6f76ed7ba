"""The forms of joint plans and of links without an account."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from django import forms

from braid.care import links, plans
from braid.care.referrals import REFUSALS
from braid.web.care.fields import CHOOSE, NO_WHERE, choice, day, words
from braid.web.care.forms import ActionForm
from braid.web.care.plans_seen import GoalSeen

HOW_MANY = f"Enter a number from 1 to {links.LONGEST_VIEW_DAYS}"
PLAIN = f"In words that the person understands: they may read it. {NO_WHERE}"


class GoalForm(forms.Form):
    """A goal: of whom, what, whose, by when."""

    subject = choice("Of whom", (), "Choose whose goal it is")
    words = words("The goal", "Say the goal", plans.LONGEST_GOAL, help_text=PLAIN)
    whose = choice("Whose goal it is", plans.WHOSE.items(), "Say whose goal it is")
    target_on = day("By which day", "Enter the day by which it is to be reached")

    def __init__(self, *args: object, subjects: Mapping[int, str], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["subject"].choices = [CHOOSE, *((str(number), name) for number, name in subjects.items())]


class GoalActionForm(ActionForm):
    """An action that leads to a goal of the plan."""

    goal = choice("Towards which goal", (), "Choose a goal")
    field_order = ("goal", "words", "team", "due_on")

    def __init__(self, *args: object, goals: Iterable[GoalSeen], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["goal"].choices = [CHOOSE, *((str(one.id), one.words) for one in goals)]
        self.fields["words"].help_text = PLAIN


class LinkActionForm(forms.Form):
    """An action that the case has already, and the goal to which it leads."""

    goal = choice("Towards which goal", (), "Choose a goal")
    action = choice("Action of the case", (), "Choose an action")

    def __init__(self, *args: object, goals: Iterable[GoalSeen], actions: Mapping[str, str], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["goal"].choices = [CHOOSE, *((str(one.id), one.words) for one in goals)]
        self.fields["action"].choices = [CHOOSE, *actions.items()]


class ReviewDayForm(forms.Form):
    """When the plan is reviewed first."""

    day = day("Reviewed on", "Enter the day of the review")


class AskChangeForm(forms.Form):
    """Why an organisation asks for change, and what should change."""

    reason = choice("Why", plans.CHANGES.items(), "Choose why it should change")
    words = words("What should change", "", plans.LONGEST_WHY, required=False)


class ReviewForm(forms.Form):
    """What came of each goal, and when the plan is reviewed next."""

    def __init__(self, *args: object, goals: Iterable[GoalSeen], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self._goals = [(number, goal.id) for number, goal in enumerate(goals, 1)]
        for number, goal in enumerate(goals, 1):
            self.fields[f"result_{number}"] = choice(
                f"{number}. {goal.words}", plans.RESULTS.items(), f"Say what came of goal {number}"
            )
            self.fields[f"words_{number}"] = words(f"{number}: in words", "", plans.LONGEST_WHY, False, PLAIN)
        self.fields["next_on"] = day("Next review on", "Enter the day of the next review")

    def results(self) -> list[tuple[UUID, str, str]]:
        """Return what was said of each goal."""
        data = self.cleaned_data
        return [(goal, data[f"result_{number}"], data[f"words_{number}"]) for number, goal in self._goals]


class EndPlanForm(forms.Form):
    """Why a plan ends."""

    reason = choice("Why it ends", plans.ENDINGS.items(), "Choose why it ends")


class OwnViewForm(forms.Form):
    """For whom a view of their own plan is made, why, for how long, and how it reaches them."""

    subject = choice("For whom", (), "Choose for whom")
    aim = choice("For what", links.AIMS.items(), "Say for what they are given it")
    days = forms.IntegerField(
        label="For how many days",
        help_text=f"From 1 to {links.LONGEST_VIEW_DAYS}",
        min_value=1,
        max_value=links.LONGEST_VIEW_DAYS,
        error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), HOW_MANY),
    )
    hand_over = choice("How it reaches them", links.HAND_OVERS.items(), "Say how you hand it over")
    fits = words("For a child: why it fits their age and understanding", "", links.LONGEST_FITS, required=False)

    def __init__(self, *args: object, subjects: Mapping[int, str], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["subject"].choices = [CHOOSE, *((str(number), name) for number, name in subjects.items())]


class CodeForm(forms.Form):
    """The code of a link, as somebody types it."""

    code = forms.CharField(
        label="Your code",
        max_length=100,
        help_text="25 letters and digits. Capitals, spaces and dashes do not matter",
        error_messages={"required": "Enter your code", "max_length": "Enter your code"},
    )


class SayForm(forms.Form):
    """What somebody says about their own plan."""

    stance = choice("What do you think?", links.STANCES.items(), "Choose one")
    words = words(
        "In your own words",
        "",
        links.LONGEST_SAID,
        required=False,
        help_text="The people who work on your plan read this. Leave out addresses and telephone numbers",
    )


class ReplyForm(forms.Form):
    """Whether a referral is accepted, or why it is refused."""

    step = choice("Your answer", (("accept", "We accept it"), ("refuse", "We refuse it")), "Choose your answer")
    refusal = choice(
        "If you refuse: why", [(code, one.name) for code, one in REFUSALS.items()], "Choose why", required=False
    )
    parked_until = day("If you may take it later: from which day", "", required=False)
