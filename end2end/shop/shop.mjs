// A small shop that plays the whole loop with Coterie: quote, reserve, order, pay, refund, the
// member centre in a frame, and webhooks. Node's own library only, one process, nothing kept on
// disk: copy from it what you need. `cargo xtask serve --with-shop` starts it with these settings:
//
//   COTERIE_URL=http://127.0.0.1:3000 COTERIE_KEY=ck_… PORT=3001 node shop.mjs
//
// The key needs the scopes members:write, orders:write, coupons:write, embed:create and
// webhooks:write.

import { createHmac, randomUUID, timingSafeEqual } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { setTimeout as pause } from "node:timers/promises";

const { COTERIE_URL, COTERIE_KEY, PORT = "3001" } = process.env;
if (!COTERIE_URL || !COTERIE_KEY) throw new Error("set COTERIE_URL and COTERIE_KEY");

// ---- what a shop has anyway: products, carts, orders. Amounts are in fen.

const PRODUCTS = [
  { sku: "jasmine-tea", name: "Jasmine tea", category: "drinks", price: 6_800 },
  { sku: "drip-coffee", name: "Drip coffee", category: "drinks", price: 4_900 },
  { sku: "puzzle", name: "Puzzle", category: "children", price: 9_900 },
  { sku: "desk-lamp", name: "Desk lamp", category: "home", price: 19_900 },
];
const SHIPPING = 800;
const carts = new Map(); // customer → sku → how many
const orders = new Map(); // order id → order
const heard = []; // webhooks, newest first
const watching = new Set(); // pages that want to hear of webhooks

/** The cart as Coterie wants it: what all pieces of a line cost, before any discount. */
function cartOf(customer) {
  const lines = [...(carts.get(customer) ?? [])].map(([sku, quantity]) => {
    const { category, price } = PRODUCTS.find((it) => it.sku === sku);
    return { line_id: sku, sku, category, quantity, amount: price * quantity };
  });
  return { currency: "CNY", lines, shipping: SHIPPING };
}

// ---- talking to Coterie

/** What Coterie refused: `code` never changes, `title` is for people. */
class Refused extends Error {
  constructor(status, problem) {
    super(problem.title ?? `status ${status}`);
    Object.assign(this, { status, code: problem.code });
  }
}

/**
 * Asks Coterie. `intent` names what is wanted, once: with the same one, trying again after a
 * timeout does nothing twice.
 */
async function coterie(path, body, intent = randomUUID(), method = "POST") {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const answer = await fetch(`${COTERIE_URL}/api/v1${path}`, {
        method,
        headers: {
          authorization: `Bearer ${COTERIE_KEY}`,
          "content-type": "application/json",
          "accept-language": "en",
          "idempotency-key": intent,
        },
        body: body && JSON.stringify(body),
        signal: AbortSignal.timeout(10_000),
      });
      const text = await answer.text();
      const said = text ? JSON.parse(text) : {};
      if (answer.ok) return said;
      throw new Refused(answer.status, said);
    } catch (error) {
      // Too many requests, or trouble on the way: the same question again. A refusal stays one.
      const final = error instanceof Refused && error.status !== 429 && error.status < 500;
      if (final || attempt === 3) throw error;
      await pause(attempt * 300);
    }
  }
}

// Events that Coterie must hear of, in order. A real shop keeps them in its database, in the
// transaction that changes the order. An event that comes twice counts once, by its event_id.
const unsent = [];
let sending = Promise.resolve();

function tell(event) {
  unsent.push({ occurred_at: new Date().toISOString(), ...event });
  sending = sending.then(sendAll);
  return sending;
}

async function sendAll() {
  while (unsent.length > 0) {
    try {
      await coterie("/order_events", unsent[0]);
    } catch (error) {
      if (!(error instanceof Refused) || error.status === 429 || error.status >= 500) {
        setTimeout(() => (sending = sending.then(sendAll)), 5_000).unref();
        return;
      }
      console.error("an event was refused; somebody has to look at it:", unsent[0], error.code);
    }
    unsent.shift();
  }
}

// ---- what the page can ask for. A real shop knows its customer by its own sign-in.

