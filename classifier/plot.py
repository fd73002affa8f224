"""A cost-quality curve as plain SVG text."""

from collections.abc import Mapping, Sequence

_WIDTH, _HEIGHT, _EDGE = 640, 420, 56
_COLOURS = ("#0b6e4f", "#8a8a8a", "#c8553d", "#3d5a80", "#b08900")

Line = Sequence[tuple[float, float]]


def svg(lines: Mapping[str, Line], title: str) -> str:
    """Returns a drawing of named lines of (share asked of the big model, mean quality), shares in [0, 1]."""
    heights = [y for line in lines.values() for _, y in line]
    low, high = min(heights), max(heights)
    room = (high - low) or 1.0

    def place(x: float, y: float) -> str:
        across = _EDGE + x * (_WIDTH - 2 * _EDGE)
        down = _HEIGHT - _EDGE - (y - low) / room * (_HEIGHT - 2 * _EDGE)
        return f"{across:.1f},{down:.1f}"

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}"',
        ' font-family="sans-serif" font-size="12">',
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="white"/>',
        f'<text x="{_EDGE}" y="24" font-size="14">{_escaped(title)}</text>',
        *_axes(low, high),
    ]
    for i, (name, line) in enumerate(lines.items()):
        colour = _COLOURS[i % len(_COLOURS)]
        points = " ".join(place(x, y) for x, y in line)
        parts.append(f'<polyline fill="none" stroke="{colour}" stroke-width="2" points="{points}"/>')
        parts.append(f'<text x="{_WIDTH - 190}" y="{_HEIGHT - 140 + 18 * i}" fill="{colour}">{_escaped(name)}</text>')
    return "\n".join([*parts, "</svg>", ""])


def _axes(low: float, high: float) -> list[str]:
    bottom, right = _HEIGHT - _EDGE, _WIDTH - _EDGE
    return [
        f'<path d="M{_EDGE},{_EDGE} V{bottom} H{right}" fill="none" stroke="black"/>',
        f'<text x="{_EDGE}" y="{bottom + 18}">0</text>',
        f'<text x="{right - 36}" y="{bottom + 18}">100 %</text>',
        f'<text x="{_WIDTH / 2 - 90:.0f}" y="{bottom + 36}">share asked of the big model</text>',
        f'<text x="8" y="{bottom}">{low:.3f}</text>',
        f'<text x="8" y="{_EDGE + 4}">{high:.3f}</text>',
        f'<text x="8" y="{_EDGE - 12}">mean quality</text>',
    ]


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
