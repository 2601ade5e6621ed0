// Documents of the index.
import { foreign, make } from "./dom.js";

/** A list of documents; `note(hit)` gives what stands beside the name of one. */
export function documentList(hits, note = () => []) {
  return make(
    "ol",
    { class: "documents" },
    ...hits.map((hit) =>
      make(
        "li",
        {},
        make("p", { class: "name" }, foreign(hit.id), ...note(hit)),
        make("p", { class: "snippet", dir: "auto" }, shortened(hit)),
      ),
    ),
  );
}

function shortened(hit) {
  const text = hit.text.replace(/\s+/g, " ").trim();
  return hit.cut ? `${text}\u2026` : text;
}
