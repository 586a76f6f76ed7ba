"""Joint work in the real browser: a conference about risk by three organisations, without script, and each of its pages
for accessibility, narrow screens and print."""

import datetime as dt

import pytest
from keyboard import Walk, check_error_is_reached, check_skip_link, walk_to_the_end
from playwright.sync_api import Browser, Page, expect
from print_checks import check_print
from sample_run import CHILD, VICTIM
from test_web_browser import SIZES, WALKED, browser, check_accessible, chromium, keep_picture, server, sign_in  # noqa: F401

pytestmark = pytest.mark.browser
ADVOCATE, COORDINATOR, HOSPITAL = "Victim advocate", "Meeting coordinator", "Partner in the response to abuse"
PRACTITIONER = "Children's practitioner"
OWN_CHOICES = "details:has([name='contact.harmed.not_vale-authority']):not(:has(textarea)) > summary"
"""What opens the choices of one answer alone."""
PURPOSES = {ADVOCATE: "victim_response", COORDINATOR: "victim_response", HOSPITAL: "victim_response"}


@pytest.fixture(scope="module")
def desks(server, browser: Browser):  # noqa: F811
    """A page of each, signed in, who has said why they look; no script runs."""
    address, users = server
    pages = {}
    for role in (ADVOCATE, COORDINATOR, HOSPITAL, PRACTITIONER):
        page = browser.new_context(java_script_enabled=False, viewport=SIZES["wide"]).new_page()
        sign_in(page, address, *users[role])
        page.goto(f"{address}/reason/")
        page.check(f"input[value={PURPOSES.get(role, 'school_from_ta')}]")
        page.fill("#id_reference", "MTG-2026-041")
        page.click("text=Continue")
        pages[role] = page
    return pages


def look_at(page: Page, browser: Browser, name: str, size: str) -> None:  # noqa: F811
    """Open the same page again with script, at this size: nothing to complain of, nothing off the side."""
    context = browser.new_context(storage_state=page.context.storage_state(), viewport=SIZES[size])
    again = context.new_page()
    again.goto(page.url)
    keep_picture(again, f"{name}-{size}")
    assert again.evaluate("document.documentElement.scrollWidth") <= SIZES[size]["width"], name
    check_accessible(again)
    if size == "wide":
        again.emulate_media(media="print")
        keep_picture(again, f"{name}-print")
    context.close()


def look_at_both(page: Page, browser: Browser, name: str) -> None:  # noqa: F811
    for size in SIZES:
        look_at(page, browser, name, size)


def look_at_a_long_return(page: Page, browser: Browser) -> None:  # noqa: F811
    """The return at 320 pixels: what is decided on one answer is folded away beneath it, and fits when it is open."""
    context = browser.new_context(storage_state=page.context.storage_state(), viewport=SIZES["narrow"])
    again = context.new_page()
    again.goto(page.url)
    again.locator("summary", has_text="Give our return").click()
    form = again.locator("form:has([name='contact.harmed'])")
    answers, shown = form.locator("textarea").count(), form.locator("select:visible").count()
    assert answers >= 5 and shown <= 5, "beside the answers stand only the choices that hold of all of them"
    again.locator(OWN_CHOICES).first.click()
    assert form.locator("select:visible").count() > shown
    keep_picture(again, "care-return-narrow")
    assert again.evaluate("document.documentElement.scrollWidth") <= SIZES["narrow"]["width"]
    check_accessible(again)
    context.close()


def unfold(page: Page, title: str) -> None:
    """Open a folded form, unless what was sent and refused has left it open."""
    if not page.locator("details[open] > summary", has_text=title).count():
        page.locator("summary", has_text=title).click()


