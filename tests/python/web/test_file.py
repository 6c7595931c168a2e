"""Label a file: choose columns, watch, stop, download, trends; large files, strange files, errors."""
import csv
import io
import json
import random
import re
import threading

import pytest

from conftest import PHONE, ROOT
from running_server import MODEL

TICKETS = ROOT / "examples/support_tickets.csv"


@pytest.fixture(scope="module")
def quick_server():
    """With a model of random weights: its labels mean nothing, but they come fast."""
    from running_server import Server
    running = Server("--access-log", "off", model=f"m={MODEL}")
    yield running
    assert running.end() == 0


def choose(page, file):
    page.set_input_files("#file-input", file)
    page.get_by_text("The first rows", exact=True).wait_for()


def download(page, timeout=60_000):
    link = page.locator("a.button")
    link.wait_for(timeout=timeout)
    with page.expect_download() as started:
        link.click()
    return open(started.value.path(), encoding="utf-8", newline="").read()


def label_all(page, file):
    choose(page, file)
    page.get_by_role("button", name="Label all rows").click()
    return download(page)


def write(path, text, encoding="utf-8"):
    path.write_bytes(text.encode(encoding))
    return path


def test_a_file_is_labelled_as_the_server_labels_it_whole(server, watch):
    one = watch(server.url + "/#file")
    page = one.page
    assert "never leaves this machine" in page.locator(".drop").inner_text()
    one.check_accessible()
    choose(page, TICKETS)
    assert page.get_by_label("Texts").input_value() == "text"
    assert page.get_by_label("Times").input_value() == "created"
    one.check_accessible()
    page.get_by_label("Compare by").select_option("product")
    page.get_by_role("button", name="Label all rows").click()
    got = download(page)
    truth = server.ask("/batch?text_column=text&all_scores=true", TICKETS.read_bytes(),
                       headers={"Content-Type": "text/csv"}).body.decode()
    assert got == truth
    page.get_by_role("slider").first.wait_for()
    one.check_accessible()
    report = server.ask("/ui/trends?time_column=created&by=product", truth.encode(),
                        headers={"Content-Type": "text/csv"}).json()
    page.get_by_text("All figures as a table").click()
    rows = page.locator(".data-table").first.locator("tbody tr")
    assert rows.count() == len(report["periods"])
    for row, cell in zip(rows.all(), report["groups"][0]["cells"]):
        assert row.locator("td").first.inner_text() == str(cell["count"])
    assert page.locator(".multiple").count() == len(report["groups"])
    with page.expect_response(re.compile("ui/trends.*period=quarter")):
        page.get_by_label("Periods").select_option("quarter")
    page.get_by_text("Q3 2025").first.wait_for(state="attached")
    assert {url for url in one.requests if not url.startswith((server.url + "/", f"blob:{server.url}"))} == set()


def test_trends_are_those_of_the_program(server, tmp_path):
    import subprocess
    labelled = server.ask("/batch?text_column=text&all_scores=true", TICKETS.read_bytes(),
                          headers={"Content-Type": "text/csv"}).body
    (tmp_path / "t.csv").write_bytes(labelled)
    done = subprocess.run([ROOT / "build/valence", "trends", tmp_path / "t.csv", "--time-column", "created", "--by",
                           "product", "--json"], capture_output=True, text=True, check=True, timeout=60)
    ours = server.ask("/ui/trends?time_column=created&by=product", labelled, headers={"Content-Type": "text/csv"}).json()
    theirs = json.loads(done.stdout)
    for name in ("labels", "periods", "groups", "drift", "flagged", "figures", "rows"):
        assert ours[name] == theirs[name], name


