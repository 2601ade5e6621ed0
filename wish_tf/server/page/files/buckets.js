// All codes in use, the largest bucket first, and the documents of one.
import { grouped } from "./code.js";
import { documentList } from "./documents.js";
import { bar, count, documents, fill, find, foreign, make } from "./dom.js";
import * as server from "./server.js";

/** Browses the buckets of a model's index. */
export class Buckets {
  /** `onCode` is given a code that the switches shall show, `onError` an error. */
  constructor(model, topics, onCode, onError) {
    this.model = model.name;
    // What sets a code of the topics apart from the codes nearest to it.
    this.apart = model.buckets ?? [];
    this.topics = topics;
    this.onCode = onCode;
    this.onError = onError;
    this.start = 0;
  }

  /** Shows the list of buckets from a place on. */
  async list(start, focus = true) {
    await this.attempt(async () => {
      const found = await server.buckets(this.model, start);
      this.start = start;
      const most = found.buckets[0]?.documents ?? 1;
      this.show(
        focus,
        make(
          "p",
          { class: "quiet" },
          `${count(found.total)} codes are in use. Documents with the same code are a ` +
            "bucket; beside it the first word of each topic that is on, and in brackets " +
            "the words that set these topics apart from the nearest ones.",
        ),
        make(
          "ol",
          { class: "buckets", start: start + 1 },
          ...found.buckets.map((bucket) => this.row(bucket, most)),
        ),
        pages(found, found.total, (place) => this.list(place)),
      );
    });
  }

  /** Shows the documents of a bucket from a place on. */
  async open(code, start = 0) {
    await this.attempt(async () => {
      const found = await server.bucket(this.model, code, start);
      this.show(
        true,
        make(
          "p",
          { class: "row" },
          button("All buckets", () => this.list(this.start)),
          button("Set the switches so", () => this.onCode(code)),
        ),
        make("h3", {}, codeElement(code), ` ${documents(found.documents)}`),
        make("p", { class: "quiet" }, foreign(this.words(code))),
        documentList(found.hits),
        pages(found, found.documents, (place) => this.open(code, place)),
      );
    });
  }

  row(bucket, most) {
    const words = this.words(bucket.code);
    return make(
      "li",
      {},
      make(
        "button",
        {
          type: "button",
          class: "bucket",
          "aria-label": `Bucket ${bucket.code}, ${documents(bucket.documents)}: ${words}`,
          onclick: () => this.open(bucket.code),
        },
        codeElement(bucket.code),
        bar(bucket.documents / most),
        make("span", { class: "amount" }, count(bucket.documents)),
        foreign(words, "words"),
      ),
    );
  }

  words(code) {
    const words = [...code].flatMap((bit, i) =>
      bit === "1" && this.topics[i]?.length ? [this.topics[i][0]] : [],
    );
    const own = this.apart.find((bucket) => code.startsWith(bucket.code))?.words ?? [];
    return words.join(" + ") + (own.length ? ` (${own.join(", ")})` : "");
  }

  show(focus, ...children) {
    fill(find("buckets"), ...children);
    // What had the focus is gone.
    if (focus) find("buckets-title").focus();
  }

  async attempt(work) {
    try {
      await work();
    } catch (error) {
      this.onError(error);
    }
  }
}

/** Buttons to the pages around; `go` is given where a page starts. */
function pages({ start, at_once: size }, total, go) {
  const end = Math.min(start + size, total);
  return make(
    "p",
    { class: "row", hidden: total <= size },
    button("Previous", () => go(Math.max(0, start - size)), start === 0),
    make("span", { class: "quiet" }, `${count(start + 1)}\u2013${count(end)} of ${count(total)}`),
    button("Next", () => go(end), end === total),
  );
}

function button(name, onclick, disabled = false) {
  return make("button", { type: "button", onclick, disabled }, name);
}

function codeElement(code) {
  return make("span", { class: "code" }, grouped(code));
}
