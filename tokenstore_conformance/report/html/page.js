"use strict";
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  // Filter the rows of the matrix by words and level.
  const form = document.getElementById("filter");
  const words = document.getElementById("words");
  const must = document.getElementById("must");
  const found = document.getElementById("found");
  const rows = all(".matrix tbody tr");
  const calm = document.getElementById("calm");
  const filter = () => {
    const wanted = words.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of rows) {
      const clause = document.getElementById(row.querySelector("a.id").textContent);
      const text = clause.textContent.toLowerCase();
      const fits = wanted.every((word) => text.includes(word));
      row.hidden = !fits || (must.checked && row.querySelector(".level").textContent !== "MUST");
      shown += !row.hidden;
    }
    if (calm && wanted.length) calm.open = true;
    found.value = wanted.length || must.checked ? `${shown} of ${rows.length} clauses` : "";
  };
  form.hidden = false;
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());

  // Copy a script.
  const copied = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      const area = document.body.appendChild(document.createElement("textarea"));
      area.value = text;
      area.select();
      const done = document.execCommand("copy");
      area.remove();
      return done;
    }
  };
  for (const script of all("details.script")) {
    const place = document.createElement("p");
    const button = document.createElement("button");
    const said = document.createElement("span");
    place.className = "copying";
    button.className = "copy";
    button.textContent = "Copy the script";
    said.setAttribute("role", "status");
    place.append(button, " ", said);
    script.querySelector("summary").after(place);
    button.addEventListener("click", async () => {
      const [head, tail] = all("pre", script);
      const ids = script.dataset.parts.split(" ").filter(Boolean);
      const shared = ids.map((id) => document.getElementById(id).nextElementSibling);
      const parts = tail ? [head, ...shared, tail] : [head];
      const done = await copied(parts.map((part) => part.textContent).join(""));
      said.textContent = done ? "Copied" : "Select the text and copy it";
      button.focus();
    });
  }

  // Open what a link points to, and everything for print.
  const reveal = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    for (let each = target; each; each = each.parentElement) {
      if (each.tagName === "DETAILS") each.open = true;
    }
    if (target) target.scrollIntoView();
  };
  addEventListener("hashchange", reveal);
  if (location.hash) reveal();
  let folded = [];
  addEventListener("beforeprint", () => {
    folded = all("details.failure:not([open]), .failure details:not([open], .script)");
    for (const each of folded) each.open = true;
  });
  addEventListener("afterprint", () => {
    for (const each of folded) each.open = false;
  });
})();
