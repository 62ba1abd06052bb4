"""gettext in Jinja2 templates: `_("…")`, `ngettext(…)` and `{% trans %}`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from jinja2 import Environment

from servicekit.texts.catalogs import Texts


class TemplateTexts:
    """Gives an environment's templates, and the macros that they import, the texts of the current language.

    The language belongs to the rendering, so one environment serves all of them.
    """

    def __init__(self, environment: Environment) -> None:
        self._current: ContextVar[Texts] = ContextVar("texts")
        environment.add_extension("jinja2.ext.i18n")
        environment.install_gettext_callables(  # type: ignore[attr-defined]
            lambda text: self._current.get().gettext(text),
            lambda one, other, count: self._current.get().ngettext(one, other, count),
            newstyle=True,
        )

    @contextmanager
    def use(self, texts: Texts) -> Iterator[None]:
        """Render with these texts inside the block."""
        token = self._current.set(texts)
        try:
            yield
        finally:
            self._current.reset(token)