def test_a_hundred_thousand_rows_stay_responsive(quick_server, watch, tmp_path):
    random.seed(7)
    words = ["good", "bad", "slow", "fast", "the", "a", "film", "it", "works", "broke"]
    rows = [[i, f"2025-{i % 12 + 1:02}-{i % 28 + 1:02}", " ".join(random.choices(words, k=6))] for i in range(100_000)]
    with open(tmp_path / "large.csv", "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["id", "date", "text"], *rows])
    page = watch(quick_server.url + "/#file").page
    choose(page, tmp_path / "large.csv")
    page.evaluate("""() => {
        window.longest = 0;
        let last = performance.now();
        const tick = () => {
            const now = performance.now();
            window.longest = Math.max(window.longest, now - last);
            last = now;
            window.ticking = setTimeout(tick, 10);
        };
        tick();
    }""")
    page.get_by_role("button", name="Label all rows").click()
    page.get_by_text(re.compile(r"\d rows, \d+ % of")).wait_for()
    assert page.evaluate("document.querySelectorAll('tr').length") < 100
    got = download(page, timeout=120_000)
    assert page.evaluate("window.longest") < 500
    labelled = list(csv.DictReader(io.StringIO(got)))
    assert [row["id"] for row in labelled] == [str(i) for i in range(100_000)]
    assert all(row["label"] and not row["error"] for row in labelled)
    page.get_by_role("slider").first.wait_for(timeout=30_000)
    assert page.get_by_text("100,000 texts, Jan 2025 to Dec 2025").is_visible()


def test_stopping_keeps_what_is_labelled(quick_server, watch, tmp_path):
    write(tmp_path / "long.csv", "text\n" + "it works very well today\n" * 60_000)
    page = watch(quick_server.url + "/#file").page
    choose(page, tmp_path / "long.csv")
    page.get_by_role("button", name="Label all rows").click()
    page.get_by_text(re.compile(r"\d rows, \d+ % of")).wait_for()
    page.get_by_role("button", name="Stop").click()
    page.locator(".status", has_text="Stopped after").wait_for()
    rows = list(csv.DictReader(io.StringIO(download(page))))
    assert 0 < len(rows) < 60_000 and all(row["label"] for row in rows)
    assert page.locator(".status").inner_text().startswith(f"Stopped after {len(rows):,} rows")
    page.get_by_role("button", name="Label all rows").click(timeout=5000)  # the form is free again


def test_a_file_on_disk_is_written_as_rows_come(quick_server, watch, tmp_path):
    """The dialog cannot be driven: a file of the browser's own file system stands for the chosen one."""
    write(tmp_path / "t.csv", "text,n\n" + "".join(f"it works,{i}\n" for i in range(2000)))
    page = watch(quick_server.url + "/#file").page
    page.evaluate("""window.showSaveFilePicker = async () =>
        (await navigator.storage.getDirectory()).getFileHandle('out.csv', {create: true})""")
    choose(page, tmp_path / "t.csv")
    page.get_by_role("button", name="Label into a file on disk …").click()
    page.get_by_text("The labelled rows are in out.csv.").wait_for()
    text = page.evaluate("""async () => {
        const folder = await navigator.storage.getDirectory();
        return (await (await folder.getFileHandle('out.csv')).getFile()).text();
    }""")
    assert [row["n"] for row in csv.DictReader(io.StringIO(text))] == [str(i) for i in range(2000)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_encodings(quick_server, watch, tmp_path, encoding):
    texts = ["Größe paßt nicht", "très bien", "naïve “quotes”"] * 300
    file = write(tmp_path / "e.csv", "id;text\r\n" + "".join(f"{i};{text}\r\n" for i, text in enumerate(texts)), encoding)
    got = label_all(watch(quick_server.url + "/#file").page, file)
    rows = list(csv.DictReader(io.StringIO(got)))
    assert [row["text"] for row in rows] == texts and [row["id"] for row in rows] == [str(i) for i in range(900)]


def test_many_bytes_a_character_over_all_pieces(quick_server, watch, tmp_path):
    """Pieces are cut in the middle of characters nowhere."""
    texts = [f"{i} 品质很好 😀😀 " + "日本語" * (i % 40) for i in range(6000)]
    with open(tmp_path / "wide.csv", "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["text"], *[[text] for text in texts]])
    got = label_all(watch(quick_server.url + "/#file").page, tmp_path / "wide.csv")
    assert [row["text"] for row in csv.DictReader(io.StringIO(got))] == texts


def test_strange_tables(quick_server, watch, tmp_path):
    page = watch(quick_server.url + "/#file").page
    file = write(tmp_path / "s.csv", 'text,label,,text\n"a, ""quoted""\nline",old,x,2\n\nshort\n,empty,y,3\n')
    choose(page, file)
    assert "label_before" in page.locator(".warning").inner_text()
    page.get_by_role("button", name="Label all rows").click()
    rows = list(csv.DictReader(io.StringIO(download(page))))
    assert [row["text"] for row in rows] == ['a, "quoted"\nline', "short", ""]
    assert [row["label_before"] for row in rows][0] == "old" and rows[0]["label"] and rows[0]["column_3"] == "x"
    assert rows[2]["error"]
    assert "could not be labelled" in page.locator(".status").inner_text()


def test_without_a_header(quick_server, watch, tmp_path):
    page = watch(quick_server.url + "/#file").page
    choose(page, write(tmp_path / "n.csv", "it works,1\nit broke,2\n"))
    page.get_by_label("The first row names the columns").uncheck()
    page.get_by_role("columnheader", name="column_1").wait_for()
    page.get_by_role("button", name="Label all rows").click()
    assert [row["column_1"] for row in csv.DictReader(io.StringIO(download(page)))] == ["it works", "it broke"]


@pytest.mark.parametrize("content, message", [
    (b"", "is empty"),
    (b"\x1f\x8b\x08\x00", "packed with gzip"),
    (b"PK\x03\x04\x14", "Excel workbook"),
    (b"text\n", "a header and no rows"),
    (b"a\0b\n\0\n", "no text file"),
])
def test_files_that_are_no_tables_are_told(quick_server, watch, tmp_path, content, message):
    (tmp_path / "bad.csv").write_bytes(content)
    one = watch(quick_server.url + "/#file")
    one.page.set_input_files("#file-input", tmp_path / "bad.csv")
    one.page.get_by_role("alert").get_by_text(message).wait_for()
    one.check_accessible()


def test_dates_that_can_be_read_in_two_ways_ask_for_their_form(quick_server, watch, tmp_path):
    page = watch(quick_server.url + "/#file").page
    choose(page, write(tmp_path / "d.csv", "text,date\n" + "it works,3/4/2025\nit broke,5/6/2025\n" * 20))
    page.get_by_role("button", name="Label all rows").click()
    page.get_by_role("alert").get_by_text("how dates are written (above)").wait_for()
    page.get_by_label("Dates are written").select_option("day-first")
    page.get_by_text("40 texts, Apr 2025 to Jun 2025").wait_for()


def test_a_server_that_ends_leaves_what_is_labelled(start_server, watch, tmp_path):
    server = start_server(model=f"m={MODEL}")
    page = watch(server.url + "/#file").page
    choose(page, write(tmp_path / "long.csv", "text\n" + "it works very well today\n" * 60_000))
    page.get_by_role("button", name="Label all rows").click()
    page.get_by_text(re.compile(r"\d rows, \d+ % of")).wait_for()
    server.process.kill()
    page.get_by_role("alert").get_by_text("The connection to the server was lost.").wait_for()
    assert len(list(csv.DictReader(io.StringIO(download(page))))) > 0


def test_a_server_that_has_no_room_is_waited_for(start_server, watch, tmp_path):
    server = start_server("--max-streams", "1", model=f"m={MODEL}")
    page = watch(server.url + "/#file").page
    choose(page, write(tmp_path / "t.csv", "text\n" + "it works\n" * 3000))
    page.get_by_role("button", name="Label all rows").click()
    assert len(list(csv.DictReader(io.StringIO(download(page))))) == 3000


def test_with_a_key(start_server, watch, tmp_path):
    server = start_server("--api-key", "secret", model=f"m={MODEL}")
    page = watch(server.url + "/#file").page
    page.get_by_label("Key", exact=True).fill("secret")
    page.keyboard.press("Enter")
    page.locator(".drop").wait_for()
    got = label_all(page, write(tmp_path / "t.csv", "text,date\nit works,2025-01-01\nit broke,2025-02-01\n"))
    assert len(list(csv.DictReader(io.StringIO(got)))) == 2
    page.get_by_role("slider").first.wait_for()


def test_from_the_keyboard_and_on_a_phone(quick_server, watch, tmp_path):
    one = watch(quick_server.url + "/#file", **PHONE)
    choose(one.page, TICKETS)
    one.check_fits()
    one.page.get_by_role("button", name="Label all rows").focus()
    one.page.keyboard.press("Enter")
    one.page.locator("a.button").wait_for()
    one.page.get_by_role("slider").first.wait_for()
    one.check_fits()
    one.check_accessible()


def test_trends_over_http_refuse_what_is_wrong(quick_server):
    def ask(query, body=b"time,label\n2025-01-01,a\n", kind="text/csv"):
        return quick_server.ask(f"/ui/trends?{query}", body, headers={"Content-Type": kind})

    assert ask("").status == 200
    assert ask("", kind="application/json").status == 415
    for query, body in [("period=year", b"time,label\n"), ("time_column=no", b"time,label\n2025-01-01,a\n"),
                        ("none=1", b""), ("", b"label\na\n"), ("", b""), ("", b"time,label\n"),
                        ("date_format=%25", b"time,label\n2025-01-01,a\n"), ("time_zone=/etc/passwd", b"time,label\n2025-01-01,a\n"),
                        ("time_zone=../../etc/passwd", b"time,label\n2025-01-01,a\n")]:
        answer = ask(query, body)
        assert answer.status == 422 and answer.json()["error"], (query, body)
    done = []
    threads = [threading.Thread(target=lambda: done.append(ask("").status)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert done == [200, 200, 200]
