// Sessions of the member centre in the frame of a shop: on the same site or another one, with a
// browser that keeps third-party cookies, keeps only partitioned ones, or keeps none in frames.

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { BrowserContext, LaunchOptions, Page, PlaywrightWorkerArgs } from "@playwright/test";

import { HostPage, OTHER_SITE, SAME_SITE, Shop } from "../support/embed";
import { expect, test } from "../support/fixtures";

const SIZES = [
  { width: 320, height: 568 },
  { width: 360, height: 740 },
  { width: 412, height: 915 },
];

/** What the browser keeps for frames of other sites: everything; what is partitioned; nothing. */
type Cookies = "on" | "off" | "none";

/**
 * A profile of one's own keeps third-party cookies; a private window blocks them and the storage
 * with them, as Chromium does by itself.
 */
async function open(
  playwright: PlaywrightWorkerArgs["playwright"],
  options: LaunchOptions,
  cookies: Cookies,
): Promise<{ context: BrowserContext; close: () => Promise<void> }> {
  const look = { locale: "zh-CN", viewport: { width: 360, height: 740 } };
  if (cookies === "on") {
    const profile = await mkdtemp(join(tmpdir(), "coterie-profile-"));
    const wants = { profile: { cookie_controls_mode: 0, block_third_party_cookies: false } };
    await mkdir(join(profile, "Default"));
    await writeFile(join(profile, "Default", "Preferences"), JSON.stringify(wants));
    const context = await playwright.chromium.launchPersistentContext(profile, { ...options, ...look });
    const close = async () => {
      await context.close();
      await rm(profile, { recursive: true, force: true });
    };
    return { context, close };
  }
  const browser = await playwright.chromium.launch(options);
  return { context: await browser.newContext(look), close: () => browser.close() };
}

/** Whether the frame has a storage of its own. */
async function stores(host: HostPage): Promise<boolean> {
  return host.frame.locator("html").evaluate(() => {
    try {
      return localStorage.length >= 0;
    } catch {
      return false;
    }
  });
}

const CELLS: { site: string; origin: string; cookies: Cookies; kept: string | null }[] = [
  { site: "same site", origin: SAME_SITE, cookies: "on", kept: null },
  { site: "same site", origin: SAME_SITE, cookies: "off", kept: null },
  { site: "another site", origin: OTHER_SITE, cookies: "on", kept: "partitioned" },
  { site: "another site", origin: OTHER_SITE, cookies: "off", kept: "partitioned" },
  { site: "another site", origin: OTHER_SITE, cookies: "none", kept: "memory" },
];

/** Browsers that keep nothing in frames say so like this: what is written is not there. */
async function keepNothing(page: Page) {
  await page.addInitScript(() => {
    if (window.top === window) return;
    Object.defineProperty(Document.prototype, "cookie", { get: () => "", set: () => {} });
    const closed = () => {
      throw new DOMException("Access is denied for this document.", "SecurityError");
    };
    Object.defineProperty(window, "localStorage", { get: closed });
    Object.defineProperty(window, "sessionStorage", { get: closed });
  });
}

const RENEWAL = /sessions\/(refresh|exchange)$/;

/** Questions for data find the access token too old, until the page asks for another. */
async function outdate(page: Page) {
  let asked = false;
  page.on("request", (it) => {
    if (RENEWAL.test(it.url())) asked = true;
  });
  const expired = {
    type: "/problems/auth.token_expired",
    title: "expired",
    status: 401,
    code: "auth.token_expired",
    request_id: "0",
  };
  await page.route("**/api/v1/me/**", (route) =>
    asked
      ? route.fallback()
      : route.fulfill({ status: 401, contentType: "application/problem+json", json: expired }),
  );
}

async function fits(host: HostPage) {
  for (const size of SIZES) {
    await host.page.setViewportSize(size);
    const over = await host.frame
      .locator("html")
      .evaluate((it) => it.scrollWidth - it.clientWidth);
    expect(over, `${size.width} wide`).toBeLessThanOrEqual(0);
  }
}

for (const { site, origin, cookies, kept } of CELLS) {
  test(`${site}, third-party cookies ${cookies}: opened, renewed, loaded again, signed out`, async ({
    playwright,
    launchOptions,
    request,
    complaints,
  }) => {
    test.setTimeout(90_000);
    const { context, close } = await open(playwright, launchOptions, cookies);
    const page = await context.newPage();
    if (cookies === "none") await keepNothing(page);
    const shop = await Shop.open(request);
    const member = await shop.member();
    const host = new HostPage(page, origin, () => shop.address(member, "/points", { host: origin }));
    await host.open();

    await expect(host.frame.getByText("可用积分")).toBeVisible();
    await expect(host.frame.getByRole("navigation", { name: "主导航" })).toHaveCount(0);
    expect(await host.marked("data-frame")).toBe(kept);
    expect(await stores(host)).toBe(origin === SAME_SITE || cookies === "on");
    expect(await host.heard("ready")).toHaveLength(1);
    await fits(host);

    // The access token runs out while the page is open.
    const renewal = page.waitForResponse((it) => RENEWAL.test(it.url()));
    await outdate(page);
    await page.evaluate(() => window.host.refresh());
    const renewed = await renewal;
    expect(renewed.url()).toContain(kept === "memory" ? "exchange" : "refresh");
    expect([200, 201]).toContain(renewed.status());
    await expect(host.frame.getByText("可用积分")).toBeVisible();

    await host.reload();
    await expect(host.frame.getByText("可用积分")).toBeVisible();
    expect(await host.asked()).toEqual(kept === "memory" ? ["open", "session", "session"] : ["open"]);

    // Signed out is signed out, unless the shop brings somebody again.
    host.bring = async () => null;
    await host.frame.locator("html").evaluate(() => history.pushState(null, "", "/me"));
    await host.frame.locator("html").evaluate(() => dispatchEvent(new PopStateEvent("popstate")));
    await host.frame.getByRole("button", { name: "退出登录" }).click();
    await expect(host.frame.getByRole("heading", { name: "欢迎回来" })).toBeVisible();
    await host.reload();
    await expect(host.frame.getByRole("heading", { name: "欢迎回来" })).toBeVisible();
    await close();
    complaints.take();
  });
}
