"""Every way to ask about somebody, from the map of addresses: a new address is compared, or fails until it is placed.

An address with `person_id` in it is asked by GET and POST without being listed. What names somebody in a form, or an
object that is about somebody, is listed here with what to send; every other address must be listed as naming nobody.
"""

import dataclasses
import json
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.test import Client
from published_sample import REFERENCE
from test_web_access_matrix import all_routes
from vault_sample import confirm_session

from braid.web.accounts import create_api_token
from braid.web.link_reviews.form import keep_sitting
from braid.web.models import User

PURPOSE = {"practitioner": "school_from_ta", "advocate": "victim_response", "analyst": "court_readiness", "ig_lead": ""}
PURPOSE |= {"placement_officer": "school_from_ta", "listing_officer": "court_readiness"}
PERSON = "person_id"
OF_JOINT = {
    "referral_id": "referral",
    "case_id": "case",
    "led_id": "led",
    "offer_id": "offer",
    "meeting_id": "meeting",
    "item_id": "item",
    "document_id": "document",
    "proposal_id": "proposal",
    "hearing_id": "hearing",
    "paper_id": "paper",
    "pair_id": "link_pair",
    "care_action_id": "action",
    "wait_id": "wait",
    "episode_id": "episode",
    "appointment_id": "appointment",
    "request_id": "rights",
}
"""Parameters of addresses that are the id of something of joint work, by attributes of `joint_sample.Joint`."""
OF_OBJECTS = frozenset({"entry_id", "access_id", "contact_id", *OF_JOINT})
"""Parameters of addresses that are the id of something about somebody."""
OF_NOBODY = frozenset(
    {
        "simulation_id",
        "board_id",
        "board_meeting_id",
        "board_item_id",
        "action_id",
        "decision_id",
        "priority_id",
        "risk_id",
        "pack_id",
        "fund_id",
        "commission_id",
        "return_id",
        "outcome_id",
        "study_id",
        "team_id",
        "token",
        "key_id",
        "account_id",
        "group_id",
        "agreement_id",
        "field",
        "form",
        "kind",
        "new",
        "number",
        "old",
        "problem_id",
        "wait_kind",
        "body_id",
        "feed_id",
        "directory_id",
    }
)
"""Parameters of addresses that say nothing of anybody."""
EVERY_FORM = {
    "channel": "letter",
    "body": "words",
    "classes": "N",
    "kind": "contact",
    "contact-channels": "letter",
    "contact-contacts": "9 Mill Lane",
}
"""What is sent by POST to an address with somebody's id in it: the fields of all such forms."""
MESSAGE = "/people/<str:person_id>/message/"
WHAT_IF = "/people/<str:person_id>/what-if/"
PLANNED = {"change_a": "home_let", "when_a": "week 6", "when_b": "week 9", "look": "week 12"}
"""What is asked of a planned change, in the address."""
IN_FORMS = {
    "/break-glass/": (
        "person_id",
        {
            "reason": "immediate_danger",
            "reference_kind": "incident",
            "reference": REFERENCE,
            "colleague": "test-ig_lead",
        },
    ),
    "/conflicts/": ("subject_id", {"reason": "staff_knows"}),
    "/trust/overlay/": (
        "exclusion-subject_id",
        {"kind": "exclusion", "exclusion-reason": "relative", "exclusion-barred_username": "x"},
    ),
    "/rights/": (
        "asked-subject_id",
        {"form": "access", "asked-asker": "self", "asked-received_on": "2026-11-02", "asked-channel": "bundle"},
    ),
    "/rights/holds/": ("person_id", {"reason": "complaint", "reference": REFERENCE}),
}
"""Addresses whose form names somebody: the field, and what else is sent."""


WITHHELD = {
    "kind": "withhold",
    "withhold-receiver": "northmere-council",
    "withhold-classes": "N",
    "withhold-reason": "not_necessary",
}
"""The other form of the page of a message, which keeps that something is not shared."""


