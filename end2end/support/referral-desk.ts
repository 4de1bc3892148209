// Invitations made through the API, as a shop makes them, for journeys in the console.

import { expect, type APIRequestContext } from "@playwright/test";

import { unique } from "./console";
import { printedSignIn } from "./people";
import { inTurn } from "./turn";

// What the server answers; the journeys touch a few fields of it.
type Answer = any;

/** A member of a journey's own. */
export interface Someone {
  id: string;
  name: string;
}

/** A friend, the inviter, and what binds them. */
export interface Invited {
  id: string;
  inviter: Someone;
  friend: Someone;
}

/** How journeys act as the shop and its administrator. */
export class Desk {
  private constructor(
    private readonly request: APIRequestContext,
    private readonly token: string,
  ) {}

  static async open(request: APIRequestContext): Promise<Desk> {
    const { password } = printedSignIn("operator");
    const session = await request.post("/api/v1/staff_sessions", {
      headers: { "x-coterie-client": "console" },
      data: { email: "admin@example.com", password },
    });
    expect(session.status()).toBe(201);
    const { access_token } = await session.json();
    return new Desk(request, access_token);
  }

  /** Sends a request as the administrator, and insists on the status. */
  async ask(method: string, path: string, data: object | undefined, status: number, token = this.token): Promise<Answer> {
    const answer = await this.request.fetch(`/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, "idempotency-key": unique("desk").replace(" ", "-") },
      data,
    });
    expect(answer.status(), `${method} ${path}: ${await answer.text()}`).toBe(status);
    return status === 204 ? undefined : answer.json();
  }

  /** Changes the terms, however often another journey changes them meanwhile. */
  async setTerms(change: Answer): Promise<Answer> {
    for (let tries = 0; tries < 20; tries += 1) {
      const seen = await this.ask("GET", "/referral_terms", undefined, 200);
      const same = Object.keys(change).every(
        (key) => JSON.stringify(seen.terms[key]) === JSON.stringify(change[key]),
      );
      if (same) return seen.terms;
      const answer = await this.request.put("/api/v1/referral_terms", {
        headers: { authorization: `Bearer ${this.token}`, "if-match": `"${seen.version}"` },
        data: { ...seen.terms, ...change },
      });
      if (answer.ok()) return seen.terms;
      expect(answer.status(), await answer.text()).toBe(412);
    }
    throw new Error("somebody else always changes the terms");
  }

  /** Makes a member. */
  async member(name: string): Promise<Someone> {
    const data = { external_id: unique("ref").replace(" ", "-"), name };
    const { id } = await this.ask("POST", "/members", data, 201);
    return { id, name };
  }

  /** An auditor, who may look and not touch. */
  async auditor(): Promise<{ name: string; password: string }> {
    const mail = `${unique("auditor").replace(" ", "-")}@example.com`;
    const data = { email: mail, name: "审计小吴", role: "auditor", password: "a-good-password" };
    await this.ask("POST", "/staff", data, 201);
    return { name: mail, password: "a-good-password" };
  }

  /**
   * A friend who pays with the same thing as the inviter, and whose order has stood: it waits for
   * a person. The order has to stand for no time, because a journey cannot wait for days.
   */
  async held(names: [string, string]): Promise<Invited> {
    const key = await this.key();
    const inviter = await this.member(names[0]);
    const { code } = await this.ask("GET", `/members/${inviter.id}/referral`, undefined, 200);
    const { friend, id } = await this.bound(names[1], code);
    const payment = unique("payment-hash").replace(" ", "-");
    for (const it of [inviter, friend]) {
      await this.ask("POST", `/members/${it.id}/signals`, { payment }, 204);
    }
    const order = unique("ref-order").replace(" ", "-");
    const lines = [{ line_id: "a", sku: "jasmine-tea", quantity: 1, amount: 20_000 }];
    const contents = { member: friend.id, currency: "CNY", lines };
    const occurred_at = new Date().toISOString();
    const event = { event_id: `${order}-paid`, order_id: order, occurred_at, type: "paid", order: contents };
    await this.ask("POST", "/order_events", event, 201, key);
    const state = async () => (await this.ask("GET", `/referrals/${id}`, undefined, 200)).referral.state;
    await expect.poll(state, { timeout: 30_000 }).toBe("held");
    return { id, inviter, friend };
  }

  /** A friend who joins by a code under terms that let the order stand for no time. */
  private bound(name: string, code: string): Promise<{ friend: Someone; id: string }> {
    return inTurn("referral-terms", async () => {
      const before = await this.setTerms({ enabled: true, hold_days: 0, monthly_budget: 100_000_000 });
      const friend = await this.member(name);
      const { id } = await this.ask("POST", `/members/${friend.id}/referral_bindings`, { code }, 201);
      // Others look at how long an order has to stand.
      await this.setTerms({ hold_days: before.hold_days });
      return { friend, id };
    });
  }

  /** The secret of a key that may report orders. */
  private async key(): Promise<string> {
    const data = { name: unique("referrals"), scopes: ["orders:write"] };
    return (await this.ask("POST", "/api_keys", data, 201)).secret;
  }
}
