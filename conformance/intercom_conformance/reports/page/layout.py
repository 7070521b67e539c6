"""A drawing of a small directed graph in layers, from left to right: where its boxes stand and how its arrows run.

It knows nothing of statecharts. Every arrow carries a label of its own size, which takes part in the drawing as a box
of its own, so that no label lies on a box, an arrow or another label. The method is Sugiyama's:

1. arrows that lead back are turned round, so that there is no cycle;
2. a box stands one layer after the last of those that lead to it, labels in the layers between;
3. each layer is ordered so that few arrows cross;
4. boxes move towards their neighbours as far as the order and the gaps allow.

The same graph gives the same drawing. All lengths are in units of the SVG.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import TypeAlias

import attrs

__all__ = ["Box", "Drawing", "Line", "Size", "draw"]

_SWEEPS = 12
_GAP, _COLUMN = 16.0, 34.0
"""Between the boxes of a layer, and between layers."""

Node: TypeAlias = tuple[str, int, int]
"""A box ("box", its number, 0), a label ("label", the number of its arrow, 0), or a bend ("bend", arrow, layer)."""


@attrs.frozen
class Size:
    """How much room something takes."""

    width: float
    height: float


@attrs.frozen
class Box:
    """Where something stands, by its middle."""

    x: float
    y: float
    width: float
    height: float

    @property
    def left(self) -> tuple[float, float]:
        """The middle of its left side."""
        return self.x - self.width / 2, self.y

    @property
    def right(self) -> tuple[float, float]:
        """The middle of its right side."""
        return self.x + self.width / 2, self.y


@attrs.frozen
class Line:
    """An arrow: the box of its label, its path as an SVG path, its tip, and whether it points to the right."""

    label: Box
    path: str
    tip: tuple[float, float]
    rightwards: bool


@attrs.frozen
class Drawing:
    """The whole: boxes and lines in the order in which they were given."""

    width: float
    height: float
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]


def draw(boxes: Sequence[Size], arrows: Sequence[tuple[int, int]], labels: Sequence[Size]) -> Drawing:
    """The drawing of a graph.

    Args:
        boxes: the sizes of the boxes; the first ones stand further to the left where it is all the same.
        arrows: from which box to which, by number; none leads to the box that it comes from.
        labels: the size of each arrow's label.
    """
    forward = _without_cycles(len(boxes), arrows)
    layers = _layers(len(boxes), forward)
    chains = [_chain(number, start, end, layers) for number, (start, end) in enumerate(forward)]
    sizes: dict[Node, Size] = {("box", at, 0): size for at, size in enumerate(boxes)}
    sizes |= {("label", at, 0): size for at, size in enumerate(labels)}
    rows = _ordered(_rows(layers, chains), _neighbours(chains))
    places = _placed(rows, sizes, _neighbours(chains))
    return _drawing(places, chains, [one != given for one, given in zip(forward, arrows, strict=True)])


# 1. No cycles ---------------------------------------------------------------------------------------------


def _without_cycles(count: int, arrows: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The arrows, those turned round that lead back on a walk in depth from the first box."""
    out: dict[int, list[int]] = {at: [] for at in range(count)}
    for start, end in arrows:
        out[start].append(end)
    done: list[int] = []
    open_: set[int] = set()
    back: set[tuple[int, int]] = set()

    def visit(at: int) -> None:
        open_.add(at)
        for end in out[at]:
            if end in open_:
                back.add((at, end))
            elif end not in done:
                visit(end)
        open_.discard(at)
        done.append(at)

    for at in range(count):
        if at not in done:
            visit(at)
    return [(end, start) if (start, end) in back else (start, end) for start, end in arrows]


# 2. Layers ------------------------------------------------------------------------------------------------


def _layers(count: int, arrows: Sequence[tuple[int, int]]) -> list[int]:
    """The layer of each box: even numbers, for labels stand between."""
    layers = [0] * count
    for _ in range(count):
        for start, end in arrows:
            layers[end] = max(layers[end], layers[start] + 2)
    return layers


