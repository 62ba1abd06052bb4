// Enhances the payment form, which also works without it: grouped card numbers, country names, and protection
// against submitting twice.

import {formatExpiry, formatNumber} from "./frames/cards.js";
import {COUNTRIES} from "./frames/countries.js";

function shape(input, format) {
  input?.addEventListener("input", ({inputType}) => {
    const atEnd = input.selectionStart === input.value.length;
    if (inputType !== "deleteContentBackward" && atEnd) {
      input.value = format(input.value, true);
    }
  });
}

/** Replace the input of a country code by a list of countries. */
function nameCountries(input) {
  if (!input || input instanceof HTMLSelectElement) {
    return;
  }
  const select = document.createElement("select");
  select.id = input.id;
  select.name = input.name;
  select.autocomplete = "country";
  select.append(...COUNTRIES("auto").map(([code, name]) => new Option(name, code)));
  select.value = input.value || "US";
  input.replaceWith(select);
}

/** Enhance the forms inside this element. */
export function enhance(root) {
  shape(root.querySelector("[name=number]"), formatNumber);
  shape(root.querySelector("[name=expiry]"), formatExpiry);
  nameCountries(root.querySelector("[name=country]"));
  for (const form of root.querySelectorAll("form[data-busy]")) {
    form.addEventListener("submit", () => {
      const button = form.querySelector("button[type=submit]");
      // After this event: the name and value of a disabled button are not sent.
      setTimeout(() => {
        button.dataset.label = button.textContent;
        button.disabled = true;
        button.textContent = form.dataset.busy;
      });
    });
  }
}

/** Enable the buttons again. */
export function idle(root) {
  for (const button of root.querySelectorAll("button[data-label]")) {
    button.disabled = false;
    button.textContent = button.dataset.label;
  }
}
