// The order machine: rows that are dragged, and a ladder that follows while they move.
const ORDINALS = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"];

class Machine {
  constructor(root, data, tell) {
    this.root = root;
    this.$ = (selector) => root.querySelector(selector);
    this.order = data.order.slice();
    this.take(data, tell);
    this.build();
    this.listen();
    this.watcher = new ResizeObserver(() => this.draw());
    this.watcher.observe(this.$(".rows"));
  }

  take(data, tell) {
    const grown = this.data && this.data.names.join() !== data.names.join();
    [this.data, this.tell] = [data, tell];
    if (grown) this.order = data.order.slice();
    this.ranges = data.full ? ranges(data) : null;
    this.scales();
    if (this.favourite === undefined || grown) this.favourite = this.ranges ? this.mostMoved() : 0;
    if (grown) this.build();
  }

  /** Both axes hold every order, so that a bar means the same before and after. */
  scales() {
    const every = this.data.values.flat().filter((value) => value !== null);
    this.levels = axis(every, 6);
    const found = this.data.names.flatMap((_, choice) => gains(this.data, choice));
    this.points = axis([0, ...found.map((gain) => gain.mean)], 6);
  }

  mostMoved() {
    const widths = this.ranges.map((range) => range.high.mean - range.low.mean);
    return widths.indexOf(Math.max(...widths));
  }

  build() {
    const { data } = this;
    this.$(".usual").textContent = data.usual;
    this.$(".favourite").replaceChildren(...data.titles.map((title, i) => element("option", { value: i }, title)));
    this.$(".favourite").value = this.favourite;
    this.rows = data.names.map((name, choice) => this.row(name, choice));
    this.base = element("li", { class: "row base" }, element("div", { class: "chip" }, "all off"), ...this.panels());
    this.$(".rows").replaceChildren(this.base);
    this.settle();
  }

  row(name, choice) {
    const title = this.data.titles[choice];
    const handle = element("button", { class: "handle", "aria-label": `Drag ${title}; arrow keys move it` }, "⠿");
    const up = element("button", { class: "up", "aria-label": `Move ${title} up` }, "▲");
    const down = element("button", { class: "down", "aria-label": `Move ${title} down` }, "▼");
    const label = element("span", { class: "title", title: this.data.explained[choice] }, title);
    const chip = element("div", { class: "chip" }, handle, label, up, down);
    return element("li", { class: "row", "data-name": name, "data-choice": choice }, chip, ...this.panels());
  }

  panels() {
    return [canvas("level"), canvas("gain"), element("div", { class: "figures" })];
  }

  /** The rows in the document as they are ordered, so that reading and tabbing follow. */
  settle() {
    const at = this.root.activeElement ?? document.activeElement;
    this.$(".rows").append(...this.order.map((choice) => this.rows[choice]));
    if (at && this.$(".rows").contains(at)) at.focus();
    this.draw();
  }

  put(order, last = true) {
    this.order = order;
    if (last) this.settle();
    else this.draw();
    if (last) this.tell(order.map((choice) => this.data.names[choice]).join("."));
  }

  move(choice, place) {
    const rest = this.order.filter((other) => other !== choice);
    rest.splice(Math.max(0, Math.min(rest.length, place)), 0, choice);
    this.put(rest);
  }

  // Listening ---------------------------------------------------------------------------------

  listen() {
    const rows = this.$(".rows");
    const of = (event) => event.target.closest(".row[data-choice]");
    rows.onclick = (event) => {
      const row = of(event), choice = row && +row.dataset.choice;
      if (!row) return;
      const step = event.target.matches(".up") ? -1 : event.target.matches(".down") ? 1 : 0;
      if (step) this.move(choice, this.order.indexOf(choice) + step);
      else this.prefer(choice);
    };
    rows.onkeydown = (event) => {
      const step = { ArrowUp: -1, ArrowDown: 1 }[event.key], row = of(event);
      if (!step || !event.target.matches(".handle")) return;
      event.preventDefault();
      this.move(+row.dataset.choice, this.order.indexOf(+row.dataset.choice) + step);
    };
    rows.onpointerdown = (event) => of(event) && this.grab(event, of(event));
    this.$(".favourite").onchange = (event) => this.prefer(+event.target.value);
    this.$(".usual").onclick = () => this.put(this.data.names.map((_, choice) => choice));
    this.$(".best").onclick = () => this.flatter("high");
    this.$(".worst").onclick = () => this.flatter("low");
    this.$(".shuffle").onclick = () => this.put(shuffled(this.order));
  }

  prefer(choice) {
    this.favourite = choice;
    this.$(".favourite").value = choice;
    this.draw();
  }

  flatter(end) {
    this.put(orderWith(this.data, this.favourite, this.ranges[this.favourite][end].before));
  }

  /** Drag a row: by its handle with a finger, so that a page still scrolls; by all of its name with a mouse. */
  grab(event, row) {
    const handle = event.target.closest(".handle");
    const fit = event.pointerType === "touch" ? handle : handle || event.target.closest(".chip");
    if (!fit || event.button || event.target.closest(".up, .down")) return;
    const list = this.$(".rows"), from = event.clientY, grip = from - row.getBoundingClientRect().top;
    const before = this.order.join();
    row.setPointerCapture(event.pointerId);
    let moved = false;
    row.onpointermove = (now) => {
      if (!moved && Math.abs(now.clientY - from) < 4) return;
      moved = true;
      row.classList.add("held");
      this.carry(row, now.clientY - grip - list.getBoundingClientRect().top);
    };
    row.onpointerup = row.onpointercancel = () => {
      row.onpointermove = row.onpointerup = row.onpointercancel = null;
      row.classList.remove("held");
      row.style.transform = "";
      if (moved && this.order.join() !== before) this.put(this.order);
    };
  }

