// The embedded payment page: the sandbox's own payment form in a frame of the shop's page.
let embedded = null;

class EmbeddedCheckout {
  #frame = null;
  #destroyed = false;
  #container = null;
  #key;
  #secret;
  #onComplete;

  constructor(key, secret, onComplete) {
    this.#key = key;
    this.#secret = secret;
    this.#onComplete = onComplete;
  }

  mount(location) {
    if (this.#destroyed) {
      throw new IntegrationError("This Embedded Checkout object has been destroyed and can't be mounted.");
    }
    if (this.#frame !== null) {
      throw new IntegrationError("This Embedded Checkout object is mounted already. Call unmount() first.");
    }
    this.#container = placeOf(location, "embeddedCheckout.mount()");
    this.#frame = new Frame("embedded", {
      title: "Secure payment page",
      name: "embedded-checkout",
      options: {key: this.#key, clientSecret: this.#secret},
      on: {
        complete: ({returnUrl}) => this.#complete(returnUrl),
        failed: () => console.error(`[Stripe sandbox] The payment page cannot load: nothing answers at ${ORIGIN}.`),
      },
    });
    this.#container.append(this.#frame.iframe);
  }

  #complete(returnUrl) {
    if (returnUrl) {
      leaveFor(returnUrl);
    } else {
      this.#onComplete?.();
    }
  }

  unmount() {
    if (this.#destroyed) {
      throw new IntegrationError("This Embedded Checkout object has been destroyed.");
    }
    this.#frame?.remove();
    this.#frame = null;
  }

  destroy() {
    if (!this.#destroyed) {
      this.unmount();
      this.#destroyed = true;
      embedded = null;
    }
  }
}

const NOT_CALLED = ["onShippingDetailsChange", "onLineItemsChange", "onAnalyticsEvent"];

/** `stripe.createEmbeddedCheckoutPage`. */
async function createEmbeddedCheckout(key, options = {}) {
  const {clientSecret, fetchClientSecret, onComplete} = options;
  if ((clientSecret === undefined) === (fetchClientSecret === undefined)) {
    throw new IntegrationError("Embedded Checkout needs either `clientSecret` or `fetchClientSecret`.");
  }
  if (fetchClientSecret !== undefined && typeof fetchClientSecret !== "function") {
    throw new IntegrationError("Invalid value for fetchClientSecret: it should be a function.");
  }
  if (onComplete !== undefined && typeof onComplete !== "function") {
    throw new IntegrationError("Invalid value for onComplete: it should be a function.");
  }
  if (embedded !== null) {
    throw new IntegrationError("You cannot have multiple Embedded Checkout objects.");
  }
  for (const name of NOT_CALLED.filter((one) => options[one] !== undefined)) {
    warnOnce(`${name} is never called.`);
  }
  // Set before the secret is fetched: a second call during the fetch is also an error.
  embedded = "being made";
  try {
    const secret = clientSecret ?? (await fetchClientSecret());
    requireSessionSecret(secret);
    embedded = new EmbeddedCheckout(key, secret, onComplete);
    return embedded;
  } catch (error) {
    embedded = null;
    throw error;
  }
}

/** Throw unless this is the client secret of a Checkout Session. */
function requireSessionSecret(secret) {
  if (typeof secret !== "string" || !/^cs_test_\w+_secret_\w+$/.test(secret)) {
    throw new IntegrationError(
      "The client secret should be that of a Checkout Session with `ui_mode: embedded_page` or `elements`. " +
        `You specified: ${String(secret).slice(0, 40)}.`,
    );
  }
}
