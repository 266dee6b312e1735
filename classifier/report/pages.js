// Draws the chosen page block by block. Texts of pages go into the document as text nodes only.
(() => {
  const CHUNK = 200; // blocks drawn at once; more follow as one scrolls
  const LETTERS = /\p{L}/gu;
  const LEFTWARD = /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Adlam}]/gu;
  const data = JSON.parse(document.getElementById("data").textContent);
  const byId = (id) => document.getElementById(id);
  const form = byId("filters");
  const fields = form.elements;
  const list = byId("blocks");
  let chosen = 0; // page
  let matching = []; // blocks of the chosen page that pass the filters
  let drawn = 0; // how many of them are in the document

  function make(tag, name, text) {
    const element = document.createElement(tag);
    if (name) element.className = name;
    if (text !== undefined) element.textContent = text;
    return element;
  }

  // Filters

  function readFilters() {
    const number = (field, otherwise) => (field.value === "" ? otherwise : Number(field.value));
    return {
      labels: Array.from(form.querySelectorAll("[name=label]"), (box) => box.checked),
      language: fields.language.value === "" ? -1 : Number(fields.language.value),
      kept: fields.kept.value === "" ? -1 : Number(fields.kept.value),
      low: number(fields.low, 0) * 1000 - 0.5,
      high: number(fields.high, 1) * 1000 + 0.5,
      changed: fields.changed.checked,
      text: fields.text.value.toLowerCase(),
    };
  }

  function likeliest(scores, block) {
    const own = scores.slice(block * 3, block * 3 + 3);
    return own.indexOf(Math.max(...own));
  }

  // Not whether the label is another than the likeliest alone: a threshold of the preset may be why.
  function changedByContext(page, block) {
    return likeliest(page.first, block) !== likeliest(page.scores, block);
  }

  function passes(page, block, filters) {
    const label = page.labels[block];
    const score = page.scores[block * 3 + label];
    return (
      filters.labels[label] &&
      (filters.language < 0 || page.languages[block] === filters.language) &&
      (filters.kept < 0 || page.kept[block] === filters.kept) &&
      score >= filters.low &&
      score <= filters.high &&
      (!filters.changed || changedByContext(page, block)) &&
      (!filters.text || page.texts[block].toLowerCase().includes(filters.text))
    );
  }

  function select(page, filters) {
    return page.labels.map((_, block) => block).filter((block) => passes(page, block, filters));
  }

  function refresh() {
    const filters = readFilters();
    let blocks = 0;
    let pages = 0;
    data.pages.forEach((page, number) => {
      const found = select(page, filters);
      if (number === chosen) matching = found;
      blocks += found.length;
      pages += found.length > 0;
      const entry = byId("pages").children[number];
      entry.classList.toggle("none", found.length === 0);
      entry.querySelector(".count").textContent = `${found.length}/${page.labels.length}`;
    });
    byId("found").textContent = `${counted(blocks, "block")} on ${counted(pages, "page")}`;
    drawPage();
  }

  function counted(number, name) {
    return `${number.toLocaleString("en")} ${name}${number === 1 ? "" : "s"}`;
  }

  // One page

  function drawPage() {
    const page = data.pages[chosen];
    list.replaceChildren();
    drawn = 0;
    if (!page) return;
    byId("page").textContent = `${chosen + 1}. ${page.source}`;
    const kept = page.kept.reduce((sum, one) => sum + one, 0);
    const address = page.url && page.url !== page.source ? `; ${page.url}` : "";
    const counts = `${matching.length} of ${page.labels.length} blocks shown, ${kept} kept`;
    byId("facts").textContent = `${counts}; language ${page.language}${address}`;
    drawMore();
  }

  function drawMore() {
    const page = data.pages[chosen];
    const next = matching.slice(drawn, drawn + CHUNK);
    list.append(...next.map((block) => drawBlock(page, block)));
    if (drawn === 0 && list.firstElementChild) list.firstElementChild.tabIndex = 0;
    drawn += next.length;
  }

  function drawBlock(page, block) {
    const label = page.labels[block];
    const name = data.labels[label];
    const item = make("li", `block ${name} ${page.kept[block] ? "kept" : "dropped"}`);
    item.tabIndex = -1;
    item.dataset.block = block;
    const head = make("div", "head");
    head.append(make("span", "number", `#${block}`), make("span", `badge ${name}`, name));
    const tag = data.languages[page.languages[block]];
    head.append(make("span", "language", `${tag} ${share(page.sure[block])}`));
    head.append(make("span", "fate", page.kept[block] ? "✓ kept" : "✗ dropped"));
    if (changedByContext(page, block)) head.append(make("span", "changed", "changed by context"));
    const both = make("span", "both");
    both.append(drawScores(page.first, block, "alone"), " ", drawScores(page.scores, block, "in context"));
    head.append(both);
    const code = page.code.includes(block);
    const text = make(code ? "pre" : "p", "text", page.texts[block]);
    text.dir = code ? "ltr" : direction(page.texts[block]);
    text.lang = tag === "und" ? "" : tag; // an empty one says that it is not known, and not English as all around
    item.append(head, text);
    return item;
  }

  // By most of the letters: the first alone, as with dir="auto", may be of a foreign name.
  function direction(text) {
    const leftward = text.match(LEFTWARD)?.length ?? 0;
    return leftward && leftward * 2 > (text.match(LETTERS)?.length ?? 0) ? "rtl" : "ltr";
  }

  function share(thousandths) {
    return (thousandths / 1000).toFixed(2);
  }

  function drawScores(scores, block, when) {
    const own = scores.slice(block * 3, block * 3 + 3);
    const told = data.labels.map((name, k) => `${name} ${share(own[k])}`).join(", ");
    const best = likeliest(scores, block);
    const element = make("span", "scores");
    element.title = `${when}: ${told}`;
    const space = "http://www.w3.org/2000/svg";
    const bar = document.createElementNS(space, "svg");
    bar.setAttribute("viewBox", "0 0 1000 100");
    bar.setAttribute("preserveAspectRatio", "none");
    bar.setAttribute("role", "img");
    bar.setAttribute("aria-label", told);
    let x = 0;
    own.forEach((size, k) => {
      const part = document.createElementNS(space, "rect");
      part.setAttribute("class", data.labels[k]);
      for (const [key, value] of [["x", x], ["y", 0], ["width", size], ["height", 100]]) part.setAttribute(key, value);
      x += size;
      bar.append(part);
    });
    element.append(make("span", "when", `${when} `), bar, make("span", "best", `${data.labels[best]} ${share(own[best])}`));
    return element;
  }

  // Moving about

  function choose(number, block) {
    if (number < 0 || number >= data.pages.length) return;
    const button = (page) => byId("pages").children[page].firstElementChild;
    button(chosen).removeAttribute("aria-current");
    const other = number !== chosen;
    chosen = number;
    button(chosen).setAttribute("aria-current", "page");
    stopAt(button(chosen));
    // Not at the start: browsers let the tab key go on from what was last scrolled to.
    if (other) button(chosen).scrollIntoView({ block: "nearest" });
    matching = select(data.pages[chosen], readFilters());
    drawPage();
    if (block !== undefined) focusBlock(matching.indexOf(block));
  }

  function focusBlock(place) {
    if (place < 0 || place >= matching.length) return;
    while (drawn <= place) drawMore();
    const old = list.querySelector('[tabindex="0"]');
    if (old) old.tabIndex = -1;
    const item = list.children[place];
    item.tabIndex = 0;
    item.focus();
  }

  function step(by) {
    const here = Array.prototype.indexOf.call(list.children, document.activeElement);
    focusBlock(here < 0 ? 0 : here + by);
  }

  function turn(by) {
    choose(chosen + by);
    byId("page").focus();
    window.scrollTo({ top: list.offsetTop - 100 });
  }

  function onKey(event) {
    const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (typing && event.key !== "Escape") return;
    const inside = list.contains(document.activeElement);
    const actions = {
      j: () => step(1),
      k: () => step(-1),
      n: () => turn(1),
      p: () => turn(-1),
      "/": () => fields.text.focus(),
      Escape: () => (typing ? step(0) : undefined),
    };
    if (inside) {
      const moves = { ArrowDown: () => step(1), ArrowUp: () => step(-1) };
      moves.Home = () => focusBlock(0);
      moves.End = () => focusBlock(matching.length - 1);
      Object.assign(actions, moves);
    }
    if (actions[event.key]) {
      event.preventDefault();
      actions[event.key]();
    }
  }

  // One stop of the tab key for the whole list of pages, as for that of blocks; arrows move inside.
  function stopAt(button) {
    byId("pages").querySelector('[tabindex="0"]')?.setAttribute("tabindex", "-1");
    button.tabIndex = 0;
  }

  function onPagesKey(event) {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const here = event.target.closest("li");
    if (!by || !here) return;
    event.preventDefault();
    const next = by > 0 ? here.nextElementSibling : here.previousElementSibling;
    if (!next) return;
    stopAt(next.firstElementChild);
    next.firstElementChild.focus();
  }

  // Start

  function drawPages() {
    const entries = data.pages.map((page, number) => {
      const entry = make("li");
      const button = make("button");
      button.type = "button";
      button.tabIndex = -1;
      button.title = page.url || page.id;
      button.append(make("span", "source", `${number + 1}. ${page.source}`), make("span", "count"));
      button.addEventListener("click", () => choose(number));
      entry.append(button);
      return entry;
    });
    byId("pages").append(...entries);
  }

  function fromAddress() {
    const found = /^#(\d+)(?:-(\d+))?$/.exec(location.hash);
    if (found) choose(Number(found[1]) - 1, found[2] === undefined ? undefined : Number(found[2]));
  }

  function start() {
    for (const [number, tag] of data.languages.entries()) {
      const option = make("option", "", tag);
      option.value = number;
      fields.language.append(option);
    }
    drawPages();
    form.addEventListener("input", refresh);
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("reset", () => setTimeout(refresh));
    byId("before").addEventListener("click", () => turn(-1));
    byId("after").addEventListener("click", () => turn(1));
    byId("pages").addEventListener("keydown", onPagesKey);
    byId("overview").addEventListener("click", (event) => {
      const column = event.target.closest("[data-page]");
      if (column) turn(Number(column.dataset.page) - chosen);
    });
    document.addEventListener("keydown", onKey);
    const nearEnd = () => innerHeight + scrollY > document.body.scrollHeight - 2000;
    addEventListener("scroll", () => drawn < matching.length && nearEnd() && drawMore(), { passive: true });
    if (matchMedia("(max-width: 50rem)").matches) byId("overview").open = false;
    refresh();
    if (data.pages.length) choose(0);
    fromAddress();
    addEventListener("hashchange", fromAddress);
    document.documentElement.dataset.ready = "yes";
  }

  start();
})();