def test_a_conference_about_risk_by_three_organisations(server, browser, desks):  # noqa: F811
    address = server[0]
    advocate, coordinator, hospital = (desks[role] for role in (ADVOCATE, COORDINATOR, HOSPITAL))
    advocate.goto(f"{address}/people/{VICTIM}/")
    advocate.click("text=Open a joint case")
    advocate.select_option("#id_case_type", "marac")
    advocate.select_option("#id_agency", "advocate")
    advocate.select_option("#id_part", "harmed")
    look_at_both(advocate, browser, "care-open-case")
    advocate.click("text=Open the case")
    for desk, team, seat in (
        (coordinator, "vale-coordination", "coordination"),
        (hospital, "hospital-safeguarding", "health"),
    ):
        unfold(advocate, "Offer the case to a team")
        advocate.select_option("#id_offer-team", team)
        advocate.select_option("#id_offer-agency", seat)
        advocate.select_option("#id_offer-right", "edit")
        advocate.select_option("#id_offer-sight", "whole")
        advocate.get_by_role("button", name="Offer", exact=True).click()
        expect(advocate.locator("#done")).to_contain_text("recorded")
        desk.goto(f"{address}/work-list/")
        look_at_both(desk, browser, f"care-work-list-{seat}")
        desk.locator("main table a[href^='/offers/']").click()
        look_at(desk, browser, f"care-offer-{seat}", "narrow")
        desk.click("text=Accept, and take part myself")
        expect(desk.locator("h1")).to_contain_text("JC-")
    look_at_both(advocate, browser, "care-case")
    case = coordinator.locator("h1").inner_text()
    coordinator.goto(f"{address}/meetings/")
    coordinator.select_option("#id_case_type", "marac")
    coordinator.fill("#id_starts_at", f"{dt.datetime.now(dt.UTC).date() + dt.timedelta(days=9)} 10:00")
    look_at_both(coordinator, browser, "care-meetings")
    coordinator.click("text=Plan it")
    unfold(coordinator, "Put a case on the agenda")
    coordinator.select_option("#id_case", label=case)
    coordinator.click("text=Put it on")
    look_at_both(coordinator, browser, "care-agenda")
    coordinator.click("text=Ask for returns")
    hospital.goto(f"{address}/work-list/")
    hospital.locator("main a[href^='/agenda/']").click()
    look_at_a_long_return(hospital, browser)
    unfold(hospital, "Give our return")
    hospital.fill("[name='contact.harmed']", "Seen twice this month in the emergency department")
    hospital.select_option("#id_gateway", index=1)
    hospital.select_option("#id_necessity", "serious_harm")
    hospital.locator(OWN_CHOICES).first.click()
    hospital.select_option("[name='contact.harmed.not_vale-authority']", "not_necessary")
    hospital.click("text=Give the return")
    expect(hospital.locator("#done")).to_contain_text("recorded")
    look_at_both(hospital, browser, "care-item-hospital")
    unfold(coordinator, "Write down who is there")
    for seat, how in (("advocate", "present"), ("health", "remote")):
        coordinator.select_option(f"#id_at_{seat}", how)
    for seat in ("police", "childrens_social_care", "housing", "probation"):
        coordinator.select_option(f"#id_why_{seat}", "urgent")
    coordinator.get_by_role("button", name="Write down", exact=True).click()
    coordinator.click("text=Begin the meeting")
    look_at_both(coordinator, browser, "care-meeting")
    coordinator.locator("main table a[href^='/agenda/']").click()
    expect(coordinator.locator("main")).not_to_contain_text("Seen twice")
    advocate.goto(coordinator.url)
    expect(advocate.locator("main")).to_contain_text("Seen twice")
    unfold(coordinator, "Decide")
    coordinator.select_option("#id_decide-decision", "safety_plan")
    coordinator.fill("#id_decide-reason", "The risk is high and has risen")
    coordinator.get_by_role("button", name="Decide", exact=True).click()
    expect(coordinator.locator(".govuk-error-summary")).to_contain_text("at least one action")
    look_at(coordinator, browser, "care-item-chair", "narrow")
    unfold(coordinator, "Decide")
    coordinator.fill("#id_decide-words_1", "Go through the plan with the person")
    coordinator.select_option("#id_decide-team_1", "harbour-advocacy")
    coordinator.fill("#id_decide-due_1", f"{dt.datetime.now(dt.UTC).date() + dt.timedelta(days=2)}")
    coordinator.get_by_role("button", name="Decide", exact=True).click()
    expect(coordinator.locator("main")).to_contain_text("A joint safety plan")
    hospital.goto(coordinator.url)
    unfold(hospital, "Record that we do not agree")
    hospital.fill("#id_dissent-words", "A move should come first")
    hospital.click("text=Record dissent")
    expect(hospital.locator("main")).to_contain_text("does not agree")
    look_at_both(hospital, browser, "care-item-decided")
    coordinator.click("text=The meeting")
    coordinator.click("text=End the meeting")
    coordinator.get_by_role("link", name="Minutes", exact=True).click()
    look_at_both(coordinator, browser, "care-minutes-held")
    hospital.goto(coordinator.url)
    unfold(hospital, f"Correct the minutes of {case}")
    hospital.fill("main textarea[name='words']", "The plan is for two weeks")
    hospital.get_by_role("button", name="Correct").click()
    expect(hospital.locator("main")).to_contain_text("The plan is for two weeks")
    coordinator.reload()
    coordinator.click("text=Agree the minutes")
    unfold(coordinator, "Send the minutes")
    coordinator.select_option("#id_gateway", index=1)
    coordinator.select_option("#id_necessity", "joint_decision")
    coordinator.get_by_role("button", name="Send", exact=True).click()
    expect(coordinator.locator("main")).to_contain_text("hospital")
    look_at_both(coordinator, browser, "care-minutes-sent")
    coordinator.goto(f"{address}/reminders/")
    coordinator.click("text=Make an address")
    expect(coordinator.locator("#feed")).to_contain_text("/calendar/")
    look_at_both(coordinator, browser, "care-reminders")
    advocate.goto(f"{address}/find/")
    advocate.fill("#id_words", case)
    advocate.get_by_role("button", name="Find", exact=True).click()
    expect(advocate.locator("main")).to_contain_text(case)
    look_at_both(advocate, browser, "care-find")
    advocate.goto(f"{address}/work-list/")
    expect(advocate.locator("main")).to_contain_text("Go through the plan with the person")
    advocate.locator("main a[href^='/cases/']").first.click()
    advocate.get_by_role("button", name="Mark as done").click()
    expect(advocate.locator("main")).to_contain_text("Done")


