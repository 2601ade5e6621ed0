// The switches: one for each bit.
import { bar, fill, find, make } from "./dom.js";

const WORDS = 5;

/**
 * Makes the switches.
 * `topics` are the words of each bit; `onFlip` and `onLook` are given the bit.
 */
export function makeBits(count, topics, onFlip, onLook) {
  const cards = [];
  for (let bit = 0; bit < count; bit++) {
    cards.push(makeCard(bit, topics[bit] ?? [], onFlip, onLook));
  }
  fill(find("bits"), ...cards);
}

/** Shows a code; `probabilities` is null without a text that has a code. */
export function showBits(code, probabilities, flips, selected) {
  for (const [bit, card] of [...find("bits").children].entries()) {
    const on = code[bit] === "1";
    const isFlipped = flips.has(bit);
    card.setAttribute("aria-checked", String(on));
    card.classList.toggle("flipped", isFlipped);
    card.classList.toggle("selected", bit === selected);
    card.querySelector(".state").textContent = on ? "on" : "off";
    card.querySelector(".flag").hidden = !isFlipped;
    const known = probabilities !== null;
    const share = known ? probabilities[bit] : 0;
    card.querySelector(".probability").textContent = known ? share.toFixed(2) : "\u2013";
    card.querySelector(".bar").style.setProperty("--part", share);
    card.querySelector(".spoken").textContent = spoken(known, share, isFlipped);
  }
}

function makeCard(bit, words, onFlip, onLook) {
  const spokenId = `bit-${bit}-spoken`;
  const shown = words.slice(0, WORDS).join(", ");
  return make(
    "button",
    {
      type: "button",
      role: "switch",
      class: "bit",
      "aria-checked": "false",
      "aria-label": shown ? `Bit ${bit}: ${shown}` : `Bit ${bit}`,
      "aria-describedby": spokenId,
      onclick: () => onFlip(bit),
      onfocus: () => onLook(bit),
      onpointerenter: () => onLook(bit),
    },
    make(
      "span",
      { class: "top" },
      make("span", { class: "number" }, String(bit)),
      make("span", { class: "knob" }),
      make("span", { class: "state" }),
      make("span", { class: "flag", hidden: true }, "flipped"),
      bar(0, "chance"),
      make("span", { class: "probability" }),
    ),
    make("span", { class: "words", dir: "auto" }, shown),
    make("span", { class: "spoken hidden", id: spokenId }),
  );
}

function spoken(known, share, isFlipped) {
  const parts = known ? [`probability ${share.toFixed(2)}`] : [];
  if (isFlipped) parts.push("flipped");
  return parts.join(", ");
}
