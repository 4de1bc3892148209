// Hosts that mean harm, and what each of them gets: nothing.

import { HostPage, OTHER_SITE, SAME_SITE, Shop, stranger } from "../support/embed";
import { printedSignIn } from "../support/people";
import { expect, test } from "../support/fixtures";

const coterie = () => process.env.COTERIE_URL!;

test("a site that is not on the list cannot show the pages", async ({ page, complaints }) => {
  await page.goto(`${stranger()}/shop`);
  await page.evaluate((url) => {
    document.querySelector<HTMLIFrameElement>("#frame")!.src = `${url}/points`;
  }, coterie());
  await expect.poll(() => complaints.take().join()).toContain("frame-ancestors");
  await expect(page.frameLocator("#frame").locator("#main")).toHaveCount(0);
  const console = await page.request.get("/console");
  expect(console.headers()["content-security-policy"]).toContain("frame-ancestors 'none'");
});

test("messages of others, or of no kind, change nothing", async ({ page, request }) => {
  const shop = await Shop.open(request);
  const member = await shop.member();
  const host = new HostPage(page, OTHER_SITE, () => shop.address(member, "/points"));
  await host.open();
  await expect(host.frame.getByText("可用积分")).toBeVisible();
  await expect.poll(async () => (await host.heard("ready")).length).toBe(1);
  // Another frame in the shop's page, of a stranger, speaks to ours and to the shop.
  await page.evaluate((src) => {
    const other = document.createElement("iframe");
    other.id = "other";
    other.src = src;
    document.body.append(other);
  }, `${stranger()}/shop`);
  await page.frameLocator("#other").getByRole("heading").evaluate(() => {
    const dark = { v: 1, type: "theme", payload: { theme: "dark" } };
    window.parent.frames[0]!.postMessage(dark, "*");
    window.parent.postMessage({ v: 1, id: "x", type: "auth.expired", payload: { reason: "session" } }, "*");
    window.parent.postMessage({ v: 1, id: "x", type: "height", payload: { height: 5 } }, "*");
  });
  for (const odd of [
    null,
    "theme",
    { v: 2, type: "theme", payload: { theme: "dark" } },
    { v: 1, type: "theme", payload: "dark" },
    { v: 1, type: "evaluate", payload: { script: "1" } },
    { v: 1, type: "code", payload: { code: "javascript:alert(1)" } },
    { v: 1, type: "navigate", payload: { url: "javascript:alert(1)" } },
  ]) {
    await host.post(odd);
  }
  // What the shop itself says is heard, and came after all of these.
  await page.evaluate(() => window.host.theme({ density: "compact" }));
  await expect.poll(() => host.marked("data-density")).toBe("compact");
  expect(await host.marked("data-theme")).toBe("auto");
  expect(await host.asked()).toEqual(["open"]);
  expect(await page.locator("#frame").evaluate((it) => (it as HTMLElement).offsetHeight)).toBeGreaterThan(100);
});

test("the shop's page follows no scripts and gives its messages to the member centre only", async ({ page, request }) => {
  const shop = await Shop.open(request);
  const member = await shop.member();
  const host = new HostPage(page, OTHER_SITE, () => shop.address(member, "/points"));
  await host.open();
  await expect(host.frame.getByText("可用积分")).toBeVisible();
  await host.frame.locator("main").evaluate((it) => {
    window.hacked = [];
    const link = document.createElement("a");
    link.href = "javascript:window.hacked.push('link')";
    link.textContent = "harmless";
    it.append(link);
    window.parent.postMessage({ v: 1, id: "x", type: "navigate", payload: { url: "javascript:alert(1)" } }, "*");
  });
  const before = page.url();
  await host.frame.getByRole("link", { name: "harmless" }).click();
  expect(await host.frame.locator("main").evaluate(() => window.hacked)).toEqual([]);
  expect(page.url()).toBe(before);
  // A frame that has gone elsewhere hears nothing of the shop.
  const heard = await page.evaluate(async (src) => {
    const frame = document.querySelector<HTMLIFrameElement>("#frame")!;
    await new Promise((resolve) => {
      frame.onload = resolve;
      frame.src = src;
    });
    window.host.theme({ theme: "dark" });
    return frame.src;
  }, `${stranger()}/shop`);
  expect(heard).toContain(stranger());
});

test("a code works once, and only in the frame that it was made for", async ({ page, request, complaints }) => {
  const shop = await Shop.open(request);
  const member = await shop.member();
  const bound = await shop.address(member, "/points", { host: SAME_SITE });
  const host = new HostPage(page, OTHER_SITE, async (why) => (why === "open" ? bound : null));
  await host.open();
  await expect(host.frame.getByText("链接已失效")).toBeVisible();
  await expect.poll(() => host.asked()).toEqual(["open", "code"]);
  expect(complaints.take()).toHaveLength(1);
  const refused = await shop.ask({ member, host: stranger() });
  expect(refused.status()).toBe(422);
});

test("no address leads out of the member centre", async ({ page, request }) => {
  const shop = await Shop.open(request);
  const member = await shop.member();
  for (const out of ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)"]) {
    expect((await shop.ask({ member, page: out })).status(), out).toBe(422);
  }
  const shopper = printedSignIn("shopper");
  for (const out of ["//evil.example", "https://evil.example", "javascript:alert(1)", "/\\evil.example"]) {
    await page.goto(`/sign-in?to=${encodeURIComponent(out)}`);
    await page.locator('input[autocomplete="username"]').fill(shopper.name);
    await page.locator('input[autocomplete="current-password"]').fill(shopper.password);
    await page.locator('button[type="submit"]').click();
    await expect(page).toHaveURL(`${coterie()}/`);
    await page.context().clearCookies();
    await page.evaluate(() => localStorage.clear());
  }
});
