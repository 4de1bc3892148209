// What journeys about flash sales share: a community whose members alone see the sales of the
// journey, and staff who make them.

import { expect, type APIRequestContext, type Browser, type Page } from "@playwright/test";

import { unique } from "./console";
import { Desk } from "./referral-desk";
import { type Member, Shop } from "./referrals";

// What the server answers; the journeys touch a few fields of it.
type Answer = any;

/** A sale that was made. */
export interface Sale {
  id: string;
  title: string;
}

/** What brings a new member into a tier, in minor units of orders. */
export const SPENT = { member: 0, silver: 60_000, gold: 250_000 };

/** An instant so many seconds from now, as the server's machine has it. */
export function inSeconds(seconds: number): string {
  return new Date(Date.now() + seconds * 1000).toISOString();
}

/** A product of a sale, as staff write it. */
export function product(sku: string, edit: object = {}): object {
  const names: Record<string, [string, string]> = {
    milk: ["鲜牛奶 950 毫升", "Fresh milk 950 ml"],
    coffee: ["挂耳咖啡 10 片", "Drip coffee, 10 bags"],
  };
  const [zh, en] = names[sku] ?? [sku, sku];
  return { sku, name: { "zh-CN": zh, en }, price: 990, list_price: 1990, stock: 20, per_member: 2, ...edit };
}

/** A shop with a community of the journey's own. */
export class Stall {
  private constructor(
    readonly desk: Desk,
    readonly shop: Shop,
    readonly community: Answer,
  ) {}

  static async open(request: APIRequestContext, edit: object = {}): Promise<Stall> {
    const [desk, shop] = [await Desk.open(request), await Shop.open(request)];
    const definition = {
      name: unique("浦东早餐群").slice(0, 50),
      tags: ["上班族", "早餐"],
      rules: "请友善交流。\n不发广告。",
      capacity: 200,
      open: true,
      ...edit,
    };
    const community = await desk.ask("POST", "/communities", definition, 201);
    return new Stall(desk, shop, community);
  }

  /** A member of the community whose orders come to `spent`. */
  async member(name: string, spent = SPENT.member): Promise<Member> {
    const member = await this.shop.member(name);
    if (spent > 0) await this.shop.paid(member, spent);
    await this.desk.ask("POST", `/communities/${this.community.id}/members`, { member: member.id }, 200);
    return member;
  }

  /** Makes a sale for the community and publishes it: it opens in `opens` seconds, for an hour. */
  async sale(opens: number, edit: object = {}): Promise<Sale> {
    const title = unique("早餐秒杀");
    const definition = {
      title: { "zh-CN": title, en: title },
      products: [product("milk")],
      starts_at: inSeconds(opens),
      ends_at: inSeconds(opens + 3600),
      payment_minutes: 15,
      audience: { communities: [this.community.id] },
      ...edit,
    };
    const { id } = await this.desk.ask("POST", "/flash_sales", definition, 201);
    await this.act(id, "publish");
    return { id, title };
  }

  /** Does something with a sale, as staff. */
  async act(sale: string, action: string, data: object = {}): Promise<Answer> {
    return this.desk.ask("POST", `/flash_sales/${sale}/${action}`, data, 200);
  }

  /** Signs a member in on a page of their own. */
  async arrive(page: Page, member: Member, address: string) {
    await page.goto(await this.shop.handOff(member, address));
  }
}

/** A page of another person, whose device's clock is off by so many minutes. */
export async function elsewhere(browser: Browser, baseURL: string | undefined, minutes = 0): Promise<Page> {
  const context = await browser.newContext({ baseURL, locale: "zh-CN", timezoneId: "Asia/Shanghai" });
  const page = await context.newPage();
  await wrongClock(page, minutes);
  return page;
}

/** Lets the device's clock be off by so many minutes; the monotonic clock is not touched. */
export async function wrongClock(page: Page, minutes: number) {
  await page.addInitScript((off) => {
    const Real = Date;
    class Wrong extends Real {
      constructor(...given: unknown[]) {
        if (given.length === 0) super(Real.now() + off);
        else super(...(given as [number]));
      }
      static now() {
        return Real.now() + off;
      }
    }
    globalThis.Date = Wrong as DateConstructor;
  }, minutes * 60_000);
}

/** How many seconds the countdown that is shown has left. */
export async function secondsShown(page: Page): Promise<number> {
  const text = (await page.locator(".countdown").first().textContent()) ?? "";
  expect(text).toMatch(/^\d\d:\d\d:\d\d$/);
  return text.split(":").reduce((sum, part) => sum * 60 + Number(part), 0);
}
