"""Try a text: the answer, its words, long texts, errors; and the page as such: keys, prefixes, policy."""
import http.server
import re
import threading
import urllib.request

import pytest

from conftest import PHONE

TEXT = "The manual is clear. The program is not usable, it crashes every hour 😀."


def label(page, text):
    page.get_by_label("Text", exact=True).fill(text)
    page.get_by_role("button", name="Label it").click()
    page.wait_for_selector(".verdict")


def shown_scores(page):
    return {row.locator("th").inner_text(): float(row.locator("td.number").inner_text().split()[0])
            for row in page.locator("table.scores tbody tr").all()}


def test_a_text_gets_the_scores_that_the_protocols_give(server, watch):
    one = watch(server.url)
    label(one.page, TEXT)
    truth = {entry["label"]: entry["score"] for entry in server.ask("/predict", {"inputs": TEXT}).json()}
    assert shown_scores(one.page) == pytest.approx({name: 100 * score for name, score in truth.items()}, abs=0.06)
    assert one.page.locator(".verdict .chip").inner_text() == max(truth, key=truth.get)
    assert one.page.locator(".words").inner_text() == TEXT
    assert {url for url in one.requests if not url.startswith(server.url + "/")} == set()
    one.check_accessible()


def test_words_change_the_score_by_what_their_absence_does(server):
    answer = server.ask("/ui/explain", {"text": TEXT}).json()
    whole = {entry["label"]: entry["score"] for entry in server.ask("/predict", {"inputs": TEXT}).json()}
    words = [TEXT[part["start"]:part["stop"]] for part in answer["parts"]]
    assert words == re.findall(r"\w+|[^\w\s]+", TEXT.replace(" 😀.", " ")) + ["😀."]
    for word, part in zip(words, answer["parts"]):
        before, after = TEXT[:part["start"]], TEXT[part["stop"]:]
        without = (before.rstrip() if not after or after[0] == " " else before) + after
        rest = {entry["label"]: entry["score"]
                for entry in server.ask("/predict", {"inputs": without.lstrip()}).json()}
        assert part["change"] == pytest.approx(whole[answer["label"]] - rest[answer["label"]], abs=2e-5), word


def test_another_label_is_explained_when_it_is_chosen(server, watch):
    one = watch(server.url)
    label(one.page, TEXT)
    one.page.get_by_role("button", name="POSITIVE").click()
    one.page.get_by_role("heading", name="What moved POSITIVE").wait_for()
    changes = {TEXT[part["start"]:part["stop"]]: part["change"]
               for part in server.ask("/ui/explain", {"text": TEXT, "label": "POSITIVE"}).json()["parts"]}
    least = max(0.005, 0.08 * max(map(abs, changes.values())))
    marks = {mark.inner_text(): mark.get_attribute("class") for mark in one.page.locator(".words mark").all()}
    assert marks == {word: "for" if change > 0 else "against"
                     for word, change in changes.items() if abs(change) >= least}


def test_a_long_text_shows_its_windows(server, watch):
    text = "The first part is wonderful and I love it. " * 22 + "Everything behind it is terrible and broken. " * 22
    one = watch(server.url)
    label(one.page, text)
    items = one.page.locator(".windows > li")
    labels = [item.locator(".chip").inner_text() for item in items.all()]
    assert len(labels) >= 3 and labels[0] == "POSITIVE" and labels[-1] == "NEGATIVE"
    items.first.locator("summary").click()
    assert text.startswith(items.first.locator(".excerpt").inner_text()[:400])
    assert "words are left out at a time" in one.page.locator(".legend").inner_text()
    one.check_accessible()
    answer = server.ask("/ui/explain", {"text": text}).json()
    truth = server.ask("/predict", {"inputs": text}).json()
    assert answer["scores"][0]["score"] == pytest.approx(truth[0]["score"], abs=1e-6)
    assert len(answer["parts"]) <= 256 and answer["windows"][-1]["stop"] == len(text)


def test_errors_are_told_in_sentences(start_server, watch):
    server = start_server()
    one = watch(server.url)
    one.page.get_by_role("button", name="Label it").click()
    assert one.page.locator(".result .error").inner_text() == "Write or paste a text first."
    label(one.page, "Good.")
    server.process.kill()
    one.page.get_by_role("button", name="Label it").click()
    one.page.get_by_text("The server does not answer.").wait_for()
    one.check_accessible()