  /** A held row at this height of the list, in pixels, goes to the nearest place: the others make room. */
  carry(row, top) {
    const choice = +row.dataset.choice, rest = this.order.filter((other) => other !== choice);
    const place = rest.filter((other) => {
      const one = this.rows[other];
      const closed = one.offsetTop > row.offsetTop ? one.offsetTop - row.offsetHeight : one.offsetTop;
      return closed + one.offsetHeight / 2 < top;
    }).length;
    const order = [...rest.slice(0, place), choice, ...rest.slice(place)];
    if (order.join() !== this.order.join()) this.put(order, false);
    row.style.transform = `translateY(${top - row.offsetTop}px)`;
  }

  // Drawing -----------------------------------------------------------------------------------

  draw() {
    const found = ladder(this.data, this.order), width = (name) => this.base.querySelector(name).clientWidth || 1;
    [this.levels.width, this.points.width] = [width(".level"), width(".gain")];
    for (const button of this.root.querySelectorAll(".best, .worst")) button.disabled = !this.data.full;
    found.rungs.forEach((rung, place) => this.drawRung(rung, found.rungs[place - 1], place));
    drawAxis(this.$("svg.level-axis"), this.levels, " %");
    drawAxis(this.$("svg.gain-axis"), this.points, "");
    this.say(found);
  }

  drawRung(rung, before, place) {
    const row = place ? this.rows[rung.choice] : this.base;
    row.style.order = place;
    row.classList.toggle("liked", place > 0 && rung.choice === this.favourite);
    row.dataset.level = rung.level ? rung.level.mean : "";
    row.dataset.gain = rung.gain ? rung.gain.mean : "";
    drawLevel(row.querySelector(".level"), rung, before, this.levels, this.data.colours);
    drawGain(row.querySelector(".gain"), rung, place && this.ranges?.[rung.choice], this.points, this.data.colours);
    const wide = rung.gain?.half ?? null;
    const ends = wide !== null ? `${signed(rung.gain.mean - wide)} to ${signed(rung.gain.mean + wide)}` : "";
    const figures = rung.gain ? [element("b", {}, signed(rung.gain.mean)), element("small", {}, ends)] : [];
    row.querySelector(".figures").replaceChildren(...figures);
  }

  // Saying ------------------------------------------------------------------------------------

  say(found) {
    const { data } = this;
    this.$(".ranged").hidden = !this.ranges;
    this.$(".lesson").replaceChildren(...(this.ranges ? this.lesson(found) : [this.gaps(found)]));
    const count = this.ranges ? data.seeds.length : found.seeds;
    this.$(".few").textContent = count && count < data.enough
      ? `Only ${count} seed${count > 1 ? "s" : ""}: fewer than ${data.enough} say little; add seeds before you trust it.` : "";
    const seeds = data.seeds.length > 1 ? `Means over ${data.full ? "" : "up to "}${data.seeds.length} seeds.` : "One seed, so no intervals.";
    const waiting = data.waiting.length
      ? ` Seed ${data.waiting.join(", ")} is left out until all of its cells are measured.` : "";
    this.$(".notes").textContent = `${seeds}${waiting}${data.note && ` ${data.note}`}`;
  }

  lesson(found) {
    const { low, high, middle } = this.ranges[this.favourite], place = this.order.indexOf(this.favourite);
    const here = found.rungs[place + 1].gain.mean, turning = this.ranges.filter(turns);
    const luck = middle === null || middle < 0.05 ? "" : ` A single gain is uncertain by about ± ${middle.toFixed(1)} points, so treat`
      + " the extremes with care.";
    const signs = turning.length
      ? ` ${turning.length} of ${this.data.names.length} choices help in one order and hurt in another, each beyond its`
        + ` interval; these are extremes of ${this.data.values[0].length / 2} cases, so part of the spread is chance.` : "";
    const title = element("b", {}, this.data.titles[this.favourite]);
    const range = element("b", {}, `between ${signed(low.mean)} and ${signed(high.mean)} points`);
    const where = `, by where it stands: ${ORDINALS[place] ?? place + 1} in this order, ${signed(here)}.${signs}${luck}`;
    return ["Here, ", title, " is worth ", range, where];
  }

  gaps(found) {
    const { data } = this, all = data.values[0].length;
    const known = data.values[0].filter((_, mask) => data.values.some((row) => row[mask] !== null)).length;
    const head = `${known} of ${all} combinations are measured, so not every order can be drawn.`;
    const missing = found.missing.map((mask) => `“${inWords(data, mask)}”`);
    if (missing.length) return `${head} Missing in this one: ${missing.join("; ")}.`;
    const mixed = found.seeds ? "" : " No seed has all of its rungs: each stands on the seeds that it has.";
    return `${head} This one can.${mixed}`;
  }
}

function shuffled(order) {
  const left = order.slice(), made = [];
  while (left.length) made.push(...left.splice(Math.floor(Math.random() * left.length), 1));
  return made.join() === order.join() && order.length > 1 ? [...order.slice(1), order[0]] : made;
}

const machines = new WeakMap();

export default ({ data, parentElement, setStateValue }) => {
  const tell = (order) => setStateValue("order", order);
  const known = machines.get(parentElement);
  if (known && known.$(".rows").isConnected) {
    known.take(data, tell);
    known.draw();
  } else machines.set(parentElement, new Machine(parentElement, data, tell));
};
