// The documents around a code.
import { differing } from "./code.js";
import { documentList } from "./documents.js";
import { bar, count, documents, fill, find, make } from "./dom.js";

export function showNoNeighbours(sentence) {
  fill(find("neighbours"), make("p", { class: "quiet" }, sentence));
}

/**
 * Shows the neighbours of a code.
 * `before` are the names shown before a bit was flipped, or null.
 */
export function showNeighbours(code, found, before) {
  const tags = (hit) => [
    ...(hit.code === code ? [] : [" ", tag(difference(code, hit.code))]),
    ...(before && !before.has(hit.id) ? [" ", tag("new", "new")] : []),
  ];
  const groups = found.groups.map((group) =>
    make(
      "section",
      { class: "group" },
      make(
        "h3",
        {},
        distanceName(group.distance),
        make("span", { class: "quiet" }, ` ${documents(group.documents)}`),
      ),
      documentList(group.hits, tags),
      more(group),
    ),
  );
  fill(find("neighbours"), spectrum(found.spectrum), ...groups);
}

/** The names of all documents that are shown. */
export function shownNames(found) {
  return new Set(found.groups.flatMap((group) => group.hits.map((hit) => hit.id)));
}

/** One sentence on what is near. */
export function nearest(found) {
  const same = found.spectrum[0];
  const one = found.spectrum[1] ?? 0;
  const here = same ? documents(same) : "No document";
  return `${here} with this code, ${count(one)} a bit away.`;
}

/** One sentence on how flipping has moved the neighbours. */
export function moved(found, before) {
  const now = [...shownNames(found)];
  const stayed = now.filter((name) => before.has(name)).length;
  return `Of the ${now.length} documents shown, ${stayed} were shown before.`;
}

/** How far a document is, behind its score; nothing if it has no code. */
export function away(distance) {
  if (distance < 0) return "";
  return `, ${distanceName(distance).toLowerCase()}`;
}

function distanceName(distance) {
  if (distance === 0) return "The same code";
  return distance === 1 ? "1 bit away" : `${distance} bits away`;
}

function difference(code, other) {
  const bits = differing(code, other);
  return bits.length === 1 ? `bit ${bits[0]} differs` : `bits ${bits.join(", ")} differ`;
}

function tag(text, className = "") {
  return make("span", { class: `tag ${className}` }, text);
}

function more(group) {
  const left = group.documents - group.hits.length;
  const text = left ? `and ${count(left)} more, equally near` : "";
  return make("p", { class: "quiet more" }, text);
}

function spectrum(counts) {
  const most = Math.max(...counts, 1);
  const last = counts.findLastIndex((number) => number > 0);
  const rows = counts.slice(0, last + 1).map((number, distance) =>
    make(
      "tr",
      {},
      make("th", { scope: "row" }, String(distance)),
      make("td", { class: "wide" }, bar(number / most)),
      make("td", { class: "amount" }, count(number)),
    ),
  );
  return make(
    "details",
    { class: "spectrum" },
    make("summary", {}, "How many documents are how many bits away"),
    make("table", {}, make("tbody", {}, ...rows)),
  );
}
