// What journeys about referrals share: a shop with the programme switched on, its members, and
// what its backend tells the server.

import { expect, type APIRequestContext, type Page } from "@playwright/test";

import { printedSignIn } from "./people";
import { inTurn } from "./turn";

/** A member that the shop has made. */
export interface Member {
  id: string;
  externalId: string;
}

/** What a month may cost: every journey binds friends, and each commits some of it. */
const BUDGET = 100_000_000;

/** The shop's backend, with a key of its own. */
export class Shop {
  /** How far the shop's clock is ahead of this machine's, in seconds: in a sandbox. */
  ahead = 0;

  private constructor(
    private request: APIRequestContext,
    private key: string,
  ) {}

  /** Opens the shop: a key for its backend, and invitations that count. */
  static async open(request: APIRequestContext): Promise<Shop> {
    const admin = { email: "admin@example.com", password: printedSignIn("operator").password };
    const session = await request.post("/api/v1/staff_sessions", {
      data: admin,
      headers: { "x-coterie-client": "console" },
    });
    const authorization = `Bearer ${(await session.json()).access_token}`;
    await expect(async () => {
      const found = await (await request.get("/api/v1/referral_terms", { headers: { authorization } })).json();
      const terms = { ...found.terms, enabled: true, monthly_budget: BUDGET };
      if (JSON.stringify(terms) === JSON.stringify(found.terms)) return;
      // Another journey may be doing the same.
      const put = await request.put("/api/v1/referral_terms", {
        data: terms,
        headers: { authorization, "if-match": `"${found.version}"` },
      });
      expect(put.status()).toBe(200);
    }).toPass();
    const scopes = ["embed:create", "members:read", "members:write", "orders:write"];
    const made = await request.post("/api/v1/api_keys", {
      data: { name: "referrals", scopes },
      headers: { authorization },
    });
    expect(made.status()).toBe(201);
    return new Shop(request, (await made.json()).secret);
  }

  private get headers() {
    return { authorization: `Bearer ${this.key}` };
  }

  /** Makes a member whom no other journey knows. */
  async member(name: string): Promise<Member> {
    const externalId = `ref-${Date.now()}-${Math.floor(Math.random() * 1e9)}`;
    const made = await this.request.post("/api/v1/members", {
      data: { external_id: externalId, name },
      headers: this.headers,
    });
    expect(made.status()).toBe(201);
    return { id: (await made.json()).id, externalId };
  }

  /** The member's code. */
  async codeOf(member: Member): Promise<string> {
    const found = await this.request.get(`/api/v1/members/${member.id}/referral`, { headers: this.headers });
    expect(found.status()).toBe(200);
    return (await found.json()).code;
  }

  /** What the programme offers. */
  async offerOf(member: Member) {
    const found = await this.request.get(`/api/v1/members/${member.id}/referral`, { headers: this.headers });
    return (await found.json()).offer;
  }

  /** Where the friends of a member stand, newest first. */
  async friendsOf(member: Member): Promise<string[]> {
    const found = await this.request.get(`/api/v1/members/${member.id}/referrals`, { headers: this.headers });
    return (await found.json()).data.map((it: { state: string }) => it.state);
  }

  /** Where the shop sends the member's own browser, to arrive signed in at `page`. */
  async handOff(member: Member, page: string): Promise<string> {
    const handed = await this.request.post("/api/v1/embed_sessions", {
      data: { member: member.id, page },
      headers: this.headers,
    });
    expect(handed.ok()).toBe(true);
    return `${new URL((await handed.json()).url).pathname}?chrome=full`;
  }

  /** Binds a friend as a shop does whose members sign up in the shop. */
  async bind(friend: Member, code: string) {
    const bound = await inTurn("referral-terms", () =>
      this.request.post(`/api/v1/members/${friend.id}/referral_bindings`, {
        data: { code },
        headers: this.headers,
      }),
    );
    expect(bound.status(), await bound.text()).toBe(201);
  }

  /**
   * Says that a member has paid for an order of `amount` in minor units, or for one that differs as
   * `line` says; answers the order.
   */
  async paid(member: { id: string }, amount: number, line: object = {}): Promise<string> {
    const order = `ref-order-${Date.now()}-${Math.floor(Math.random() * 1e9)}`;
    const lines = [{ line_id: "a", sku: "tea", quantity: 1, amount, ...line }];
    await this.tell(order, "paid", { order: { member: member.id, currency: "CNY", lines } });
    return order;
  }

  /** Says that all of an order was given back. */
  async refunded(order: string) {
    await this.tell(order, "refunded", {});
  }

  private async tell(order: string, type: string, more: object) {
    const occurred_at = new Date(Date.now() + this.ahead * 1000).toISOString();
    const event = { event_id: `${order}-${type}`, order_id: order, occurred_at, type };
    const told = await this.request.post("/api/v1/order_events", {
      data: { ...event, ...more },
      headers: this.headers,
    });
    expect(told.ok(), await told.text()).toBe(true);
  }
}

/** Fills in the sign-up page that is open, and gives the new member's id. */
export async function signUp(page: Page, name: string): Promise<{ id: string }> {
  const answer = page.waitForResponse((it) => it.url().endsWith("/api/v1/sign_ups"));
  await page.locator('input[name="name"]').fill(name);
  await page
    .locator('input[autocomplete="username"]')
    .fill(`ref-${Date.now()}-${Math.floor(Math.random() * 1e9)}@example.com`);
  await page.locator('input[autocomplete="new-password"]').fill("correct horse battery");
  await page.locator('button[type="submit"]').click();
  return { id: (await (await answer).json()).member_id };
}

/** Lets this browser forget its visit, so that a member who arrives is not asked about it. */
export function forgetVisit(page: Page): Promise<void> {
  return page.evaluate(() => localStorage.removeItem("coterie.visit"));
}

/** Whether this browser keeps a visit. */
export function keepsVisit(page: Page): Promise<boolean> {
  return page.evaluate(() => localStorage.getItem("coterie.visit") !== null);
}
