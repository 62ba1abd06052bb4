// What the page is given of a checkout, under the names of each release train.

const CHECKOUT_ELEMENTS = {
  Payment: ["payment"],
  BillingAddress: ["address", {mode: "billing"}],
  ContactDetails: ["contactDetails"],
  ExpressCheckout: ["expressCheckout"],
  CurrencySelector: ["currencySelector"],
};
const UNMODELLED_ELEMENTS = ["ShippingAddress", "TaxId", "Terms", "LinkSignup"];

/** What the page is given of a checkout. */
function checkoutSdk(stripe, options, elementsOptions) {
  const checkout = new Checkout(stripe, options, elementsOptions);
  const {elements} = checkout;
  const sdk = {
    on: (name, handler) => checkout.on(name, handler),
    loadActions: () => checkout.loadActions(),
    changeAppearance: (appearance) => void elements.update({appearance}),
    loadFonts: () => leftOut("Fonts are not loaded into Elements."),
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

function checkOptions(options, method) {
  if (!isObject(options) || options.clientSecret === undefined) {
    throw new IntegrationError(`Invalid value for ${method}: pass an object with the clientSecret of a Checkout Session.`);
  }
}

/** From dahlia on, and (under its older name) in clover: at once, with `loadActions` for what must be loaded. */
function initCheckoutElementsSdk(stripe, options, method = "stripe.initCheckoutElementsSdk()") {
  checkOptions(options, method);
  return checkoutSdk(stripe, options, options.elementsOptions ?? {});
}

/** Before clover: a promise of everything in one object. */
async function initCheckoutOfOld(stripe, options = {}) {
  const {fetchClientSecret, ...rest} = options;
  const clientSecret = rest.clientSecret ?? (await fetchClientSecret?.());
  checkOptions({...rest, clientSecret}, "stripe.initCheckout()");
  const sdk = checkoutSdk(stripe, {...rest, clientSecret}, options.elementsOptions ?? {});
  const loaded = await sdk.loadActions();
  if (loaded.type === "error") {
    throw new IntegrationError(loaded.error.message);
  }
  const {getSession, ...actions} = loaded.actions;
  return {...sdk, ...actions, session: getSession};
}