@pytest.mark.parametrize("size", WALKED)
def test_a_case_from_signing_in_to_its_end_by_keyboard_alone(size, server, browser):  # noqa: F811
    """No mouse and no script: each stop shows the focus, in the order of reading; a fault is read first and left to its
    field by two keys."""
    address, users = server
    walk = Walk(browser.new_context(java_script_enabled=False, viewport=SIZES[size]).new_page())
    walk.go(f"{address}/people/{CHILD}/case/")
    walk.write("#id_username", users[PRACTITIONER][0])
    walk.write("#id_password", users[PRACTITIONER][1])
    walk.press("main button")
    walk.pick("purpose", "school_from_ta")
    walk.write("#id_reference", "MTG-2026-041")
    walk.press("button:has-text('Continue')")
    check_skip_link(walk)
    walk.press("button:has-text('Open the case')")
    check_error_is_reached(walk, "Choose", "#id_case_type")
    for field, value in (("case_type", "placement_panel"), ("agency", "placement"), ("part", "child")):
        walk.choose(f"#id_{field}", value)
    walk.press("button:has-text('Open the case')")
    case = walk.page.url.split("?")[0]
    walk.unfold("Make an action")
    walk.press("button:text-is('Make it')")
    check_error_is_reached(walk, "Say what is to be done", "#id_action-words")
    walk.write("#id_action-words", "Ask the school to keep the place")
    walk.choose("#id_action-team", "northmere-education")
    walk.write("#id_action-due_on", f"{dt.datetime.now(dt.UTC).date() + dt.timedelta(days=3)}")
    walk.press("button:text-is('Make it')")
    walk.press("a:text-is('Readiness')")
    walk_to_the_end(walk.page)
    walk.go(case)
    walk.press("button:has-text('Cancel')")
    walk.unfold("Close the case")
    walk.choose("#id_close-outcome", "goals_met")
    walk.press("button:text-is('Close')")
    expect(walk.page.locator("main")).to_contain_text("Closed")
    check_print(walk.page)
    walk.page.context.close()


