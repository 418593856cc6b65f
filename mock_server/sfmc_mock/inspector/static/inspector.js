"use strict";
// Pages work without this script. With it they update themselves, have keyboard shortcuts, and copy texts.

const root = document.body.dataset.root || "";
const byId = (id) => document.getElementById(id);

function made(tag, properties, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

// Theme: the system's, unless the user chose another.

const THEMES = ["auto", "light", "dark"];

function applyTheme(theme) {
  document.documentElement.dataset.theme = THEMES.includes(theme) ? theme : "auto";
}

function stored(name) {
  try { return localStorage.getItem(name); } catch { return null; }
}

applyTheme(stored("sfmc-mock-theme"));

function themeButton() {
  const button = made("button", { type: "button" });
  const label = () => {
    button.textContent = `Theme: ${document.documentElement.dataset.theme}`;
  };
  button.addEventListener("click", () => {
    const at = THEMES.indexOf(document.documentElement.dataset.theme);
    const next = THEMES[(at + 1) % THEMES.length];
    applyTheme(next);
    try { localStorage.setItem("sfmc-mock-theme", next); } catch { /* not kept */ }
    label();
  });
  label();
  return button;
}

// Updates: the page is fetched again, and its elements with data-live are replaced.

let fetching = false;
let again = false;

function isBusy() {
  const at = document.activeElement;
  return Boolean(at && at.closest("[data-live]") && at.matches("input, select, textarea")) || Boolean(document.querySelector("dialog[open]"));
}

async function refresh() {
  if (fetching) { again = true; return; }
  if (isBusy()) { setTimeout(refresh, 1500); return; }
  fetching = true;
  again = false;
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (answer.ok) {
      replaceParts(new DOMParser().parseFromString(await answer.text(), "text/html"));
    }
  } catch { /* The server is gone; the stream says so. */ }
  fetching = false;
  if (again || document.querySelector("[data-unfinished]")) { setTimeout(refresh, 100); }
}

function replaceParts(page) {
  for (const part of document.querySelectorAll("[data-live]")) {
    const found = page.querySelector(`[data-live="${part.dataset.live}"]`);
    if (!found || found.innerHTML === part.dataset.was) { continue; }
    if (part.contains(document.activeElement) && document.activeElement.matches("input")) { continue; }
    const open = [...part.querySelectorAll("details")].map((each) => each.open);
    const focused = part.contains(document.activeElement) ? path(document.activeElement, part) : null;
    const scrolls = [...part.querySelectorAll(".scroll")].map((each) => each.scrollLeft);
    part.dataset.was = found.innerHTML;
    part.replaceChildren(...document.importNode(found, true).childNodes);
    part.querySelectorAll("details").forEach((each, at) => { each.open = open[at] ?? each.open; });
    part.querySelectorAll(".scroll").forEach((each, at) => { each.scrollLeft = scrolls[at] ?? 0; });
    if (focused) { follow(part, focused)?.focus({ preventScroll: true }); }
    enhance(part);
  }
  document.body.dataset.refreshed = String(Number(document.body.dataset.refreshed || 0) + 1);
}

function path(element, top) {
  const steps = [];
  for (let at = element; at !== top; at = at.parentElement) {
    steps.unshift([...at.parentElement.children].indexOf(at));
  }
  return steps;
}

function follow(top, steps) {
  return steps.reduce((at, step) => at?.children[step], top);
}

function listen() {
  if (!root || !document.querySelector("[data-live]")) { return; }
  const state = byId("live");
  const source = new EventSource(`${root}/live`);
  source.addEventListener("open", () => { state.textContent = "live"; state.className = "pill good"; });
  source.addEventListener("error", () => {
    state.textContent = "not live"; state.className = "pill warn";
    // Browsers reconnect by themselves, but not after a refusal.
    if (source.readyState === EventSource.CLOSED) { setTimeout(listen, 5000); }
  });
  let timer = 0;
  source.addEventListener("change", () => { clearTimeout(timer); timer = setTimeout(refresh, 100); });
  addEventListener("pagehide", () => source.close());
  if (document.querySelector("[data-unfinished]")) { setTimeout(refresh, 100); }
}

// A running clock advances between two updates.

