"""The page of `wish-tf report`, opened and looked at."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page

# For each element with text of its own: what it says, and the contrast of its colour to
# the colours behind it, laid over each other (WCAG 2.2, section 1.4.3).
CONTRASTS = """
() => {
  const parsed = colour => {
    const [r, g, b, a = 1] = colour.match(/[\\d.]+/g).map(Number);
    return [r, g, b, a];
  };
  const over = ([r, g, b, a], below) =>
    [r, g, b].map((value, i) => a * value + (1 - a) * below[i]);
  const luminance = colour => {
    const [r, g, b] = colour.map(value => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = element => {
    if (element === null) return [255, 255, 255];
    const colour = parsed(getComputedStyle(element).backgroundColor);
    return colour[3] === 1 ? colour.slice(0, 3)
                           : over(colour, behind(element.parentElement));
  };
  const found = [];
  for (const element of document.body.querySelectorAll("*")) {
    const own = [...element.childNodes].filter(
      node => node.nodeType === Node.TEXT_NODE && node.data.trim());
    if (!own.length || ["title", "desc"].includes(element.localName)) continue;
    const style = getComputedStyle(element);
    const back = behind(element);
    const svg = element instanceof SVGElement;
    const text = over(parsed(svg ? style.fill : style.color), back);
    const [low, high] = [luminance(text), luminance(back)].sort((a, b) => a - b);
    found.push([own[0].data.trim().slice(0, 40), (high + 0.05) / (low + 0.05)]);
  }
  return found;
}
"""


def open_report(page: Page, path: Path, scheme: str) -> None:
    """Opens a report.

    Args:
        page: where.
        path: of the file.
        scheme: `"light"` or `"dark"`.
    """
    page.emulate_media(color_scheme=scheme)
    page.goto(path.resolve().as_uri())


def contrasts(page: Page) -> list[tuple[str, float]]:
    """Returns the beginning of each piece of text, and its contrast, from 1 to 21."""
    return [tuple(pair) for pair in page.evaluate(CONTRASTS)]


def overflow(page: Page) -> int:
    """Returns by how many pixels the page is wider than its window."""
    return page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
