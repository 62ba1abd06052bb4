// The content of an Element: its fields, and the payment method created from a card. Only brand, last four digits
// and expiry leave this frame for the page around it.

import {dress} from "./appearance.js";
import {checkCvc, checkExpiry, digits, expiryOf} from "./cards.js";
import {Field} from "./field.js";
import {FIELDS, collected, details} from "./kinds.js";
import {callApi, handle, tell, whenConnected} from "./port.js";

const form = document.getElementById("fields");
const fields = new Map();
let type = null;
let options = {};
let last = "";
let siblings = null;

const valueOf = (...names) => names.map((name) => fields.get(name)?.value).find((value) => value !== undefined) ?? "";

const needed = () => [...fields.values()].filter((field) => field.wanted.needed?.() ?? true);

function report() {
  for (const field of fields.values()) {
    field.element.hidden = !(field.wanted.needed?.() ?? true);
    field.show();
  }
  const error = needed().map((field) => field.shown).find(Boolean);
  const empty = needed().every((field) => field.empty || field.wanted.options);
  const complete = needed().every((field) => field.complete);
  const event = {empty, complete, ...details(type, {error, valueOf, options})};
  const text = JSON.stringify(event);
  if (text !== last) {
    last = text;
    tell("change", event);
  }
}

function apply({options: given, appearance}) {
  options = given;
  dress(appearance, given.style ?? {});
  const locked = Boolean(given.disabled ?? given.readOnly);
  for (const field of fields.values()) {
    field.input.disabled = locked;
  }
}

function build(told) {
  ({type, options} = told);
  const labelled = !type.startsWith("card");
  form.className = labelled ? "labelled" : "line";
  for (const wanted of FIELDS[type]({...told, valueOf})) {
    const field = new Field(wanted, {labelled, onChange: report});
    fields.set(wanted.name, field);
    form.append(field.element);
  }
}

function validate() {
  const found = needed().map((field) => field.validate());
  const first = needed()[found.findIndex(Boolean)];
  first?.input.focus();
  report();
  return found.find(Boolean);
}

/** The values of the other frames of a split card form; each answers with its value or its error. */
function askSiblings(wanted) {
  if (wanted.length === 0) {
    return Promise.resolve({});
  }
  const answers = {};
  return new Promise((resolve) => {
    siblings.onmessage = ({data}) => {
      if (wanted.includes(data.from)) {
        answers[data.from] = data;
        if (Object.keys(answers).length === wanted.length) {
          resolve(answers);
        }
      }
    };
    siblings.postMessage({ask: wanted});
  });
}

function answerSiblings({data}) {
  if (data.ask?.includes(type)) {
    siblings.postMessage({from: type, error: validate(), value: valueOf("exp-date", "cvc")});
  }
}

/** Number, expiry and security code, from this and the other frames; or the first error. */
async function card(wanted) {
  const error = validate();
  const {cardExpiry = {}, cardCvc = {}} = await askSiblings(wanted);
  const wrong = error ?? cardExpiry.error ?? cardCvc.error;
  if (wrong) {
    return {error: wrong};
  }
  const expiry = cardExpiry.value ?? valueOf("expiry", "exp-date");
  const cvc = cardCvc.value ?? valueOf("cvc");
  const number = valueOf("number", "cardnumber");
  const late = checkExpiry(expiry) ?? (type !== "cardNumber" || cardCvc.value ? checkCvc(cvc, number) : undefined);
  return late ? {error: late} : {number: digits(number), cvc: cvc || undefined, ...expiryOf(expiry)};
}

function billing(given = {}) {
  const country = valueOf("country");
  const code = valueOf("postalCode", "postal");
  const typed = {...(country && {country}), ...(code && {postal_code: code})};
  const some = Object.keys(typed).length > 0 || given.address;
  return {...given, ...(some ? {address: {...given.address, ...typed}} : {})};
}

async function createPaymentMethod({key, params = {}, siblings: wanted = []}) {
  const {error, ...entered} = await card(wanted);
  if (error) {
    return {error};
  }
  const made = await callApi(key, "/v1/payment_methods", {
    ...params,
    type: "card",
    card: entered,
    billing_details: billing(params.billing_details),
  });
  return made.error ? {error: made.error} : {paymentMethod: made};
}

handle("validate", () => {
  const error = validate();
  return error ? {error} : {};
});
handle("createPaymentMethod", createPaymentMethod);
handle("value", () => ({complete: needed().every((field) => field.complete), value: collected(type, valueOf)}));
handle("update", apply);
handle("focus", () => form.querySelector("input, select")?.focus());
handle("blur", () => document.activeElement?.blur());
handle("clear", () => {
  fields.forEach((field) => field.clear());
  report();
});

whenConnected((told) => {
  build(told);
  apply(told);
  if (type.startsWith("card")) {
    siblings = new BroadcastChannel(`card-${told.group}`);
    if (type === "cardExpiry" || type === "cardCvc") {
      siblings.onmessage = answerSiblings;
    }
  }
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("change", report);
  addEventListener("focus", () => tell("focus"));
  addEventListener("blur", () => tell("blur"));
  addEventListener("keydown", ({key}) => key === "Escape" && tell("escape"));
  report();
  tell("ready");
});
