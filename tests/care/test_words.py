"""What may not stand in words: addresses as people write them are found, and what a meeting writes down is not."""

import pytest

from braid.care.words import check_words, find_whereabouts
from braid.language.steps import NotPossible


@pytest.mark.parametrize(
    "text",
    [
        "She is at Flat 3, 17 Willow Court now",
        "they moved to 9 Mill Hill Lane",
        "22b Orchard Rise, the blue door",
        "12, St. Mary's Road",
        "at 4 Elm\n Terrace",
        "1 O\N{RIGHT SINGLE QUOTATION MARK}Connell Street",
    ],
)
def test_a_house_number_and_street_is_refused_and_not_repeated(text):
    assert find_whereabouts(text) == ("a house number and street",)
    with pytest.raises(NotPossible, match="a house number and street") as refused:
        check_words(text)
    assert "Willow" not in str(refused.value)


@pytest.mark.parametrize(
    "text",
    [
        "The trial is listed at 10 Crown Court, the hearing at 2 Family Court",
        "By 3 May Close the action, and on 10 December Park the rest",
        "within the 26 Week Court timetable",
        "Section 17 Children Act; page 40 of the bundle",
        "Two visits, 17 willow trees, 4 Early Help workers",
        "Reckoned for the child: 24 minutes by bus",
        "JC-7K2M-9XB is discussed at 10.30; three actions, 2 Police calls",
    ],
)
def test_what_a_meeting_writes_down_is_taken(text):
    check_words(text)
