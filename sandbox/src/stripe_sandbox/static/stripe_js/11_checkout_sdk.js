// The object that a page gets from `initCheckoutElementsSdk`.

const CHECKOUT_ELEMENTS = {
  Payment: ["payment"],
  BillingAddress: ["address", {mode: "billing"}],
  ContactDetails: ["contactDetails"],
  ExpressCheckout: ["expressCheckout"],
  CurrencySelector: ["currencySelector"],
};
const UNMODELLED_ELEMENTS = ["ShippingAddress", "TaxId", "Terms", "LinkSignup"];

/** The methods of a checkout that the page can use. */
function checkoutSdk(stripe, options, elementsOptions) {
  const checkout = new Checkout(stripe, options, elementsOptions);
  const {elements} = checkout;
  const sdk = {
    on: (name, handler) => checkout.on(name, handler),
    loadActions: () => checkout.loadActions(),
    changeAppearance: (appearance) => void elements.update({appearance}),
    loadFonts: () => warnOnce("Fonts are not loaded into Elements."),
  };
  for (const [name, [type, fixed = {}]] of Object.entries(CHECKOUT_ELEMENTS)) {
    sdk[`create${name}Element`] = (given = {}) => elements.create(type, {...given, ...fixed});
    sdk[`get${name}Element`] = () => elements.getElement(type, fixed);
  }
  for (const name of UNMODELLED_ELEMENTS) {
    sdk[`create${name}Element`] = () => {
      throw notModelled(`the ${name} Element`);
    };
    sdk[`get${name}Element`] = () => null;
  }
  return sdk;
}

function initCheckoutElementsSdk(stripe, options) {
  if (!isObject(options) || options.clientSecret === undefined) {
    throw new IntegrationError(
      "Invalid value for stripe.initCheckoutElementsSdk(): pass an object with the clientSecret of a Checkout Session.",
    );
  }
  return checkoutSdk(stripe, options, options.elementsOptions ?? {});
}
