// Elements of the page. All text gets in as text: nothing here reads HTML.

export function find(id) {
  return document.getElementById(id);
}

/** Makes an element; `properties` are its attributes, `onclick` a listener. */
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("on")) {
      element.addEventListener(name.slice(2), value);
    } else if (value !== null && value !== undefined && value !== false) {
      element.setAttribute(name, value === true ? "" : value);
    }
  }
  element.append(...children);
  return element;
}

export function fill(element, ...children) {
  element.replaceChildren(...children);
}

/** Text of a document or a name: it must not turn the text around it. */
export function foreign(text, className) {
  return make("bdi", { class: className }, text);
}

/** A bar beside a number that says the same. `part` is from 0 to 1. */
export function bar(part, className = "") {
  const element = make("span", { class: `bar ${className}`, "aria-hidden": "true" });
  element.style.setProperty("--part", part);
  return element;
}

export function count(number) {
  return number.toLocaleString("en");
}

export function documents(number) {
  return `${count(number)} ${number === 1 ? "document" : "documents"}`;
}

export function percent(share) {
  if (share > 0 && share < 0.001) return "under 0.1 %";
  if (share < 1 && share > 0.999) return "over 99.9 %";
  const digits = share < 0.1 || share > 0.9 ? 1 : 0;
  return `${(100 * share).toFixed(share === 0 || share === 1 ? 0 : digits)} %`;
}
