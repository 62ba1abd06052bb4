// The return page retrieves the result of the payment.
const stripe = Stripe("pk_test_shop");
const query = new URLSearchParams(location.search);
const secret = query.get("payment_intent_client_secret") ?? query.get("setup_intent_client_secret");

async function look() {
  const found = query.has("payment_intent") ? await stripe.retrievePaymentIntent(secret) : await stripe.retrieveSetupIntent(secret);
  const intent = found.paymentIntent ?? found.setupIntent;
  document.querySelector("#status").textContent = found.error ? found.error.message : intent.status;
}

if (secret) {
  look();
}
