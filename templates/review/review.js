/* One key, one decision. Without this script every link and form of the page still works. */
"use strict";
(() => {
  const $ = (selector, inside = document) => inside.querySelector(selector);
  const body = document.body;
  document.documentElement.classList.add("js");
  const desk = $(".desk");

  /* ---- keys can be turned off (speech input types letters) ---- */
  const keys = $("#keys");
  const keysOn = $("#keys-on");
  const remembered = (name, value) => {
    try {
      if (value !== undefined) sessionStorage.setItem(name, value);
      return sessionStorage.getItem(name);
    } catch { return null; }
  };
  if (keys) {
    keysOn.checked = remembered("keys") !== "off";
    keysOn.addEventListener("change", () => remembered("keys", keysOn.checked ? "on" : "off"));
    $("#show-keys").addEventListener("click", () => keys.showModal());
  }

  /* ---- a marked quote is shown in the middle of its page ---- */
  const showMark = (inside) => {
    for (const box of inside.querySelectorAll(".rendered, .raw")) {
      const mark = $("mark", box);
      if (!mark || !box.clientHeight) continue;
      const from = mark.getBoundingClientRect().top - box.getBoundingClientRect().top + box.scrollTop;
      box.scrollTop = Math.max(0, from - box.clientHeight / 4);
    }
  };
  const showView = (inside, name) => {
    for (const input of inside.querySelectorAll(`.as-${name}`)) input.checked = true;
    showMark(inside);
  };
  document.addEventListener("change", (event) => {
    if (!event.target.matches(".as-page, .as-raw")) return;
    const name = event.target.classList.contains("as-raw") ? "raw" : "page";
    remembered("view", name);
    showView(desk || document, name);
  });
  if (!desk) {
    showMark(document);
    return;
  }

  /* ---- the list ---- */
  const rows = [...document.querySelectorAll(".row")];
  const place = new Map(rows.map((row, at) => [row.id.slice(2), at]));
  const texts = [];
  const search = $("#search");
  const filter = $("#filter");
  const shownCount = $("#shown");
  const main = $("#main");
  let current = $(".claim")?.dataset.id || "";
  const idOf = (row) => row.id.slice(2);
  const rowOf = (id) => rows[place.get(id)];
  const isOpen = (row) => row.dataset.state === "undecided" || row.dataset.state === "evidence changed";
  const narrow = matchMedia("(max-width: 59.99rem)");
  const isShown = (row) => !row.parentElement.hidden;
  const say = (text) => { $("#said").textContent = text; };
  const tell = (text) => {
    const wrong = $("#wrong");
    if (!wrong) return;
    wrong.textContent = text;
    wrong.hidden = !text;
  };

  const passes = (row, at, name, words) => {
    const flags = row.dataset.flags.split(" ");
    const state = name === "undecided" ? isOpen(row) : name === "decided" ? !isOpen(row)
      : name === "changed" ? row.dataset.state === "evidence changed" : name === "all" || flags.includes(name);
    if (!state || !words) return state;
    texts[at] ??= row.textContent.toLowerCase();
    return texts[at].includes(words);
  };
  const applyFilter = () => {
    const words = search.value.trim().toLowerCase();
    let count = 0;
    rows.forEach((row, at) => {
      const shown = passes(row, at, filter.value, words);
      row.parentElement.hidden = !shown;
      count += shown;
    });
    for (const group of document.querySelectorAll(".question, .target")) {
      group.hidden = !group.querySelector("li:not([hidden])");
    }
    shownCount.textContent = count === rows.length ? "" : `${count} of ${rows.length}`;
    $("#nothing").hidden = count > 0;
    if (count && $("#list").open) rowOf(current)?.scrollIntoView({ block: "nearest" });
    return count;
  };
  const beside = (step, wanted = () => true) => {
    for (let at = (place.get(current) ?? -1) + step; at >= 0 && at < rows.length; at += step) {
      if (isShown(rows[at]) && wanted(rows[at])) return idOf(rows[at]);
    }
    return "";
  };
  const first = () => { const row = rows.find(isShown); return row ? idOf(row) : ""; };

  /* ---- one claim ---- */
  const cache = new Map();
  const ask = async (address, fields) => {
    const options = { headers: { "X-Review": "1" } };
    if (fields) Object.assign(options, { method: "POST", body: new URLSearchParams(fields) });
    let answer;
    try {
      answer = await fetch(address, options);
    } catch {
      throw new Error("The server does not answer. Start skillgen review again; what was saved is in the file.");
    }
    if (answer.ok) return answer;
    const text = await answer.text();
    let told = text;
    try { const data = JSON.parse(text); told = `${data.error} ${data.hint}`; } catch { /* plain text */ }
    throw Object.assign(new Error(told.trim() || `The server answered ${answer.status}.`), { status: answer.status });
  };
  const fetchClaim = (id) => {
    if (!cache.has(id)) {
      if (cache.size > 60) cache.clear();
      const got = ask(`/claim/${id}`).then((answer) => answer.text());
      got.catch(() => cache.delete(id));
      cache.set(id, got);
    }
    return cache.get(id);
  };
  const mark = (id) => {
    $(".row[aria-current]")?.removeAttribute("aria-current");
    const row = rowOf(id);
    if (!row) return;
    row.setAttribute("aria-current", "true");
    row.scrollIntoView({ block: "nearest" });
  };
  const present = (article, focus) => {
    showView(article, remembered("view") === "raw" ? "raw" : "page");
    main.scrollTop = 0;
    if (focus) $(".statement", article)?.focus({ preventScroll: true });
  };
  const go = async (id, focus = true) => {
    if (!id) { say("There is no further claim here."); return; }
    current = id;
    mark(id);
    try {
      const html = await fetchClaim(id);
      if (current !== id) return;
      $("#claim").innerHTML = html;
    } catch (error) { tell(error.message); return; }
    present($("#claim"), focus);
    history.replaceState(null, "", `/?claim=${id}`);
    if (narrow.matches) main.scrollIntoView({ block: "start" });
    for (const near of [beside(1), beside(1, isOpen), beside(-1)]) if (near) fetchClaim(near).catch(() => {});
  };
  const move = (step) => go(beside(step) || (place.has(current) && isShown(rowOf(current)) ? "" : first()));

  desk.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    const row = event.target.closest(".row");
    if (row) {
      event.preventDefault();
      go(idOf(row));
      if (narrow.matches) $("#list").open = false;
    }
    const step = event.target.closest(".step");
    if (step) { event.preventDefault(); move(step.rel === "next" ? 1 : -1); }
    const opener = event.target.closest("[data-open]");
    if (opener) { event.preventDefault(); open(opener.dataset.open); }
    if (event.target.closest(".close")) close();
    const whole = event.target.closest("a.whole");
    if (whole) { event.preventDefault(); showWhole(whole); }
  });
  const showWhole = async (link) => {
    try {
      const html = await (await ask(link.getAttribute("href"))).text();
      const holder = link.closest(".source") || link.parentElement;
      holder.outerHTML = html;
      const pane = $("#v-whole")?.closest(".source");
      if (pane) { pane.classList.add("whole-page"); showView(pane, remembered("view") === "raw" ? "raw" : "page"); $(".scroll", pane).focus(); }
    } catch (error) { tell(error.message); }
  };
  const find = $(".find");
  for (const [what, name] of [[search, "input"], [filter, "change"]]) {
    what.addEventListener(name, () => {
      if ("filtered" in find.dataset) { if (what === filter) find.submit(); return; }  // the list holds some rows only
      const count = applyFilter();
      say(`${count} claim${count === 1 ? "" : "s"}`);
      if (count && !isShown(rowOf(current) || rows[0])) go(first(), false);
    });
  }
  find.addEventListener("submit", (event) => {
    if ("filtered" in find.dataset) return;
    event.preventDefault();
    const row = rowOf(current);
    go(row && isShown(row) ? current : first());
    if (narrow.matches) $("#list").open = false;
  });

  /* ---- deciding: the next claim at once, the saving behind it, one after the other ---- */
  let queue = Promise.resolve();
  let pending = 0;
  const undone = [];
  const paint = (id, [state, sign, label, stamp]) => {
    const row = rowOf(id);
    if (!row) return;
    row.dataset.state = state;
    row.dataset.stamp = stamp;
    $(".sign", row).textContent = sign;
    $(".vh", row).textContent = `${label}: `;
    cache.delete(id);
  };
  const stand = (data) => {
    if (!data.version) return;
    body.dataset.version = data.version;
    $("#decided").value = data.decided;
    $("#decided").max = data.total;
    $("#decided-count").textContent = data.decided;
    $("#total-count").textContent = data.total;
    const wasOpen = $("#coverage details").open;
    $("#coverage").innerHTML = data.coverage;
    $("#coverage details").open = wasOpen;
  };
  const save = (address, id, fields, after) => {
    const row = rowOf(id);
    const before = [row.dataset.state, $(".sign", row).textContent, $(".vh", row).textContent.slice(0, -2)];
    row.classList.add("saving");
    pending += 1;
    queue = queue.then(async () => {
      try {
        const data = await (await ask(address, fields())).json();
        paint(data.claim, data.row);
        stand(data);
        if (data.undo) undone.push({ name: data.undo, claim: data.claim });
        $("#undo").hidden = !undone.length;
        tell("");
        say(`${data.said} ${data.decided} of ${data.total} decided. Coverage ${data.now} %.`);
        if (current === data.claim || after) go(after ? data.claim : current, Boolean(after));
      } catch (error) {
        paint(id, [...before, row.dataset.stamp]);
        await refresh().catch(() => {});  // the server may be gone: what failed is told all the same
        tell(error.message);
        go(id);
      } finally {
        row.classList.remove("saving");
        pending -= 1;
      }
    });
    return queue;
  };
  const signs = { accepted: ["✓", "Accepted"], edited: ["✎", "Edited"], rejected: ["✕", "Rejected"], asked: ["?", "Owner asked"] };
  const decide = (kind, fields = {}) => {
    const id = current;
    const row = rowOf(id);
    if (!row) return;
    const waits = (one) => one !== row && isOpen(one) && isShown(one) && !one.classList.contains("saving");
    const following = beside(1, waits) || rows.find(waits)?.id.slice(2);
    const done = save("/decide", id, () => ({ ...fields, claim: id, kind, stamp: row.dataset.stamp }));
    const [sign, label] = signs[kind];
    row.dataset.state = kind;
    $(".sign", row).textContent = sign;
    $(".vh", row).textContent = `${label}: `;
    say(`${label}.`);
    if (following) go(following);
    else done.then(() => { if (rows.every((one) => !isOpen(one))) say("All claims are decided. The preview shows the skill."); });
  };
  const undo = () => {
    const saved = queue;
    saved.then(() => {
      const step = undone.pop() || ($("#undo [name=undo]").value && { name: $("#undo [name=undo]").value, claim: current });
      if (!step) { say("There is nothing to undo."); return; }
      $("#undo [name=undo]").value = "";
      const length = undone.length;
      save("/undo", step.claim, () => ({ undo: step.name }), true).then(() => {
        undone.length = Math.min(undone.length, length);
        $("#undo").hidden = !undone.length;
      });
    });
  };
  $("#undo")?.addEventListener("submit", (event) => { event.preventDefault(); undo(); });
  addEventListener("beforeunload", (event) => { if (pending) event.preventDefault(); });

  /* ---- panels: edit, reject, ask ---- */
  const close = () => {
    for (const panel of document.querySelectorAll(".panel.open")) panel.classList.remove("open");
    if (location.hash.startsWith("#panel")) history.replaceState(null, "", location.pathname + location.search);
    $("#claim .statement")?.focus({ preventScroll: true });
  };
  const open = (name) => {
    for (const panel of document.querySelectorAll(".panel")) panel.classList.toggle("open", panel.dataset.panel === name);
    const panel = $(`.panel[data-panel=${name}]`);
    if (!panel) return;
    const field = $("textarea, #reason, #question", panel);
    field.focus();
    if (name === "edited") {
      main.scrollTop = ($(".claim .source")?.offsetTop ?? 0) - main.offsetTop;  // the text is in the field, the quote above it
      field.setSelectionRange(field.value.length, field.value.length);
      check(field);
    }
  };
  desk.addEventListener("submit", (event) => {
    const form = event.target.closest("form[data-panel]");
    if (!form) return;
    event.preventDefault();
    const kind = form.dataset.panel;
    const { claim, stamp, next, ...fields } = Object.fromEntries(new FormData(form));
    if (kind === "rejected" && !fields.reason.trim() && !fields.quick) {
      say("A rejection needs a reason.");
      $("#reason").focus();
      return;
    }
    decide(kind, fields);
  });
  desk.addEventListener("click", (event) => {
    const quick = event.target.closest(".quick");
    if (quick && event.detail > 0) $("input", quick).form.requestSubmit();
  });
  let timer = 0;
  let asked = 0;
  const check = (field) => {
    clearTimeout(timer);
    timer = setTimeout(async () => {
      const turn = ++asked;
      try {
        const html = await (await ask("/verify", { claim: current, edited: field.value })).text();
        const shown = $("#live");
        if (turn === asked && shown) shown.innerHTML = html;
      } catch (error) { tell(error.message); }
    }, 180);
  };
  desk.addEventListener("input", (event) => { if (event.target.id === "edited") check(event.target); });

  /* ---- keys ---- */
  const cycleView = () => showView(desk, remembered("view", remembered("view") === "raw" ? "page" : "raw"));
  const leave = (address) => queue.then(() => { location.href = address; });
  const bound = {
    j: () => move(1), ArrowDown: () => move(1), k: () => move(-1), ArrowUp: () => move(-1),
    v: cycleView, "/": () => { $("#list").open = true; search.focus(); search.select(); }, f: () => filter.focus(),
    "?": () => keys.showModal(),
    a: () => decide("accepted"), e: () => open("edited"), r: () => open("rejected"), o: () => open("asked"), u: undo,
    n: () => go(beside(1, isOpen) || idOf(rows.find((row) => isShown(row) && isOpen(row)) || {id: "r-"})),
    p: () => leave("/preview"), g: () => leave("/gaps"),
  };
  addEventListener("keydown", (event) => {
    if (event.key === " " && event.target.matches?.("[data-open]")) { event.preventDefault(); event.target.click(); return; }
    const field = event.target.closest?.("input:not([type=radio]), textarea, select");
    const panel = event.target.closest?.(".panel");
    if (event.key === "Escape" && !keys.open) {
      if (panel || $(".panel.open")) close();
      else if (field) { field.blur(); $("#claim .statement")?.focus({ preventScroll: true }); }
      return;
    }
    if (panel && event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      panel.requestSubmit();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || keys.open) return;
    const reason = panel?.dataset.panel === "rejected" && /^[1-5]$/.test(event.key) && !$("#reason").value;
    if (reason) {
      event.preventDefault();
      panel.querySelectorAll("[name=quick]")[Number(event.key) - 1].checked = true;
      panel.requestSubmit();
      return;
    }
    if (field || panel || !keysOn.checked) return;
    const inScroller = event.target.closest?.(".scroll");
    if (inScroller && event.key.startsWith("Arrow")) return;
    if (event.target.matches?.("[type=radio]") && event.key.startsWith("Arrow")) return;
    const act = bound[event.key];
    if (act && !event.repeat | "jkArrowDownArrowUp".includes(event.key)) { event.preventDefault(); act(); }
  });

  /* ---- other windows, and new builds ---- */
  const refresh = async () => {
    const query = new URLSearchParams({ version: body.dataset.version, draft: body.dataset.draft });
    const data = await (await ask(`/changes?${query}`)).json();
    if (data.rebuilt) {
      const told = $("#rebuilt");
      if (told.hidden) {
        told.innerHTML = 'There is a new build. <a href="/">Reload to review it</a>; decisions are kept.';
        told.hidden = false;
      }
      return;
    }
    if (!data.rows) return;
    let touched = false;
    for (const [id, row] of Object.entries(data.rows)) {
      const own = rowOf(id);
      if (!own || own.dataset.stamp === row[3]) continue;
      paint(id, row);
      if (id === current) touched = true;
    }
    stand(data);
    if (touched && !$(".panel.open")) {
      say("This claim was decided in another window.");
      go(current, false);
    }
  };
  const look = () => { if (!document.hidden && !pending) refresh().catch(() => {}); };
  setInterval(look, 3000);
  document.addEventListener("visibilitychange", look);
  addEventListener("focus", look);
  for (const near of [beside(1), beside(1, isOpen)]) if (near) fetchClaim(near).catch(() => {});

  /* ---- begin ---- */
  const fold = () => { $("#list").open = !narrow.matches; $("#coverage details").open = !narrow.matches; };
  narrow.addEventListener("change", fold);
  if (narrow.matches) fold();
  if (filter.value !== "all" || search.value) applyFilter();
  mark(current);
  present($("#claim"), false);
  if (location.hash.startsWith("#panel-")) open({ "#panel-edited": "edited", "#panel-rejected": "rejected", "#panel-asked": "asked" }[location.hash]);
})();
