// Elements with a Checkout Session, as in Stripe's documentation.
const stripe = Stripe("pk_test_shop");
const by = (id) => document.getElementById(id);

async function start() {
  const clientSecret = fetch("/create-checkout-session", {method: "POST"})
    .then((answer) => answer.json())
    .then((body) => body.clientSecret);
  const checkout = stripe.initCheckoutElementsSdk({
    clientSecret,
    elementsOptions: {appearance: {theme: "stripe", variables: {colorPrimary: "#0a7a3c"}}},
  });
  checkout.on("change", (session) => {
    by("submit").disabled = !session.canConfirm;
    by("total").textContent = session.total.total.amount;
  });
  const loaded = await checkout.loadActions();
  if (loaded.type === "error") {
    by("payment-message").textContent = loaded.error.message;
    return;
  }
  const {actions} = loaded;
  window.actions = actions;
  by("total").textContent = actions.getSession().total.total.amount;
  checkout.createPaymentElement({layout: "tabs"}).mount("#payment-element");

  by("email").addEventListener("blur", async () => {
    const result = await actions.updateEmail(by("email").value);
    by("email-errors").textContent = result.type === "error" ? result.error.message : "";
  });
  by("apply").addEventListener("click", async () => {
    const result = await actions.applyPromotionCode(by("promotion-code").value);
    by("promotion-errors").textContent = result.type === "error" ? `${result.error.code}: ${result.error.message}` : "";
  });
  by("remove").addEventListener("click", () => actions.removePromotionCode());
  by("payment-form").addEventListener("submit", async (event) => {
    event.preventDefault();
    by("payment-message").textContent = "";
    const redirect = location.hash === "#stay" ? "if_required" : undefined;
    const result = await actions.confirm({redirect});
    by("payment-message").textContent = result.type === "error" ? result.error.message : "Thank you!";
    window.result = result;
  });
}

start();
