"""Words and processes of rights requests: who may ask for what, on which grounds, and which step follows which.

The law of each ground stands beside it, as found in November 2026, and is not legal advice. What may be done by them is
in `subject_rights`.
"""

from __future__ import annotations

from braid.language.steps import Machine, State, Step
from braid.trust.agreement_terms import Term

SELF, PARENT, ACTS_FOR = "self", "parent", "acts_for"


def _by_code(*terms: Term) -> dict[str, Term]:
    return {term.code: term for term in terms}


KINDS = _by_code(
    Term("access", "What is held about them", "UK GDPR article 15"),
    Term("rectification", "A record is wrong", "UK GDPR article 16"),
    Term("erasure", "What is held is to be erased", "UK GDPR article 17"),
    Term("restriction", "What is held is not to be used", "UK GDPR article 18"),
)
"""What somebody may ask."""
ASKERS = _by_code(
    Term(SELF, "The person", "UK GDPR article 15"),
    Term(PARENT, "Somebody with parental responsibility for them", "Children Act 1989 section 3"),
    Term(ACTS_FOR, "Somebody who acts for them, such as a solicitor", "UK GDPR article 12"),
)
"""Who asks. Whoever acts for somebody is answered through them: what is told goes to the person."""
LOCATION, SUPPORT, POLICE, OF_ANOTHER = "location", "support", "police_matter", "third_party"
GROUNDS = _by_code(
    Term(OF_ANOTHER, "It is about somebody else too", "Data Protection Act 2018 schedule 2 paragraph 16"),
    Term(
        "serious_harm_health",
        "Likely serious harm to health: health data",
        "Data Protection Act 2018 schedule 3 paragraph 5",
    ),
    Term(
        "serious_harm_social_work",
        "Likely serious harm to health: social work data",
        "Data Protection Act 2018 schedule 3 paragraph 11",
    ),
    Term(
        "serious_harm_education",
        "Likely serious harm to health: education data",
        "Data Protection Act 2018 schedule 3 paragraph 19",
    ),
    Term(
        "child_abuse",
        "Child abuse data, and not in the interest of the child",
        "Data Protection Act 2018 schedule 3 paragraph 21",
    ),
    Term("privilege", "Said in confidence to a lawyer", "Data Protection Act 2018 schedule 2 paragraph 19"),
    Term(
        POLICE,
        "It would prejudice the prevention or detection of crime",
        "Data Protection Act 2018 schedule 2 paragraph 2",
    ),
    Term(
        SUPPORT,
        "It tells that somebody has support that is a secret",
        "Data Protection Act 2018 schedule 2 paragraph 16",
    ),
    Term(
        LOCATION, "It says where somebody is who must not be found", "Data Protection Act 2018 schedule 2 paragraph 16"
    ),
)
"""Why something is withheld from whoever asked."""
LOCKED = frozenset({LOCATION, SUPPORT, POLICE})
"""Grounds that nobody lifts for a request: the words are not even laid before whoever decides."""
THIRD_PARTY_FINDINGS = {
    "nobody_else": "It tells of nobody else",
    "agreed": "Everybody else of whom it tells has agreed",
    "reasonable": "It is reasonable to tell without their agreement",
}
"""What the second human found of other people in what will be given."""
HARM_FINDINGS = {
    "no_harm": "Serious harm to anybody is not likely",
    "professional_asked": "A health or social work professional was asked, and it is not likely",
}
"""What the second human found of harm by what will be given."""
SENDINGS_BACK = {
    "of_another": "It tells of somebody else",
    "harm": "It could do serious harm",
    "location": "Somebody could be found by it",
    "withheld_too_much": "Something is withheld that has to be given",
}
CLOSINGS = _by_code(
    Term("withdrawn", "Whoever asked took it back", "UK GDPR article 15"),
    Term("identity_not_shown", "Who asks was not shown", "UK GDPR article 12(6)"),
    Term("no_right", "Whoever asks has no right to it", "UK GDPR article 15"),
    Term("excessive", "It is manifestly unfounded or excessive", "UK GDPR article 12(5)"),
)
"""Why a request ends without an answer to what was asked."""
LETTERS = {
    "received": "That the request came, and what is still to be shown",
    "extended": "That more time is needed, and why",
    "decided": "What was decided, and why",
    "answered": "What the source of the record said",
    "ended": "That it ended, why, and where to complain",
}
"""What a letter to whoever asked tells (UK GDPR article 12(3) and (4), article 19)."""
EXTENSIONS = {
    "complex": "The request is complex",
    "many": "There are several requests of one person",
}

