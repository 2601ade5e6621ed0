"""How the page looks: light, dark and printed."""

from __future__ import annotations

# Groups have the colours of Okabe and Ito ("Color Universal Design", 2008), which
# people of every kind of colour vision tell apart; in light darkened, and in dark
# lightened, where they would not stand out from the page.
STYLE = """
:root {
  color-scheme: light dark;
  --page: #faf9f6; --box: #ffffff; --ink: #1d1c1a; --quiet: #5b5850; --rule: #dedad1;
  --link: #00598c; --heat: 0 114 178; --mark: #ffe9b8; --against: #d9e8f5;
  --good: #00694d; --look: #8f5400; --problem: #b3261e; --unknown: #5b5850;
  --g0: #0072b2; --g1: #d55e00; --g2: #009e73; --g3: #b0528a; --g4: #b87e00;
  --g5: #3c9ad0; --g6: #6b6b00; --g7: #333333; --rest: #a8a398;
  --serif: ui-serif, Charter, "Iowan Old Style", Georgia, "Liberation Serif", serif;
  --sans: system-ui, "Segoe UI", Roboto, "Helvetica Neue", "Liberation Sans",
  sans-serif;
  --mono: ui-monospace, "Cascadia Mono", Menlo, "Liberation Mono", monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #141618; --box: #1c1f22; --ink: #e9e6df; --quiet: #aeaaa0; --rule: #363b40;
    --link: #7cc4f2; --heat: 86 180 233; --mark: #5a4408; --against: #1f405c;
    --good: #5fd3ab; --look: #f0b44a; --problem: #ff8f85; --unknown: #aeaaa0;
    --g0: #56b4e9; --g1: #f0803c; --g2: #2cc295; --g3: #e08fbe; --g4: #e69f00;
    --g5: #2f86bd; --g6: #d8cf3e; --g7: #e9e6df; --rest: #6d6a64;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; scroll-padding-top: 1rem; }
body {
  margin: 0 auto; padding: 0 1.25rem 4rem; max-width: 74rem;
  background: var(--page); color: var(--ink);
  font: 1rem/1.55 var(--sans); overflow-wrap: anywhere;
}
h1, h2, h3, h4, p, ul, ol, dl, figure { margin: 0; }
h1, h2 { font-family: var(--serif); font-weight: 600; line-height: 1.15; }
h1 { font-size: clamp(2rem, 6vw, 3.25rem); letter-spacing: -0.01em; }
h2 { font-size: 1.75rem; margin-bottom: 0.75rem; }
h3 { font-size: 1rem; font-weight: 650; }
h4 { font-size: 0.875rem; font-weight: 650; color: var(--quiet); }
a { color: var(--link); text-underline-offset: 0.2em; text-decoration-thickness: 1px; }
a:hover { text-decoration-thickness: 2px; }
:focus-visible { outline: 3px solid var(--link); outline-offset: 3px;
  border-radius: 2px; }
code { font-family: var(--mono); font-size: 0.875em; }
.skip { position: absolute; left: -99rem; }
.skip:focus { left: 1rem; top: 1rem; padding: 0.5rem; background: var(--box); }
header { padding: 2.5rem 0 2rem; }
header .lead { margin-top: 1rem; font-size: 1.125rem; }
.kicker { color: var(--quiet); font-size: 0.875rem; margin-bottom: 0.5rem; }
main > section { padding-top: 3.5rem; }
main > section:first-child { padding-top: 0; }
.lead { max-width: 68ch; color: var(--quiet); margin-bottom: 1.5rem; }
.note {
  max-width: 68ch; margin: 0.75rem 0; padding-left: 0.875rem;
  border-left: 3px solid var(--rule); color: var(--quiet);
}
section > h3 { margin: 2rem 0 0.5rem; }
footer { margin-top: 4rem; border-top: 1px solid var(--rule); padding-top: 1rem;
  color: var(--quiet); font-size: 0.875rem; }

main > section.health { border-top: 3px solid var(--ink); padding-top: 1.5rem; }
.overall { display: flex; gap: 0.75rem; align-items: center; font-size: 1.25rem;
  line-height: 1.35; margin-bottom: 1.5rem; max-width: 60ch; }
.overall strong { font-weight: 600; }
.overall .sign { width: 2.25rem; height: 2.25rem; }
.sign { flex: none; width: 1.25rem; height: 1.25rem; fill: none; stroke-width: 2;
  stroke-linecap: round; stroke-linejoin: round; }
.sign .outside { fill: currentColor; stroke: none; }
.sign .inside { stroke: var(--page); stroke-width: 2.5; }
.sign.good { color: var(--good); } .sign.look { color: var(--look); }
.sign.problem { color: var(--problem); } .sign.unknown { color: var(--unknown); }
.findings { list-style: none; padding: 0; display: grid; gap: 1px;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, 20rem), 1fr));
  background: var(--rule); border: 1px solid var(--rule); }
.findings li { background: var(--box); padding: 1.125rem 1.25rem; }
.findings h3 { color: var(--quiet); font-weight: 500; font-size: 0.875rem; }
.findings .value { font-size: 1.1875rem; font-weight: 600; line-height: 1.3; }
.findings p:last-child { color: var(--quiet); font-size: 0.9375rem;
  margin-top: 0.375rem; }
.findings .sign .inside { stroke: var(--box); }
.verdict { display: flex; gap: 0.5rem; align-items: center; font-weight: 650;
  font-size: 0.875rem; margin: 0.375rem 0; }
.good .verdict { color: var(--good); } .look .verdict { color: var(--look); }
.problem .verdict { color: var(--problem);
  } .unknown .verdict { color: var(--unknown); }

nav { padding-top: 3.5rem; }
nav ol { padding: 0; list-style: none; display: grid; gap: 0.375rem 2rem;
  grid-template-columns: repeat(auto-fill, minmax(min(100%, 15rem), 1fr)); }
.glance { list-style: none; padding: 0; display: grid; gap: 0 2rem;
  grid-template-columns: repeat(auto-fill, minmax(min(100%, 26rem), 1fr)); }
.glance li { padding: 0.5rem 0; border-top: 1px solid var(--rule); display: flex;
  gap: 1rem; }
.glance a { flex: none; width: 3.5rem; font-weight: 600; }

.wide { overflow-x: auto; max-width: 100%; margin: 1.25rem 0; }
table { border-collapse: collapse; font-size: 0.9375rem; overflow-wrap: break-word; }
caption { text-align: left; font-weight: 650; padding-bottom: 0.5rem; }
th, td { text-align: left; vertical-align: top; padding: 0.4375rem 1.25rem 0.4375rem 0;
  border-bottom: 1px solid var(--rule); font-weight: 400; }
thead th, thead td { color: var(--quiet); font-size: 0.8125rem;
  vertical-align: bottom; }
td.number { font-variant-numeric: tabular-nums; }
.wide > table { min-width: min(100%, 34rem); }
.wide td > bdi, .wide th > bdi { display: inline-block; max-width: 34rem; }
.wide td:last-child > bdi { min-width: 14rem; }
details { margin: 1rem 0; }
summary { cursor: pointer; color: var(--link); width: fit-content; }

.bars { width: 100%; max-width: 40rem; margin: 0.75rem 0; }
.bars caption { font-size: 0.875rem; color: var(--quiet); font-weight: 500; }
.bars thead { position: absolute; width: 1px; height: 1px; overflow: hidden;
  clip-path: inset(50%); }
.bars th, .bars td { border: 0; padding: 0.125rem 0; vertical-align: middle;
  line-height: 1.35; }
.bars th { width: 42%; padding-right: 0.75rem; overflow-wrap: anywhere; }
.bars td { display: flex; align-items: center; gap: 0.5rem; }
.bar { flex: none; height: 0.75rem; background: var(--g0); border-radius: 1px;
  width: max(2px, calc(var(--length) * (100% - 8.5rem))); }
.said { font-size: 0.8125rem; color: var(--quiet); font-variant-numeric: tabular-nums;
  white-space: nowrap; }

.heat { font-size: 0.8125rem; font-variant-numeric: tabular-nums; }
.heat th, .heat td { border: 1px solid var(--page); padding: 0.3125rem 0.25rem; }
.heat tbody th { padding-right: 0.75rem; white-space: nowrap; position: sticky; left: 0;
  background: var(--page); z-index: 1; }
.heat td { min-width: 2.125rem; text-align: center;
  background: rgb(var(--heat) / calc(var(--share, 0) * 0.5)); }
.heat thead th { text-align: center; font-size: 0.8125rem; }
.heat .corner { background: none; text-align: left; }
.heat .tall { writing-mode: vertical-rl; transform: rotate(180deg);
  white-space: nowrap; }
.nought { color: var(--quiet); }

.cards { display: grid; gap: 1.25rem; align-items: start;
  grid-template-columns: repeat(auto-fill, minmax(min(100%, 30rem), 1fr)); }
article { background: var(--box); border: 1px solid var(--rule); border-radius: 4px;
  padding: 1.375rem 1.5rem; }
article h3 { font: 600 1.5rem/1.2 var(--serif); }
article .facts { color: var(--quiet); font-size: 0.9375rem; }
article > p { margin: 0.375rem 0; font-size: 0.9375rem; }
article b { font-weight: 650; }
article h4 { margin-top: 1.125rem; }
article ul { list-style: none; padding: 0; }
article li { padding: 0.75rem 0; border-top: 1px solid var(--rule);
  font-size: 0.9375rem; }
article h4 + ul li:first-child { border-top: 0; padding-top: 0.375rem; }
.moved, .from { font-size: 0.8125rem; color: var(--quiet); margin-top: 0.25rem; }
mark { color: inherit; background: var(--mark); padding: 0 0.125em; border-radius: 2px;
  text-decoration: underline; text-underline-offset: 0.2em; }
mark.against { background: var(--against); text-decoration-style: dashed; }

.beside { display: grid; gap: 1.5rem 3rem; align-items: start; }
@media (min-width: 56rem) {
  .beside { grid-template-columns: minmax(0, 34rem) minmax(0, 1fr); }
}
.beside > .wide { margin: 0; }
.beside .wide > table { min-width: 0; }
.beside .bars { margin-top: 0; }
.grid-of-charts { display: grid; gap: 2rem;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, 20rem), 1fr)); }
figure { max-width: 40rem; }
figcaption { font-weight: 650; margin-bottom: 0.25rem; }
figure p { font-size: 0.875rem; color: var(--quiet); margin-top: 0.5rem; }
figure { min-width: 0; }
figure > svg { display: block; width: 100%; height: auto; overflow: visible; }
figure text { fill: var(--quiet); font: 11px var(--sans);
  font-variant-numeric: tabular-nums; }
.grid { stroke: var(--rule); stroke-width: 1; }
.axis { stroke: var(--quiet); stroke-width: 1; }
.marked { stroke: var(--quiet); stroke-width: 1; stroke-dasharray: 1 3; }
.line { fill: none !important; stroke-width: 2; stroke-linejoin: round; }
.points { fill-opacity: 0.75; }
.g0 { fill: var(--g0); stroke: var(--g0); } .g1 { fill: var(--g1); stroke: var(--g1); }
.g2 { fill: var(--g2); stroke: var(--g2); } .g3 { fill: var(--g3); stroke: var(--g3); }
.g4 { fill: var(--g4); stroke: var(--g4); } .g5 { fill: var(--g5); stroke: var(--g5); }
.g6 { fill: var(--g6); stroke: var(--g6); } .g7 { fill: var(--g7); stroke: var(--g7); }
.g-rest { fill: var(--rest); stroke: var(--rest); }
svg path { stroke-width: 0; }
svg path.line { stroke-width: 2; }
.legend { list-style: none; padding: 0; display: flex; flex-wrap: wrap;
  gap: 0.25rem 1.25rem; font-size: 0.875rem; margin-top: 0.5rem; }
.legend li { display: flex; gap: 0.375rem; align-items: center; }
.legend svg { flex: none; }

dl { font-size: 0.9375rem; }
dl > div { display: flex; gap: 0.5rem 1.5rem; padding: 0.5rem 0;
  border-bottom: 1px solid var(--rule); }
dt { color: var(--quiet); flex: none; width: 11rem; }
dd { margin: 0; min-width: 0; }
dd dl { display: flex; flex-wrap: wrap; gap: 0.125rem 1.25rem; }
dd dl > div { padding: 0; border: 0; gap: 0.375rem; }
dd dl dt { width: auto; }
@media (max-width: 40rem) {
  dl > div { display: block; }
  dd dl > div { display: flex; }
  article { padding: 1.125rem 1rem; }
}
@media print {
  :root { --page: #fff; }
  body { max-width: none; padding: 0; font-size: 10pt; }
  .skip, nav { display: none; }
  article, figure, .findings li, tr { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
  .bar, .heat td, mark { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
"""
