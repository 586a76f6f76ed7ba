"""A program: serve the sample on a port, with a user for each role. Arguments: folder, port, file for the users."""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parent))

from board_texts import BOARDS_WITH_REMIT
from ground_sample import write_ground
from homes_sample import HOMES
from listing_sample import keep_officer_away, put_listing
from plan_sample import write_plan, write_whole_run
from sample_run import write_sample_place

from braid.language.example_mark import EXAMPLE_MARK
from braid.web.serve import serve
from lent_database import lend_database

TEAMS = """
[[team]]
id = "harbour-advocacy"
name = "Advocates"
organisation = "harbour"
services = ["advocacy"]

[[team]]
id = "hospital-safeguarding"
name = "Hospital safeguarding"
organisation = "vale-hospital"
services = ["health", "therapy"]

[[team]]
id = "northmere-education"
name = "Education and admissions"
organisation = "northmere-council"
services = ["education_welfare", "admissions"]

[[team]]
id = "vale-coordination"
name = "Joint meetings"
organisation = "vale-authority"
services = ["coordination"]
"""


SECOND_REMIT = """
[board.remit]
statements = ["school_from_ta"]
backlogs = ["temporary_accommodation"]
"""


def put_lists_in_common() -> None:
    """What a run with lists of both boards would have published of them."""
    from braid.web.models import BoardOverlap, BoardWaitShare
    from braid.web.watch import known_asker

    with known_asker():
        BoardOverlap.objects.create(boards="justice safety", run_id="2026-11-15-whole", low=408, high=412)
        BoardWaitShare.objects.create(board_id="justice", owner_board_id="safety", run_id="2026-11-15-whole", share=60)


def make_users(place) -> None:
    from board_sample import NORTH, OWN, seat
    from forecast_sample import put_followed_decision
    from link_review_sample import put_doubts
    from portfolio_sample import put_portfolio
    from sample_agreements import sample_agreements
    from simulation_sample import put_network

    from braid.web.care.team_list import join_demo_users
    from braid.web.demo_users import create_demo_users, new_demo_passwords
    from braid.web.enforcement import enforce
    from braid.web.models import TeamMember, User
    from braid.web.second_factor import enrol
    from braid.web.watch import known_asker

    users = create_demo_users(new_demo_passwords(), place)
    partners = User.objects.filter(username__in=["demo-partner", "demo-responder", "demo-commissioner-2"])
    partners.update(organisation="vale-hospital")  # the sample has no police and no board
    join_demo_users()
    with known_asker():  # who gives the returns of the team must be able to look for the purpose of the commission
        TeamMember.objects.filter(team_id="hospital-safeguarding", username="demo-responder").update(is_lead=True)
    keep_officer_away("demo-listing-officer")
    put_network()
    seat("demo-board-member", NORTH)
    seat("demo-commissioner", OWN)
    put_portfolio()
    put_lists_in_common()
    put_followed_decision("demo-commissioner")
    put_doubts()
    factors = {name: enrol(User.objects.get(username=username)).secret for name, username, _ in users}
    signer = User(
        username="sample-signer", display_name="Signs in (sample)", role="analyst", organisation="vale-authority"
    )
    signer.set_password("not of a demo, so asked for both")
    signer.save()
    factors["Signer"] = enrol(signer).secret
    users.append(("Signer", signer.username, "not of a demo, so asked for both"))
    enforce(sample_agreements())
    Path(sys.argv[3]).write_text(
        json.dumps({"factors": factors, **{name: [username, word] for name, username, word in users}}), encoding="utf-8"
    )


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    place, _ = write_sample_place(folder)
    place = write_ground(folder)
    run = write_whole_run(place, "2026-11-15-whole", 40, HOMES)
    write_plan(place, run)
    put_listing(run, place)
    (folder / "teams.toml").write_text(TEAMS, encoding="utf-8")
    (folder / "boards.toml").write_text(BOARDS_WITH_REMIT + SECOND_REMIT, encoding="utf-8")
    (folder / "truth").mkdir()
    (folder / "truth" / EXAMPLE_MARK).touch()  # nobody here is real: demo accounts sign in with one click
    lend_database(folder / "state")
    serve(folder, port=int(sys.argv[2]), when_ready=make_users)