const actions = {
  /** Coterie makes the member at the first sight of a customer. */
  async "sign-in"({ customer }) {
    await coterie("/members", { external_id: customer });
    return { customer };
  },

  /** An address that opens the member centre signed in, once, within two minutes. */
  async "member-centre"({ customer, page }) {
    return await coterie("/embed_sessions", { member: `ext:${customer}`, page });
  },

  async cart({ customer, sku, quantity }) {
    const cart = carts.get(customer) ?? new Map();
    if (quantity > 0) cart.set(sku, quantity);
    else cart.delete(sku);
    carts.set(customer, cart);
    return {};
  },

  /** What the cart comes to, which coupons are used and why not the others, what it will earn. */
  async quote({ customer, codes = [], points = 0 }) {
    const cart = cartOf(customer);
    if (cart.lines.length === 0) return null;
    return await coterie("/checkout_quotes", { member: `ext:${customer}`, cart, codes, points });
  },

  /** Holds what the quote found, then places the order, which uses it: both or neither. */
  async checkout({ customer, codes = [], points = 0 }) {
    const { checkout } = await actions.quote({ customer, codes, points });
    const id = `shop-${randomUUID().slice(0, 8)}`;
    const asked = { session_key: id, ttl_s: 900, checkout };
    const reservation = await coterie("/coupon_reservations", asked, `reserve-${id}`);
    const { quote } = reservation;
    // A line's amount is what it costs after coupons.
    const net = new Map(quote.lines.map((it) => [it.line_id, it.net]));
    const { currency } = checkout.cart;
    const lines = checkout.cart.lines.map((it) => ({ ...it, amount: net.get(it.line_id) }));
    try {
      await coterie("/order_events", {
        event_id: `${id}-placed`,
        order_id: id,
        occurred_at: new Date().toISOString(),
        type: "placed",
        reservation: reservation.id,
        order: { member: `ext:${customer}`, currency, lines },
      });
    } catch (error) {
      // Nothing was placed: the coupons go back to the wallet at once, not in 15 minutes.
      await coterie(`/coupon_reservations/${reservation.id}/releases`, {}, `release-${id}`);
      throw error;
    }
    const order = { id, customer, lines, due: quote.due, discount: quote.discount, state: "placed" };
    orders.set(id, order);
    carts.delete(customer);
    return order;
  },

  /** The payment provider says that the money is there. */
  async pay({ order: id }) {
    const order = orders.get(id);
    order.state = "paid";
    await tell({ event_id: `${id}-paid`, order_id: id, type: "paid" });
    return order;
  },

  /** Everything comes back: points that were earned, the coupon, points that were spent. */
  async refund({ order: id }) {
    const order = orders.get(id);
    order.state = "refunded";
    await tell({ event_id: `${id}-refunded`, order_id: id, type: "refunded" });
    return order;
  },

  async state({ customer }) {
    const own = [...orders.values()].filter((it) => it.customer === customer).reverse();
    const cart = cartOf(customer).lines;
    return { coterie: new URL(COTERIE_URL).origin, products: PRODUCTS, cart, orders: own, heard };
  },
};

// ---- webhooks

const WANTED = ["points.changed", "tier.changed", "task.rewarded", "coupon.redeemed", "coupon.returned"];
let secret = "";

/**
 * Has Coterie tell this shop what happens. A secret is shown once; a real shop keeps it, this one
 * makes a new endpoint at each start and drops the one before.
 */
async function subscribe() {
  const name = "reference shop";
  const { endpoints } = await coterie("/webhook_endpoints", undefined, undefined, "GET");
  for (const it of endpoints.filter((it) => it.definition.name === name)) {
    await coterie(`/webhook_endpoints/${it.id}`, undefined, undefined, "DELETE");
  }
  const url = `http://127.0.0.1:${PORT}/webhooks`;
  const made = await coterie("/webhook_endpoints", { name, url, events: WANTED });
  secret = made.secret;
}

/**
 * Whether a webhook comes from Coterie, by the Standard Webhooks specification: HMAC-SHA256 of id,
 * time and body, no older than five minutes. While a secret is changed there are two signatures.
 */
export function isGenuine(headers, body, secret, now = Date.now()) {
  const id = headers["webhook-id"] ?? "";
  const at = headers["webhook-timestamp"] ?? "";
  if (!secret || Math.abs(now / 1000 - Number(at)) > 300) return false;
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  const expected = createHmac("sha256", key).update(`${id}.${at}.${body}`).digest();
  return (headers["webhook-signature"] ?? "").split(" ").some((signature) => {
    const [version, text = ""] = signature.split(",");
    const given = Buffer.from(text, "base64");
    return version === "v1" && given.length === expected.length && timingSafeEqual(given, expected);
  });
}

function hear(headers, body) {
  if (!isGenuine(headers, body, secret)) return 401;
  const id = headers["webhook-id"];
  // It may come again: the id says so.
  if (heard.some((it) => it.id === id)) return 204;
  const { type, timestamp } = JSON.parse(body);
  heard.unshift({ id, type, timestamp });
  heard.splice(50);
  for (const page of watching) page.write(`data: ${JSON.stringify({ type })}\n\n`);
  return 204;
}

// ---- the server

async function bodyOf(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts).toString("utf8");
}

async function serve(request, response) {
  const { pathname } = new URL(request.url, "http://shop");
  const json = (status, value) => {
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify(value));
  };
  if (request.method === "GET" && pathname === "/") {
    response.writeHead(200, { "content-type": "text/html; charset=utf-8" });
    response.end(readFileSync(new URL("index.html", import.meta.url)));
  } else if (request.method === "GET" && pathname === "/news") {
    response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
    response.write(": hello\n\n");
    watching.add(response);
    response.on("close", () => watching.delete(response));
  } else if (request.method === "POST" && pathname === "/webhooks") {
    response.writeHead(hear(request.headers, await bodyOf(request))).end();
  } else if (request.method === "POST" && Object.hasOwn(actions, pathname.slice(1))) {
    const asked = JSON.parse(await bodyOf(request));
    json(200, await actions[pathname.slice(1)](asked));
  } else {
    json(404, { title: "There is nothing here." });
  }
}

const server = createServer((request, response) => {
  serve(request, response).catch((error) => {
    console.error(error);
    const refused = error instanceof Refused;
    const status = refused ? error.status : 500;
    if (!response.headersSent) response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify({ code: error.code, title: refused ? error.message : "That failed." }));
  });
});
await subscribe();
server.listen(Number(PORT), "127.0.0.1", () => console.log(`the shop: http://127.0.0.1:${PORT}`));
