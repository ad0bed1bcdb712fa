// Everything works without this file. It adds: theme switch, keys, copy buttons, row selection, steppers, closing toasts.
(() => {
  const root = document.documentElement;
  const find = (selector, from = document) => from.querySelector(selector);
  const all = (selector) => [...document.querySelectorAll(selector)];
  const secure = location.protocol === "https:" ? ";secure" : "";

  const toggleTheme = () => {
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    document.cookie = `theme=${root.dataset.theme};path=/;max-age=31536000;samesite=lax${secure}`;
  };

  const copy = async (button) => {
    const source = find(button.dataset.copy), text = source.value ?? source.textContent;
    try {
      await navigator.clipboard.writeText(text.trim());
    } catch {
      source.select?.(); // no permission or no secure origin: the old way
      document.execCommand("copy");
    }
    const label = find("span", button) ?? button, before = (label.dataset.text ??= label.textContent);
    label.textContent = button.dataset.done || "Copied";
    setTimeout(() => (label.textContent = before), 2000);
  };

  const step = (button) => {
    const input = find("input", button.closest(".stepper"));
    button.dataset.step === "1" ? input.stepUp() : input.stepDown();
    input.dispatchEvent(new Event("input", { bubbles: true }));
    input.dispatchEvent(new Event("change", { bubbles: true }));
  };

  // Commands that need rows: counted here, checked again on the server.
  const rows = () => all('.grid .row .c-sel input[type="checkbox"]');
  const count = () => {
    const boxes = rows(), n = boxes.filter((b) => b.checked).length, out = find("[data-picked]"), everyone = find("[data-pick-all]"), matching = find("[data-pick-matching]");
    if (matching && n < boxes.length) matching.checked = false;
    if (out) out.textContent = n ? `${matching?.checked ? matching.dataset.pickMatching : n} ${out.dataset.pickedText || "selected"}` : "";
    if (everyone) { everyone.checked = n > 0 && n === boxes.length; everyone.indeterminate = n > 0 && n < boxes.length; }
    all("[data-needs]").forEach((b) => (b.disabled = b.dataset.needs === "1" ? n !== 1 : !n));
  };

  document.addEventListener("click", (event) => {
    const hit = (selector) => event.target.closest(selector);
    if (hit("[data-theme-toggle]")) toggleTheme();
    if (hit("[data-copy]")) copy(hit("[data-copy]"));
    if (hit("[data-step]")) step(hit("[data-step]"));
    if (hit("[data-close]")) hit(hit("[data-close]").dataset.close)?.remove();
    if (hit("[data-print]")) print();
  });
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-pick-all], [data-pick-matching]")) rows().forEach((b) => (b.checked = event.target.checked));
    if (event.target.closest("#grid, .grid")) count();
    if (event.target.matches("[data-submit]")) event.target.form.requestSubmit();
  });

  // "g" waits a second for the letter of a page.
  let going = 0;
  const go = (letter) => {
    const links = all("#nav .nav__item");
    const link = links.find((a) => a.dataset.key === letter) ?? links.find((a) => !a.dataset.key && a.textContent.trim().toLowerCase().startsWith(letter));
    link?.click();
    return link;
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape" && !find(":popover-open") && !event.target.closest("input[type=search]")) {
      const open = find("details.confirm[open]");
      if (open) { open.open = false; find("summary", open).focus(); } else find("[data-panel-close]")?.click();
      return;
    }
    if (event.target.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]")) return;
    if (event.key === "/") {
      const search = find(".search input");
      if (search?.offsetParent) search.focus();
      else find(".top__search")?.click();
      event.preventDefault();
    } else if (event.key === "?") {
      find("#help")?.showPopover();
    } else if (event.key === "g") {
      going = Date.now();
    } else if (Date.now() - going < 1200) {
      going = 0;
      if (go(event.key.toLowerCase())) event.preventDefault();
    }
  });

  // A panel that arrives takes the focus; one that goes gives it back to its row.
  let opener = null;
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.elt.matches?.("[data-panel-link]:not([data-panel-close])")) opener = event.detail.elt;
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    count();
    if (event.detail.target?.id !== "panel-host") return;
    const title = find(".panel h2"), row = opener?.isConnected ? opener : null;
    if (title) title.focus({ preventScroll: true }); else row?.focus();
    all(".grid .row--open").forEach((r) => r.classList.remove("row--open"));
    if (title) row?.closest(".row")?.classList.add("row--open");
  });
  count();
})();
