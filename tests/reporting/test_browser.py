"""The page in a real browser: phone and desk, light and dark, and on paper."""

import pytest

import clvmodels as clv
from clvmodels.plots.shared import style
from tests.reporting.browser import installed

pytestmark = [pytest.mark.slow, pytest.mark.skipif(installed() is None, reason="needs Chromium or Google Chrome")]
SCREENS = [(width, scheme) for width in (390, 1280) for scheme in ("light", "dark")]

# Elements with words of their own whose contrast (WCAG 2) with what is behind them is too low.
FAINT = """
(() => {
  const numbers = color => color.match(/[\\d.]+/g).map(Number);
  const light = color => {
    const [r, g, b] = numbers(color).map(v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = element => {
    for (let e = element; e; e = e.parentElement) {
      const color = getComputedStyle(e).backgroundColor, parts = numbers(color);
      if (parts.length < 4 || parts[3] > 0) return color;
    }
    return "rgb(255, 255, 255)";
  };
  const own = e => [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
  return [...document.body.querySelectorAll("*")].filter(own).map(e => {
    const [a, b] = [light(getComputedStyle(e).color), light(behind(e))].sort((x, y) => y - x);
    return [(a + 0.05) / (b + 0.05), e.tagName + "." + e.className];
  }).filter(([contrast]) => contrast < 4.5);
})()
"""
# Elements that reach over the edge and are not in a box of their own that scrolls.
WIDE = """
[...document.body.querySelectorAll("*")].filter(e =>
  !e.closest(".table, pre, .skip") && e.getBoundingClientRect().right > document.documentElement.clientWidth + 0.5
).map(e => e.tagName + "." + e.className)
"""

# Width of every picture as drawn, and its SVG.
PICTURES = """
Promise.all([...document.images].map(
  i => i.decode().then(() => [i.naturalWidth, atob(i.currentSrc.split(",")[1])])
))
"""


@pytest.mark.parametrize(("width", "scheme"), SCREENS)
def test_on_every_screen(browser, report_file, width, scheme):
    browser.open(report_file, width=width, scheme=scheme)
    assert browser.run("innerWidth") == width
    assert browser.run("document.documentElement.scrollWidth") == width
    assert browser.run(WIDE) == []
    assert browser.run(FAINT) == []
    paper = (style.DARK if scheme == "dark" else style.LIGHT).background
    red, green, blue = (int(paper[i : i + 2], 16) for i in (1, 3, 5))
    assert browser.run("getComputedStyle(document.body).backgroundColor") == f"rgb({red}, {green}, {blue})"

    # every plot is there, drawn for this screen
    pictures = browser.run(PICTURES)
    assert len(pictures) >= 8
    for natural, svg in pictures:
        assert natural > 0
        assert f"fill: {paper}" in svg
        assert (natural < 500) == (width == 390)

    said = browser.happened("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded")
    assert said == []
    asked = {request["request"]["url"].split(":")[0] for request in browser.happened("Network.requestWillBeSent")}
    assert asked <= {"file", "data"}


@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (1280, "dark")])
def test_a_campaign_on_two_screens(browser, campaign_file, width, scheme):
    browser.open(campaign_file, width=width, scheme=scheme)
    assert browser.run("document.documentElement.scrollWidth") == width
    assert browser.run(WIDE) == []
    assert browser.run(FAINT) == []


def test_pdf_is_printed(fits, tmp_path):
    path = clv.report(fits[0], spend=fits[1], output=tmp_path / "report.pdf")
    content = path.read_bytes()
    assert content.startswith(b"%PDF-")
    assert content.rstrip().endswith(b"%%EOF")
    assert [file.name for file in tmp_path.iterdir()] == ["report.pdf"]
