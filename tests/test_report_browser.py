"""The HTML report in Chromium: it works with and without its script, and is accessible."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from tests.drivers import audits
from tests.drivers.verdicts import RACE, SEQUENCE, data, failed, failure, many_failures, verdict
from tests.test_report_html import HOSTILE_REPORT
from tokenstore_conformance.report import html
from tokenstore_conformance.report.audit import html as audit_html
from tokenstore_conformance.report.formats import is_audit

playwright = pytest.importorskip(
    "playwright.sync_api", reason="needs a browser driver: pip install --group dev ."
)
axe = pytest.importorskip(
    "axe_playwright_python.sync_playwright", reason="needs axe-core: pip install --group dev ."
)

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="needs a browser: apt-get install chromium"),
]

ADDRESS = "https://report.example/"
RICH = data(
    verdict(RACE, SEQUENCE, failure("SAVE-2"), failure("SAVE-4"), failure("FIND-10")),
    verdict(target="good:Store"),
    verdict(whole=False, target="half:Store"),
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Run a browser without a window."""
    with playwright.sync_playwright() as driver:
        made = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield made
        made.close()


class Tab:
    """A page in the browser, with the messages and the requests of the browser."""

    def __init__(self, browser: Any, report: dict[str, Any], address: str, **options: Any) -> None:
        self.context = browser.new_context(**options)
        self.page = self.context.new_page()
        self.messages: list[str] = []
        self.page.on("console", lambda each: self.messages.append(each.text))
        self.page.on("pageerror", lambda each: self.messages.append(str(each)))
        self.requests: list[str] = []
        self.page.on("request", lambda each: self.requests.append(each.url))
        format = audit_html if is_audit(report) else html
        text = format.text(json.loads(json.dumps(report)))
        self.page.route(
            "**/*", lambda route: route.fulfill(body=text, content_type="text/html; charset=utf-8")
        )
        self.page.goto(address)


@pytest.fixture
def show(browser: Any) -> Iterator[Any]:
    """Return a function that shows a report in a tab. The tab's console must stay empty."""
    tabs: list[Tab] = []

    def shown(report: dict[str, Any] = RICH, address: str = ADDRESS, **options: Any) -> Any:
        tabs.append(Tab(browser, report, address, **options))
        return tabs[-1].page

    yield shown
    for tab in tabs:
        tab.context.close()
        assert tab.messages == []
        assert [each.partition("#")[0] for each in tab.requests] == [tab.requests[0]]


def test_it_renders(show: Any) -> None:
    """The page shows the answer, the matrix, the failures and the picture."""
    page = show()

    assert page.locator("h1").inner_text() == "1 of 3 stores conform"
    for visible in (".card", "table.matrix", "#store-1-SAVE-2 .compare", "svg.history", ".steps"):
        assert page.locator(visible).first.is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "report",
    [RICH, HOSTILE_REPORT, many_failures(9), audits.data(audits.finding())],
    ids=["rich", "hostile", "many", "audit"],
)
def test_axe_finds_nothing(show: Any, scheme: str, report: dict[str, Any]) -> None:
    """axe-core finds no accessibility problem, with everything unfolded."""
    page = show(report, color_scheme=scheme)
    page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true })")

    found = axe.Axe().run(page).response["violations"]

    assert [(each["id"], each["nodes"][0]["html"]) for each in found] == []


def test_hostile_text_is_only_shown(show: Any) -> None:
    """The answer of a store is shown as it is, and runs nothing."""
    page = show(HOSTILE_REPORT)

    assert page.locator("img").count() == 0
    got = page.locator("#store-1-SAVE-2 .got dd").inner_text()
    assert got.startswith("</script></style></pre><img src=x onerror=alert(1)>\\x00\\u202e\\ud800")


def test_filter(show: Any) -> None:
    """The filter keeps the rows that have all its words, and says how many there are."""
    page = show()
    rows = page.locator("table.matrix tbody tr")
    every = rows.count()

    page.fill("#words", "save token-")
    none = rows.locator("visible=true").count()
    page.fill("#words", "SAVE-2")
    page.locator("#must").check()
    some = page.locator("table.matrix tbody tr:visible").all_inner_texts()

    assert none == 0
    assert 0 < len(some) < every
    assert all("SAVE-2" in each and "MUST" in each for each in some)
    assert page.locator("#found").inner_text() == f"{len(some)} of {every} clauses"


