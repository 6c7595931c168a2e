"""Pages in a real browser, as a person uses them: Debian's Chromium, driven by Playwright."""
import pathlib
import shutil
import sys

import pytest
from playwright.sync_api import sync_playwright

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.append(str(ROOT / "tests/python/serve"))
from running_server import Server  # noqa: E402

PHONE = {"viewport": {"width": 375, "height": 700}, "has_touch": True, "is_mobile": True}
# What axe calls best practices is looked at too.
AXE_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture(scope="session")
def browser():
    found = shutil.which("chromium")
    assert found, "chromium is missing: ./dev setup installs it"
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield running
        running.close()


@pytest.fixture(scope="session")
def axe():
    return (ROOT / "web/node_modules/axe-core/axe.min.js").read_text()


class Watched:
    """A page whose requests and complaints are kept."""

    def __init__(self, browser, axe, **options):
        options.setdefault("viewport", {"width": 1100, "height": 900})
        self.context = browser.new_context(accept_downloads=True, **options)
        self.page = self.context.new_page()
        self.page.set_default_timeout(20_000)
        self.axe, self.requests, self.complaints = axe, [], []
        self.context.on("request", lambda request: self.requests.append(request.url))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", self._hear)

    def _hear(self, message):
        # An answer that is an error is told by the page; the browser's own line about it is no defect.
        if message.type in ("error", "warning") and "Failed to load resource" not in message.text:
            self.complaints.append(message.text)

    def check_accessible(self):
        found = self.page.evaluate("""async ([source, tags]) => {
            if (!window.axe) (0, eval)(source);
            const found = await axe.run(document, {runOnly: {type: 'tag', values: tags}});
            return found.violations.map((one) => [one.id, one.help, one.nodes.map((node) => node.html.slice(0, 200))]);
        }""", [self.axe, AXE_RULES])
        assert found == []

    def check_fits(self):
        """Nothing makes the page wider than the screen."""
        wide = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{wide} pixels too wide"


@pytest.fixture
def watch(browser, axe):
    """Opens pages; at the end of a test none of them may have complained."""
    opened = []

    def open_page(url=None, **options):
        opened.append(Watched(browser, axe, **options))
        if url:
            opened[-1].page.goto(url)
        return opened[-1]

    yield open_page
    complaints = [complaint for one in opened for complaint in one.complaints]
    for one in opened:
        one.context.close()
    assert complaints == []


@pytest.fixture
def start_server():
    """Starts servers with the built-in model, and ends them after the test."""
    running = []

    def start(*arguments, **options):
        running.append(Server("--access-log", "off", *arguments, **{"model": None, **options}))
        return running[-1]

    yield start
    for server in running:
        server.process.kill()
        server.process.wait()


@pytest.fixture(scope="module")
def server():
    running = Server("--access-log", "off", model=None)
    yield running
    assert running.end() == 0
