"""The brand of the pages: name, colour and logo."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import escape

from servicekit.pages.colour import readable_on, text_on

NAME = "Masterji"
COLOUR = "#2f4bd8"
# The surfaces that carry text in the brand's colour, as kit.css declares them.
_LIGHT_SURFACE = "#f7f6f3"
_DARK_SURFACE = "#1d2029"


@dataclass(frozen=True, slots=True)
class Brand:
    """`colour` is `#rrggbb`. Without a logo, a tile with the first letter of the name stands for it."""

    name: str = NAME
    colour: str = COLOUR
    logo: bytes | None = None
    logo_suffix: str = ".svg"

    @property
    def icon_name(self) -> str:
        """Return the file name of the icon: the logo, or the tile."""
        return f"icon{self.logo_suffix if self.logo else '.svg'}"

    @property
    def icon(self) -> bytes:
        """Return the image that `icon_name` names."""
        if self.logo:
            return self.logo
        return (
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">'
            f'<rect width="32" height="32" rx="8" fill="{self.colour}"/>'
            f'<text x="16" y="22.5" text-anchor="middle" font-family="system-ui, sans-serif" font-size="19"'
            f' font-weight="700" fill="{text_on(self.colour)}">{escape(self.name[:1].upper())}</text></svg>'
        ).encode()

    @property
    def tokens(self) -> str:
        """Return the design tokens of the brand as CSS. Text in them reaches WCAG AA in light and dark."""
        light, dark = readable_on(self.colour, _LIGHT_SURFACE), readable_on(self.colour, _DARK_SURFACE)
        return f"{_root(light)}\n@media (prefers-color-scheme: dark) {{ {_root(dark)} }}\n"


def _root(colour: str) -> str:
    return f":root {{ --brand: {colour}; --on-brand: {text_on(colour)}; }}"
