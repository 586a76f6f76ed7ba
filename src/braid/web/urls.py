"""Every address of the web app. `tests/spec/access_matrix.csv` says who gets what at each."""

from django.urls import include, path

from braid.web.views.agendas import agenda, agenda_calendar
from braid.web.views.appointments import appointment_calendar, appointments_apart, appointments_page
from braid.web.views.audit import audit, audit_log, audit_person, audit_snooping
from braid.web.views.audit_open import checkpoint, consistency
from braid.web.views.backlogs import backlog, backlogs, backlogs_file
from braid.web.views.blockers import blockers, blockers_file, problem, problems, problems_file
from braid.web.views.boards import (
    board,
    board_action,
    board_actions,
    board_decision,
    board_list,
    board_meeting,
    board_minutes_file,
    board_paper,
    board_risk,
)
from braid.web.views.case_people import case_people, stand_in
from braid.web.views.cases import case, case_list, offer, open_case
from braid.web.views.chains import chain, chain_file, chains, chains_file
from braid.web.views.commissions import (
    commission,
    commission_file,
    commission_rounds,
    commissions,
    draw_up_commission,
    vary_commission,
)
from braid.web.views.costs import costs_file, costs_page
from braid.web.views.crosswalk import crosswalk, crosswalk_file
from braid.web.views.disclosures import disclosures
from braid.web.views.documents import document_file, document_page, documents_apart, documents_page
from braid.web.views.emergencies import break_glass, queue, review, status
from braid.web.views.feeds import feed, feeds
from braid.web.views.find import find
from braid.web.views.funds import fund_file, fund_page, fund_post, funds_page
from braid.web.views.geography import bodies, body, ground_file
from braid.web.views.link_reviews import link_quality, link_relied, link_review, link_reviews
from braid.web.views.links import own, referral_links, reply
from braid.web.views.listing import hearing, hearing_calendar, hearing_places, listing, listing_print
from braid.web.views.meetings import agenda_item, follow, meeting, meeting_list
from braid.web.views.messages import contact, message, messages
from braid.web.views.minutes import meeting_minutes
from braid.web.views.moves import moves_page
from braid.web.views.operating import live, metrics, ready
from braid.web.views.outcomes import outcome, outcomes, outcomes_file
from braid.web.views.overlay import conflicts, overlay, overlay_entry
from braid.web.views.own_sign_in import add_key, own_password, own_sign_in, remove_key
from braid.web.views.packs import board_pack, board_pack_file, board_packs
from braid.web.views.papers import paper
from braid.web.views.people import people, person, reason
from braid.web.views.place import figures_file, place
from braid.web.views.placements import (
    placement,
    placement_calendar,
    placement_print,
    placement_why_not,
    placements,
)
from braid.web.views.plans import own_views_of_case, plan, plan_version
from braid.web.views.portfolio import (
    ask_portfolio,
    portfolio,
    portfolio_document,
    portfolio_file,
    portfolio_study,
)
from braid.web.views.priority import fairness_file, linking_file, ranking, rules
from braid.web.views.provider import again_at_provider, begin_at_provider, done_at_provider, ended_at_provider
from braid.web.views.readiness import readiness_page
from braid.web.views.referrals import refer, referral, team, teams, work
from braid.web.views.reminders import calendar, reminders
from braid.web.views.response import response_apart, response_page
from braid.web.views.rights import rights, rights_holds, rights_item, rights_pack, rights_processing, rights_request
from braid.web.views.served import commission_return, commission_returns, referral_service
from braid.web.views.signing import SignIn, first_password, recovery, second_step, sign_out
from braid.web.views.simulations import (
    ask_scenarios,
    ask_sensitivity,
    ask_target,
    simulation,
    simulation_document,
    simulation_file,
    simulations,
)
from braid.web.views.statements import accessibility
from braid.web.views.systems import systems
from braid.web.views.tasks import check_contact, tasks
from braid.web.views.together import boards_together, boards_together_file
from braid.web.views.trust import agreement, agreements, matrix, trust
from braid.web.views.vault import confirm_identity, location
from braid.web.views.what_if import cohort_what_if, what_if

