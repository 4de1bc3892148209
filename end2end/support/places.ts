// Every page there is, by name: the member centre's and the console's, with the ones whose
// address has something of the demo shop in it.

import { expect, type Page } from "@playwright/test";

import { settled } from "./console";

type Places = Record<string, string>;

const MEMBER: Places = {
  home: "/",
  points: "/points",
  "points-credit": "/points?asset=credit",
  tier: "/tier",
  tasks: "/tasks",
  coupons: "/coupons",
  "coupon-centre": "/coupons/centre",
  sales: "/sales",
  claims: "/sales/claims",
  communities: "/communities",
  invite: "/invite",
  me: "/me",
  privacy: "/me/privacy",
  erase: "/me/erase",
  messages: "/messages",
};

const CONSOLE: Places = {
  start: "/console",
  members: "/console/members",
  approvals: "/console/approvals",
  tiers: "/console/tiers",
  points: "/console/points",
  tasks: "/console/tasks",
  "check-in": "/console/check-in",
  sharing: "/console/sharing",
  coupons: "/console/coupons",
  "coupon-log": "/console/coupons/log",
  referrals: "/console/referrals",
  "referral-queue": "/console/referrals/queue",
  "referral-terms": "/console/referrals/terms",
  households: "/console/referrals/households",
  communities: "/console/communities",
  "community-new": "/console/communities/new",
  sales: "/console/sales",
  "sale-new": "/console/sales/new",
  staff: "/console/staff",
  keys: "/console/keys",
  webhooks: "/console/webhooks",
  requests: "/console/requests",
  transfers: "/console/transfers",
  "import-new": "/console/transfers/new",
  account: "/console/account",
  audit: "/console/audit",
  playground: "/console/playground",
  settings: "/console/settings",
};

/** Sets the language and the theme of what is opened next. */
export async function wear(page: Page, locale: string, theme: string) {
  await page.evaluate(
    ([locale, theme]) => {
      localStorage.setItem("coterie.locale", locale);
      localStorage.setItem("coterie.theme", theme);
    },
    [locale, theme],
  );
}

/** Opens a page and waits until all of it is there. */
export async function visit(page: Page, name: string, address: string) {
  await page.goto(address);
  await expect(page.getByRole("heading", { level: 1 }), name).toBeVisible();
  await settled(page);
}

/** The first link of a page whose address goes on from `below` with one more part. */
async function firstBelow(page: Page, list: string, below: string): Promise<string | undefined> {
  await page.goto(list);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await settled(page);
  const hrefs = await page.locator(`main a[href^="${below}"]`).evaluateAll((links) =>
    links.map((it) => new URL((it as HTMLAnchorElement).href).pathname),
  );
  return hrefs.find((it) => /^[a-z]+_[0-9a-z]{26}$/.test(it.slice(below.length).split("/")[0] ?? ""));
}

/** The pages of the member centre; the page is signed in. */
export async function memberPlaces(page: Page): Promise<Places> {
  const found = { ...MEMBER };
  for (const [name, list] of [["coupon", "/coupons"], ["sale", "/sales"], ["community", "/communities"]]) {
    const one = await firstBelow(page, list, `${list}/`);
    expect(one, `the demo shop has no ${name} at ${list}`).toBeTruthy();
    found[name] = one!;
  }
  return found;
}

/** The pages of the console; the page is signed in. */
export async function consolePlaces(page: Page): Promise<Places> {
  const found = { ...CONSOLE };
  const lists: [string, string, string[]][] = [
    ["member", "/console/members", [""]],
    ["task", "/console/tasks", [""]],
    ["coupon", "/console/coupons", [""]],
    ["referral", "/console/referrals/queue", [""]],
    ["community", "/console/communities", ["", "/lists", "/members", "/link", "/ways", "/managers", "/settings"]],
    ["sale", "/console/sales", [""]],
  ];
  for (const [name, list, parts] of lists) {
    const below = name === "referral" ? "/console/referrals/" : `${list}/`;
    const one = await firstBelow(page, list, below);
    expect(one, `the demo shop has no ${name} at ${list}`).toBeTruthy();
    const root = one!.split("/").slice(0, below.split("/").length).join("/");
    for (const part of parts) found[`${name}${part.replace("/", "-")}`] = root + part;
    if (name === "sale") {
      for (const part of ["live", "report", "claims"]) found[`sale-${part}`] = `${root}/${part}`;
    }
  }
  return found;
}
