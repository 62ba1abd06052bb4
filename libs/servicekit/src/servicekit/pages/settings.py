"""The brand by settings. Apart from the brand itself, because development servers have no settings."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import StringConstraints, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from servicekit.pages.brand import COLOUR, NAME, Brand

MAX_LOGO = 256 * 1024
"""In bytes. Each visitor loads the logo once."""

_LOGO_TYPES = (".svg", ".png")


class NameAndColour(BaseSettings):
    """BRAND_NAME and BRAND_COLOR: the part of the brand that mails have, too."""

    model_config = SettingsConfigDict(extra="ignore", env_ignore_empty=True, use_attribute_docstrings=True)

    brand_name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)] = NAME
    """The name on pages and in mails."""
    brand_color: Annotated[str, StringConstraints(pattern=r"^#[0-9a-fA-F]{6}$")] = COLOUR
    """The colour of buttons and links, #rrggbb."""

    @property
    def brand(self) -> Brand:
        """Return the brand without a logo."""
        return Brand(self.brand_name, self.brand_color)


class BrandSettings(NameAndColour):
    """BRAND_NAME, BRAND_COLOR and BRAND_LOGO."""

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
            return super().brand
        suffix = self.brand_logo.suffix.lower()
        return Brand(self.brand_name, self.brand_color, self.brand_logo.read_bytes(), suffix)
