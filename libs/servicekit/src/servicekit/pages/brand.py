"""The brand of the pages: name, colour and logo, by settings."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from markupsafe import escape
from pydantic import StringConstraints, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from servicekit.pages.colour import readable_on, text_on

MAX_LOGO = 256 * 1024
"""In bytes. Each visitor loads the logo once."""

_NAME = "Masterji"
_COLOUR = "#2f4bd8"
# The surfaces that carry text in the brand's colour, as kit.css declares them.
_LIGHT_SURFACE = "#f7f6f3"
_DARK_SURFACE = "#1d2029"
_LOGO_TYPES = (".svg", ".png")


@dataclass(frozen=True, slots=True)
class Brand:
    """`colour` is `#rrggbb`. Without a logo, a tile with the first letter of the name stands for it."""

    name: str = _NAME
    colour: str = _COLOUR
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


class BrandSettings(BaseSettings):
    """BRAND_NAME, BRAND_COLOR and BRAND_LOGO."""

    model_config = SettingsConfigDict(extra="ignore", env_ignore_empty=True, use_attribute_docstrings=True)

    brand_name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)] = _NAME
    """The name on pages."""
    brand_color: Annotated[str, StringConstraints(pattern=r"^#[0-9a-fA-F]{6}$")] = _COLOUR
    """The colour of buttons and links, #rrggbb."""
    brand_logo: Path | None = None
    """An SVG or PNG file. It is shown 32 pixels high, beside the name."""

    @field_validator("brand_logo")
    @classmethod
    def _logo(cls, value: Path | None) -> Path | None:
        if value is None:
            return None
        if value.suffix.lower() not in _LOGO_TYPES or not value.is_file():
            raise ValueError("it must be the path of an existing .svg or .png file")
        if value.stat().st_size > MAX_LOGO:
            raise ValueError(f"the file must not be larger than {MAX_LOGO // 1024} KB")
        return value

    @property
    def brand(self) -> Brand:
        """Return the brand. Reads the logo's file."""
        if self.brand_logo is None:
            return Brand(self.brand_name, self.brand_color)
        suffix = self.brand_logo.suffix.lower()
        return Brand(self.brand_name, self.brand_color, self.brand_logo.read_bytes(), suffix)
