// Codes as strings of 0 and 1, bit 0 first.

export function flipped(code, bits) {
  return [...code]
    .map((bit, i) => (bits.has(i) ? (bit === "1" ? "0" : "1") : bit))
    .join("");
}

export function differing(one, other) {
  return [...one].flatMap((bit, i) => (bit === other[i] ? [] : [i]));
}

/** In groups of four, which are read more easily. */
export function grouped(code) {
  return code.replace(/(.{4})(?=.)/g, "$1\u2009");
}

/** The number whose most significant bit is bit 0. */
export function asNumber(code) {
  return BigInt(`0b${code}`).toString();
}

/** The packed bytes, filled up with 0 at the end, in hexadecimal. */
export function asBytes(code) {
  const whole = code.padEnd(8 * Math.ceil(code.length / 8), "0");
  return whole
    .match(/.{8}/g)
    .map((byte) => parseInt(byte, 2).toString(16).padStart(2, "0"))
    .join(" ");
}
