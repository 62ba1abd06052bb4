// The fields of each Element, and what it reports about them to the page.

import * as cards from "./cards.js";
import {COUNTRIES, NEEDS_POSTAL_CODE, regionOf} from "./countries.js";

const number = (name, label = "Card number") => ({
  name,
  label,
  placeholder: label === "Card number" ? "1234 1234 1234 1234" : label,
  autocomplete: "cc-number",
  inputmode: "numeric",
  check: cards.checkNumber,
  format: cards.formatNumber,
});

const expiry = (name) => ({
  name,
  label: "Expiration date",
  placeholder: "MM / YY",
  autocomplete: "cc-exp",
  inputmode: "numeric",
  check: cards.checkExpiry,
  format: cards.formatExpiry,
});

const cvc = (numberOf = () => "") => ({
  name: "cvc",
  label: "Security code",
  placeholder: "CVC",
  autocomplete: "cc-csc",
  inputmode: "numeric",
  check: (text) => cards.checkCvc(text, numberOf()),
  format: (text) => cards.digits(text).slice(0, 4),
});

const postal = (name, label, value) => ({
  name,
  label,
  value,
  placeholder: "12345",
  autocomplete: "postal-code",
  check: cards.checkPostalCode,
});

const country = (locale, value) => ({
  name: "country",
  label: "Country",
  autocomplete: "country",
  options: COUNTRIES(locale),
  value: value ?? regionOf(locale),
});

const email = (value) => ({
  name: "email",
  label: "Email",
  value,
  placeholder: "you@example.com",
  autocomplete: "email",
  inputmode: "email",
  check: cards.checkEmail,
});

const line = (name, label, autocomplete, value, optional = false) => ({
  name,
  label,
  value,
  autocomplete,
  optional,
  check: cards.checkFilled(label),
});

/** The address fields that a Payment Element collects, by its option `fields.billingDetails.address`. */
function wantsAddress(options, part) {
  const details = options.fields?.billingDetails;
  const address = details?.address ?? details;
  const own = typeof address === "object" ? address[part] : address;
  return own !== "never";
}

function payment({options, locale, valueOf}) {
  const known = options.defaultValues?.billingDetails?.address ?? {};
  const fields = [number("number"), expiry("expiry"), cvc(() => valueOf("number"))];
  if (wantsAddress(options, "country")) {
    fields.push(country(locale, known.country));
  }
  if (wantsAddress(options, "postalCode")) {
    const needed = () => NEEDS_POSTAL_CODE.has(valueOf("country") || known.country || "US");
    fields.push({...postal("postalCode", "ZIP or postal code", known.postal_code), needed});
  }
  return fields;
}

function card({options, valueOf}) {
  const fields = [number("cardnumber", "Card number"), expiry("exp-date"), cvc(() => valueOf("cardnumber"))];
  return options.hidePostalCode ? fields : [...fields, postal("postal", "ZIP", options.value?.postalCode)];
}

function address({options, locale}) {
  const {name, phone, address: known = {}} = options.defaultValues ?? {};
  const fields = [
    line("name", "Full name", "name", name),
    country(locale, known.country),
    line("addressLine1", "Address line 1", "address-line1", known.line1),
    line("addressLine2", "Address line 2", "address-line2", known.line2, true),
    line("locality", "City", "address-level2", known.city),
    line("administrativeArea", "State", "address-level1", known.state, true),
    postal("postalCode", "Postal code", known.postal_code),
  ];
  return options.fields?.phone === "always" ? [...fields, line("phone", "Phone number", "tel", phone)] : fields;
}

const mail = ({options}) => [email(options.defaultValues?.email)];

/** Builders of the fields of each kind: given {options, locale, valueOf}. */
export const FIELDS = {
  payment,
  card,
  address,
  cardNumber: ({options}) => [{...number("cardnumber"), ...placeholder(options)}],
  cardExpiry: ({options}) => [{...expiry("exp-date"), ...placeholder(options)}],
  cardCvc: ({options}) => [{...cvc(), ...placeholder(options)}],
  linkAuthentication: mail,
  contactDetails: mail,
};

const placeholder = ({placeholder: text}) => (typeof text === "string" ? {placeholder: text} : {});

/** The value of an Address or email Element; undefined for Elements with cards, whose data stays in the frame. */
export function collected(type, valueOf) {
  const or = (name) => valueOf(name) || null;
  if (type === "linkAuthentication" || type === "contactDetails") {
    return {email: valueOf("email").trim()};
  }
  if (type !== "address") {
    return undefined;
  }
  const phone = valueOf("phone");
  return {
    name: valueOf("name"),
    address: {
      line1: valueOf("addressLine1"),
      line2: or("addressLine2"),
      city: valueOf("locality"),
      state: valueOf("administrativeArea"),
      postal_code: valueOf("postalCode"),
      country: valueOf("country"),
    },
    ...(phone ? {phone} : {}),
  };
}

/** The fields of a change event other than `empty` and `complete`. */
export function details(type, {error, valueOf, options}) {
  const brand = cards.brandOf(valueOf("cardnumber"));
  const byType = {
    payment: {collapsed: false, value: {type: "card"}},
    card: {error, brand, value: {postalCode: valueOf("postal")}},
    cardNumber: {error, brand},
    cardExpiry: {error},
    cardCvc: {error},
    address: {elementMode: options.mode, isNewAddress: true, value: collected("address", valueOf)},
  };
  return byType[type] ?? {value: collected(type, valueOf)};
}
