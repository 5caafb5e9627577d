// All customers, in this page: sorted, searched, paged, looked up and saved, without a network.
(async () => {
  "use strict";
  const PAGE = 20;
  const DAY = 86400000;
  // What a spreadsheet takes for the beginning of a formula, and what is a plain number: as in safe_text.py.
  const FORMULA = /^(?:'*[\s\x1c-\x1f]*[=+\-@\uff1d\uff0b\uff0d\uff20]|'*[\t\r\n])/;
  const NUMBER = /^[+-]?\d+([.,]\d+)*$/;

  const root = document.getElementById("explorer");
  if (!root || typeof DecompressionStream === "undefined") return;
  const find = selector => root.querySelector(selector);
  const data = await unpacked(document.getElementById("explorer-data").textContent);
  const columns = data.columns;
  const column = Object.fromEntries(columns.map(one => [one.name, one]));
  const listed = data.ids.length;
  const purchases = column.purchases.values;
  const lowered = data.ids.map(id => id.toLowerCase());
  // Rows come in the order of their rank.
  const state = { query: "", group: "", by: data.by, descending: true, page: 0 };
  let order = Array.from({ length: listed }, (_, row) => row);
  let found = order;
  let idPlaces = null;

  makeHead();
  makeGroups();
  listen();
  update();
  find(".live").hidden = false;
  root.classList.add("ready");

  // --- data ----------------------------------------------------------------------------------------------------------

  async function unpacked(text) {
    const bytes = Uint8Array.from(atob(text), letter => letter.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Response(stream).json();
  }

  function number(value, digits) {
    return value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  }

  function exact(one, row) {
    const value = one.values[row];
    return value === null ? null : value / 10 ** one.digits;
  }

  function date(day) {
    return new Date(day * DAY).toISOString().slice(0, 10);
  }

  function ago(days) {
    if (data.end !== null) return date(data.end - days);
    return days === 1 ? "1 day ago" : `${number(days, 0)} days ago`;
  }

  function shown(one, row) {
    const value = exact(one, row);
    if (value === null) return "–";
    if (one.kind === "day") return ago(value);
    if (one.kind === "group") return data.groups[value][0];
    if (one.kind === "chance") return `${number(100 * value, 1)}\u00a0%`;
    return number(value, one.shown);
  }

  // --- the list ------------------------------------------------------------------------------------------------------

  function makeHead() {
    const heads = [["id", "Customer"], ...columns.map(one => [one.name, one.head])];
    for (const [name, text] of heads) {
      const head = element("th", { scope: "col" }, find("thead tr"));
      head.dataset.by = name;
      element("button", { type: "button", textContent: text }, head).onclick = () => sortBy(name);
    }
  }

  function makeGroups() {
    find(".group").hidden = data.groups.length === 0;
    for (const [place, [name]] of data.groups.entries()) {
      element("option", { value: String(place), textContent: name }, find("select"));
    }
  }

  function sortBy(name) {
    // the best first; names and groups from the beginning
    const rising = name === "id" || name === "group";
    state.descending = state.by === name ? !state.descending : !rising;
    state.by = name;
    state.page = 0;
    sort();
    update();
  }

  function sort() {
    // the last purchase is kept in days ago
    const backwards = state.descending !== (state.by === "last_purchase");
    const values = state.by === "id" ? placesOfIds() : column[state.by].values;
    const sign = backwards ? -1 : 1;
    order.sort((a, b) => sign * (values[a] - values[b]) || a - b);
  }

  function placesOfIds() {
    if (idPlaces === null) {
      const compare = new Intl.Collator("en", { numeric: true }).compare;
      const sorted = data.ids.map((_, row) => row).sort((a, b) => compare(data.ids[a], data.ids[b]));
      idPlaces = new Int32Array(listed);
      sorted.forEach((row, place) => { idPlaces[row] = place; });
    }
    return idPlaces;
  }

  function update() {
    const query = state.query.toLowerCase();
    const group = state.group === "" ? null : Number(state.group);
    found = order.filter(row =>
      (query === "" || lowered[row].includes(query)) && (group === null || column.group.values[row] === group));
    state.page = Math.max(0, Math.min(state.page, Math.ceil(found.length / PAGE) - 1));
    for (const head of root.querySelectorAll("thead th")) {
      if (head.dataset.by === state.by) head.setAttribute("aria-sort", state.descending ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
    }
    find("tbody").replaceChildren(...found.slice(state.page * PAGE, (state.page + 1) * PAGE).map(makeRow));
    find(".count").textContent = inWords();
    const last = Math.ceil(found.length / PAGE);
    find(".place").textContent = last === 0 ? "" : `Page ${number(state.page + 1, 0)} of ${number(last, 0)}`;
    find(".back").disabled = state.page === 0;
    find(".forth").disabled = state.page + 1 >= last;
    find(".save").disabled = found.length === 0;
  }

  function makeRow(row) {
    const line = element("tr");
    const name = element("th", { scope: "row" }, line);
    element("button", { type: "button", textContent: data.ids[row] }, name).onclick = () => lookUp(row);
    for (const one of columns) element("td", { textContent: shown(one, row) }, line);
    return line;
  }

  function inWords() {
    const some = found.length < listed ? `${number(found.length, 0)} of ` : "";
    const who = `${some}${number(listed, 0)} ${listed === 1 ? "customer" : "customers"}`;
    if (!column.lifetime_value || found.length === 0) return `${who}.`;
    const worth = found.reduce((total, row) => total + exact(column.lifetime_value, row), 0);
    return `${who}, worth ${number(worth, 0)}${data.currency ? `\u00a0${data.currency}` : ""} together.`;
  }

  // --- one customer --------------------------------------------------------------------------------------------------

  function search(query) {
    const wanted = query.trim().toLowerCase();
    const row = wanted === "" ? -1 : lowered.indexOf(wanted);
    if (row >= 0) return lookUp(row);
    if (found.length === 1) return lookUp(found[0]);
    closeCard();
    const many = `${number(found.length, 0)} are listed below`;
    find(".count").textContent = wanted === ""
      ? "Type the id of a customer, or a part of it."
      : `No customer here has the id ${query.trim()}` + (found.length ? `; ${many}.` : ".");
  }

  function lookUp(row) {
    const card = find(".card");
    card.replaceChildren();
    element("h3", { textContent: `Customer ${data.ids[row]}` }, card);
    drawHistory(row, card);
    const facts = element("dl", {}, card);
    for (const one of columns) fact(facts, one.head, shown(one, row));
    if (data.bounds[row]) fact(facts, `${data.level} range`, data.bounds[row]);
    fact(facts, "Rank", `${number(row + 1, 0)} of ${number(data.total, 0)}`);
    element("p", { textContent: why(row) }, card);
    element("button", { type: "button", textContent: "Close" }, card).onclick = closeCard;
    card.hidden = false;
    card.focus();
  }

  function closeCard() {
    if (find(".card").hidden) return;
    find(".card").hidden = true;
    find("input").focus();
  }

  function fact(list, name, text) {
    const pair = element("div", {}, list);
    element("dt", { textContent: name }, pair);
    element("dd", { textContent: text }, pair);
  }

  // Days before the end of the data on which a customer bought; null if only the first and the last are known.
  function history(row) {
    const days = [data.first[row]];
    if (data.gaps === null) return null;
    let start = 0;
    for (let other = 0; other < row; other += 1) start += purchases[other] - 1;
    const end = start + purchases[row] - 1;
    if (end > data.gaps.length) return null;
    for (let place = start; place < end; place += 1) days.push(days[days.length - 1] - data.gaps[place]);
    return days;
  }

  function drawHistory(row, card) {
    const first = data.first[row], last = column.last_purchase.values[row];
    const longest = Math.max(1, data.first.reduce((most, one) => Math.max(most, one), 0));
    const days = history(row);
    const drawing = shape("svg", { role: "img", "aria-label": `Purchases from ${ago(first)} to ${ago(last)}` }, card);
    const at = day => `${2 + 96 * (1 - day / longest)}%`;
    shape("line", { x1: at(longest), x2: at(0), y1: "50%", y2: "50%" }, drawing);
    for (const day of days ?? new Set([first, last])) shape("circle", { cx: at(day), cy: "50%", r: 5 }, drawing);
    const dates = element("div", { className: "dates" }, card);
    element("span", { textContent: ago(longest) }, dates);
    const what = days ? "a dot a purchase" : "the first and the last purchase";
    element("span", { textContent: what }, dates);
    element("span", { textContent: data.end === null ? "last day known" : date(data.end) }, dates);
  }

  // The history in a sentence, and what the model makes of it.
  function why(row) {
    const bought = purchases[row], first = data.first[row], last = column.last_purchase.values[row];
    const days = count => `${number(count, 0)} ${count === 1 ? "day" : "days"}`;
    let past = `Bought once, ${days(last)} before the end of the data, and has no pace of their own yet: the forecast is ` +
      "what customers with such a history did.";
    if (bought > 1) {
      const pace = (first - last) / (bought - 1);
      const times = last / pace;
      const usual = times <= 1 ? "no longer than the usual gap" : `${number(times, 1)} times the usual gap`;
      const speaks = times > 3 ? ", which lowers the chance to see them again" : "";
      past = `Bought on ${number(bought, 0)} days, every ${days(Math.max(1, Math.round(pace)))} on average; the last time is ` +
        `${days(last)} before the end of the data, ${usual}${speaks}.`;
    }
    const chance = shown(column.purchase_probability, row);
    const count = shown(column.expected_purchases, row);
    const ahead = `Over the next ${data.horizon} the chance of a purchase is ${chance}, and ${count} purchases are expected`;
    if (!column.lifetime_value) return `${past} ${ahead}.`;
    const each = shown(column.expected_spend, row), worth = shown(column.lifetime_value, row);
    const coin = data.currency ? `\u00a0${data.currency}` : "";
    const [name, words] = data.groups[column.group.values[row]];
    return `${past} ${ahead}, of ${each}${coin} each: a value of ${worth}${coin} today. Group: ${name} (${words}).`;
  }

  // --- a file --------------------------------------------------------------------------------------------------------

  // A text that no spreadsheet runs, in quotation marks where CSV needs them.
  function cell(text) {
    const safe = FORMULA.test(text) && !NUMBER.test(text.replace(/^'+/, "")) ? `'${text}` : text;
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  }

  function written(one, row) {
    const value = exact(one, row);
    if (value === null) return "";
    if (one.kind === "day") return data.end === null ? String(value) : date(data.end - value);
    return one.kind === "group" ? cell(data.groups[value][0]) : value.toFixed(one.digits);
  }

  function csv() {
    const dayless = name => (name === "last_purchase" && data.end === null ? "days_since_last_purchase" : name);
    const lines = [["rank", "customer_id", ...columns.map(one => dayless(one.name))].join(",")];
    for (const row of found) {
      lines.push([row + 1, cell(data.ids[row]), ...columns.map(one => written(one, row))].join(","));
    }
    return lines.join("\n") + "\n";
  }

  function save() {
    const address = URL.createObjectURL(new Blob([csv()], { type: "text/csv" }));
    element("a", { href: address, download: "customers.csv" }).click();
    setTimeout(() => URL.revokeObjectURL(address), 60000);
  }

  // --- the page ------------------------------------------------------------------------------------------------------

  function listen() {
    const restart = (name, value) => { state[name] = value; state.page = 0; update(); };
    find("input").oninput = event => restart("query", event.target.value.trim());
    find("select").onchange = event => restart("group", event.target.value);
    find("form").onsubmit = event => { event.preventDefault(); search(find("input").value); };
    find(".back").onclick = () => { state.page -= 1; update(); };
    find(".forth").onclick = () => { state.page += 1; update(); };
    find(".save").onclick = save;
    find(".card").onkeydown = event => { if (event.key === "Escape") closeCard(); };
  }

  function element(name, properties = {}, parent = null) {
    const made = Object.assign(document.createElement(name), properties);
    if (parent) parent.append(made);
    return made;
  }

  function shape(name, attributes, parent) {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    parent.append(made);
    return made;
  }
})();
