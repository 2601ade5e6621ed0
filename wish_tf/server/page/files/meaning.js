// What a bit means, and which words of the text moved it.
import { bar, fill, find, foreign, make, percent } from "./dom.js";

const STRONGEST = 8;
// Smaller effects, in log-odds, are not worth a mark in the text.
const LEAST_EFFECT = 0.1;

/**
 * Shows a bit.
 * `share` is the share of documents with the bit on, or null; `explanation` is the
 * server's, null while there is none; `note` says why, "" without a text.
 */
export function showMeaning(bit, words, model, explanation, note) {
  find("meaning").hidden = false;
  const called = `${words.length ? "topic" : "bit"} ${bit}`;
  find("meaning-title").textContent = `What does ${called} mean?`;
  const body = [];
  if (words.length) {
    body.push(make("p", { class: "topic" }, foreign(words.join(", "))));
    body.push(
      make(
        "p",
        { class: "quiet" },
        "The words of its topic, strongest first: they are likelier in texts with the " +
          "bit on.",
      ),
    );
  }
  if (model.shares) {
    body.push(
      make(
        "p",
        {},
        "On for ",
        make("strong", {}, percent(model.shares[bit])),
        ` of ${model.measured_on}.`,
      ),
    );
  }
  if (explanation) body.push(...moved(bit, called, explanation));
  else if (note) body.push(make("p", { class: "quiet" }, note));
  fill(find("meaning-body"), ...body);
}

function moved(bit, called, explanation) {
  const effects = explanation.effects.map((row) => row[bit]);
  const order = effects
    .map((_, word) => word)
    .sort((a, b) => Math.abs(effects[b]) - Math.abs(effects[a]))
    .slice(0, STRONGEST);
  const most = Math.max(...effects.map(Math.abs), 1);
  const body = [
    make("h3", {}, `What moved ${called} in your text`),
    make("p", { class: "marked", dir: "auto" }, ...marked(explanation.parts, effects)),
    make(
      "table",
      { class: "effects" },
      make(
        "caption",
        { class: "quiet" },
        "By how much the bit's log-odds fall without the word. Above 0 it speaks for " +
          "the bit.",
      ),
      make(
        "tbody",
        {},
        ...order.map((word) => effectRow(bit, word, effects[word], most, explanation)),
      ),
    ),
  ];
  if (explanation.unknown.length) {
    body.push(
      make(
        "p",
        { class: "quiet" },
        "Not seen by the model: ",
        foreign(explanation.unknown.join(", ")),
      ),
    );
  }
  return body;
}

function marked(parts, effects) {
  return parts.map(([text, word]) => {
    if (word === null || Math.abs(effects[word]) < LEAST_EFFECT) return text;
    const className = effects[word] > 0 ? "for" : "against";
    return make(
      "mark",
      { class: className },
      text,
      make("sup", {}, signed(effects[word], 1)),
    );
  });
}

function effectRow(bit, word, effect, most, explanation) {
  const side = effect > 0 ? "for" : "against";
  return make(
    "tr",
    {},
    make("th", { scope: "row" }, foreign(explanation.words[word])),
    make("td", { class: "amount" }, signed(effect, 2)),
    make("td", { class: "wide" }, bar(Math.abs(effect) / most, side)),
    make("td", {}, explanation.decisive[word][bit] ? "decides" : ""),
  );
}

function signed(number, digits) {
  return (number < 0 ? "\u2212" : "+") + Math.abs(number).toFixed(digits);
}
