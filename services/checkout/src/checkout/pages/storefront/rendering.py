"""The storefront's pages: the kit with the storefront's texts, brand and notices."""

from collections.abc import Sequence

from checkout.api.orders import locale_of
from checkout.pages.storefront.order_texts import STATES
from servicekit.pages.brand import Brand
from servicekit.pages.rendering import Pages
from servicekit.texts.catalogs import Catalogs, marked

SIGNED_OUT = "signed-out"


def create_pages(brand: Brand, payment_origins: Sequence[str], terms_version: str) -> Pages:
    """Return the storefront's pages. `payment_origins`: the other origins that our forms may redirect to."""
    return Pages(
        "checkout.pages.storefront",
        catalogs=Catalogs("checkout", "servicekit"),
        brand=brand,
        tag_of=locale_of,
        form_targets=payment_origins,
        notices={SIGNED_OUT: marked("You have signed out.")},
        base="base.html",
        shared={"states": STATES, "terms_version": terms_version},
    )