urlpatterns = [
    path("", place, name="place"),
    path("place/figures.<str:form>", figures_file, name="figures_file"),
    path("blockers/", blockers, name="blockers"),
    path("blockers/figures.<str:form>", blockers_file, name="blockers_file"),
    path("problems/", problems, name="problems"),
    path("problems/figures.<str:form>", problems_file, name="problems_file"),
    path("problems/<slug:problem_id>/", problem, name="problem"),
    path("problems/<slug:problem_id>/what-if/", cohort_what_if, name="cohort_what_if"),
    path("backlogs/", backlogs, name="backlogs"),
    path("backlogs/figures.<str:form>", backlogs_file, {"table": "backlogs"}, name="backlogs_file"),
    path("backlogs/sizes.<str:form>", backlogs_file, {"table": "sizes"}, name="sizes_file"),
    path("backlogs/overlaps.<str:form>", backlogs_file, {"table": "overlaps"}, name="overlaps_file"),
    path("backlogs/<slug:wait_kind>/", backlog, name="backlog"),
    path("bodies/", bodies, name="bodies"),
    path("bodies/figures.<str:form>", ground_file, {"table": "bodies"}, name="bodies_file"),
    path("bodies/parts.<str:form>", ground_file, {"table": "parts"}, name="parts_file"),
    path("bodies/<slug:body_id>/", body, name="body"),
    path("commissions/", commissions, name="commissions"),
    path("commissions/draw-up/", draw_up_commission, name="draw_up_commission"),
    path("commissions/<uuid:commission_id>/", commission, name="commission"),
    path("commissions/<uuid:commission_id>/vary/", vary_commission, name="vary_commission"),
    path("commissions/<uuid:commission_id>/rounds/", commission_rounds, name="commission_rounds"),
    *(
        path(
            f"commissions/<uuid:commission_id>/{table}.<str:form>",
            commission_file,
            {"table": table},
            name=f"commission_{table}_file",
        )
        for table in ("counts", "postings")
    ),
    path("commission-returns/", commission_returns, name="commission_returns"),
    path("commission-returns/<uuid:return_id>/", commission_return, name="commission_return"),
    path("referrals/<uuid:referral_id>/service/", referral_service, name="referral_service"),
    path("outcomes/", outcomes, name="outcomes"),
    path("outcomes/periods.<str:form>", outcomes_file, {"table": "periods"}, name="outcomes_periods_file"),
    path("outcomes/districts.<str:form>", outcomes_file, {"table": "districts"}, name="outcomes_districts_file"),
    path("outcomes/<slug:outcome_id>/", outcome, name="outcome"),
    path("simulations/", simulations, name="simulations"),
    path("simulations/ask/", ask_scenarios, name="ask_scenarios"),
    path("simulations/target/", ask_target, name="ask_target"),
    path("simulations/sensitivity/", ask_sensitivity, name="ask_sensitivity"),
    path("simulations/<uuid:simulation_id>/", simulation, name="simulation"),
    path("simulations/<uuid:simulation_id>/answer.json", simulation_document, name="simulation_document"),
    *(
        path(
            f"simulations/<uuid:simulation_id>/{table}.<str:form>",
            simulation_file,
            {"table": table},
            name=f"simulation_{table}_file",
        )
        for table in ("measures", "lists", "weeks")
    ),
    path("boards/", board_list, name="boards"),
    path("boards/actions/", board_actions, name="board_actions"),
    path("boards-together/", boards_together, name="boards_together"),
    path("boards-together/pack.<str:form>", boards_together_file, name="boards_together_file"),
    path("chains/", chains, name="chains"),
    path("chains/links.<str:form>", chains_file, name="chains_file"),
    path("chains/<uuid:priority_id>/", chain, name="chain"),
    path("chains/<uuid:priority_id>/links.<str:form>", chain_file, name="chain_file"),
    path("boards/actions/<uuid:action_id>/", board_action, name="board_action"),
    path("boards/decisions/<uuid:decision_id>/", board_decision, name="board_decision"),
    path("boards/<slug:board_id>/", board, name="board"),
    path("boards/<slug:board_id>/meetings/<uuid:board_meeting_id>/", board_meeting, name="board_meeting"),
    path(
        "boards/<slug:board_id>/meetings/<uuid:board_meeting_id>/minutes.<str:form>",
        board_minutes_file,
        name="board_minutes_file",
    ),
    path("boards/<slug:board_id>/packs/", board_packs, name="board_packs"),
    path("packs/<uuid:pack_id>/", board_pack, name="board_pack"),
    path("packs/<uuid:pack_id>/pack.<str:form>", board_pack_file, name="board_pack_file"),
    path("boards/<slug:board_id>/papers/<uuid:board_item_id>/", board_paper, name="board_paper"),
    path("boards/<slug:board_id>/risks/<uuid:risk_id>/", board_risk, name="board_risk"),
    path("costs/", costs_page, name="costs"),
    path("costs/figures.<str:form>", costs_file, name="costs_file"),
    path("funds/", funds_page, name="funds"),
    path("funds/<slug:fund_id>/", fund_page, name="fund"),
    path("funds/<slug:fund_id>/post/", fund_post, name="fund_post"),
    *(
        path(f"funds/<slug:fund_id>/{table}.<str:form>", fund_file, {"table": table}, name=f"fund_{table}_file")
        for table in ("lines", "balance", "journal")
    ),
    path("portfolio/", portfolio, name="portfolio"),
    path("portfolio/ask/", ask_portfolio, name="ask_portfolio"),
    path("portfolio/<uuid:study_id>/", portfolio_study, name="portfolio_study"),
    path("portfolio/<uuid:study_id>/study.json", portfolio_document, name="portfolio_document"),
    *(
        path(
            f"portfolio/<uuid:study_id>/{table}.<str:form>",
            portfolio_file,
            {"table": table},
            name=f"portfolio_{table}_file",
        )
        for table in ("interventions", "plans", "sharing")
    ),
    path("crosswalk/", crosswalk, name="crosswalk"),
    path("crosswalk/words.<str:form>", crosswalk_file, name="crosswalk_file"),
    path("feeds/", feeds, name="feeds"),
    path("feeds/<str:feed_id>/", feed, name="feed"),
    path("accessibility/", accessibility, name="accessibility"),
    path("sign-in/", SignIn.as_view(), name="sign_in"),
    path("sign-in/factor/", second_step, name="sign_in_factor"),
    path("sign-in/first-password/", first_password, name="first_password"),
    path("sign-in/recovery/", recovery, name="sign_in_recovery"),
    path("sign-in/provider/", begin_at_provider, name="sign_in_provider"),
    path("sign-in/provider/again/", again_at_provider, name="sign_in_provider_again"),
    path("sign-in/provider/done/", done_at_provider, name="sign_in_provider_done"),
    path("sign-in/provider/end/", ended_at_provider, name="sign_in_provider_end"),
    path("your-sign-in/", own_sign_in, name="own_sign_in"),
    path("your-sign-in/keys/", add_key, name="add_key"),
    path("your-sign-in/keys/<int:key_id>/remove/", remove_key, name="remove_key"),
    path("your-sign-in/password/", own_password, name="own_password"),
    path("sign-out/", sign_out, name="sign_out"),
    path("reason/", reason, name="reason"),
    path("confirm/", confirm_identity, name="confirm"),
    path("people/", people, name="people"),
    path("rules/", rules, name="rules"),
    path("rules/fairness.<str:form>", fairness_file, name="fairness_file"),
    path("rules/linking.<str:form>", linking_file, name="linking_file"),
    path("ranking/", ranking, name="ranking"),
    path("people/<str:person_id>/", person, name="person"),
    path("people/<str:person_id>/location/<slug:field>/", location, name="location"),
    path("people/<str:person_id>/message/", message, name="message"),
    path("people/<str:person_id>/what-if/", what_if, name="what_if"),
    path("people/<str:person_id>/contact/", contact, name="contact"),
    path("people/<str:person_id>/refer/", refer, name="refer"),
    path("people/<str:person_id>/case/", open_case, name="open_case"),
    path("work-list/", work, name="work"),
    path("find/", find, name="find"),
    path("reminders/", reminders, name="reminders"),
    path("calendar/<str:token>.ics", calendar, name="calendar"),
    path("teams/", teams, name="teams"),
    path("teams/<slug:team_id>/", team, name="team"),
    path("referrals/<uuid:referral_id>/", referral, name="referral"),
    path("referrals/<uuid:referral_id>/links/", referral_links, name="referral_links"),
    path("cases/", case_list, name="cases"),
    path("cases/<uuid:case_id>/", case, name="case"),
    path("cases/<uuid:case_id>/people/", case_people, name="case_people"),
    path("cases/<uuid:led_id>/stand-in/", stand_in, name="stand_in"),
    path("cases/<uuid:case_id>/readiness/", readiness_page, name="readiness"),
    path("cases/<uuid:case_id>/move/", moves_page, name="moves"),
    path("cases/<uuid:case_id>/response/", response_page, name="response"),
    path("cases/<uuid:case_id>/response/accused/", response_apart, name="response_apart"),
    path("cases/<uuid:case_id>/appointments/", appointments_page, name="appointments"),
    path("cases/<uuid:case_id>/appointments/accused/", appointments_apart, name="appointments_apart"),
    path("cases/<uuid:case_id>/appointments.ics", appointment_calendar, name="appointment_calendar"),
    path("cases/<uuid:case_id>/documents/", documents_page, name="documents"),
    path("cases/<uuid:case_id>/documents/accused/", documents_apart, name="documents_apart"),
    path("documents/<uuid:document_id>/", document_page, name="document"),
    path("documents/<uuid:document_id>/versions/<int:number>/", document_file, name="document_file"),
    path("cases/<uuid:case_id>/plan/", plan, name="plan"),
    path("cases/<uuid:case_id>/plan/<int:number>/", plan_version, name="plan_version"),
    path("cases/<uuid:case_id>/plan/views/", own_views_of_case, name="own_views"),
    path("own/", own, name="own"),
    path("reply/", reply, name="reply"),
    path("offers/<uuid:offer_id>/", offer, name="offer"),
    path("meetings/", meeting_list, name="meetings"),
    path("meetings/<uuid:meeting_id>/", meeting, name="meeting"),
    path("meetings/<uuid:meeting_id>/agenda/", agenda, name="agenda"),
    path("meetings/<uuid:meeting_id>/agenda.ics", agenda_calendar, name="agenda_calendar"),
    path("meetings/<uuid:meeting_id>/follow/", follow, name="follow"),
    path("meetings/<uuid:meeting_id>/minutes/", meeting_minutes, name="minutes"),
    path("agenda/<uuid:item_id>/", agenda_item, name="agenda_item"),
    path("placements/", placements, name="placements"),
    path("placements/print/", placement_print, name="placement_print"),
    path("placements/moves.ics", placement_calendar, name="placement_calendar"),
    path("placements/<uuid:proposal_id>/", placement, name="placement"),
    path("placements/<uuid:proposal_id>/why-not/", placement_why_not, name="placement_why_not"),
    path("listing/", listing, name="listing"),
    path("listing/print/", listing_print, name="listing_print"),
    path("listing/hearings.ics", hearing_calendar, name="hearing_calendar"),
    path("listing/<uuid:hearing_id>/", hearing, name="hearing"),
    path("listing/<uuid:hearing_id>/places/", hearing_places, name="hearing_places"),
    path("papers/<uuid:paper_id>/", paper, name="paper"),
    path("messages/", messages, name="messages"),
    path("rights/", rights, name="rights"),
    path("rights/processing/", rights_processing, name="rights_processing"),
    path("rights/holds/", rights_holds, name="rights_holds"),
    path("rights/<uuid:request_id>/", rights_request, name="rights_request"),
    path("rights/<uuid:request_id>/items/<int:number>/", rights_item, name="rights_item"),
    path("rights/<uuid:request_id>/pack/", rights_pack, name="rights_pack"),
    path("tasks/", tasks, name="tasks"),
    path("tasks/contacts/<int:contact_id>/", check_contact, name="check_contact"),
    path("audit/", audit, name="audit"),
    path("audit/log/", audit_log, name="audit_log"),
    path("audit/snooping/", audit_snooping, name="audit_snooping"),
    path("audit/person/<str:person_id>/", audit_person, name="audit_person"),
    path("audit/checkpoint.txt", checkpoint, name="audit_checkpoint"),
    path("audit/consistency/<int:old>/<int:new>", consistency, name="audit_consistency"),
    path("links/", link_reviews, name="link_reviews"),
    path("link-quality/", link_quality, name="link_quality"),
    path("links/<uuid:pair_id>/", link_review, name="link_review"),
    path("links/<uuid:pair_id>/relied/", link_relied, name="link_relied"),
    path("conflicts/", conflicts, name="conflicts"),
    path("systems/", systems, name="systems"),
    path("break-glass/", break_glass, name="break_glass"),
    path("status/", status, name="status"),
    path("trust/", trust, name="trust"),
    path("trust/agreements/", agreements, name="trust_agreements"),
    path("trust/agreements/<str:agreement_id>/", agreement, name="trust_agreement"),
    path("trust/disclosures/", disclosures, name="trust_disclosures"),
    path("trust/matrix/", matrix, name="trust_matrix"),
    path("trust/overlay/", overlay, name="trust_overlay"),
    path("trust/overlay/<str:kind>/<int:entry_id>/", overlay_entry, name="trust_overlay_entry"),
    path("trust/break-glass/", queue, name="trust_emergencies"),
    path("trust/break-glass/<int:access_id>/", review, name="trust_review"),
    path("health/live/", live, name="live"),
    path("health/ready/", ready, name="ready"),
    path("metrics", metrics, name="metrics"),
    path("api/", include("braid.api.urls")),
    path("fhir/r4/", include("braid.api.fhir.urls")),
    path("oruk/v3/", include("braid.api.directory.urls")),
    path("scim/v2/", include("braid.api.scim_urls")),
]
handler400 = "braid.web.views.errors.bad_request"
handler403 = "braid.web.views.errors.not_permitted"
handler404 = "braid.web.views.errors.not_found"
handler500 = "braid.web.views.errors.failed"
