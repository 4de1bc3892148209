// A shop that holds the member centre: its server, which makes addresses, and its page.

import { expect, type APIRequestContext, type FrameLocator, type Page } from "@playwright/test";

import { printedSignIn } from "./people";

/** A message of the member centre. */
export interface Said {
  v: number;
  id: string;
  type: string;
  payload: Record<string, unknown>;
}

const port = process.env.COTERIE_HOST_PORT;

/** The shop on the site of the member centre, and on another one. */
export const SAME_SITE = `http://127.0.0.1:${port}`;
export const OTHER_SITE = `http://localhost:${port}`;

/** A page that the member centre has never heard of. */
export const stranger = () => `http://localhost:${process.env.COTERIE_STRANGER_PORT}`;

declare global {
  interface Window {
    heard: Said[];
    asked: string[];
    hacked: string[];
    fresh: (why: string) => Promise<string | null>;
    host: { theme(it: object): void; refresh(): void; back(): void; end(): void };
    Coterie: (frame: HTMLIFrameElement, options: object) => Window["host"];
  }
}

/** The server of the shop, with a key that the demo's administrator makes. */
export class Shop {
  private constructor(
    private request: APIRequestContext,
    private secret: string,
  ) {}

  static async open(request: APIRequestContext): Promise<Shop> {
    const client = { "x-coterie-client": "console" };
    const admin = { email: "admin@example.com", password: printedSignIn("operator").password };
    const session = await request.post("/api/v1/staff_sessions", { data: admin, headers: client });
    const authorization = `Bearer ${(await session.json()).access_token}`;
    const made = await request.post("/api/v1/api_keys", {
      data: { name: "embedding", scopes: ["embed:create", "members:write"] },
      headers: { authorization },
    });
    return new Shop(request, (await made.json()).secret);
  }

  key() {
    return this.secret;
  }

  /** A member of one's own. */
  async member(): Promise<string> {
    const external = `embed-${Date.now()}-${Math.floor(Math.random() * 1e9)}`;
    const made = await this.request.post("/api/v1/members", {
      data: { external_id: external, name: "小林" },
      headers: { authorization: `Bearer ${this.secret}` },
    });
    expect(made.status()).toBe(201);
    return (await made.json()).id;
  }

  ask(data: object) {
    return this.request.post("/api/v1/embed_sessions", {
      data,
      headers: { authorization: `Bearer ${this.secret}` },
    });
  }

  /** An address that works once. */
  async address(member: string, page: string, more: object = {}): Promise<string> {
    const answer = await this.ask({ member, page, ...more });
    expect(answer.status(), await answer.text()).toBe(201);
    return (await answer.json()).url;
  }
}

/** The page of the shop with the member centre in its frame. */
export class HostPage {
  readonly frame: FrameLocator;
  /** What the shop brings when it is asked for an address; nothing when this gives nothing. */
  bring: (why: string) => Promise<string | null>;

  constructor(
    readonly page: Page,
    private origin: string,
    bring: (why: string) => Promise<string | null>,
  ) {
    this.frame = page.frameLocator("#frame");
    this.bring = bring;
  }

  async open(on = "{}") {
    await this.page.exposeFunction("fresh", (why: string) => this.bring(why));
    await this.page.goto(`${this.origin}/shop`);
    await this.page.evaluate(
      ([coterie, on]) => {
        window.heard = [];
        window.asked = [];
        const code = (why: string) => {
          window.asked.push(why);
          return window.fresh(why);
        };
        const message = (it: Said) => window.heard.push(it);
        const frame = document.querySelector<HTMLIFrameElement>("#frame")!;
        window.host = window.Coterie(frame, { origin: coterie, code, on: { message, ...JSON.parse(on) } });
      },
      [process.env.COTERIE_URL!, on] as const,
    );
  }

  /** What was said of one kind. */
  async heard(type: string): Promise<Said[]> {
    const all = await this.page.evaluate(() => window.heard);
    return all.filter((it) => it.type === type);
  }

  async asked(): Promise<string[]> {
    return this.page.evaluate(() => window.asked);
  }

  /** Sends anything to the frame, as the page around it. */
  async post(message: unknown) {
    await this.page.evaluate((it) => {
      document.querySelector<HTMLIFrameElement>("#frame")!.contentWindow!.postMessage(it, "*");
    }, message);
  }

  /** How the document in the frame is marked. */
  async marked(name: string): Promise<string | null> {
    return this.frame.locator("html").getAttribute(name);
  }

  /** Loads the frame again, and waits until what was there is gone. */
  async reload() {
    await this.frame.locator("html").evaluate((it) => {
      it.setAttribute("data-old", "");
      location.reload();
    });
    await expect(this.frame.locator("html:not([data-old])")).toBeAttached();
  }
}
