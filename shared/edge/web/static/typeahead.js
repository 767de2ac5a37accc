// Offers names while one is typed, by the pattern of a combobox with a list (WAI-ARIA
// Authoring Practices). The form works without this.
"use strict";
(() => {
  const input = document.querySelector("input[data-names-from]");
  if (!input) return;

  const patience = 150; // milliseconds after the last key
  const label = input.dataset.namesLabel;
  const list = document.createElement("ul");
  list.id = input.id + "-names";
  list.className = "offers";
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", label);
  const status = document.createElement("p");
  status.className = "unseen";
  status.setAttribute("role", "status");
  input.after(list, status);
  for (const [name, value] of Object.entries({
    role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id, "aria-haspopup": "listbox",
  })) input.setAttribute(name, value);

  let timer, request, active = -1;

  function close() {
    clearTimeout(timer);
    request?.abort();
    list.hidden = true;
    list.replaceChildren();
    status.textContent = "";
    input.setAttribute("aria-expanded", "false");
    mark(-1);
  }

  function mark(at) {
    list.children[active]?.setAttribute("aria-selected", "false");
    active = at;
    const option = list.children[active];
    if (!option) {
      input.removeAttribute("aria-activedescendant");
      return;
    }
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({block: "nearest"});
    input.setAttribute("aria-activedescendant", option.id);
  }

  function show(items) {
    const names = [...new Set(items.map((item) => item.name))];
    if (names.length === 0) return close();
    list.replaceChildren(...names.map((name, i) => {
      const option = document.createElement("li");
      option.id = list.id + "-" + i;
      option.dir = "auto";
      option.textContent = name;
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      return option;
    }));
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
    mark(-1);
    status.textContent = label + ": " + names.length;
  }

  async function ask(text) {
    request?.abort();
    request = new AbortController();
    try {
      const answer = await fetch(input.dataset.namesFrom + "?" + new URLSearchParams({q: text}), {
        signal: request.signal, headers: {Accept: "application/json", "Accept-Language": document.documentElement.lang},
      });
      if (!answer.ok) return close();
      const found = await answer.json();
      if (input.value.trim() === text && document.activeElement === input) show(found.items);
    } catch {
      // It was overtaken by a later key, or there is no connection: the form still works.
    }
  }

  function choose(option) {
    input.value = option.textContent;
    close();
    input.form.requestSubmit();
  }

  input.addEventListener("input", (event) => {
    clearTimeout(timer);
    const text = input.value.trim();
    if (event.isComposing) return;
    if (text.length < 2 && !/[^\u0000-\u024f]/.test(text)) return close();
    timer = setTimeout(ask, patience, text);
  });
  input.addEventListener("compositionend", () => input.dispatchEvent(new Event("input")));

  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const n = list.children.length;
    switch (event.key) {
      case "ArrowDown":
      case "ArrowUp": {
        if (n === 0) {
          if (input.value.trim() !== "") ask(input.value.trim());
        } else { // beyond either end is the text itself
          const step = event.key === "ArrowDown" ? 1 : -1;
          mark((active + 1 + step + n + 1) % (n + 1) - 1);
        }
        event.preventDefault();
        break;
      }
      case "Enter":
        if (active >= 0) {
          event.preventDefault();
          choose(list.children[active]);
        }
        break;
      case "Escape":
        if (!list.hidden) {
          event.preventDefault();
          close();
        }
    }
  });
  input.addEventListener("blur", close);
  input.form.addEventListener("submit", close);
  list.addEventListener("pointerdown", (event) => event.preventDefault()); // the input keeps the focus
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) choose(option);
  });
})();
