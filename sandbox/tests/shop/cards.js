// Card Elements, in one line or three fields, with the older calls that many shops still use.
const stripe = Stripe("pk_test_shop");
const query = new URLSearchParams(location.search);
const setup = query.get("mode") === "setup";
const elements = stripe.elements();
const style = {base: {fontSize: "18px", color: "#32325d", "::placeholder": {color: "#777"}}, invalid: {color: "#fa0000"}};
const card = query.has("split") ? elements.create("cardNumber", {style}) : elements.create("card", {style, hidePostalCode: true});
card.mount("#card");
if (query.has("split")) {
  elements.create("cardExpiry", {style}).mount("#expiry");
  elements.create("cardCvc", {style}).mount("#cvc");
}
card.on("change", (event) => {
  window.change = event;
  document.querySelector("#error").textContent = event.error ? event.error.message : "";
});
card.on("ready", () => (document.querySelector("#heard").textContent = "ready"));

document.querySelector("#form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const {clientSecret} = await (await fetch("/create-intent", {method: "POST"})).json();
  const data = {payment_method: {card, billing_details: {name: "Anna Ek", email: "anna@example.com"}}};
  const result = setup ? await stripe.confirmCardSetup(clientSecret, data) : await stripe.confirmCardPayment(clientSecret, data);
  window.result = result;
  const intent = result.paymentIntent ?? result.setupIntent;
  document.querySelector("#said").textContent = result.error ? result.error.message : intent.status;
});
