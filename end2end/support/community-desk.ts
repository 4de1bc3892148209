// Communities and flash sales made through the API, for journeys in the console.

import { expect, type APIRequestContext } from "@playwright/test";

import { unique } from "./console";
import type { SignIn } from "./people";
import type { Desk } from "./referral-desk";

const MINUTE = 60_000;

/** A community of a journey's own. */
export interface Community {
  id: string;
  name: string;
  code: string;
}

/** Makes a community. */
export async function community(desk: Desk, name: string): Promise<Community> {
  const definition = { name: unique(name), tags: ["office"], rules: "请文明交流。", capacity: 200, open: true };
  const { id, code } = await desk.ask("POST", "/communities", definition, 201);
  return { id, name: definition.name, code };
}

/** An account that leads these communities. */
export async function manager(desk: Desk, communities: Community[]): Promise<SignIn & { called: string }> {
  const mail = `${unique("manager").replace(" ", "-")}@example.com`;
  const called = unique("群主小周");
  const data = { email: mail, name: called, role: "community_manager", password: "a-good-password" };
  const { id } = await desk.ask("POST", "/staff", data, 201);
  for (const it of communities) {
    await desk.ask("PUT", `/communities/${it.id}/managers`, { managers: [id] }, 200);
  }
  return { name: mail, password: "a-good-password", called };
}

/** A sale that has begun, of two products with five pieces each. */
export async function runningSale(desk: Desk, title: string): Promise<{ id: string; title: string }> {
  const now = Date.now();
  const product = (sku: string, zh: string) => ({
    sku,
    name: { "zh-CN": zh, en: sku },
    price: 990,
    list_price: 1990,
    stock: 5,
    per_member: 2,
  });
  const called = unique(title);
  const definition = {
    title: { "zh-CN": called, en: called },
    products: [product("milk", "鲜牛奶"), product("bread", "全麦面包")],
    starts_at: new Date(now - MINUTE).toISOString(),
    ends_at: new Date(now + 60 * MINUTE).toISOString(),
    payment_minutes: 15,
  };
  const { id } = await desk.ask("POST", "/flash_sales", definition, 201);
  await desk.ask("POST", `/flash_sales/${id}/publish`, {}, 200);
  return { id, title: called };
}

/** A member who has just signed up, and claims. */
export class Shopper {
  private constructor(
    private readonly request: APIRequestContext,
    private readonly token: string,
    readonly id: string,
  ) {}

  static async signUp(request: APIRequestContext): Promise<Shopper> {
    const email = `${unique("shopper").replace(" ", "-")}@example.com`;
    const made = await request.post("/api/v1/sign_ups", {
      headers: { "x-coterie-client": "member" },
      data: { email, password: "correct horse battery", name: "小李" },
    });
    expect(made.status(), await made.text()).toBe(201);
    const { access_token, member_id } = await made.json();
    return new Shopper(request, access_token, member_id);
  }

  /** Looks at a sale. */
  async look(sale: string) {
    const seen = await this.request.get(`/api/v1/me/flash_sales/${sale}`, { headers: this.headers() });
    expect(seen.status()).toBe(200);
  }

  /** Claims pieces of a product; answers the claim, or what the server says against it. */
  async claim(sale: string, sku: string, quantity: number, status = 201): Promise<{ id: string }> {
    const answer = await this.request.post(`/api/v1/flash_sales/${sale}/claims`, {
      headers: { ...this.headers(), "idempotency-key": unique("claim").replace(" ", "-") },
      data: { sku, quantity },
    });
    expect(answer.status(), await answer.text()).toBe(status);
    return answer.json();
  }

  private headers() {
    return { authorization: `Bearer ${this.token}` };
  }
}

/** Says that a member has paid for what they claimed. */
export async function pay(desk: Desk, member: Shopper, claim: { id: string }, sku: string, quantity: number) {
  const key = { name: unique("sales"), scopes: ["orders:write"] };
  const { secret } = await desk.ask("POST", "/api_keys", key, 201);
  const order = unique("sale-order").replace(" ", "-");
  const line = { line_id: "a", sku, quantity, amount: 990 * quantity, claim: claim.id };
  const contents = { member: member.id, currency: "CNY", lines: [line] };
  const occurred_at = new Date().toISOString();
  const event = { event_id: `${order}-paid`, order_id: order, occurred_at, type: "paid", order: contents };
  await desk.ask("POST", "/order_events", event, 201, secret);
}
