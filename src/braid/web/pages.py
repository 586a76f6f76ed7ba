"""Links between the pages of a long list."""

from collections.abc import Callable
from typing import Any


def page_links(page: int, page_count: int, address: Callable[[int], str]) -> dict[str, Any] | None:
    """Return the pagination component's parameters for page `page` of `page_count`; `None` where one page holds all."""
    if page_count <= 1:
        return None
    links: dict[str, Any] = {"items": _items(page, page_count, address)}
    if page > 1:
        links["previous"] = {"href": address(page - 1)}
    if page < page_count:
        links["next"] = {"href": address(page + 1)}
    return links


def _items(page: int, page_count: int, address: Callable[[int], str]) -> list[dict[str, Any]]:
    shown = sorted({1, page - 1, page, page + 1, page_count} & set(range(1, page_count + 1)))
    items: list[dict[str, Any]] = []
    for before, number in zip([0, *shown], shown, strict=False):
        if number - before > 1:
            items.append({"ellipsis": True})
        items.append({"number": number, "href": address(number), "current": number == page})
    return items