@pytest.mark.parametrize("body, status, message", [
    ({"text": ""}, 400, "cannot be empty"),
    ({"text": "a" * 100_001}, 422, "up to 100000 bytes"),
    ({"text": "a", "label": "none"}, 422, "no label of that name"),
    ({"text": "a", "model": "none"}, 404, "no model of that name"),
    ({"text": ["a"]}, 422, "text"),
    ({}, 422, "text"),
    ([], 422, "body"),
])
def test_bad_requests_to_explain_are_refused(server, body, status, message):
    answer = server.ask("/ui/explain", body)
    assert answer.status == status and message in answer.json()["error"]


def test_everything_can_be_done_from_the_keyboard(server, watch):
    one = watch(server.url)
    page = one.page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Go to the content"
    page.get_by_label("Text", exact=True).focus()
    page.keyboard.type("A pleasant surprise.")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector(".verdict")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Label it"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "NEGATIVE"
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="What moved NEGATIVE").wait_for()


@pytest.mark.parametrize("scheme, darkest", [("light", 200), ("dark", 0)])
def test_light_and_dark(server, watch, scheme, darkest):
    one = watch(server.url, color_scheme=scheme)
    label(one.page, TEXT)
    ground = one.page.evaluate("getComputedStyle(document.body).backgroundColor")
    level = int(re.findall(r"\d+", ground)[0])
    assert darkest <= level < darkest + 60
    one.check_accessible()


def test_a_phone(server, watch):
    one = watch(server.url, **PHONE)
    label(one.page, TEXT + " Averylongwordwithoutanyplacewhereitcouldbebroken" * 4)
    one.check_fits()
    one.check_accessible()


def test_the_page_may_run_its_own_files_alone(server):
    page = server.ask("/", headers={"Accept": "text/html"})
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "script-src 'self';" in policy and "unsafe" not in policy
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    files = re.findall(r'"(\./ui/[^"]+)"', page.body.decode())
    assert len(files) == 3
    for name in files:
        answer = server.ask(name[1:])
        assert answer.status == 200 and "immutable" in answer.headers["Cache-Control"]
        assert "<script>" not in page.body.decode()
    assert server.ask("/ui/nothing.js").status == 404
    assert server.ask("/ui/../dashboard.html").status == 404


def test_programs_still_get_json_at_the_root(server):
    assert server.ask("/").json()["name"] == "valence"
    assert server.ask("/", headers={"Accept": "*/*"}).json()["name"] == "valence"


def test_a_key_is_asked_for_and_kept_in_the_tab(start_server, watch):
    server = start_server("--api-key", "secret one")
    one = watch(server.url)
    box = one.page.get_by_role("dialog")
    box.wait_for()
    one.check_accessible()
    box.get_by_label("Key").fill("wrong")
    box.get_by_role("button", name="Go on").click()
    one.page.get_by_text("The key is wrong.").wait_for()
    one.page.get_by_label("Key", exact=True).fill("secret one")
    one.page.keyboard.press("Enter")
    label(one.page, "Good.")
    assert one.page.evaluate("[localStorage.length, document.cookie, sessionStorage.length]") == [0, "", 1]
    assert all("secret" not in url for url in one.requests)
    one.page.reload()
    label(one.page, "Good.")


class Proxy(http.server.BaseHTTPRequestHandler):
    """Hands on what stands below /sentiment, without it."""

    target = ""

    def do_GET(self):
        assert self.path.startswith("/sentiment/"), self.path
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        request = urllib.request.Request(self.target + self.path.removeprefix("/sentiment"), body or None,
                                         {name: value for name, value in self.headers.items()
                                          if name.lower() not in ("host", "connection", "content-length")},
                                         method=self.command)
        with urllib.request.urlopen(request) as answer:
            data = answer.read()
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                if name.lower() not in ("connection", "content-length", "transfer-encoding"):
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

    do_POST = do_GET

    def log_message(self, *_):
        pass


def test_behind_a_proxy_that_takes_the_prefix_away(server, watch):
    Proxy.target = server.url
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Proxy) as proxy:
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        one = watch(f"http://127.0.0.1:{proxy.server_port}/sentiment/")
        label(one.page, "Good.")
        assert all("/sentiment/" in url for url in one.requests)
        one.context.close()
        proxy.shutdown()


def test_behind_a_proxy_that_leaves_the_prefix_in(start_server, watch):
    server = start_server("--root-path", "/tools/sentiment/")
    one = watch(server.url + "/tools/sentiment")
    assert one.page.url == server.url + "/tools/sentiment/"
    label(one.page, "Good.")
    assert all("/tools/sentiment" in url for url in one.requests)
    assert server.ask("/predict", {"inputs": "Good."}).status == 200
    assert server.ask("/tools/sentiment/predict", {"inputs": "Good."}).status == 200
    assert server.ask("/tools/sentimental/predict", {"inputs": "Good."}).status == 404
