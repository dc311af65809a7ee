"""Finds the cards: every room with a template <room>/card.html or <room>/card_<name>.html."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from flask import current_app, url_for
from flask.sansio.blueprints import Blueprint

# What the page shows first, in this order; cards it does not name follow.
CARD_ORDER = (
    "orders/today",
    "orders/revenue",
    "activity",
    "orders/chart",
    "alerts",
    "orders/recent",
    "inventory",
)
# Short names for a display's ?cards= and ?hide=.
NICKNAMES = {
    "orders": "orders/today",
    "revenue": "orders/revenue",
    "active": "activity",
    "chart": "orders/chart",
    "recent": "orders/recent",
    "stock": "inventory",
}
# Cards that need room; on a display two of them share a row, and all others the first row.
WIDE = {"orders/chart", "alerts", "orders/recent", "inventory"}


@dataclass(frozen=True)
class Card:
    """One card; `module` and `style` are addresses of its script and style sheet, if it has any."""

    name: str
    template: str
    module: str | None
    style: str | None

    @property
    def heading(self) -> str:
        """The id its template gives to the `<h2>`."""
        return "card-" + self.name.replace("/", "-")


def found() -> list[Card]:
    """All cards of the running app, in the order they are shown."""
    cards = [card for room in current_app.blueprints.values() for card in _of(room)]
    place = {name: index for index, name in enumerate(CARD_ORDER)}
    return sorted(cards, key=lambda card: (place.get(card.name, len(place)), card.name))


def chosen(cards: list[Card], wanted: str, hidden: str) -> list[Card]:
    """The cards of a display whose URL says ?cards=wanted&hide=hidden, in the order wanted."""
    by_name = {card.name: card for card in cards}
    hide = _names(hidden)
    names = _names(wanted) or list(by_name)
    return [by_name[name] for name in names if name in by_name and name not in hide]


def in_rows(cards: list[Card]) -> list[list[Card]]:
    """The rows of a display, so that any choice of cards fills it."""
    small = [card for card in cards if card.name not in WIDE]
    wide = [card for card in cards if card.name in WIDE]
    pairs = [wide[index : index + 2] for index in range(0, len(wide), 2)]
    return [small, *pairs] if small else pairs


def _names(listed: str) -> list[str]:
    names = (name.strip() for name in listed.split(",") if name.strip())
    return list(dict.fromkeys(NICKNAMES.get(name, name) for name in names))


def _of(room: Blueprint) -> Iterator[Card]:
    if room.template_folder is None:
        return
    folder = Path(room.root_path, room.template_folder, room.name)
    for template in sorted(folder.glob("card*.html")):
        if match := re.fullmatch(r"card(?:_(\w+))?", template.stem):
            yield Card(
                name=f"{room.name}/{match[1]}" if match[1] else room.name,
                template=f"{room.name}/{template.name}",
                module=_static(room, template.stem + ".js"),
                style=_static(room, "card.css"),
            )


def _static(room: Blueprint, filename: str) -> str | None:
    if room.static_folder is None or not Path(room.static_folder, filename).is_file():
        return None
    return url_for(f"{room.name}.static", filename=filename)
