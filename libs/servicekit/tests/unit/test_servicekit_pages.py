"""The pages kit, on a small application with a page for everything that the kit offers."""

import hashlib
import re
from importlib import resources
from pathlib import Path

import pytest
from pages_specimen import create_specimen
from pydantic import ValidationError
from starlette.testclient import TestClient

from servicekit.pages.brand import Brand
from servicekit.pages.colour import AA_TEXT, contrast, readable_on, text_on
from servicekit.pages.settings import BrandSettings

HTML = {"Accept": "text/html"}
PART = {**HTML, "HX-Request": "true", "HX-Request-Type": "partial"}
HTMX_SHA256 = "a0abb04f2f45a1f89d1d4844023245537e5e6014c87b144553e0607b4cc32130"


@pytest.fixture(scope="module")
def site() -> TestClient:
    return TestClient(create_specimen(), headers=HTML, raise_server_exceptions=False)


def test_a_page_has_a_language_landmarks_and_a_skip_link(site: TestClient) -> None:
    page = site.get("/", headers={"Accept-Language": "fr-CH"}).text

    assert '<html lang="fr">' in page
    assert '<a class="skip" href="#content">Aller au contenu</a>' in page
    assert '<nav aria-label="Navigation principale">' in page
    assert '<main id="content"' in page
    assert '<a href="/" aria-current="page">' in page


def test_amounts_and_times_follow_the_locale_and_are_machine_readable(site: TestClient) -> None:
    page = site.get("/", headers={"Accept-Language": "de-CH"}).text.replace("\xa0", " ")

    assert "CHF 1’234.50" in page
    assert '<time datetime="2026-11-02T18:20:00+00:00">02.11.2026, 18:20 UTC</time>' in page
    assert '<time datetime="2026-11-02">2. November 2026</time>' in page


def test_a_refused_form_shows_the_values_and_binds_each_error_to_its_field(site: TestClient) -> None:
    page = site.post("/", data={"title": "Sitar", "price": "x"}).text
    [price] = re.findall(r'<input[^>]*id="price"[^>]*>', page)
    [title] = re.findall(r'<input[^>]*id="title"[^>]*>', page)

    assert 'value="Sitar"' in title
    assert "aria-invalid" not in title
    assert 'aria-invalid="true"' in price
    assert 'aria-describedby="price-error price-hint"' in price
    assert '<p class="field-error" id="price-error">Enter an amount, such as 49.00.</p>' in page
    assert '<input type="hidden" name="csrf" value="token-of-visitor">' in page


def test_a_table_names_itself_its_columns_and_its_order(site: TestClient) -> None:
    page = site.get("/").text

    assert "<caption>Sales by course</caption>" in page
    assert '<th scope="col" aria-sort="descending"><a href="/?sort=course">Course</a></th>' in page
    assert '<th scope="col" class="number">Amount</th>' in page


def test_an_empty_table_says_so(site: TestClient) -> None:
    assert '<p class="empty">No sales yet.</p>' in site.get("/?cursor=end").text


def test_htmx_gets_the_list_alone_from_the_same_address(site: TestClient) -> None:
    whole, part = site.get("/?cursor=2"), site.get("/?cursor=2", headers=PART)

    assert "<html" not in part.text
    assert part.text.lstrip().startswith('<section id="sales"')
    assert "HX-Request" in part.headers["vary"]
    restored = site.get("/?cursor=2", headers={**PART, "HX-Request-Type": "full"})
    assert restored.text == whole.text


def test_paging_works_as_plain_links(site: TestClient) -> None:
    [link] = re.findall(r'<a class="button quiet" href="(/\?cursor=2)"', site.get("/").text)

    assert "Tabla" in site.get(link).text
    assert "Back to the first page" in site.get(link).text


def test_no_page_allows_inline_scripts_or_styles_or_foreign_content(site: TestClient) -> None:
    page = site.get("/")
    policy = page.headers["content-security-policy"]

    assert policy == (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self' https://pay.example; base-uri 'none'; frame-ancestors 'none'"
    )
    assert page.headers["x-content-type-options"] == "nosniff"
    assert page.headers["cache-control"] == "no-store"
    assert not re.search(r"<style|style=|\son\w+=|<script(?! src=)", page.text)


def test_static_files_are_cached_by_content(site: TestClient) -> None:
    page = site.get("/").text
    addresses = re.findall(r'(?:href|src)="(/static/[^"]+)"', page)

    assert len(set(addresses)) == 3
    for address in addresses:
        answer = site.get(address)
        digest = hashlib.sha256(answer.content).hexdigest()[:12]
        assert digest in address
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert site.get("/static/pages.000000000000.css").status_code == 404
    assert site.get("/static/..%2fbrand.py").status_code == 404


def test_htmx_is_the_published_file() -> None:
    vendor = resources.files("servicekit.pages") / "static" / "vendor"
    [script] = [entry for entry in vendor.iterdir() if entry.name.endswith(".js")]

    assert script.name == "htmx-4.0.1.min.js"
    assert hashlib.sha256(script.read_bytes()).hexdigest() == HTMX_SHA256
    assert "Zero-Clause BSD" in (vendor / "htmx-LICENSE.txt").read_text()


