"""Each fault under the pages, posed for real: see `pages_under_fault`."""

import pytest

from faults.pages_under_fault import POSES, SLOW_POSES
from faults.world import in_world

ALL = {**POSES, **SLOW_POSES}
NAMES = [
    *(pytest.param(name, id=name.replace(" ", "-")) for name in POSES),
    *(pytest.param(name, id=name.replace(" ", "-"), marks=pytest.mark.slow) for name in SLOW_POSES),
]


@pytest.fixture(scope="module")
def faults_found(request, django_db_blocker):
    """What came of each fault that this run asks for: nothing, or what was wrong; all in one world."""
    asked = {item.callspec.params["name"] for item in request.session.items if item.module is request.module}

    def work(world):
        found = {}
        for name in (each for each in ALL if each in asked):
            world.begin_anew()
            try:
                ALL[name](world)
                found[name] = ""
            except AssertionError as fault:
                found[name] = str(fault)
        return found

    with django_db_blocker.unblock():
        return in_world(work)


@pytest.mark.parametrize("name", NAMES)
def test_an_answer_is_whole_or_none_and_the_next_one_is_whole(name, faults_found):
    assert faults_found[name] == ""
