// A Checkout Session as the page sees it: amounts as text, and a record of the amounts that the page has read.

/** Add to each amount its text in the page's language. */
function withTexts(value, format) {
  if (Array.isArray(value)) {
    return value.map((item) => withTexts(item, format));
  }
  if (!isObject(value)) {
    return value;
  }
  const copy = Object.fromEntries(Object.entries(value).map(([name, item]) => [name, withTexts(item, format)]));
  return "minorUnitsAmount" in copy ? {...copy, amount: format(copy.minorUnitsAmount)} : copy;
}

/** Call `note` when a field is read. */
function watch(object, name, note) {
  const value = object[name];
  Object.defineProperty(object, name, {
    enumerable: true,
    get() {
      note();
      return value;
    },
  });
}

class SessionView {
  #read = {amount: false, minor: false, currency: false, divisor: false};
  #locale;

  constructor(locale) {
    this.#locale = locale === undefined || locale === "auto" ? navigator.language : locale;
  }

  /** The session object for the page. */
  present(session, canConfirm) {
    const divisor = session.minorUnitsAmountDivisor;
    const shown = new Intl.NumberFormat(this.#locale, {
      style: "currency",
      currency: session.currency ?? "usd",
      minimumFractionDigits: Math.log10(divisor),
      maximumFractionDigits: Math.log10(divisor),
    });
    const view = {...withTexts(session, (amount) => shown.format(amount / divisor)), canConfirm};
    const read = this.#read;
    watch(view, "currency", () => (read.currency = true));
    watch(view, "minorUnitsAmountDivisor", () => (read.divisor = true));
    watch(view.total.total, "amount", () => (read.amount = true));
    watch(view.total.total, "minorUnitsAmount", () => (read.minor = true));
    return view;
  }

  /** Throw, as Stripe.js does, if the page has not read the total that its buyer is to pay. */
  requireRead() {
    const {amount, minor, currency, divisor} = this.#read;
    if (!amount && !(minor && currency && divisor)) {
      throw new IntegrationError(
        "You must read total.total.amount (or total.total.minorUnitsAmount, currency and minorUnitsAmountDivisor) " +
          "of the session and display it before you call confirm().",
      );
    }
  }
}

/** A failure in the format of a checkout's actions. */
const failed = (message, code = null, more = {}) => ({type: "error", error: {message, code, ...more}});

function emailError(email) {
  return email.includes("@")
    ? failed("Your email is invalid.", "invalidEmail")
    : failed("Your email is incomplete.", "incompleteEmail");
}

function promotionError(error) {
  if (error.code !== "promotion_code_invalid") {
    return failed(error.message);
  }
  const low = error.message.includes("needs an order of at least");
  return failed(error.message, low ? "promotionCodeAmountInsufficient" : "invalidCode");
}

function paymentError(error) {
  const declined = error.type === "card_error" || error.code?.endsWith("_authentication_failure");
  return declined
    ? failed(error.message, "paymentFailed", {paymentFailed: {declineCode: error.decline_code ?? null}})
    : failed(error.message);
}