ACCESS = Machine(
    "Request for access",
    "waiting",
    {
        "waiting": State("Waiting to be gathered"),
        "deciding": State("Being decided"),
        "review": State("With the second person"),
        "approved": State("Approved"),
        "leaving": State("On its way"),
        "given": State("Given", ends=True),
        "closed": State("Closed", ends=True),
    },
    {
        "gather": Step("Gather", ("waiting",), "deciding", "Braid, beside the pages"),
        "again": Step("Gather again", ("deciding",), "waiting", "whoever handles it"),
        "submit": Step("Lay before a second person", ("deciding",), "review", "whoever handles it"),
        "send_back": Step("Send back", ("review",), "deciding", "a second person"),
        "approve": Step("Approve", ("review",), "approved", "a second person"),
        "hold": Step("Hold back", ("approved", "leaving"), "deciding", "the check of the pack, or the guard"),
        "leave": Step("Put on its way", ("approved",), "leaving", "Braid, beside the pages"),
        "deliver": Step("Deliver", ("leaving",), "given", "the guarded channel"),
        "close": Step("Close", ("waiting", "deciding", "review"), "closed", "whoever handles it"),
    },
)

RECTIFICATION = Machine(
    "Request for correction",
    "asked",
    {
        "asked": State("Asked"),
        "sent": State("With the source"),
        "answered": State("Answered", ends=True),
        "closed": State("Closed", ends=True),
    },
    {
        "send": Step("Send to the source", ("asked",), "sent", "whoever handles it"),
        "answer": Step("Keep the answer", ("sent",), "answered", "whoever handles it"),
        "close": Step("Close", ("asked", "sent"), "closed", "whoever handles it"),
    },
)
RESTRICTION = Machine(
    "Request for restriction",
    "asked",
    {
        "asked": State("Asked"),
        "in_force": State("In force"),
        "ending": State("In force, and its end proposed"),
        "ended": State("Ended", ends=True),
        "closed": State("Closed", ends=True),
    },
    {
        "restrict": Step("Restrict", ("asked",), "in_force", "whoever handles it"),
        "propose_end": Step("Propose its end", ("in_force",), "ending", "whoever handles it"),
        "keep": Step("Keep it in force", ("ending",), "in_force", "a second person"),
        "end": Step("End it", ("ending",), "ended", "a second person"),
        "close": Step("Close", ("asked",), "closed", "whoever handles it"),
    },
)
ERASURE = Machine(
    "Request for erasure",
    "asked",
    {
        "asked": State("Asked"),
        "proposed": State("With the second person"),
        "approved": State("Approved"),
        "done": State("Erased", ends=True),
        "closed": State("Closed", ends=True),
    },
    {
        "propose": Step("Propose to erase", ("asked",), "proposed", "whoever handles it"),
        "keep": Step("Send back", ("proposed",), "asked", "a second person"),
        "approve": Step("Approve", ("proposed",), "approved", "a second person"),
        "erase": Step("Erase", ("approved",), "done", "Braid, beside the pages, unless a hold is in force"),
        "close": Step("Close", ("asked", "proposed"), "closed", "whoever handles it"),
    },
)
MACHINES = {"access": ACCESS, "rectification": RECTIFICATION, "restriction": RESTRICTION, "erasure": ERASURE}
"""The process of each kind of request."""
SECOND_DECIDES = frozenset({"approve", "send_back", "keep", "end"})
"""Steps that a second human takes, never whoever handles the request."""
RESTRICTIONS = _by_code(
    Term("accuracy_contested", "They say that it is wrong, until that is looked at", "UK GDPR article 18(1)(a)"),
    Term("unlawful", "The processing is unlawful, and they want no erasure", "UK GDPR article 18(1)(b)"),
    Term("needed_for_a_claim", "They need it for a claim, and the place does not", "UK GDPR article 18(1)(c)"),
    Term("objection", "They objected, until it is weighed", "UK GDPR article 18(1)(d)"),
)
"""Why what is held is not used."""
ERASURES = _by_code(
    Term("not_needed", "It is no longer needed for what it was collected for", "UK GDPR article 17(1)(a)"),
    Term("objected", "They objected, and nothing overrides that", "UK GDPR article 17(1)(c)"),
    Term("unlawful", "It was processed unlawfully", "UK GDPR article 17(1)(d)"),
    Term("law_requires", "A law requires that it be erased", "UK GDPR article 17(1)(e)"),
)
"""Why what is held is erased. Where the place needs it for a task by law, article 17(3)(b) lets it stay: then close."""
BASES = {"restriction": RESTRICTIONS, "erasure": ERASURES}
ANSWERS = {
    "corrected": "The source corrected it",
    "completed": "The source added what the person says",
    "refused": "The source says that it is right, and told the person why",
}
"""What the source of a record said to a note that it is wrong. Braid changes no record of a partner."""
HOLDS = _by_code(
    Term("proceedings", "Proceedings of a court need it", "UK GDPR article 17(3)(e)"),
    Term("inquiry", "An inquiry has asked that nothing be destroyed", "Inquiries Act 2005 section 35"),
    Term("complaint", "A complaint or claim is open", "UK GDPR article 17(3)(e)"),
    Term("asked_for", "They asked for what is held, and were not answered yet", "Data Protection Act 2018 section 173"),
)
"""Why nothing of somebody is erased, by hand or by the clock. A hold beats an erasure; two people lift it."""
