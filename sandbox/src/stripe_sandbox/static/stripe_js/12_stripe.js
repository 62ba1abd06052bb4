// `window.Stripe`: the constructor and the methods of a Stripe object.

/** Methods of older releases, and what to call instead. */
const REMOVED = {
  redirectToCheckout: "Redirect to the URL of the Checkout Session instead.",
  initEmbeddedCheckout: "Please use stripe.createEmbeddedCheckoutPage() instead.",
  initCheckout: "Please use stripe.initCheckoutElementsSdk() instead.",
  handleCardPayment: "Please use stripe.confirmCardPayment() instead.",
  confirmPaymentIntent: "Please use stripe.confirmCardPayment() instead.",
  handleCardSetup: "Please use stripe.confirmCardSetup() instead.",
  confirmSetupIntent: "Please use stripe.confirmCardSetup() instead.",
  createSource: "Please use stripe.createPaymentMethod() instead.",
  retrieveSource: "Please use stripe.retrievePaymentIntent() instead.",
};

/** Methods of Stripe.js that the sandbox does not model: each throws an error that states this. */
const UNMODELLED = `createToken createConfirmationToken createRadarSession initCheckoutFormSdk processOrder retrieveOrder
  initializePricing verifyIdentity createEphemeralKeyNonce collectFinancialConnectionsAccounts collectBankAccountToken
  collectBankAccountForPayment collectBankAccountForSetup verifyMicrodepositsForPayment verifyMicrodepositsForSetup
  confirmAcssDebitPayment confirmAcssDebitSetup confirmAffirmPayment confirmAfterpayClearpayPayment
  confirmAlipayPayment confirmAmazonPaySetup confirmAuBecsDebitPayment confirmAuBecsDebitSetup
  confirmBacsDebitSetup confirmBancontactPayment confirmBancontactSetup confirmBilliePayment confirmBlikPayment
  confirmBlikSetup confirmBoletoPayment confirmCashappPayment confirmCashappSetup confirmCustomerBalancePayment
  confirmEpsPayment confirmFpxPayment confirmGiropayPayment confirmGrabPayPayment confirmIdealPayment
  confirmIdealSetup confirmKlarnaPayment confirmKonbiniPayment confirmMobilepayPayment confirmMultibancoPayment
  confirmOxxoPayment confirmP24Payment confirmPayByBankPayment confirmPayNowPayment confirmPayPalPayment
  confirmPayPalSetup confirmPixPayment confirmPromptPayPayment confirmSepaDebitPayment confirmSepaDebitSetup
  confirmSofortPayment confirmSofortSetup confirmTwintPayment confirmUsBankAccountPayment
  confirmUsBankAccountSetup confirmWechatPayPayment`.split(/\s+/);

function methodsOf(key, stripe) {
  return {
    elements: (options = {}) => new Elements(stripe, options),
    confirmPayment: (options) => confirmWithElements(key, "payment_intent", options),
    confirmSetup: (options) => confirmWithElements(key, "setup_intent", options),
    confirmCardPayment: (secret, data, options) =>
      confirmCard(key, "payment_intent", "stripe.confirmCardPayment()", secret, data, options),
    confirmCardSetup: (secret, data, options) =>
      confirmCard(key, "setup_intent", "stripe.confirmCardSetup()", secret, data, options),
    handleNextAction: async (options) => handleAction(key, options?.clientSecret, "stripe.handleNextAction()"),
    handleCardAction: async (secret) => {
      requireKind(secret, "payment_intent", "stripe.handleCardAction()");
      return handleAction(key, secret, "stripe.handleCardAction()");
    },
    retrievePaymentIntent: async (secret) => {
      requireKind(secret, "payment_intent", "stripe.retrievePaymentIntent()");
      return retrieveIntent(key, secret, "payment_intent");
    },
    retrieveSetupIntent: async (secret) => {
      requireKind(secret, "setup_intent", "stripe.retrieveSetupIntent()");
      return retrieveIntent(key, secret, "setup_intent");
    },
    createPaymentMethod: (data) => createPaymentMethod(key, data),
    createEmbeddedCheckoutPage: (options) => createEmbeddedCheckout(key, options),
    initCheckoutElementsSdk: (options) => initCheckoutElementsSdk(stripe, options),
    paymentRequest: () => ({
      // As in a browser without a wallet: nothing is shown, and the page uses its card form.
      canMakePayment: async () => null,
      on: () => {},
      off: () => {},
      once: () => {},
      show: () => {},
      abort: () => {},
      update: () => {},
      isShowing: () => false,
    }),
    registerAppInfo: () => {},
  };
}

class StripeObject {
  constructor(key, options) {
    this._key = key;
    this._options = options;
    for (const name of UNMODELLED) {
      this[name] = () => {
        throw notModelled(`stripe.${name}()`);
      };
    }
    for (const [name, instead] of Object.entries(REMOVED)) {
      this[name] = () => {
        throw new IntegrationError(`stripe.${name}() has been removed. ${instead}`);
      };
    }
    Object.assign(this, methodsOf(key, this));
  }

  /** Called by the loader of the npm package. */
  _registerWrapper() {}
}

function Stripe(key, options = {}) {
  if (typeof key !== "string" || key === "") {
    throw new IntegrationError("Please call Stripe() with your publishable key. You used an empty string.");
  }
  if (/^[sr]k_/.test(key)) {
    throw new IntegrationError(
      "You should not use your secret key with Stripe.js. Please pass a publishable key instead.",
    );
  }
  if (!/^pk_test_\w+$/.test(key)) {
    throw new IntegrationError("The sandbox accepts publishable test keys: any key that begins with pk_test_.");
  }
  if (options.stripeAccount !== undefined) {
    warnOnce("The sandbox has only one account: stripeAccount is ignored.");
  }
  return new StripeObject(key, options);
}

// The npm package's loader compares this with its own release train.
Stripe.version = "endive";
if (window.Stripe) {
  warnOnce("stripe.js was loaded more than once: the first one stays.");
} else {
  window.Stripe = Stripe;
}
