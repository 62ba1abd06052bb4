// Formats and checks the entries of a card form.

const BRANDS = [
  ["amex", /^3[47]/, [15], 4],
  ["diners", /^3(0|6|8)/, [14, 16], 3],
  ["jcb", /^35/, [16], 3],
  ["mastercard", /^(5[1-5]|2[2-7])/, [16], 3],
  ["discover", /^6(011|5)/, [16], 3],
  ["unionpay", /^62/, [16, 17, 18, 19], 3],
  ["visa", /^4/, [16], 3],
];
const UNKNOWN = ["unknown", /^/, [16], 3];

export const digits = (text) => text.replace(/\D/g, "");

const kindOf = (number) => BRANDS.find(([, prefix]) => prefix.test(digits(number))) ?? UNKNOWN;

/** The brand of a card number, which may be incomplete. */
export const brandOf = (number) => kindOf(number)[0];

const problem = (code, message) => ({type: "validation_error", code, message});

function luhn(number) {
  let sum = 0;
  [...number].reverse().forEach((digit, place) => {
    const value = Number(digit) * (place % 2 ? 2 : 1);
    sum += value > 9 ? value - 9 : value;
  });
  return sum % 10 === 0;
}

/** `4242 4242 4242 4242`, or `3782 822463 10005`. */
export function formatNumber(text) {
  const [brand, , lengths] = kindOf(text);
  const plain = digits(text).slice(0, Math.max(...lengths));
  const groups = brand === "amex" ? /^(\d{1,4})(\d{1,6})?(\d{1,5})?$/ : null;
  const parts = groups ? plain.match(groups)?.slice(1) : plain.match(/\d{1,4}/g);
  return (parts ?? []).filter(Boolean).join(" ");
}

/** `12 / 34`. */
export function formatExpiry(text, typed) {
  const plain = digits(/^[2-9]/.test(text) ? `0${text}` : text).slice(0, 4);
  return plain.length > 2 || (plain.length === 2 && typed) ? `${plain.slice(0, 2)} / ${plain.slice(2)}` : plain;
}

export function checkNumber(text) {
  const number = digits(text);
  const [, , lengths] = kindOf(text);
  if (number.length < Math.min(...lengths)) {
    return problem("incomplete_number", "Your card number is incomplete.");
  }
  return luhn(number) ? undefined : problem("invalid_number", "Your card number is invalid.");
}

export function checkExpiry(text, now = new Date()) {
  const plain = digits(text);
  const [month, year] = [Number(plain.slice(0, 2)), 2000 + Number(plain.slice(2))];
  if (plain.length < 4 || month < 1 || month > 12) {
    return problem("incomplete_expiry", "Your card's expiration date is incomplete.");
  }
  if (year < now.getFullYear()) {
    return problem("invalid_expiry_year_past", "Your card's expiration year is in the past.");
  }
  if (year === now.getFullYear() && month < now.getMonth() + 1) {
    return problem("invalid_expiry_month_past", "Your card's expiration date is in the past.");
  }
  return undefined;
}

export function checkCvc(text, number = "") {
  const wanted = number ? kindOf(number)[3] : 3;
  return digits(text).length < wanted
    ? problem("incomplete_cvc", "Your card's security code is incomplete.")
    : undefined;
}

export const checkPostalCode = (text) =>
  text.trim() === "" ? problem("incomplete_zip", "Your postal code is incomplete.") : undefined;

export const checkEmail = (text) =>
  /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text.trim())
    ? undefined
    : problem("incomplete_email", "Your email address is incomplete.");

export const checkFilled = (label) => (text) =>
  text.trim() === "" ? problem("incomplete_field", `${label} is incomplete.`) : undefined;

/** Month and year of `12 / 34`. */
export const expiryOf = (text) => ({exp_month: digits(text).slice(0, 2), exp_year: `20${digits(text).slice(2)}`});