@dataclass(frozen=True)
class ObjectWay:
    """A way to ask about an object: who, by which method and address, under which field, and what else is sent.

    `what` names the attribute of `outbox_sample.About`, or `entry` for one that bars whoever asks.
    """

    role: str
    route: str
    what: str
    method: str = "POST"
    field: str = ""
    form: dict[str, str] = dataclasses.field(default_factory=dict)

    @property
    def name(self) -> str:
        """For messages of tests."""
        return f"{self.role} {self.method} {self.route} {self.what} {self.form.get('step', '')}"

    def ask(self, client: Client, number: str) -> Any:
        """Ask about the object of this id."""
        url = re.sub(r"<(?:uuid(?:str)?:)?\w+>", number, self.route.replace("<str:kind>", "exclusion"))
        if url.startswith(("/api/", "/fhir/")):
            return self._ask_by_token(url)
        url = url.replace("<int:entry_id>", number).replace("<int:contact_id>", number).replace("<int:number>", "1")
        return client.generic(self.method, url) if self.method == "GET" else client.post(url, self._sent(number))

    def _ask_by_token(self, url: str) -> Any:
        """Ask as a program does, which may write; for what would be the first version of what is there."""
        token = create_api_token(User.objects.get(username=f"test-{self.role}"))
        headers = {
            "Authorization": f"Bearer {token}",
            "X-Purpose": PURPOSE[self.role],
            "X-Reference": REFERENCE,
            "Idempotency-Key": "key-of-a-test",
            "If-Match": '"1-aaaaaaaaaaaaaaaaaaaaaa"',
        }
        if self.method == "GET":
            return Client().get(url, headers=headers)
        return Client().post(url, json.dumps(self.form), content_type="application/json", headers=headers)

    def _sent(self, number: str) -> dict[str, str]:
        return {**self.form, self.field: number} if self.field else self.form


