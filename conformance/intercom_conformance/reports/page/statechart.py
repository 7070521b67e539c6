"""The statechart as SVG, a drawing for each region; each arrow is a link to the transitions that it stands for.

How a transition fared is told by a sign and words, and besides by colour and by how the line is drawn. The words come
from `intercom_conformance.reports.page.faring`; which of them are shown, a script can change, for one binding or all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import attrs
from markupsafe import Markup

from intercom_conformance.reports.page.charting import ANY, Edge, Place, RegionGraph
from intercom_conformance.reports.page.faring import Faring
from intercom_conformance.reports.page.layout import Box, Line, Size, draw

__all__ = ["Link", "region_svg"]

_LETTER, _SIGN, _PAD = 7.6, 6.6, 22
_MARGIN = 14
_STAY = 36
"""The height of the badge for what does not move."""


@attrs.frozen
class Link:
    """What an edge is on the page: its number among all edges, where it leads, and how it fared."""

    number: int
    anchor: str
    fared: Faring


def region_svg(region: RegionGraph, links: Mapping[Edge, Link], states: Mapping[str, tuple[int, Faring]]) -> Markup:
    """The drawing of a region.

    Args:
        region: what is drawn.
        links: what each of its edges is on the page.
        states: the number of each state among all states, and how it fared, by ``region: state``.
    """
    moving = [edge for edge in region.edges if not edge.stays]
    staying = {edge.source: edge for edge in region.edges if edge.stays}
    number = {place.name: at for at, place in enumerate(region.places)}
    arrows = [(number[edge.source], number[edge.target]) for edge in moving]
    sizes = [_size_of_place(place, place.name in staying, moving) for place in region.places]
    drawing = draw(sizes, arrows, [_size_of_label(edge) for edge in moving])
    drawn = list(zip(moving, drawing.lines, strict=True))
    places = list(zip(region.places, drawing.boxes, strict=True))
    parts = [_line(line, links[edge]) for edge, line in drawn]
    parts += [
        _place(place, box, states.get(f"{region.name}: {place.name}"), place.name in staying) for place, box in places
    ]
    # Links come last and in reading order, for the keyboard goes through them in the order of the document.
    parts += [_label(edge, line, links[edge]) for edge, line in drawn]
    parts += [
        _stay(staying[place.name], box, links[staying[place.name]]) for place, box in places if place.name in staying
    ]
    return _svg(region, drawing.width, drawing.height, parts)


def _svg(region: RegionGraph, width: float, height: float, parts: Sequence[Markup]) -> Markup:
    wide, high = round(width + 2 * _MARGIN), round(height + 2 * _MARGIN)
    told = Markup(
        '<svg class="chart" width="{}" height="{}" viewBox="{} {} {} {}" role="group" aria-label="{}">{}</svg>'
    )
    label = f"Statechart of the region {region.name}"
    return told.format(wide, high, -_MARGIN, -_MARGIN, wide, high, label, Markup("").join(parts))


def _size_of_place(place: Place, stays: bool, moving: Sequence[Edge]) -> Size:
    leaving, coming = (sum(getattr(edge, end) == place.name for edge in moving) for end in ("source", "target"))
    letters = max(len(place.name) * _LETTER, _EXTENT * _SIGN if stays else 0)
    low = 40 + (_STAY + 6 if stays else 0)
    # From the box for any state the arrows leave level, each beside its label.
    return Size(letters + _PAD, max(low, 56 * leaving - 16 if place.name == ANY else 16 * max(leaving, coming)))


_EXTENT = 19
"""Characters of how something fared."""


def _size_of_label(edge: Edge) -> Size:
    return Size(max(len(_events(edge)), _EXTENT) * _SIGN + 14, 40)


def _events(edge: Edge) -> str:
    """What brings it about, in a few words."""
    first, *others = edge.events
    return f"{first} +{len(others)}" if len(others) > 1 else ", ".join(edge.events)


def _line(line: Line, link: Link) -> Markup:
    x, y = line.tip
    back = x - 8 if line.rightwards else x + 8
    told = Markup(
        '<g class="edge" data-edge="{}" data-fared="{}"><path d="{}"/><path class="tip" d="M{} {}L{} {}L{} {}Z"/></g>'
    )
    return told.format(link.number, link.fared.kind, line.path, *map(_short, (x, y, back, y - 5, back, y + 5)))


def _label(edge: Edge, line: Line, link: Link) -> Markup:
    return _linked(f"{edge.source} to {edge.target}", link, line.label, _events(edge))


def _stay(edge: Edge, box: Box, link: Link) -> Markup:
    many = len(edge.transitions)
    badge = Box(box.x, box.y + (box.height / 2 - _STAY / 2 - 5 if box.height < 120 else 24), box.width - 10, _STAY)
    return _linked(edge.source, link, badge, f"\u21bb {many} stay{'s' if many == 1 else ''} here")


def _linked(name: str, link: Link, box: Box, what: str) -> Markup:
    told = Markup(
        '<a href="#{}" data-edge="{}" data-fared="{}" data-name="{}" aria-label="{} {}">'
        '{}<text x="{}" y="{}">{}</text> <text class="fared" x="{}" y="{}">{}</text></a>'
    )
    name = f"{name}: {what}"
    x, first, second = map(_short, (box.x, box.y - 4, box.y + 11))
    named = (link.anchor, link.number, link.fared.kind, name, name, link.fared.text)
    return told.format(*named, _rect(box, 6), x, first, what, x, second, link.fared.text)


def _place(place: Place, box: Box, state: tuple[int, Faring] | None, stays: bool) -> Markup:
    """A state; one that no test reached is drawn so."""
    y = box.y + 5 if not stays else box.y - box.height / 2 + 23 if box.height < 120 else box.y - 12
    text = Markup('<text x="{}" y="{}">{}</text>').format(_short(box.x), _short(y), place.name)
    body = _rect(box, 10) + Markup("").join(_initial(place, box)) + text
    if state is None:
        return Markup('<g class="place any">{}</g>').format(body)
    told = Markup('<g class="place" data-state="{}" data-fared="{}"><title>{}</title>{}</g>')
    return told.format(state[0], state[1].kind, f"{place.name}: {state[1].text}", body)


def _initial(place: Place, box: Box) -> Iterator[Markup]:
    """The dot with its arrow by which a statechart shows where it begins."""
    if place.initial:
        x, y = _short(box.x - box.width / 2), _short(box.y - box.height / 2)
        yield Markup('<path class="initial" d="M{} {}l10 10m0 -6v6h-6"/>').format(_short(x - 6), _short(y - 6))
        yield Markup('<circle class="initial" cx="{}" cy="{}" r="5"/>').format(_short(x - 7), _short(y - 7))


def _rect(box: Box, round_: int) -> Markup:
    told = Markup('<rect x="{}" y="{}" width="{}" height="{}" rx="{}"/>')
    x, y = box.x - box.width / 2, box.y - box.height / 2
    return told.format(*map(_short, (x, y, box.width, box.height)), round_)


def _short(value: float) -> float:
    return round(value, 1)