@pytest.mark.parametrize(
    ("path", "status", "title"),
    [
        ("/nothing-here", 404, "Diese Seite gibt es nicht"),
        ("/sold-out", 409, "Ausverkauft: Sitar"),
        ("/busy", 503, "Wir sind gleich wieder da"),
        ("/broken", 500, "Etwas ist schiefgelaufen"),
    ],
)
def test_an_error_is_a_page_for_people_and_a_document_for_programs(
    site: TestClient, path: str, status: int, title: str
) -> None:
    page = site.get(path, headers={"Accept-Language": "de"})
    document = site.get(path, headers={"Accept": "application/json"})

    assert (page.status_code, document.status_code) == (status, status)
    assert f"<h1>{title}</h1>" in page.text
    assert document.headers["content-type"] == "application/problem+json"


def test_an_unexpected_error_names_its_request_id_and_nothing_else(site: TestClient) -> None:
    page = site.get("/broken", headers={"X-Request-Id": "req-1"}).text

    assert "include the number req-1." in page
    assert "secret" not in page


def test_a_waiting_time_survives_on_the_page(site: TestClient) -> None:
    assert site.get("/busy").headers["retry-after"] == "5"


def test_htmx_gets_an_error_as_an_alert(site: TestClient) -> None:
    part = site.get("/sold-out", headers=PART)

    assert part.status_code == 409
    assert part.text.strip().startswith('<p class="alert" role="alert">')


def test_a_notice_is_shown_once_on_the_next_page() -> None:
    site = TestClient(create_specimen(), headers=HTML)
    site.post("/notice", follow_redirects=False)

    assert '<p class="notice" role="status">Saved.</p>' in site.get("/").text
    assert "Saved." not in site.get("/").text


def test_a_forged_notice_shows_nothing(site: TestClient) -> None:
    page = site.get("/", headers={"Cookie": "flash=<b>You won</b>"})

    assert "You won" not in page.text
    assert 'class="notice"' not in page.text


@pytest.mark.parametrize("colour", ["#2f4bd8", "#ffe600", "#000000", "#ffffff", "#808080", "#e4572e"])
@pytest.mark.parametrize("surface", ["#f7f6f3", "#1d2029"])
def test_every_brand_colour_is_readable_in_light_and_dark(colour: str, surface: str) -> None:
    shown = readable_on(colour, surface)

    assert contrast(shown, surface) >= AA_TEXT
    assert contrast(text_on(shown), shown) >= AA_TEXT


def tokens(scheme: str) -> dict[str, str]:
    """The colours of kit.css in a scheme, by name."""
    light, dark = (
        (resources.files("servicekit.pages") / "static" / "kit.css").read_text().split("@media", 2)[:2]
    )
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", light if scheme == "light" else dark))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    ("text", "surface"),
    [
        *((text, surface) for text in ("ink", "soft") for surface in ("paper", "sheet")),
        *((tone, f"{tone}-back") for tone in ("good", "wait", "over", "bad")),
        ("bad", "sheet"),
    ],
)
def test_every_token_of_text_is_readable_on_its_surface(scheme: str, text: str, surface: str) -> None:
    colours = tokens(scheme)

    assert contrast(colours[text], colours[surface]) >= AA_TEXT


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("surface", ["paper", "sheet"])
@pytest.mark.parametrize("colour", ["#2f4bd8", "#ffe600", "#e4572e"])
def test_the_brands_tokens_are_readable_on_the_kits_surfaces(scheme: str, surface: str, colour: str) -> None:
    light, dark = re.findall(r"--brand: (#[0-9a-f]{6})", Brand(colour=colour).tokens)

    shown = light if scheme == "light" else dark
    assert contrast(shown, tokens(scheme)[surface]) >= AA_TEXT


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_border_of_a_control_can_be_seen(scheme: str) -> None:
    colours = tokens(scheme)

    assert contrast(colours["control"], colours["sheet"]) >= 3


def test_a_readable_brand_colour_is_kept() -> None:
    assert readable_on("#2f4bd8", "#f7f6f3") == "#2f4bd8"


def test_name_colour_and_logo_come_from_the_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    logo = tmp_path / "logo.svg"
    logo.write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    monkeypatch.setenv("BRAND_NAME", "Raga & Co")
    monkeypatch.setenv("BRAND_COLOR", "#0a7a5c")
    monkeypatch.setenv("BRAND_LOGO", str(logo))
    site = TestClient(create_specimen(BrandSettings().brand), headers=HTML)
    page = site.get("/").text

    assert "Raga &amp; Co</a>" in page
    files = {path.rpartition(".")[2]: site.get(path).text for path in re.findall(r'/static/[^"]+', page)}
    assert files["svg"] == logo.read_text()
    assert "--brand: #0a7a5c" in files["css"]


def test_without_a_logo_the_first_letter_stands_for_the_brand() -> None:
    assert b">R</text>" in Brand("Raga").icon
    assert b">&lt;</text>" in Brand("<b>").icon


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BRAND_NAME", "x" * 61),
        ("BRAND_COLOR", "blue"),
        ("BRAND_COLOR", "#12345"),
        ("BRAND_COLOR", "#123456;}"),
        ("BRAND_LOGO", "/nowhere/logo.svg"),
        ("BRAND_LOGO", __file__),
    ],
)
def test_an_unusable_brand_is_refused_at_start(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError):
        BrandSettings()


def test_a_logo_that_is_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    logo = tmp_path / "logo.png"
    logo.write_bytes(b"x" * 300_000)
    monkeypatch.setenv("BRAND_LOGO", str(logo))
    with pytest.raises(ValidationError, match="256 KB"):
        BrandSettings()
