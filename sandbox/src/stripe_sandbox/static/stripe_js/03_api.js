// Stripe's API with a publishable key. The key is sent as a parameter, so that the browser sends no preflight
// request.

/** Parameters in Stripe's encoding: `a[b][0]=c`. Undefined values are not sent, null unsets. */
function encode(params) {
  const form = new URLSearchParams();
  const add = (name, value) => {
    if (value === undefined || typeof value === "function") {
      return;
    }
    if (Array.isArray(value) || isObject(value)) {
      for (const [key, item] of Object.entries(value)) {
        add(`${name}[${key}]`, item);
      }
    } else {
      form.append(name, value === null ? "" : String(value));
    }
  };
  for (const [name, value] of Object.entries(params)) {
    add(name, value);
  }
  return form;
}

/** The answer, or `{error}` in the format of Stripe.js. */
async function callApi(key, method, path, params = {}) {
  const form = encode({key, ...params});
  const query = method === "GET" ? `?${form}` : "";
  try {
    const answer = await fetch(`${ORIGIN}${path}${query}`, {
      method,
      body: method === "GET" ? undefined : form,
      cache: "no-store",
      credentials: "omit",
      referrerPolicy: "origin",
    });
    return await answer.json();
  } catch (cause) {
    const message =
      "We are experiencing issues connecting to our payments provider. Please check your internet connection " +
      "and try again.";
    console.error(`[Stripe sandbox] ${method} ${ORIGIN}${path} failed:`, cause);
    return {error: {type: "api_connection_error", message}};
  }
}

const INTENTS = {
  payment_intent: {prefix: "pi", result: "paymentIntent", path: "/v1/payment_intents"},
  setup_intent: {prefix: "seti", result: "setupIntent", path: "/v1/setup_intents"},
};

/** The kind of intent that a client secret belongs to; throws if it is not a client secret. */
function kindOf(clientSecret, method) {
  for (const [kind, {prefix}] of Object.entries(INTENTS)) {
    if (typeof clientSecret === "string" && new RegExp(`^${prefix}_\\w+_secret_\\w+$`).test(clientSecret)) {
      return kind;
    }
  }
  throw new IntegrationError(
    `Invalid value for ${method}: clientSecret should be a client secret of the form \${id}_secret_\${secret}. ` +
      `You specified: ${String(clientSecret).slice(0, 40)}.`,
  );
}

/** Like kindOf, for a method that accepts only one kind of intent. */
function requireKind(clientSecret, kind, method) {
  if (kindOf(clientSecret, method) !== kind) {
    const noun = kind === "payment_intent" ? "PaymentIntent" : "SetupIntent";
    throw new IntegrationError(`Invalid value for ${method}: the client secret should be that of a ${noun}.`);
  }
}

const idOf = (clientSecret) => clientSecret.split("_secret_")[0];

/** Read an intent: `{paymentIntent}`, `{setupIntent}` or `{error}`. */
async function retrieveIntent(key, clientSecret, kind) {
  const {path, result} = INTENTS[kind];
  const answer = await callApi(key, "GET", `${path}/${idOf(clientSecret)}`, {client_secret: clientSecret});
  return answer.error ? {error: answer.error} : {[result]: answer};
}