CONTACT = "/tasks/contacts/<int:contact_id>/"
ENTRY = "/trust/overlay/<str:kind>/<int:entry_id>/"
OBJECTS = (
    *(
        ObjectWay("ig_lead", "/tasks/", what, field="id", form={"step": step, "outcome": "other_way"})
        for what, step in (
            ("message_task", "claim"),
            ("message_task", "finish"),
            ("vault_task", "claim"),
            ("vault_task", "finish"),
            ("contact", "refuse_contact"),
            ("release", "refuse_release"),
            ("release", "confirm_release"),
            ("held_contact", "withdraw_contact"),
            ("held_release", "withdraw_release"),
        )
    ),
    ObjectWay("ig_lead", CONTACT, "contact", method="GET"),
    ObjectWay("ig_lead", CONTACT, "contact", form={"seen": "what was shown"}),
    ObjectWay("practitioner", "/messages/", "queued", field="message"),
    ObjectWay("ig_lead", ENTRY, "entry", method="GET"),
    *(
        ObjectWay("practitioner", route, what, method=method, form=form)
        for route, what, forms in (
            (
                "/referrals/<uuid:referral_id>/",
                "referral",
                [
                    {"step": "accept", "version": "1"},
                    {"step": "look_again", "look_again_on": "2030-01-01", "version": "1"},
                ],
            ),
            (
                "/cases/<uuid:case_id>/",
                "case",
                [
                    {"kind": "leave"},
                    {"kind": "close", "close-outcome": "goals_met"},
                    {"kind": "action_step", "step": "reassign", "team": "another", "version": "1"},
                ],
            ),
            ("/cases/<uuid:case_id>/people/", "case", [{"kind": "waits"}, {"kind": "part", "version": "1"}]),
            ("/cases/<uuid:led_id>/stand-in/", "led", [{"why": "away"}]),
            (
                "/cases/<uuid:case_id>/readiness/",
                "case",
                [
                    {"kind": "item", "item": "person_asked", "step": "take", "version": "0"},
                    {"kind": "day", "day-what": "hearing", "day-day": "2030-01-01", "version": "0"},
                    {"kind": "day_end", "day_end-because": "vacated", "version": "1"},
                ],
            ),
            (
                "/cases/<uuid:case_id>/move/",
                "case",
                [
                    {"kind": "plan", "plan-leaves": "no"},
                    {"kind": "move", "step": "ask", "version": "1"},
                    {"kind": "fact", "fact-fact": "available_on", "fact-reason": "not_so", "version": "1"},
                ],
            ),
            ("/referrals/<uuid:referral_id>/links/", "referral", [{"kind": "make"}]),
            (
                "/referrals/<uuid:referral_id>/service/",
                "referral",
                [{"kind": "end_early", "because": "lost_contact", "version": "1"}],
            ),
            ("/cases/<uuid:case_id>/plan/", "case", [{"kind": "begin"}, {"kind": "propose", "version": "1"}]),
            ("/cases/<uuid:case_id>/plan/<int:number>/", "case", []),
            ("/cases/<uuid:case_id>/plan/views/", "case", [{"kind": "revoke", "view": str(uuid.UUID(int=4))}]),
            (
                "/cases/<uuid:case_id>/documents/",
                "case",
                [{"kind": "add", "add-title": "words", "add-kind": "letter", "add-given_on": "2026-01-01"}],
            ),
            (
                "/documents/<uuid:document_id>/",
                "document",
                [
                    {"kind": "withdraw", "withdraw-reason": "wrong_file", "version": "1"},
                    {"kind": "hold", "hold-reason": "inquiry", "version": "1"},
                    {"kind": "close", "reader": "1", "version": "1"},
                ],
            ),
            ("/documents/<uuid:document_id>/versions/<int:number>/", "document", []),
            ("/offers/<uuid:offer_id>/", "offer", [{"step": "decline"}]),
            (
                "/meetings/<uuid:meeting_id>/",
                "meeting",
                [{"kind": "step", "step": "end", "version": "1"}, {"kind": "length", "minutes": "60", "version": "1"}],
            ),
            (
                "/meetings/<uuid:meeting_id>/agenda/",
                "meeting",
                [
                    {"kind": "accept", "order": str(uuid.UUID(int=4)), "version": "1"},
                    {"kind": "refuse", "order": "", "reason": "arranged", "version": "1"},
                    {"kind": "place", "item": str(uuid.UUID(int=4)), "to": "1", "version": "1"},
                    {"kind": "time", "item": str(uuid.UUID(int=4)), "time": "10:30", "version": "1"},
                ],
            ),
            ("/meetings/<uuid:meeting_id>/minutes/", "meeting", [{"kind": "agree", "version": "1"}]),
            ("/meetings/<uuid:meeting_id>/follow/", "meeting", []),
            (
                "/agenda/<uuid:item_id>/",
                "item",
                [
                    {"kind": "note", "note-about": "*", "note-words": "words"},
                    {"kind": "note", "note-words": "words", "draft": "keep"},
                ],
            ),
        )
        for method, form in (("GET", {}), *(("POST", form) for form in forms))
    ),
    *(
        ObjectWay("advocate", "/cases/<uuid:case_id>/appointments/", "case", method=method, form=form)
        for method, form in (
            ("GET", {}),
            ("POST", {"kind": "plan", "version": "1"}),
            ("POST", {"kind": "agree", "need": "1", "version": "1"}),
            ("POST", {"kind": "own", "own-kind": "work", "own-date": "2030-01-01", "version": "1"}),
        )
    ),
    ObjectWay("practitioner", "/meetings/<uuid:meeting_id>/agenda.ics", "meeting", method="GET"),
    ObjectWay("advocate", "/cases/<uuid:case_id>/appointments.ics", "case", method="GET"),
    *(
        ObjectWay("advocate", route, "case", method=method, form=form)
        for route in (
            "/cases/<uuid:case_id>/response/",
            "/cases/<uuid:case_id>/response/accused/",
            "/cases/<uuid:case_id>/documents/accused/",
            "/cases/<uuid:case_id>/appointments/accused/",
        )
        for method, form in (("GET", {}), ("POST", {"kind": "action", "strand": "therapy"}))
    ),
    *(
        ObjectWay("practitioner", f"/api/v1/{route}", what, method=method, form=form)
        for route, what, method, form in (
            ("waits/<wait_id>", "wait", "GET", {}),
            ("referrals/<uuidstr:referral_id>", "referral", "GET", {}),
            ("referrals/<uuidstr:referral_id>/answers", "referral", "POST", {"step": "accept"}),
            ("offers/<uuidstr:offer_id>", "offer", "GET", {}),
            ("offers/<uuidstr:offer_id>/answers", "offer", "POST", {"step": "decline"}),
            ("actions/<uuidstr:care_action_id>", "action", "GET", {}),
            ("actions/<uuidstr:care_action_id>/steps", "action", "POST", {"step": "take_on"}),
            ("cases/<uuidstr:case_id>", "case", "GET", {}),
            ("cases/<uuidstr:case_id>/actions", "case", "GET", {}),
            ("cases/<uuidstr:case_id>/plan", "case", "GET", {}),
        )
    ),
    *(
        ObjectWay(role, f"/fhir/r4/{route}", what, method="GET")
        for role, route, what in (
            ("practitioner", "ServiceRequest/<wait_id>", "wait"),
            ("practitioner", "Encounter/<episode_id>", "episode"),
            ("practitioner", "EpisodeOfCare/<episode_id>", "episode"),
            ("practitioner", "Task/<care_action_id>", "action"),
            ("advocate", "Appointment/<appointment_id>", "appointment"),
        )
    ),
    *(
        ObjectWay("placement_officer", "/placements/<uuid:proposal_id>/", "proposal", method=method, form=form)
        for method, form in (
            ("GET", {}),
            ("POST", {"kind": "accept"}),
            ("POST", {"kind": "refuse", "refuse-reason": "other", "refuse-words": "words"}),
            ("POST", {"kind": "take_back", "answer": str(uuid.UUID(int=4))}),
            ("POST", {"kind": "print"}),
        )
    ),
    ObjectWay("listing_officer", "/listing/<uuid:hearing_id>/places/", "hearing", method="GET"),
    ObjectWay("placement_officer", "/placements/<uuid:proposal_id>/why-not/", "proposal", method="GET"),
    ObjectWay("placement_officer", "/papers/<uuid:paper_id>/", "paper", method="GET"),
    *(
        ObjectWay("listing_officer", "/listing/<uuid:hearing_id>/", "hearing", method=method, form=form)
        for method, form in (
            ("GET", {}),
            ("POST", {"kind": "accept", "version": "1"}),
            ("POST", {"kind": "refuse", "refuse-reason": "attendance", "version": "1"}),
            ("POST", {"kind": "move", "move-place": "2026-12-01 am", "move-reason": "judge", "version": "1"}),
            ("POST", {"kind": "take_back", "answer": str(uuid.UUID(int=4)), "version": "1"}),
        )
    ),
    *(
        ObjectWay("ig_lead", "/links/<uuid:pair_id>/", "link_pair", method=method, form=form)
        for method, form in (("GET", {}), ("POST", {"reason": "agrees", "round": "1"}))
    ),
    ObjectWay("analyst", "/links/<uuid:pair_id>/relied/", "link_pair", method="GET"),
    *(
        ObjectWay("ig_lead", route, "rights", method=method, form=form)
        for route, forms in (
            ("/rights/<uuid:request_id>/", [{"step": "close", "reason": "withdrawn", "version": "1"}]),
            ("/rights/<uuid:request_id>/items/<int:number>/", [{"kept": "0"}]),
            ("/rights/<uuid:request_id>/pack/", [{"step": "send_back", "reason": "harm", "version": "1"}]),
        )
        for method, form in (("GET", {}), *(("POST", form) for form in forms))
    ),
    *(ObjectWay("ig_lead", ENTRY, "entry", form={"step": step}) for step in ("propose_removal", "approve", "withdraw")),
    ObjectWay("ig_lead", ENTRY, "entry", form={"step": "ask_again", "until": "2027-03-31"}),
)
FHIR_SEARCHES = {
    "/fhir/r4/Patient": "_id",
    "/fhir/r4/ServiceRequest": "patient",
    "/fhir/r4/Encounter": "patient",
    "/fhir/r4/EpisodeOfCare": "patient",
    "/fhir/r4/Task": "patient",
    "/fhir/r4/Appointment": "patient",
}
"""Searches in FHIR, and the parameter that names somebody in each."""
SHOWN_TO_THE_LEAD = {
    "/trust/break-glass/<int:access_id>/": "every access in an emergency is reviewed, whoever it is about",
}
"""What the lead reads about everybody, kept from them or not; to every other role these are compared."""
OF_THE_CHAIR = frozenset({"/meetings/<uuid:meeting_id>/agenda/", "/meetings/<uuid:meeting_id>/agenda.ics"})
"""What is there for the chair of a meeting alone, whoever is on its agenda. That nobody who is hidden from them moves
anything on it is compared in `test_agenda_pages`."""
NAMES_NOBODY = {
    # address: whether it takes a form
    "/": False,
    "/accessibility/": False,  # about the pages
    "/api/v1/": False,  # answers nothing
    "/fhir/r4/metadata": False,
    # the directory of services, in which nobody is
    "/oruk/v3/": False,
    "/oruk/v3/openapi.json": False,
    "/oruk/v3/services": False,
    "/oruk/v3/services/<str:directory_id>": False,
    "/oruk/v3/service_at_locations": False,
    "/oruk/v3/service_at_locations/<str:directory_id>": False,
    "/oruk/v3/organizations": False,
    "/oruk/v3/organizations/<str:directory_id>": False,
    "/oruk/v3/taxonomies": False,
    "/oruk/v3/taxonomies/<str:directory_id>": False,
    "/oruk/v3/taxonomy_terms": False,
    "/oruk/v3/taxonomy_terms/<str:directory_id>": False,
    **dict.fromkeys(FHIR_SEARCHES, False),  # who is named in a search is compared, see `ways_to_ask`
    "/api/v1/openapi.json": True,  # the description of the API, by any method
    "/api/v1/actions": False,
    "/api/v1/backlogs": False,
    "/api/v1/boards": False,
    "/api/v1/boards/<slug:board_id>": False,
    "/api/v1/boards/<slug:board_id>/actions": False,
    "/api/v1/boards/<slug:board_id>/decisions": False,
    "/api/v1/boards/<slug:board_id>/decisions/<uuidstr:decision_id>": False,
    "/api/v1/boards/<slug:board_id>/meetings": False,
    "/api/v1/boards/<slug:board_id>/meetings/<uuidstr:board_meeting_id>": False,
    "/api/v1/boards/<slug:board_id>/priorities": False,
    "/api/v1/boards/<slug:board_id>/risks": False,
    "/api/v1/outcomes": False,
    "/api/v1/outcomes/<slug:outcome_id>": False,
    "/api/v1/cases": False,
    "/api/v1/offers": False,
    "/api/v1/referrals": False,
    "/api/v1/teams": False,
    "/api/v1/teams/<slug:team_id>": False,
    "/api/v1/people": False,
    "/api/v1/place": False,
    "/api/v1/ranking": False,
    "/api/v1/rules": False,
    "/api/v1/blockers": False,
    "/api/v1/problems": False,
    "/api/v1/problems/<problem_id>": False,
    "/audit/": False,
    "/audit/checkpoint.txt": False,
    "/health/live/": False,
    "/health/ready/": False,
    "/metrics": False,
    "/audit/consistency/<int:old>/<int:new>": False,
    "/audit/log/": False,
    "/audit/snooping/": False,
    "/blockers/": False,
    "/blockers/figures.<str:form>": False,
    "/backlogs/": False,
    "/backlogs/<slug:wait_kind>/": False,
    "/backlogs/figures.<str:form>": False,
    "/backlogs/overlaps.<str:form>": False,
    "/backlogs/sizes.<str:form>": False,
    "/boards/": False,
    "/boards/actions/": False,
    "/boards-together/": False,
    "/boards-together/pack.<str:form>": False,
    "/boards/actions/<uuid:action_id>/": True,  # what a board asked of a body, and about nobody
    "/boards/decisions/<uuid:decision_id>/": True,  # likewise
    "/boards/<slug:board_id>/": True,  # likewise
    "/boards/<slug:board_id>/meetings/<uuid:board_meeting_id>/": True,  # likewise
    "/boards/<slug:board_id>/meetings/<uuid:board_meeting_id>/minutes.<str:form>": False,
    "/boards/<slug:board_id>/packs/": True,  # likewise
    "/packs/<uuid:pack_id>/": True,  # a pack of a board, about nobody
    "/packs/<uuid:pack_id>/pack.<str:form>": False,
    "/boards/<slug:board_id>/papers/<uuid:board_item_id>/": True,  # likewise
    "/boards/<slug:board_id>/risks/<uuid:risk_id>/": True,  # likewise
    "/commissions/": False,
    "/commissions/draw-up/": True,  # what bodies commission, and names nobody
    "/commissions/<uuid:commission_id>/": True,  # likewise
    "/commissions/<uuid:commission_id>/vary/": True,  # likewise
    "/commissions/<uuid:commission_id>/rounds/": True,  # likewise
    "/commissions/<uuid:commission_id>/counts.<str:form>": False,
    "/commissions/<uuid:commission_id>/postings.<str:form>": False,
    "/commission-returns/": False,
    "/commission-returns/<uuid:return_id>/": True,  # what a provider says of a period, as counts
    "/chains/": False,
    "/chains/links.<str:form>": False,
    "/chains/<uuid:priority_id>/": False,
    "/chains/<uuid:priority_id>/links.<str:form>": False,
    "/bodies/": False,
    "/bodies/<slug:body_id>/": False,
    "/bodies/figures.<str:form>": False,
    "/bodies/parts.<str:form>": False,
    "/crosswalk/": False,
    "/feeds/": False,
    "/feeds/<str:feed_id>/": False,
    "/crosswalk/words.<str:form>": False,
    "/outcomes/": False,
    "/outcomes/<slug:outcome_id>/": False,
    "/outcomes/periods.<str:form>": False,
    "/outcomes/districts.<str:form>": False,
    "/simulations/": False,
    "/simulations/ask/": True,  # services and pathways, and names nobody
    "/simulations/target/": True,  # likewise
    "/simulations/sensitivity/": True,  # likewise
    "/simulations/<uuid:simulation_id>/": True,  # a question about every queue, and about nobody
    "/simulations/<uuid:simulation_id>/answer.json": False,
    "/simulations/<uuid:simulation_id>/measures.<str:form>": False,
    "/simulations/<uuid:simulation_id>/lists.<str:form>": False,
    "/simulations/<uuid:simulation_id>/weeks.<str:form>": False,
    "/funds/": False,
    "/funds/<slug:fund_id>/": True,  # money, and about nobody
    "/funds/<slug:fund_id>/post/": True,  # likewise
    "/funds/<slug:fund_id>/lines.<str:form>": False,
    "/funds/<slug:fund_id>/balance.<str:form>": False,
    "/funds/<slug:fund_id>/journal.<str:form>": False,
    "/costs/": False,
    "/costs/figures.<str:form>": False,
    "/portfolio/": False,
    "/portfolio/ask/": True,  # pounds of bodies, and names nobody
    "/portfolio/<uuid:study_id>/": True,  # which plan a board chose
    "/portfolio/<uuid:study_id>/study.json": False,
    "/portfolio/<uuid:study_id>/interventions.<str:form>": False,
    "/portfolio/<uuid:study_id>/plans.<str:form>": False,
    "/portfolio/<uuid:study_id>/sharing.<str:form>": False,
    "/link-quality/": False,
    "/links/": True,  # begins a sitting under a reference, and names nobody
    "/cases/": False,
    "/meetings/": True,  # plans one, which names nobody
    "/teams/": False,
    "/teams/<slug:team_id>/": True,  # a team says what it can take
    "/work-list/": False,
    "/find/": True,  # asked about people and references by tests of its own
    "/reminders/": True,  # one's own mails and calendar
    "/calendar/<str:token>.ics": False,
    "/confirm/": True,
    "/people/": False,
    "/placements/": False,
    "/placements/print/": True,  # what the board shows, and names nobody
    "/placements/moves.ics": False,
    "/listing/": False,
    "/listing/print/": True,  # likewise
    "/listing/hearings.ics": False,
    "/place/figures.<str:form>": False,
    "/ranking/": False,
    "/problems/": False,
    "/rights/processing/": False,
    "/problems/<slug:problem_id>/": False,
    "/problems/<slug:problem_id>/what-if/": False,
    "/problems/figures.<str:form>": False,
    "/own/": True,  # by a code: the same for each that opens nothing
    "/reason/": True,
    "/reply/": True,  # likewise
    "/rules/": False,
    "/rules/fairness.<str:form>": False,
    "/rules/linking.<str:form>": False,
    "/scim/v2/Groups": True,
    "/scim/v2/Groups/<slug:group_id>": True,
    "/scim/v2/ServiceProviderConfig": True,
    "/scim/v2/Users": True,
    "/scim/v2/Users/<int:account_id>": True,
    "/sign-in/": True,
    "/sign-in/factor/": True,
    "/sign-in/first-password/": True,
    "/sign-in/provider/": True,
    "/sign-in/provider/again/": True,
    "/sign-in/provider/done/": True,
    "/sign-in/provider/end/": True,
    "/sign-in/recovery/": True,
    "/your-sign-in/": True,
    "/your-sign-in/keys/": True,
    "/your-sign-in/keys/<int:key_id>/remove/": True,
    "/your-sign-in/password/": True,
    "/sign-out/": True,
    "/systems/": True,  # tokens and addresses of machines, and names nobody
    "/status/": True,  # acknowledges an alert, which names nobody
    "/trust/": False,
    "/trust/agreements/": False,
    "/trust/agreements/<str:agreement_id>/": True,
    "/trust/break-glass/": True,  # acknowledges an alert, which names nobody
    "/trust/disclosures/": False,
    "/trust/matrix/": False,
}