def test_a_referral_from_the_person_to_the_inbox_and_back(server, browser, desks):  # noqa: F811
    address, practitioner = server[0], desks[PRACTITIONER]
    practitioner.goto(f"{address}/people/{CHILD}/")
    practitioner.click("text=Refer to a team")
    practitioner.get_by_role("button", name="Send the referral").click()
    expect(practitioner.locator(".govuk-error-summary")).to_contain_text("Choose a team")
    look_at_both(practitioner, browser, "care-refer")
    practitioner.select_option("#id_team", "hospital-safeguarding")
    practitioner.select_option("#id_service", "health")
    practitioner.select_option("#id_urgency", "urgent")
    practitioner.fill("#id_note", "Asthma, and the flat is damp")
    practitioner.get_by_role("button", name="Send the referral").click()
    expect(practitioner.locator("main")).to_contain_text("Hospital safeguarding")
    look_at_both(practitioner, browser, "care-work-list-sent")
    practitioner.locator("main a[href^='/referrals/']").first.click()
    look_at_both(practitioner, browser, "care-referral")
    practitioner.goto(f"{address}/teams/")
    look_at_both(practitioner, browser, "care-teams")
    practitioner.locator("main a[href='/teams/northmere-education/']").click()
    practitioner.select_option("#id_capacity", "full")
    practitioner.click("text=Say so")
    expect(practitioner.locator("main")).to_contain_text("Full")
    look_at(practitioner, browser, "care-team", "narrow")


def test_a_move_with_its_notices_and_the_readiness_of_its_case(server, browser, desks):  # noqa: F811
    address, practitioner = server[0], desks[PRACTITIONER]
    practitioner.goto(f"{address}/people/{CHILD}/case/")
    practitioner.select_option("#id_case_type", "placement_panel")
    practitioner.select_option("#id_agency", "placement")
    practitioner.select_option("#id_part", "child")
    practitioner.click("text=Open the case")
    practitioner.click("text=Planned moves and their notices")
    today = dt.datetime.now(dt.UTC).date()
    unfold(practitioner, "Plan a move")
    practitioner.fill("#id_plan-planned_on", f"{today}")
    practitioner.get_by_role("button", name="Plan it").click()
    expect(practitioner.locator(".govuk-error-summary")).to_contain_text("another council's district")
    look_at_both(practitioner, browser, "care-moves-fault")
    practitioner.select_option("#id_plan-leaves", "yes")
    practitioner.select_option("#id_plan-moves_0", "kept")
    practitioner.select_option("#id_plan-asked", "parent")
    practitioner.get_by_role("button", name="Plan it").click()
    expect(practitioner.locator("#done")).to_contain_text("recorded")
    unfold(practitioner, "Take a step of the move")
    practitioner.locator("section [name='move-day']").fill(f"{today}")
    practitioner.get_by_role("button", name="Made available on that day").click()
    expect(practitioner.locator("main")).to_contain_text("Housing Act 1996 s.208")
    unfold(practitioner, "Hand the notice over to the outbox: Council of the other district")
    look_at_both(practitioner, browser, "care-moves")
    practitioner.click("text=The case")
    practitioner.get_by_role("link", name="Readiness").click()
    expect(practitioner.locator("main")).to_contain_text("Not ready")
    unfold(practitioner, "Take a step of: Journey to the present school")
    practitioner.locator("#item-journey_known [name='item-evidence']").fill("Reckoned for the child: 24 minutes by bus")
    practitioner.locator("#item-journey_known").get_by_role("button", name="Mark as done").click()
    expect(practitioner.locator("main")).to_contain_text("24 minutes by bus")
    look_at_both(practitioner, browser, "care-readiness")


def _open_another(page: Page) -> None:
    """Open the case, also where another test has opened one of its kind about the same person: on purpose."""
    page.click("text=Open the case")
    if page.locator("#id_another").count():
        page.select_option("#id_another", "yes")
        page.click("text=Open the case")


def test_the_response_as_one_plan_and_the_side_of_who_is_accused(server, browser, desks):  # noqa: F811
    address, advocate = server[0], desks[ADVOCATE]
    advocate.goto(f"{address}/people/{VICTIM}/case/")
    advocate.select_option("#id_case_type", "marac")
    advocate.select_option("#id_agency", "advocate")
    advocate.select_option("#id_part", "harmed")
    _open_another(advocate)
    advocate.click("text=Response as one plan")
    expect(advocate.locator("main")).to_contain_text("ask the advocate first")
    unfold(advocate, "Write down what starts a clock")
    advocate.select_option("#id_event-kind", "incident")
    advocate.fill("#id_event-at", f"{dt.datetime.now(dt.UTC) - dt.timedelta(hours=20):%Y-%m-%d %H:%M}")
    advocate.select_option("#id_event-act_oral", "yes")
    advocate.get_by_role("button", name="Write down", exact=True).click()
    expect(advocate.locator("main")).to_contain_text("Samples from the mouth")
    unfold(advocate, "Make an action: therapy")
    advocate.locator("#strand-therapy").get_by_role("button", name="Make it").click()
    expect(advocate.locator(".govuk-error-summary")).to_contain_text("Say what is to be done")
    look_at_both(advocate, browser, "care-response")
    advocate.get_by_role("link", name="The side of who is accused").click()
    expect(advocate.locator("main")).to_contain_text("They are told nothing of this")
    look_at_both(advocate, browser, "care-response-accused")


