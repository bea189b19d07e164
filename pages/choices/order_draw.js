// The order machine's pictures: one strip of each axis in every row, so that a row carries its own.
const SVG = "http://www.w3.org/2000/svg";
const HEIGHT = 40, MIDDLE = 20, ROOM = 52; // pixels of a row, and of a written level

/** A figure with its sign, e.g. "+1.2" or "−0.3". */
const signed = (value) => `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(1)}`.replace("−0.0", "+0.0");

function element(kind, attributes = {}, ...inside) {
  const made = document.createElement(kind);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...inside);
  return made;
}

function shape(svg, kind, attributes, text = "") {
  const made = document.createElementNS(SVG, kind);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.textContent = text;
  svg.append(made);
}

function canvas(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", name);
  return svg;
}

/** Where a value of an axis stands, in pixels. Widths are read once a drawing: each reading lays the page out. */
const along = (scale) => (value) => ((value - scale.from) / (scale.to - scale.from)) * scale.width;

/** An empty strip with its grid; gives where a value stands. */
function strip(svg, scale) {
  svg.replaceChildren();
  const x = along(scale);
  for (const tick of scale.ticks) shape(svg, "line", { class: "tick", x1: x(tick), x2: x(tick), y1: 0, y2: HEIGHT });
  return x;
}

/** Top-1 up to this rung, in percent, and the step from the rung before. */
function drawLevel(svg, rung, before, scale, colours) {
  const x = strip(svg, scale);
  if (!rung.level) return shape(svg, "text", { x: 6, y: MIDDLE + 5, class: "missing" }, "not measured");
  const { mean } = rung.level, half = rung.level.half ?? 0, from = before?.level ? before.level.mean : mean;
  drawBar(svg, x(from), x(mean), rung.gain, colours);
  drawWhisker(svg, x(mean - half), x(mean + half), scale.width);
  shape(svg, "circle", { cx: x(mean), cy: MIDDLE, r: 4.5, class: "point" });
  const [left, right] = [Math.min(from, mean - half), Math.max(from, mean + half)].map(x);
  const after = right + 9 < scale.width - ROOM;
  const place = { x: after ? right + 9 : left - 9, y: MIDDLE + 5, "text-anchor": after ? "start" : "end" };
  shape(svg, "text", place, `${mean.toFixed(1)} %`);
}

/** What the choice brings here, in points, and under it the range over all orders where every cell is there. */
function drawGain(svg, rung, range, scale, colours) {
  const x = strip(svg, scale);
  shape(svg, "line", { class: "zero", x1: x(0), x2: x(0), y1: 0, y2: HEIGHT });
  if (!rung.gain) return;
  const { mean } = rung.gain, half = rung.gain.half ?? 0;
  drawBar(svg, x(0), x(mean), rung.gain, colours);
  drawWhisker(svg, x(mean - half), x(mean + half), scale.width);
  if (!range) return;
  const [low, high] = [range.low.mean, range.high.mean].map(x);
  shape(svg, "path", { class: "range", d: `M${low},${HEIGHT - 10}v8M${low},${HEIGHT - 6}H${high}m0,-4v8` });
}

function drawBar(svg, from, to, gain, colours) {
  const fill = gain && gain.mean < 0 ? colours.loss : colours.gain;
  shape(svg, "rect", { x: Math.min(from, to), width: Math.abs(to - from), y: MIDDLE - 8, height: 16, fill });
}

/** An interval; an end that lies beyond the strip has no cap. */
function drawWhisker(svg, low, high, width) {
  if (high - low < 0.5) return;
  const cap = (at) => (at < 0 || at > width ? "" : `M${at},${MIDDLE - 5}v10`);
  const line = `M${Math.max(0, low)},${MIDDLE}H${Math.min(width, high)}`;
  shape(svg, "path", { class: "whisker", d: line + cap(low) + cap(high) });
}

function drawAxis(svg, scale, unit) {
  svg.replaceChildren();
  const x = along(scale);
  for (const tick of scale.ticks) {
    const word = `${tick < 0 ? "−" : ""}${Math.abs(tick)}${unit}`;
    shape(svg, "text", { x: x(tick), y: 16, "text-anchor": "middle" }, word);
  }
}