def ready(client: Client) -> Client:
    """Put into the session all that a page may ask for first: a confirmation, and a sitting of links begun."""
    session = confirm_session(client).session
    keep_sitting(session, REFERENCE, "doubts")
    session.save()
    return client


def parameters_of(route: str) -> frozenset[str]:
    """Return the names of what stands in the address."""
    return frozenset(re.findall(r"<(?:\w+:)?(\w+)>", route))


def routes_of_people() -> list[str]:
    """Return the addresses with somebody's id in them, from the map of addresses."""
    return sorted(route for route in all_routes() if PERSON in parameters_of(route))


def names_of_ways() -> list[str]:
    """Return the names of `ways_to_ask`, before there is a client."""
    return list(ways_to_ask(Client(), "practitioner"))


def ways_to_ask(client: Client, role: str) -> dict[str, Callable[[str], Any]]:
    """Return every way to ask about a person, by its name: each is given an id and answers."""
    ways: dict[str, Callable[[str], Any]] = {}
    for route in routes_of_people():
        for method in ("GET", "POST"):
            ways[f"{method} {route}"] = _in_address(client, role, method, route)
    for route, name in FHIR_SEARCHES.items():
        ways[f"GET {route} of somebody"] = _in_search(client, role, route, name)
    ways[f"GET {WHAT_IF} planned"] = _in_address(client, role, "GET", f"{WHAT_IF}?{urlencode(PLANNED)}")
    ways[f"POST {MESSAGE} withhold"] = _in_address(client, role, "POST", MESSAGE, WITHHELD)
    for route, (name, form) in IN_FORMS.items():
        ways[f"POST {route}"] = _in_form(client, role, route, name, form)
    return ways


def _in_address(
    client: Client, role: str, method: str, route: str, form: dict[str, str] = EVERY_FORM
) -> Callable[[str], Any]:
    headers = {"X-Purpose": PURPOSE[role], "X-Reference": REFERENCE}

    def ask(person_id: str) -> Any:
        url = re.sub(r"<(?:\w+:)?person_id>", person_id, route).replace("<slug:field>", "address")
        if method == "GET":
            return client.get(url, headers=headers)
        return client.post(url, {**form, "recipients": f"person:{person_id}"}, headers=headers)

    return ask


def _in_search(client: Client, role: str, route: str, name: str) -> Callable[[str], Any]:
    headers = {"X-Purpose": PURPOSE[role], "X-Reference": REFERENCE}
    return lambda person_id: client.get(route, {name: person_id}, headers=headers)


def _in_form(client: Client, role: str, route: str, name: str, form: dict[str, str]) -> Callable[[str], Any]:
    return lambda person_id: client.post(route, {"purpose": PURPOSE[role], **form, name: person_id})
