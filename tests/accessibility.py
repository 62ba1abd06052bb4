"""What axe-core finds on a page: light and dark, on a phone and on a desktop."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

PHONE = {"width": 375, "height": 812}
DESKTOP = {"width": 1280, "height": 900}


def violations(page: Page) -> list[str]:
    """Return one line for each element that violates a rule of WCAG or a best practice, in any look."""
    found = []
    for size in (PHONE, DESKTOP):
        page.set_viewport_size(size)
        for scheme in ("light", "dark"):
            # Reduced motion, because a colour in transition has neither of the two contrasts.
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            found += [
                f"{scheme}, {size['width']} px: {rule['id']}: {rule['help']}: {node['html']}"
                for rule in Axe().run(page).response["violations"]
                for node in rule["nodes"]
            ]
        # Axe does not find it: a page that scrolls sideways hides content on a phone.
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            found.append(f"{size['width']} px: the page is wider than the screen")
    return found
