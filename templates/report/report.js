/* Search, filter, copy and print. Without this script everything is there and can be read. */
"use strict";
(() => {
  const $ = (selector, inside = document) => inside.querySelector(selector);
  const all = (selector, inside = document) => [...inside.querySelectorAll(selector)];
  document.documentElement.classList.add("js");
  const claims = all(".claim");
  const search = $("#search");
  const filter = $("#filter");
  const openAll = $("#open-all");
  const texts = new Map();

  /* ---- search and filter ---- */
  const textOf = (claim) => {
    if (!texts.has(claim)) texts.set(claim, $("summary", claim).textContent.toLowerCase());
    return texts.get(claim);
  };
  const apply = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const claim of claims) {
      const shown = (!filter.value || claim.dataset.is.split(" ").includes(filter.value))
        && (!words.length || words.every((word) => textOf(claim).includes(word)));
      claim.parentElement.hidden = !shown;
      count += shown;
    }
    for (const group of all(".of-question, .of-target")) group.hidden = !$("li:not([hidden]) > .claim", group);
    const narrowed = words.length || filter.value;
    $("#shown").textContent = narrowed ? `${count} of ${claims.length} claims` : "";
    $("#nothing").hidden = count > 0;
  };
  let timer = 0;
  search.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(apply, 90); });
  filter.addEventListener("change", apply);
  search.form.addEventListener("submit", (event) => { event.preventDefault(); apply(); });
  search.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && search.value) { search.value = ""; apply(); }
  });
  if (search.value || filter.value) apply();
  openAll.addEventListener("click", () => {
    const open = openAll.getAttribute("aria-pressed") !== "true";
    for (const claim of claims) if (!claim.parentElement.hidden) claim.open = open;
    openAll.setAttribute("aria-pressed", String(open));
    openAll.textContent = open ? "Close all" : "Open all";
  });

  /* ---- a link to a claim opens it ---- */
  const show = () => {
    const wanted = document.getElementById(location.hash.slice(1));
    if (!wanted || !wanted.matches("details.claim")) return;
    if (wanted.parentElement.hidden) { search.value = ""; filter.value = ""; apply(); }
    wanted.open = true;
    $("summary", wanted).focus({ preventScroll: true });
    let turns = 4;  // what comes on the screen gets its real height, which moves the claim
    const settle = () => {
      wanted.scrollIntoView({ block: "start" });
      if (turns--) requestAnimationFrame(settle);
    };
    settle();
  };
  addEventListener("hashchange", show);
  document.addEventListener("click", (event) => {
    const link = event.target.closest('a[href^="#"]');
    if (link && link.getAttribute("href") === location.hash) show();
  });
  show();

  /* ---- copy questions ---- */
  const told = $("#copied");
  const copy = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const field = document.createElement("textarea");
      field.value = text;
      document.body.append(field);
      field.select();
      document.execCommand("copy");
      field.remove();
    }
  };
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const asked = button.dataset.copy === "ask" ? all(".ask") : [document.getElementById(button.dataset.copy)];
    await copy(asked.map((one) => one.textContent.trim()).join("\n\n"));
    button.focus();
    const said = button.textContent;
    button.textContent = "Copied";
    told.textContent = `${asked.length} question${asked.length === 1 ? "" : "s"} copied.`;
    setTimeout(() => { button.textContent = said; told.textContent = ""; }, 2000);
  });

  /* ---- print what explains the numbers, leave what else is closed closed ---- */
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = all("details[data-print]:not([open])");
    for (const one of opened) one.open = true;
  });
  addEventListener("afterprint", () => { for (const one of opened) one.open = false; });

  /* ---- where the reader is ---- */
  const links = new Map(all(".contents a").map((link) => [link.hash.slice(1), link]));
  const seen = new Set();
  const watch = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (entry.isIntersecting) seen.add(entry.target.id);
      else seen.delete(entry.target.id);
    }
    const now = [...links.keys()].find((id) => seen.has(id));
    for (const [id, link] of links) {
      if (id === now) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  }, { rootMargin: "-10% 0px -80% 0px" });
  for (const part of all(".chapter")) watch.observe(part);
})();