@pytest.mark.slow
def test_a_plan_its_person_without_an_account_and_a_reply_by_a_code(server, browser, desks):  # noqa: F811
    address, advocate = server[0], desks[ADVOCATE]
    soon = f"{dt.datetime.now(dt.UTC).date() + dt.timedelta(days=9)}"
    advocate.goto(f"{address}/people/{VICTIM}/case/")
    for field, value in (("case_type", "marac"), ("agency", "advocate"), ("part", "harmed")):
        advocate.select_option(f"#id_{field}", value)
    _open_another(advocate)
    advocate.click("text=Joint plan")
    advocate.click("text=Begin a plan")
    unfold(advocate, "Add a goal")
    advocate.select_option("#id_goal-subject", index=1)
    advocate.fill("#id_goal-words", "I want to sleep through the night")
    advocate.select_option("#id_goal-whose", "person")
    advocate.fill("#id_goal-target_on", soon)
    advocate.get_by_role("button", name="Add", exact=True).click()
    unfold(advocate, "Make an action towards a goal")
    advocate.select_option("#id_action-goal", index=1)
    advocate.fill("#id_action-words", "Go through the safety plan with you")
    advocate.select_option("#id_action-team", "harbour-advocacy")
    advocate.fill("#id_action-due_on", soon)
    advocate.get_by_role("button", name="Make it").click()
    unfold(advocate, "Say when it is reviewed")
    advocate.fill("#id_review_day-day", soon)
    advocate.get_by_role("button", name="Keep the day").click()
    look_at_both(advocate, browser, "plan-draft")
    advocate.get_by_role("button", name="Send for approval").click()
    advocate.get_by_role("button", name="Approve for my organisation").click()
    look_at_both(advocate, browser, "plan-approved")
    plan = advocate.url.partition("?")[0]
    advocate.get_by_role("link", name="Version 1", exact=True).click()
    look_at_both(advocate, browser, "plan-version")
    advocate.locator("main a[href*='?for=']").click()
    look_at_both(advocate, browser, "plan-paper")
    advocate.goto(f"{plan}views/")
    unfold(advocate, "Make a view for one of them")
    for field, value in (("aim", "follow"), ("hand_over", "in_person")):
        advocate.select_option(f"#id_{field}", value)
    advocate.select_option("#id_subject", index=1)
    advocate.fill("#id_days", "7")
    advocate.fill("#id_fits", "Asked for it")
    advocate.get_by_role("button", name="Make the code").click()
    code = advocate.locator("#code").inner_text()
    look_at_both(advocate, browser, "plan-views")
    for size in SIZES:
        person = browser.new_context(viewport=SIZES[size]).new_page()
        person.goto(f"{address}/own/")
        check_accessible(person)
        person.fill("#id_code", code)
        person.get_by_role("button", name="Continue").click()
        expect(person.locator("main")).to_contain_text("Go through the safety plan with you")
        _check_in_place(person, f"own-plan-{size}", size)
        person.select_option("#id_stance", "agree")
        person.get_by_role("button", name="Keep my words").click()
        expect(person.locator("#done")).to_contain_text("kept")
        _check_in_place(person, f"own-said-{size}", size)
        person.goto(f"{address}/reply/")
        person.fill("#id_code", code)
        person.get_by_role("button", name="Continue").click()
        expect(person.locator("main")).to_contain_text("does not open anything")
        _check_in_place(person, f"reply-closed-{size}", size)
        person.context.close()
    advocate.goto(plan)
    expect(advocate.locator("main")).to_contain_text("I agree with this plan")


def _check_in_place(page: Page, name: str, size: str) -> None:
    """As `look_at`, for a page that answers a form and is at no address."""
    keep_picture(page, name)
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size]["width"], name
    check_accessible(page)
