"""Contrast of colours by WCAG 2 (https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio). Colours are `#rrggbb`."""

from __future__ import annotations

AA_TEXT = 4.5
"""The contrast that WCAG AA requires between text and its background."""

_BLACK, _WHITE = "#000000", "#ffffff"
_STEPS = 50


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours: 1 for equal colours, 21 for black and white."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def text_on(background: str) -> str:
    """Return black or white, whichever contrasts more; it always reaches AA_TEXT."""
    return max(_BLACK, _WHITE, key=lambda colour: contrast(colour, background))


def readable_on(colour: str, background: str) -> str:
    """Return the colour, moved towards black or white until text in it reaches AA_TEXT on `background`."""
    end = text_on(background)
    mixes = (_mix(colour, end, step / _STEPS) for step in range(_STEPS + 1))
    return next(mix for mix in mixes if contrast(mix, background) >= AA_TEXT)


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _mix(colour: str, other: str, share: float) -> str:
    mixed = (round(a + (b - a) * share) for a, b in zip(_channels(colour), _channels(other), strict=True))
    return "#" + "".join(f"{channel:02x}" for channel in mixed)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(channel / 255) for channel in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else float(((value + 0.055) / 1.055) ** 2.4)