function tick() {
  for (const clock of document.querySelectorAll('[data-clock="runs"] time')) {
    const shown = new Date(clock.dateTime);
    clock.dataset.begun ??= String(Date.now());
    const now = new Date(shown.getTime() + Date.now() - Number(clock.dataset.begun) - 6 * 3600 * 1000);
    clock.textContent = now.toISOString().slice(0, 19).replace("T", " ");
  }
}

// Copying.

function enhance(part) {
  for (const code of part.querySelectorAll("pre[data-copy]")) {
    if (code.previousElementSibling?.classList.contains("copy")) { continue; }
    const button = made("button", { type: "button", className: "copy", textContent: code.dataset.copy });
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(code.textContent);
        button.textContent = "Copied";
      } catch {
        getSelection().selectAllChildren(code);
        button.textContent = "Selected: press Ctrl+C";
      }
      setTimeout(() => { button.textContent = code.dataset.copy; }, 2000);
    });
    code.before(button);
  }
}

// Keyboard shortcuts.

let waitingForSecond = false;

function help() {
  const dialog = byId("help");
  if (dialog.open) { dialog.close(); } else { dialog.showModal(); }
}

function helpDialog() {
  const rows = [["/", "Search on this page"], ["g", "then a letter: go to a page"], ["n / p", "Older / newest"], ["j / k", "Next / previous row"], ["t", "Change the theme"], ["?", "This help"]];
  for (const link of document.querySelectorAll("nav a")) {
    const key = KEYS[link.textContent.trim()];
    if (key) { rows.push([`g ${key}`, link.textContent.trim()]); }
  }
  const list = made("dl", { className: "pairs" });
  for (const [key, text] of rows) {
    const term = made("dt", {});
    term.append(...key.split(" ").flatMap((each) => [made("kbd", { textContent: each }), " "]));
    list.append(made("div", {}, term, made("dd", { textContent: text })));
  }
  const close = made("button", { textContent: "Close", value: "close" });
  const dialog = made("dialog", { id: "help" }, made("h2", { textContent: "Keys", id: "help-title" }), list, made("form", { method: "dialog" }, close));
  dialog.setAttribute("aria-labelledby", "help-title");
  return dialog;
}

const KEYS = { Overview: "o", Sends: "s", Data: "d", Journal: "j", Chaos: "c", Docs: "m" };

function go(key) {
  const name = Object.keys(KEYS).find((each) => KEYS[each] === key);
  const link = [...document.querySelectorAll("nav a")].find((each) => each.textContent.trim() === name);
  if (link) { link.click(); }
}

function moveRow(step) {
  const links = [...document.querySelectorAll("main tbody td:first-child a")];
  const at = links.indexOf(document.activeElement);
  const next = at < 0 ? 0 : Math.min(links.length - 1, Math.max(0, at + step));
  links[next]?.focus();
}

const ACTIONS = {
  "/": () => (document.querySelector("[data-search]") || document.querySelector("main input"))?.focus(),
  "?": help,
  g: () => { waitingForSecond = true; setTimeout(() => { waitingForSecond = false; }, 1200); },
  n: () => document.querySelector("a[rel=next]")?.click(),
  p: () => document.querySelector("a[rel=prev]")?.click(),
  j: () => moveRow(1),
  k: () => moveRow(-1),
  t: () => byId("theme").click(),
};

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) { return; }
  if (event.target.matches("input, select, textarea")) {
    if (event.key === "Escape") { event.target.blur(); }
    return;
  }
  if (waitingForSecond) {
    waitingForSecond = false;
    go(event.key);
    event.preventDefault();
    return;
  }
  const action = ACTIONS[event.key];
  if (action && (event.key === "?" || !document.querySelector("dialog[open]"))) {
    event.preventDefault();
    action();
  }
});

const tools = byId("tools");
if (tools) {
  const theme = themeButton();
  theme.id = "theme";
  const keys = made("button", { type: "button", textContent: "?", ariaLabel: "Keys" });
  keys.addEventListener("click", help);
  if (root && document.querySelector("[data-live]")) { tools.append(made("span", { id: "live", className: "pill", textContent: "…", role: "status" })); }
  tools.append(theme, keys);
  document.body.append(helpDialog());
}
enhance(document);
listen();
setInterval(tick, 1000);
