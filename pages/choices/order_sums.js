// The order machine's arithmetic: any ladder is read off the stored cells, so no order needs the server.
// data: see pages/choices/order_machine.py; values[seed][mask], where bit i of the mask says that choice i is on.

/** Mean with its half width (95 %, Student's t); `half` is null for a single value. */
export function estimate(values, t) {
  const count = values.length, mean = values.reduce((sum, value) => sum + value, 0) / count;
  if (count < 2) return { mean, half: null, count };
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, half: t[count - 2] * Math.sqrt(squares / (count - 1) / count), count };
}

/** Per seed, one cell's value; or one cell's less another's. Only seeds that have what is asked. */
function column(data, rows, mask, before = null) {
  const values = rows.map((row) => (before === null ? row[mask] : less(row[mask], row[before])));
  return values.filter((value) => value !== null);
}

const less = (ours, theirs) => (ours === null || theirs === null ? null : ours - theirs);

const figure = (values, t) => (values.length ? estimate(values, t) : null);

/** The rungs of the ladder in this order, an array of choices' numbers; null where nothing was measured. */
export function ladder(data, order) {
  const masks = order.reduce((found, choice) => [...found, found[found.length - 1] | (1 << choice)], [0]);
  const whole = data.values.filter((row) => masks.every((mask) => row[mask] !== null));
  const rows = whole.length ? whole : data.values; // a seed counts where every rung has it
  const rungs = masks.map((mask, place) => ({
    choice: place ? order[place - 1] : null,
    mask,
    level: figure(column(data, rows, mask), data.t),
    gain: place ? figure(column(data, rows, mask, masks[place - 1]), data.t) : null,
  }));
  return { rungs, missing: rungs.filter((rung) => !rung.level).map((rung) => rung.mask), seeds: whole.length };
}

/** Every gain of a choice: one for each set of others that may be switched on before it. */
export function gains(data, choice) {
  const found = [];
  for (let before = 0; before < data.values[0].length; before++) {
    if (before & (1 << choice)) continue;
    const gain = figure(column(data, data.values, before | (1 << choice), before), data.t);
    if (gain) found.push({ before, ...gain });
  }
  return found;
}

/** Least and largest gain of each choice over all orders, with the sets that show them; needs every cell. */
export function ranges(data) {
  return data.names.map((_, choice) => {
    const sorted = gains(data, choice).sort((one, other) => one.mean - other.mean || one.before - other.before);
    const top = sorted[sorted.length - 1].mean;
    return { low: sorted[0], high: sorted.find((gain) => gain.mean === top), middle: typical(sorted) };
  });
}

/** Whether a choice hurts at one end of its range and helps at the other, each beyond its own interval. */
export function turns({ low, high }) {
  return low.half !== null && high.half !== null && low.mean + low.half < 0 && high.mean - high.half > 0;
}

/** The middle half width: how well a single gain is known. */
function typical(found) {
  const halves = found.map((gain) => gain.half).sort((one, other) => one - other);
  return halves[Math.floor(halves.length / 2)];
}

/** An order in which a set comes first, then the choice, then the rest; in the usual order within each. */
export function orderWith(data, choice, before) {
  const all = data.names.map((_, number) => number).filter((number) => number !== choice);
  const first = all.filter((number) => before & (1 << number));
  return [...first, choice, ...all.filter((number) => !first.includes(number))];
}

/** The choices that are on in a mask, in words. */
export function inWords(data, mask) {
  const on = data.titles.filter((_, number) => mask & (1 << number));
  if (!on.length) return "all off";
  return on.length === data.titles.length ? "all on" : `only ${on.join(", ")}`;
}

/** Axis ends and round ticks that hold these values. */
export function axis(values, wanted) {
  const low = Math.min(...values), high = Math.max(...values), span = high - low || 1;
  const step = [1, 2, 5, 10].map((factor) => factor * 10 ** Math.floor(Math.log10(span / wanted)))
    .find((size) => span / size <= wanted);
  const from = low - 0.04 * span, to = high + 0.04 * span, ticks = [];
  for (let tick = Math.ceil(from / step); tick <= to / step; tick++) ticks.push(+(tick * step).toFixed(6));
  return { from, to, ticks };
}
