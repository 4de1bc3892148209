// The member centre in the webview of an app or a mini-program: no frame, another way to speak.

import type { Page } from "@playwright/test";

import { Shop, type Said } from "../support/embed";
import { expect, test } from "../support/fixtures";

/** What each kind of app puts into the page, noting what it hears. */
const APPS: Record<string, () => void> = {
  iOS: () => {
    window.heard = [];
    const postMessage = (it: Said) => window.heard.push(it);
    Object.assign(window, { webkit: { messageHandlers: { coterie: { postMessage } } } });
  },
  Android: () => {
    window.heard = [];
    const postMessage = (it: string) => window.heard.push(JSON.parse(it));
    Object.assign(window, { coterieHost: { postMessage } });
  },
};

const heard = (page: Page, type: string) =>
  page.evaluate((it) => window.heard.filter((one) => one.type === it), type);

/** Says something as an app does: by a script in the page. */
const say = (page: Page, type: string, payload: object = {}) =>
  page.evaluate((it) => {
    const coterie = Reflect.get(window, "coterie") as { receive(it: unknown): void };
    coterie.receive(it);
  }, { v: 1, type, payload });

for (const [name, put] of Object.entries(APPS)) {
  test(`${name}: the app is told, shares, and closes`, async ({ page, request }) => {
    const shop = await Shop.open(request);
    await page.addInitScript(put);
    const url = await shop.address("ext:cust-10001", "/invite");
    await page.goto(new URL(url).pathname);
    await expect(page).toHaveURL("/invite");
    await expect(page.getByRole("navigation", { name: "主导航" })).toHaveCount(0);
    await expect.poll(async () => (await heard(page, "ready")).length).toBe(1);
    // The code is nowhere any more: not in the history, and not in what was said.
    expect(await page.evaluate(() => history.length)).toBeLessThanOrEqual(2);
    const all = JSON.stringify(await page.evaluate(() => window.heard));
    expect(all).not.toContain(url.split("/e/")[1]);
    await page.getByRole("button", { name: "分享给好友" }).click();
    await expect.poll(async () => (await heard(page, "share")).length).toBe(1);
    const [share] = await heard(page, "share");
    expect(String(share?.payload.url)).toContain("/r/");
    await page.getByRole("link", { name: "邀请海报" }).click();
    await expect(page.getByRole("dialog")).toBeVisible();
    await say(page, "back");
    await expect(page.getByRole("dialog")).toHaveCount(0);
    await say(page, "back");
    await expect.poll(async () => (await heard(page, "close")).length).toBe(1);
    await say(page, "theme", { theme: "dark" });
    await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
    await page.reload();
    await expect(page.getByRole("navigation", { name: "主导航" })).toHaveCount(0);
  });
}

test("a mini-program is led to its own page", async ({ page, request }) => {
  await page.addInitScript(() => {
    const went: string[] = [];
    const invoke = (api: string, it: { name: string; arg: { url?: string } }) =>
      went.push(`${api} ${it.name} ${it.arg.url ?? ""}`);
    Object.assign(window, { went, WeixinJSBridge: { invoke }, __wxjs_environment: "miniprogram" });
  });
  const shop = await Shop.open(request);
  const url = await shop.address("ext:cust-10001", "/invite");
  await page.goto(new URL(url).pathname);
  await expect(page).toHaveURL("/invite");
  const share = page.getByRole("button", { name: "分享给好友" });
  await share.click();
  const went = () => page.evaluate(() => Reflect.get(window, "went") as string[]);
  await expect.poll(async () => (await went()).length).toBe(1);
  expect((await went())[0]).toContain("invokeMiniProgramAPI navigateTo /pages/coterie/index?type=share&payload=");
  await say(page, "back");
  await expect.poll(async () => (await went()).at(-1)).toContain("navigateBack");
});

test("a plain browser keeps the navigation when the shop wants it", async ({ page, request }) => {
  const shop = await Shop.open(request);
  const url = await shop.address("ext:cust-10001", "/points");
  await page.goto(`${new URL(url).pathname}?chrome=full`);
  await expect(page).toHaveURL("/points");
  await expect(page.getByRole("navigation", { name: "主导航" })).toBeVisible();
});
