"""What a page is on paper: no navigation, nothing to press, and every word that stands on it is in the printed file."""

import io
import re

import pypdf
from playwright.sync_api import Page

NOT_ON_PAPER = (
    ".govuk-service-navigation, .govuk-skip-link, .govuk-back-link, main form, main button, main input, main select"
)
A4_WIDTH = 718
"""Pixels of a sheet between margins of a centimetre."""


def check_print(page: Page) -> None:
    """Hold a page that is open to what a sheet of paper needs; it is not to be used after."""
    page.emulate_media(media="print")
    shown = page.evaluate(
        "(what) => [...document.querySelectorAll(what)].filter(one => one.checkVisibility()).map(one => one.outerHTML)",
        NOT_ON_PAPER,
    )
    assert not shown, f"on paper: {shown[0][:200]}"
    page.set_viewport_size({"width": A4_WIDTH, "height": 1000})
    assert page.evaluate("document.documentElement.scrollWidth") <= A4_WIDTH, "wider than the sheet"
    page.evaluate("document.querySelectorAll('.govuk-visually-hidden').forEach(one => one.remove())")  # read, not drawn
    words = page.locator("body").inner_text()
    paper = "".join("".join(sheet.extract_text().split()) for sheet in pypdf.PdfReader(io.BytesIO(page.pdf())).pages)
    parts = {"".join(part.split()) for part in re.split(r"[\n\t]", words)}
    cut = sorted(part for part in parts if part not in paper)
    assert not cut, f"cut off on paper: {cut[:3]}"
