"""Clocks of the health service.

Sources: NHS Constitution and its handbook; Referral to treatment consultant-led waiting times, rules suite (October
2022). From 1 October 2015 the admitted and non-admitted standards and the adjustment for patients' own pauses ended.
"""

from __future__ import annotations

import datetime as dt

from braid.language.clock_model import ClockRule, Limit, PauseLaw, Per, Unit

_RTT_START = "the start of the referral to treatment period"
_RTT_STOPS = (
    "first definitive treatment",
    "decision not to treat",
    "active monitoring, by patient or clinician",
    "treatment declined",
    "first appointment not attended and care returned to the referrer",
    "death",
)

HEALTH: tuple[ClockRule, ...] = (
    ClockRule(
        kind="rtt",
        holds_from=dt.date(2012, 4, 1),
        limit=Limit(18, Unit.WEEKS),
        start_words=_RTT_START,
        stops=_RTT_STOPS,
        per=Per.PATHWAY,
        law="NHS Constitution standard: 92% of open pathways within 18 weeks",
        binding=False,
        pauses=PauseLaw(
            "days on which a patient had put off an admission that was offered",
            "referral to treatment rules as they stood until 30 September 2015",
            until=dt.date(2015, 9, 30),
        ),
    ),
    ClockRule(
        kind="rtt",
        holds_from=dt.date(2015, 10, 1),
        limit=Limit(18, Unit.WEEKS),
        start_words=_RTT_START,
        stops=_RTT_STOPS,
        per=Per.PATHWAY,
        law="NHS Constitution standard: 92% of open pathways within 18 weeks; no pauses since 1 October 2015",
        binding=False,
    ),
    ClockRule(
        kind="ed_4h",
        holds_from=dt.date(2005, 1, 1),
        limit=Limit(4, Unit.HOURS),
        start_words="arrival",
        stops=("admitted, transferred or discharged",),
        per=Per.PATHWAY,
        law="NHS standard: admitted, transferred or discharged within four hours of arrival",
        binding=False,
    ),
)
