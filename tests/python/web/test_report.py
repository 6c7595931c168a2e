"""The page of a report: one file that works from the disk, and asks nobody for anything."""
import json
import re

import pytest

from conftest import PHONE, ROOT

SAMPLE = json.loads((ROOT / "web/src/report/sample.json").read_text())
PAGE = (ROOT / "web/dist/report.html").read_text()


def write(path, data):
    text = data if isinstance(data, str) else json.dumps(data)
    path.write_text(PAGE.replace('"data of the report"', text.replace("<", "\\u003c")))
    return path.as_uri()


@pytest.fixture
def report(tmp_path):
    return write(tmp_path / "report.html", SAMPLE)


def share(group, period, label):
    return f"{100 * SAMPLE['groups'][group]['cells'][period]['labels'][label]['share']:.1f} %"


def test_it_opens_from_the_disk_and_asks_nobody(report, watch):
    one = watch(report)
    one.page.get_by_role("heading", name="Trends: labelled.csv").wait_for()
    assert one.requests == [report]
    one.check_accessible()
    for summary in one.page.locator("summary").all():
        summary.click()
    one.check_accessible()
    assert "default-src 'none'" in PAGE and "unsafe" not in PAGE


def test_the_table_has_the_figures(report, watch):
    page = watch(report).page
    page.get_by_text("All figures as a table").click()
    rows = page.locator(".data-table").first.locator("tbody tr")
    assert rows.count() == len(SAMPLE["periods"])
    for p in range(rows.count()):
        cells = [cell.inner_text() for cell in rows.nth(p).locator("td").all()]
        assert cells[0] == str(SAMPLE["groups"][0]["cells"][p]["count"])
        assert [cells[1], cells[4], cells[7]] == [share(0, p, label) for label in range(3)]
    assert "*" in rows.nth(8).inner_text() and "change, drift" in rows.nth(8).inner_text()


def test_bars_are_as_high_as_the_shares(report, watch):
    page = watch(report).page
    layers = page.locator(".stepper").first.locator(".layer")
    for label in range(3):
        bars = layers.nth(label).locator("rect:not(.hatched)")
        heights = [float(bar.get_attribute("height")) for bar in bars.all()]
        whole = 260 - 24 - 20
        for p, height in enumerate(heights):
            assert height / whole == pytest.approx(SAMPLE["groups"][0]["cells"][p]["labels"][label]["share"], abs=1e-6)


def test_periods_are_walked_through_with_keys_and_read_out(report, watch):
    page = watch(report).page
    chart = page.get_by_role("slider").first
    chart.focus()
    page.keyboard.press("Home")
    assert chart.get_attribute("aria-valuetext").startswith("Jan 2025: 213 texts. NEGATIVE 27.2 % (22 to 34 %)")
    for _ in range(8):
        page.keyboard.press("ArrowRight")
    spoken = chart.get_attribute("aria-valuetext")
    assert spoken.startswith("Sep 2025") and share(0, 8, 0) in spoken and "significant change" in spoken
    assert page.locator(".readout").inner_text() == spoken
    page.keyboard.press("End")
    page.keyboard.press("ArrowRight")
    assert chart.get_attribute("aria-valuenow") == "12"


def test_groups_and_figures_can_be_chosen(report, watch):
    page = watch(report).page
    page.locator(".multiple", has_text="Files").click()
    assert page.get_by_label("Rows", exact=True).input_value() == "1"
    assert page.locator(".readout").inner_text().startswith(f"Dec 2025: {SAMPLE['groups'][1]['cells'][11]['count']} texts")
    page.get_by_label("Figure", exact=True).select_option(label="Share of NEGATIVE")
    assert page.locator(".figure.label-negative").count() > 0
    page.get_by_label("Rows", exact=True).select_option("0")
    page.get_by_role("button", name="Show it in the charts").nth(1).click()
    found = SAMPLE["flagged"][1]
    assert page.get_by_label("Rows", exact=True).input_value() == str(found["group"])
    assert page.get_by_role("slider").first.get_attribute("aria-valuenow") == str(found["period"] + 1)


def test_findings_tell_what_and_why(report, watch):
    page = watch(report).page
    first = page.locator(".finding").first
    found = SAMPLE["flagged"][0]
    words = first.locator(".terms").first.locator("li")
    assert [word.inner_text().split("\n")[0] for word in words.all()][0].startswith(found["words"]["now"][0]["term"])
    assert words.count() == len(found["words"]["now"])
    assert "</script> & they are back." in first.inner_text()
    assert f"{share(0, 7, 0)} to {share(0, 8, 0)}" in first.inner_text()


@pytest.mark.parametrize("options", [{"color_scheme": "dark"}, PHONE, {"forced_colors": "active"},
                                     {"reduced_motion": "reduce"}], ids=["dark", "phone", "forced", "still"])
def test_on_every_screen(report, watch, options):
    one = watch(report, **options)
    one.check_accessible()
    one.check_fits()


def test_it_prints_with_what_is_folded_away(report, watch):
    page = watch(report).page
    page.emulate_media(media="print")
    assert len(page.pdf(format="A4")) > 20_000
    assert not page.get_by_label("Rows", exact=True).is_visible()


@pytest.mark.parametrize("data, message", [
    ("{", "not JSON"),
    ('"data of nothing"', "no data of a report"),
    ({**SAMPLE, "version": 2}, "layout 2"),
    ({**SAMPLE, "periods": [], "groups": []}, "no rows with a date and a label"),
])
def test_data_that_are_no_report_are_told(tmp_path, watch, data, message):
    one = watch(write(tmp_path / "report.html", data))
    one.page.get_by_text(re.compile(message)).wait_for()
    one.check_accessible()


def test_texts_that_look_like_markup_stay_texts(tmp_path, watch):
    evil = "</script><script>document.title='taken'</script><img src=x onerror=alert(1)><!--"
    data = json.loads(json.dumps(SAMPLE))
    data["title"] = data["groups"][1]["name"] = data["flagged"][0]["words"]["now"][0]["term"] = evil
    data["skipped"][0]["examples"][0]["value"] = data["notes"][0] = data["labels"][0]["name"] = evil
    one = watch(write(tmp_path / "report.html", data))
    assert one.page.title() == f"Trends: {evil}"
    assert evil in one.page.locator("h1").inner_text()
    assert one.page.locator("img").count() == 0
    assert len(one.requests) == 1


def test_many_periods_and_labels_and_one_of_each(tmp_path, watch):
    for periods, labels in ((150, 20), (1, 1)):
        cells = [{"count": 50, "uncertain": False, "compared_with": None, "score": None, "polarity": None, "flags": [],
                  "labels": [{"count": 50 // labels, "share": 1 / labels, "low": 0.0, "high": min(1, 2 / labels),
                              "change": None}] * labels}] * periods
        data = {**SAMPLE, "labels": [{"name": f"topic {i}", "class": None, "worth": None, "count": 9} for i in range(labels)],
                "periods": [{"name": f"{2000 + i // 12}-{i % 12 + 1:02}", "start": "", "end": ""} for i in range(periods)],
                "groups": [{"name": "all", "kind": "all", "count": 50 * periods, "cells": cells}],
                "drift": [], "flagged": [], "notes": []}
        one = watch(write(tmp_path / f"{periods}.html", data))
        one.page.get_by_text("Nothing changed by more than chance explains.").wait_for()
        one.check_accessible()
        one.check_fits()