def _chain(number: int, start: int, end: int, layers: Sequence[int]) -> list[Node]:
    """The places that an arrow goes through: its label in the middle, and a bend in every other layer between."""
    between = range(layers[start] + 1, layers[end])
    middle = between[len(between) // 2]
    inner: list[Node] = [("label", number, 0) if layer == middle else ("bend", number, layer) for layer in between]
    return [("box", start, 0), *inner, ("box", end, 0)]


def _rows(layers: Sequence[int], chains: Iterable[Sequence[Node]]) -> list[list[Node]]:
    rows: list[list[Node]] = [[] for _ in range(max(layers, default=0) + 1)]
    for at, layer in enumerate(layers):
        rows[layer].append(("box", at, 0))
    for chain in chains:
        for layer, node in enumerate(chain[1:-1], layers[chain[0][1]] + 1):
            rows[layer].append(node)
    return rows


def _neighbours(chains: Iterable[Sequence[Node]]) -> dict[Node, tuple[list[Node], list[Node]]]:
    """What is to the left and to the right of each node."""
    found: dict[Node, tuple[list[Node], list[Node]]] = {}
    for chain in chains:
        for one, other in pairwise(chain):
            found.setdefault(one, ([], []))[1].append(other)
            found.setdefault(other, ([], []))[0].append(one)
    return found


# 3. Order -------------------------------------------------------------------------------------------------


def _ordered(rows: list[list[Node]], near: Mapping[Node, tuple[list[Node], list[Node]]]) -> list[list[Node]]:
    """The rows, each ordered by the mean place of its neighbours, to and fro; the order with the fewest crossings."""
    best, fewest = rows, _crossings(rows, near)
    for sweep in range(_SWEEPS):
        side, order = (1, range(len(rows) - 2, -1, -1)) if sweep % 2 else (0, range(1, len(rows)))
        rows = list(rows)
        for at in order:
            rows[at] = _by_mean(rows[at], rows[at + (1 if side else -1)], near, side)
        if (crossings := _crossings(rows, near)) < fewest:
            best, fewest = rows, crossings
    return best


def _by_mean(
    row: Sequence[Node], beside: Sequence[Node], near: Mapping[Node, tuple[list[Node], list[Node]]], side: int
) -> list[Node]:
    at = {node: place for place, node in enumerate(beside)}

    def mean(place: int, node: Node) -> float:
        places = [at[one] for one in near.get(node, ([], []))[side] if one in at]
        return sum(places) / len(places) if places else float(place)

    return [node for _, node in sorted(enumerate(row), key=lambda one: (mean(*one), one[0]))]


def _crossings(rows: Sequence[Sequence[Node]], near: Mapping[Node, tuple[list[Node], list[Node]]]) -> int:
    count = 0
    for row, beside in pairwise(rows):
        at = {node: place for place, node in enumerate(beside)}
        ends = [
            at[one]
            for node in row
            for one in sorted(near.get(node, ([], []))[1], key=lambda one: at.get(one, 0))
            if one in at
        ]
        count += sum(ends[i] > ends[j] for i in range(len(ends)) for j in range(i + 1, len(ends)))
    return count


# 4. Places ------------------------------------------------------------------------------------------------


def _placed(
    rows: Sequence[Sequence[Node]], sizes: Mapping[Node, Size], near: Mapping[Node, tuple[list[Node], list[Node]]]
) -> dict[Node, Box]:
    height = {node: sizes.get(node, Size(0, 4)).height for row in rows for node in row}
    y = {node: place for row in rows for node, place in zip(row, _stacked(row, height), strict=True)}
    for sweep in range(_SWEEPS):
        for row in rows if sweep % 2 else reversed(rows):
            wanted = [_wished(node, y, near, sweep) for node in row]
            y |= zip(row, _apart(wanted, [height[node] for node in row]), strict=True)
    top = min(y[node] - height[node] / 2 for node in y)
    places: dict[Node, Box] = {}
    x = 0.0
    for row in rows:
        width = max((sizes[node].width for node in row if node in sizes), default=0.0)
        places |= {
            node: Box(x + width / 2, y[node] - top, sizes.get(node, Size(0, 0)).width, height[node]) for node in row
        }
        x += width + _COLUMN
    return places


def _stacked(row: Sequence[Node], height: Mapping[Node, float]) -> list[float]:
    places, y = [], 0.0
    for node in row:
        places.append(y + height[node] / 2)
        y += height[node] + _GAP
    return places


def _wished(
    node: Node, y: Mapping[Node, float], near: Mapping[Node, tuple[list[Node], list[Node]]], sweep: int
) -> float:
    """Where a node would like to be: level with its neighbours, those of one side in turns, at last those of both."""
    left, right = near.get(node, ([], []))
    sides = left + right if sweep >= _SWEEPS - 4 else (right if sweep % 2 else left) or left + right
    return sum(y[one] for one in sides) / len(sides) if sides else y[node]


def _apart(wanted: Sequence[float], heights: Sequence[float]) -> list[float]:
    """The places nearest to those that are wanted, in their order and with gaps: those that collide share the way."""
    offsets, at = [], 0.0
    for index, height in enumerate(heights):
        at += (heights[index - 1] + height) / 2 + _GAP if index else 0.0
        offsets.append(at)
    groups: list[tuple[float, int]] = []
    for want, offset in zip(wanted, offsets, strict=True):
        mean, count = want - offset, 1
        while groups and groups[-1][0] > mean:
            other, others = groups.pop()
            mean, count = (mean * count + other * others) / (count + others), count + others
        groups.append((mean, count))
    means = [mean for mean, count in groups for _ in range(count)]
    return [mean + offset for mean, offset in zip(means, offsets, strict=True)]


# 5. The drawing -------------------------------------------------------------------------------------------


def _drawing(places: Mapping[Node, Box], chains: Sequence[Sequence[Node]], turned: Sequence[bool]) -> Drawing:
    boxes = [box for node, box in sorted(places.items()) if node[0] == "box"]
    ports = _ports(places, chains)
    lines = tuple(_line(places, chain, ports[at], turned[at]) for at, chain in enumerate(chains))
    width = max((box.x + box.width / 2 for box in places.values()), default=0.0)
    height = max((box.y + box.height / 2 for box in places.values()), default=0.0)
    return Drawing(width, height, tuple(boxes), lines)


def _ports(places: Mapping[Node, Box], chains: Sequence[Sequence[Node]]) -> list[tuple[float, float]]:
    """At which height each arrow leaves its first box and reaches its last, so that none lies on another."""
    ends: list[list[float]] = [[0.0, 0.0] for _ in chains]
    for side, (at, beside) in enumerate(((0, 1), (-1, -2))):
        boxes = dict.fromkeys(chain[at] for chain in chains)
        for node in boxes:
            mine = [number for number, chain in enumerate(chains) if chain[at] == node]
            mine.sort(key=lambda number: places[chains[number][beside]].y)
            box = places[node]
            for place, number in enumerate(mine, 1):
                even = box.y - box.height / 2 + box.height * place / (len(mine) + 1)
                level = places[chains[number][beside]].y
                inside = abs(level - box.y) < box.height / 2 - 8
                ends[number][side] = level if inside and box.height > 120 else even
    return [(start, end) for start, end in ends]


def _line(places: Mapping[Node, Box], chain: Sequence[Node], ports: tuple[float, float], turned: bool) -> Line:
    label = next(places[node] for node in chain if node[0] == "label")
    points = _points(places, chain, ports)
    if turned:
        points.reverse()
    return Line(label, _path(points), points[-1], not turned)


def _points(places: Mapping[Node, Box], chain: Sequence[Node], ports: tuple[float, float]) -> list[tuple[float, float]]:
    """What a line passes: the side of its first box, both sides of its label and of each bend, the last box."""
    points = [(places[chain[0]].right[0], ports[0])]
    for node in chain[1:-1]:
        points += [places[node].left, places[node].right]
    return [*points, (places[chain[-1]].left[0], ports[1])]


def _path(points: Sequence[tuple[float, float]]) -> str:
    """A smooth path, level at each of its points."""
    told = f"M{points[0][0]:.0f} {points[0][1]:.0f}"
    for (x, y), (to_x, to_y) in pairwise(points):
        middle = (x + to_x) / 2
        curve = f"C{middle:.0f} {y:.0f} {middle:.0f} {to_y:.0f} {to_x:.0f} {to_y:.0f}"
        told += f"H{to_x:.0f}" if abs(y - to_y) < 0.5 else curve
    return told
