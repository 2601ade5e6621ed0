"""Whether the text of a page stands out from what is behind it, as WCAG 2 counts."""

from __future__ import annotations

from playwright.sync_api import Page

LEAST = 4.5  # of text in normal size, level AA

_SCRIPT = """
least => {
  const context = new OffscreenCanvas(1, 1).getContext("2d");
  // Whatever notation a colour is in, painted over what is below it.
  const painted = colors => {
    context.fillStyle = "white";
    context.fillRect(0, 0, 1, 1);
    for (const color of colors) {
      context.fillStyle = color;
      context.fillRect(0, 0, 1, 1);
    }
    return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const luminance = rgb => {
    const [r, g, b] = rgb.map(value => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    const box = element.getBoundingClientRect();
    if (!node.data.trim() || box.width < 2 || box.height < 2) continue;
    if (!element.checkVisibility({visibilityProperty: true})) continue;
    if (element.closest(":disabled")) continue;
    const behind = [];
    for (let at = element; at; at = at.parentElement)
      behind.unshift(getComputedStyle(at).backgroundColor);
    // Of an SVG's text it is `fill` that is seen.
    const style = getComputedStyle(element);
    const color = element instanceof SVGElement ? style.fill : style.color;
    const lights = [painted(behind), painted([...behind, color])].map(luminance);
    const [dark, light] = lights.sort((a, b) => a - b);
    const contrast = (light + 0.05) / (dark + 0.05);
    if (contrast < least)
      found.push(`${contrast.toFixed(2)}: ${node.data.trim().slice(0, 40)}`);
  }
  return found;
}
"""


def low_contrasts(page: Page, least: float = LEAST) -> list[str]:
    """Returns the texts that are seen but stand out too little, with their contrast.

    Backgrounds are those of the elements around a text; pictures and shapes that are
    drawn below it are not looked at. What is disabled does not count, as in WCAG.

    Args:
        page: where.
        least: contrast that is enough.
    """
    return page.evaluate(_SCRIPT, least)