@pytest.mark.parametrize("address", [ADDRESS, "http://report.example/"], ids=["https", "http"])
def test_copy(show: Any, address: str) -> None:
    """The button copies the whole script, the shared part included."""
    page = show(address=address)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator("#store-1-SAVE-2 .script > summary").click()

    page.locator("#store-1-SAVE-2 button.copy").click()
    page.locator("#store-1-SAVE-2 [role=status]:has-text('Copied')").wait_for()
    page.evaluate("document.body.append(document.createElement('textarea'))")
    page.locator("body > textarea").focus()
    page.keyboard.press("Control+V")

    pasted = page.locator("body > textarea").input_value()
    assert pasted == "# SAVE-2\n" + "import os\n" * 20 + "print('SAVE-2')\n"


def test_copy_what_the_script_needs(show: Any) -> None:
    """The button also copies a part that several scripts need, in its place."""
    needs = "".join(f"needed_{number} = {number}\n" for number in range(30))
    scripts = {
        id: f"# {id}\n\n{needs}" + "import os\n" * 20 + f"print({id!r})\n"
        for id in ("SDK-8", "SDK-10")
    }
    page = show(failed(*(failure(id, script=script) for id, script in scripts.items())))
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator("#store-1-SDK-10 .script > summary").click()

    page.locator("#store-1-SDK-10 button.copy").click()
    page.locator("#store-1-SDK-10 [role=status]:has-text('Copied')").wait_for()

    assert page.evaluate("navigator.clipboard.readText()") == scripts["SDK-10"]


def test_without_its_script(show: Any) -> None:
    """Without JavaScript, only the filter and the buttons are missing."""
    page = show(java_script_enabled=False)

    assert page.locator("#store-1-THR-2 svg.history").is_visible()
    assert page.locator("#store-1-SAVE-2 .compare").is_visible()
    assert not page.locator("#filter").is_visible()
    page.locator("#store-1-SAVE-2 .script > summary").click()
    assert page.locator("#store-1-SAVE-2 .script pre").first.is_visible()
    assert not page.locator("#store-1-SAVE-2 button.copy").is_visible()


def test_a_link_opens_what_it_points_to(show: Any) -> None:
    """A link to a clause unfolds it."""
    page = show(address=f"{ADDRESS}#DUR-1")

    assert page.locator("article#DUR-1").is_visible()


def test_keyboard(show: Any) -> None:
    """Tab first reaches the link that skips the heading; Enter opens or closes a fold."""
    page = show()
    page.keyboard.press("Tab")
    first = page.evaluate("document.activeElement.textContent")
    page.locator("#store-1-SAVE-2 > summary").focus()
    page.keyboard.press("Enter")

    assert first == "Skip to the results"
    assert not page.locator("#store-1-SAVE-2 > .body").is_visible()


@pytest.mark.parametrize("report", [RICH, HOSTILE_REPORT], ids=["rich", "hostile"])
def test_phone(show: Any, report: dict[str, Any]) -> None:
    """On a phone, the page is as wide as the screen; only tables and pictures scroll."""
    page = show(report, viewport={"width": 390, "height": 844})

    assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_print(show: Any) -> None:
    """On paper there is no filter, and no fold hides the details of a failure."""
    page = show()
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")

    assert not page.locator("#filter").is_visible()
    assert page.locator("#store-1-THR-2 table").is_visible()
    assert page.pdf()[:5] == b"%PDF-"


def test_bars_hold_their_texts(show: Any) -> None:
    """In the picture no text runs out of its bar."""
    page = show()

    fits = page.evaluate(
        """[...document.querySelectorAll("svg.history g")].map((each) => {
          const bar = each.querySelector("rect").getBoundingClientRect();
          return [...each.querySelectorAll("text")].every(
            (text) => text.getBoundingClientRect().right <= bar.right);
        })"""
    )
    assert fits
    assert all(fits)
