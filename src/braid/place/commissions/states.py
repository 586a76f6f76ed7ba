"""The processes of a commission as data: the commission, one person's service, one score, one return of a round."""

from __future__ import annotations

from collections.abc import Mapping

from braid.language.steps import Machine, State, Step

COMMISSION = Machine(
    "Commission",
    "draft",
    {
        "draft": State("Draft"),
        "agreed": State("Agreed"),
        "open": State("Open to referrals"),
        "closed": State("Closed to referrals"),
        "ended": State("Ended", ends=True),
        "dropped": State("Dropped", ends=True),
    },
    {
        "agree": Step("Agree", ("draft",), "agreed", "the last body to sign"),
        "open": Step("Open to referrals", ("agreed",), "open", "a commissioner of the lead body"),
        "close": Step("Close to referrals", ("open",), "closed", "a commissioner of the lead body"),
        "reopen": Step("Open again", ("closed",), "open", "a commissioner of the lead body"),
        "end": Step("End and settle", ("closed",), "ended", "a commissioner of the lead body"),
        "drop": Step("Drop", ("draft",), "dropped", "a commissioner of the lead body"),
    },
)
EPISODE = Machine(
    "Service to one person",
    "referred",
    {
        "referred": State("Referred"),
        "assessed": State("Assessed"),
        "submitted": State("Action plan to be approved"),
        "under_way": State("Under way"),
        "concluded": State("Concluded"),
        "ended_early": State("Ended early"),
        "reported": State("Reported on", ends=True),
    },
    {
        "assess": Step("Assessed", ("referred",), "assessed", "the provider"),
        "submit_plan": Step("Submit the action plan", ("assessed",), "submitted", "the provider"),
        "approve_plan": Step("Approve the action plan", ("submitted",), "under_way", "the referrer"),
        "return_plan": Step("Return the action plan", ("submitted",), "assessed", "the referrer"),
        "vary_plan": Step("Submit a changed action plan", ("under_way",), "submitted", "the provider"),
        "conclude": Step("Conclude", ("under_way",), "concluded", "the provider"),
        "end_early": Step(
            "End early", ("referred", "assessed", "submitted", "under_way"), "ended_early", "the provider"
        ),
        "report": Step("Report", ("concluded", "ended_early"), "reported", "the provider"),
    },
)
"""What stands before the assessment is the referral's own process: accepted, refused or taken back by its rules."""
SCORE = Machine(
    "Score of one outcome",
    "said",
    {
        "said": State("Said by the provider"),
        "confirmed": State("Confirmed by the referrer"),
        "questioned": State("Questioned by the referrer"),
        "disputed": State("Disputed"),
        "dismissed": State("Dismissed", ends=True),
        "verified": State("Verified", ends=True),
        "overturned": State("Did not hold", ends=True),
    },
    {
        "confirm": Step("Confirm", ("said",), "confirmed", "the referrer"),
        "question": Step("Question", ("said",), "questioned", "the referrer"),
        "say_again": Step("Say again", ("questioned",), "said", "the provider"),
        "dispute": Step("Dispute", ("questioned",), "disputed", "the provider"),
        "uphold": Step("Uphold", ("disputed",), "verified", "a third human"),
        "dismiss": Step("Dismiss", ("disputed",), "dismissed", "a third human"),
        "verify": Step("It holds", ("confirmed",), "verified", "a third human"),
        "overturn": Step("It does not hold", ("confirmed",), "overturned", "a third human"),
    },
)
RETURN = Machine(
    "Return of a reporting round",
    "asked",
    {
        "asked": State("Asked for"),
        "given": State("Given"),
        "queried": State("Queried"),
        "accepted": State("Accepted", ends=True),
    },
    {
        "give": Step("Give the return", ("asked", "queried"), "given", "the provider's lead"),
        "query": Step("Query", ("given",), "queried", "a commissioner"),
        "accept": Step("Accept", ("given",), "accepted", "a commissioner"),
    },
)
MACHINES = (COMMISSION, EPISODE, SCORE, RETURN)

ATTENDED = ("yes", "late")
ATTENDANCES: Mapping[str, str] = {"yes": "Attended", "late": "Attended late", "no": "Did not take place"}
NO_SESSION: Mapping[str, str] = {
    "acceptable_ill": "Acceptable: ill, or caring for somebody",
    "acceptable_safety": "Acceptable: it was not safe to come",
    "acceptable_other": "Acceptable: another reason",
    "unacceptable": "Did not come, no reason known",
    "logistics_worker": "The worker was not there",
    "logistics_place": "Room, transport or interpreter was missing",
}
"""Why a session did not take place: the person's good reason, none, or the service's own failing."""
MOVED: Mapping[str, str] = {"person": "The person asked", "provider": "The provider asked", "safety": "For safety"}
ENDED_EARLY: Mapping[str, str] = {
    "person_declined": "The person does not want it any more",
    "lost_contact": "Contact was lost",
    "moved_away": "Moved away",
    "other_service": "Another service took over",
    "not_safe": "It is not safe to go on",
    "need_is_higher": "The need is greater than the service can meet",
    "provider_could_not": "The provider could not go on",
    "not_eligible": "They were never eligible",
}
SCORES: Mapping[str, str] = {"achieved": "Achieved", "partly": "Partly achieved", "not": "Not achieved"}
PAYABLE = ("confirmed", "verified")
BANDS: Mapping[str, str] = {"low": "Lower need", "medium": "Medium need", "high": "Higher need", "": "Not said"}
"""How much somebody needs, said by whoever refers: a provider that banded its own cases could hide whom it leaves."""
