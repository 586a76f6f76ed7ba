"""The navigation: what a role may open and nothing else, in groups that are the same for each role."""

from html.parser import HTMLParser

import pytest
from django.template.loader import render_to_string
from django.urls import resolve, reverse

from braid.trust.roles import ROLES
from braid.web.templating import _here, draw_navigation
from braid.web.templating import _links_of as groups_of

SEES_PEOPLE = "people work find break_glass messages cases meetings commission_returns".split()
SEES_PLACE = "backlogs blockers problems rules place bodies".split()
GOVERNS = "portfolio outcomes chains boards boards_together funds costs commissions".split()
SEES_AUDIT = "tasks audit trust".split()
MOST_IN_GROUP = 5


def codes_of(role):
    return [resolve(entry["href"]).url_name for group in groups_of(role) for entry in group["entries"]]


@pytest.mark.parametrize("code", ROLES)
def test_a_role_has_the_pages_that_it_may_open_each_once(code):
    role = ROLES[code]
    wanted = {"conflicts", "status", "crosswalk", *(kind for kind in ("placements", "listing") if kind in role.plans)}
    wanted |= set(SEES_PEOPLE) if role.sees_people else set()
    wanted |= set(SEES_PLACE) if role.sees_place else set()
    wanted |= set(GOVERNS) if role.governs else set()
    wanted |= set(SEES_AUDIT) if role.sees_audit else set()
    wanted |= {"simulations"} if role.simulates else set()
    wanted |= {"link_reviews"} if role.decides_links else set()
    wanted |= {"link_quality"} if role.decides_links or role.governs else set()
    wanted |= {"feeds"} if role.reads_sources else set()
    found = codes_of(code)
    assert set(found) == wanted and len(found) == len(wanted)


def test_groups_are_small_and_in_one_order_for_all_roles():
    orders = [[group["name"] for group in groups_of(role)] for role in ROLES]
    longest = ["People", "Care", "Waits", "Linking", "Planning", "Place", "Boards", "Money", "Record"]
    for order in orders:
        assert order == [name for name in longest if name in order]
    assert {name for order in orders for name in order} == set(longest)
    assert all(1 <= len(group["entries"]) <= MOST_IN_GROUP for role in ROLES for group in groups_of(role))
    homes = {entry["text"]: group["name"] for role in ROLES for group in groups_of(role) for entry in group["entries"]}
    for role in ROLES:
        for group in groups_of(role):
            assert all(homes[entry["text"]] == group["name"] for entry in group["entries"])


def test_an_unknown_role_has_no_pages():
    assert groups_of("nobody") == []


class Lists(HTMLParser):
    """Each list of the navigation by the name that it is labelled with, and the link that is marked as where one is."""

    def __init__(self, text):
        super().__init__()
        self.names, self.lists, self.here, self.scripts, self.buttons = {}, {}, [], 0, 0
        self.named, self.list = "", None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.named = given.get("id", "") if tag == "p" else ""
        self.list = given["aria-labelledby"] if tag == "ul" and "aria-labelledby" in given else self.list
        self.scripts += tag == "script"
        self.buttons += tag == "button"
        if tag == "a" and self.list:
            self.lists.setdefault(self.list, []).append(given["href"])
            self.here += [given["href"]] if "aria-current" in given else []

    def handle_endtag(self, tag):
        self.list = None if tag == "ul" else self.list

    def handle_data(self, data):
        if self.named.startswith("pages-"):
            self.names[self.named] = data.strip() or self.names.get(self.named, "")


def test_the_frame_names_each_list_and_marks_where_one_is_without_a_script():
    groups = groups_of("board_member")
    drawn = draw_navigation("board_member", _here(reverse("funds"), "board_member"))
    shown = Lists(render_to_string("frame.html", {"navigation": drawn, "signed_in": "Somebody"}))
    assert {shown.names[label]: links for label, links in shown.lists.items()} == {
        group["name"]: [entry["href"] for entry in group["entries"]] for group in groups
    }
    assert shown.here == [reverse("funds")]
    assert shown.scripts == shown.buttons == 0


def test_what_is_drawn_for_one_role_or_place_is_not_another_s():
    """It is kept: so for each role, in either order, what is drawn is what that role may open and where one is."""
    for path in ("/", reverse("funds"), reverse("people"), reverse("funds")):
        for role in (*ROLES, *reversed(ROLES)):
            shown = Lists(str(draw_navigation(role, _here(path, role))))
            assert [href for links in shown.lists.values() for href in links] == [
                entry["href"] for group in groups_of(role) for entry in group["entries"]
            ]
            own = {entry["href"] for group in groups_of(role) for entry in group["entries"]}
            assert shown.here == [href for href in (path,) if href in own]
