// The whole loop, with the reference shop: a customer buys, the member centre in the shop's frame
// moves without loading again, a coupon is used at the next checkout, a refund takes it all back.

import type { FrameLocator, Page } from "@playwright/test";

import { fits, openPage, settled, unique } from "../support/console";
import { expect, test } from "../support/fixtures";
import { printedSignIn, signIn } from "../support/people";

/** Opens the shop as a new customer; gives the member centre in its frame. */
async function enter(page: Page): Promise<FrameLocator> {
  const shop = process.env.COTERIE_SHOP_URL;
  if (!shop) throw new Error("COTERIE_SHOP_URL is not set; run: cargo xtask test --browser");
  await page.goto(shop);
  await page.getByLabel("Customer").fill(unique("loop").replace(/\s/g, ""));
  await page.getByRole("button", { name: "Sign in" }).click();
  const centre = page.frameLocator("#centre");
  // In the frame it comes without a navigation of its own: the shop's stands around it.
  await expect(centre.getByRole("region", { name: "可用积分" })).toBeVisible();
  return centre;
}

/** Puts things into the cart and places the order. */
async function order(page: Page, products: string[]) {
  for (const product of products) {
    await page.getByRole("button", { name: `Add: ${product}` }).click();
    await expect(page.locator("[data-test=cart]")).toContainText(product);
  }
  await page.getByRole("button", { name: /^Check out/ }).click();
  await expect(page.locator("[data-test=cart] li")).toHaveCount(0);
}

/** Marks the document in the frame; `false` from the answer means that it was loaded anew. */
async function marked(page: Page) {
  const frame = page.frames().find((it) => it.parentFrame() === page.mainFrame());
  if (!frame) throw new Error("there is no frame");
  await frame.evaluate(() => document.body.setAttribute("data-marked", "yes"));
  return () => frame.evaluate(() => document.body.getAttribute("data-marked") === "yes");
}

test("what a customer does in the shop moves the member centre in its frame", async ({ page, shot }) => {
  const centre = await enter(page);
  const pay = page.getByRole("button", { name: /^Pay: / });

  // A task moves, in a page that stays.
  await page.getByRole("button", { name: "Tasks" }).click();
  const task = centre.getByRole("listitem").filter({ hasText: "本月下单 3 次" });
  await expect(task).toContainText("0 / 3");
  const stays = await marked(page);
  await order(page, ["Jasmine tea"]);
  await pay.click();
  await expect(task).toContainText("1 / 3");
  expect(await stays()).toBe(true);

  // A coupon that is claimed in the frame is used at the next checkout, and the quote says so.
  await page.getByRole("button", { name: "Coupons" }).click();
  await centre.getByRole("button", { name: /^领取 满99减15/ }).click();
  await expect(centre.getByText("领取成功")).toBeVisible();
  const quote = page.locator("[data-test=quote]");
  await page.getByRole("button", { name: "Add: Drip coffee" }).click();
  await expect(quote.locator(".no", { hasText: "15 off 99" })).toBeVisible();
  await page.getByRole("button", { name: "Add: Puzzle" }).click();
  await expect(quote.locator(".yes", { hasText: "15 off 99: −CN¥15.00" })).toBeVisible();
  await expect(quote).toContainText("It earns 133 points");
  await shot("shop-quote");

  // Points move, in a page that stays.
  await page.getByRole("button", { name: "Home" }).click();
  const points = centre.getByRole("region", { name: "可用积分" });
  await expect(points).toContainText("68");
  const remains = await marked(page);
  await page.getByRole("button", { name: /^Check out/ }).click();
  await pay.click();
  await expect(points).toContainText("201");
  expect(await remains()).toBe(true);
  await shot("shop-loop");

  // The shop hears of it, and trusts only what is signed.
  const heard = page.locator("[data-test=heard]");
  await expect(heard.getByText("coupon.redeemed").first()).toBeVisible();
  await expect(heard.getByText("points.changed").first()).toBeVisible();
  const forged = await page.request.post(`${new URL(page.url()).origin}/webhooks`, {
    headers: { "webhook-id": "msg_1", "webhook-timestamp": String(Math.floor(Date.now() / 1000)), "webhook-signature": "v1,AAAA" },
    data: { type: "forged" },
  });
  expect(forged.status()).toBe(401);

  // Everything of the second order comes back: its points, and the coupon for the next cart.
  await page.getByRole("button", { name: /^Refund: / }).first().click();
  await expect(points).not.toContainText("201");
  await expect(points).toContainText("68");
  expect(await remains()).toBe(true);
  await expect(heard.getByText("coupon.returned").first()).toBeVisible();
  await page.getByRole("button", { name: "Add: Puzzle" }).click();
  await expect(quote.locator(".yes", { hasText: "15 off 99" })).toBeVisible();
});

test("what the shop asked is on record in the console", async ({ page, axe, shot }) => {
  await enter(page);
  const frame = page.frames().find((it) => it.parentFrame() === page.mainFrame());
  const coterie = new URL(frame?.url() ?? "").origin;
  const { password } = printedSignIn("operator");
  await signIn(page, `${coterie}/console`, { name: "admin@example.com", password });
  await openPage(page, "接口请求");
  await settled(page);
  const row = page.getByRole("listitem").filter({ hasText: "POST /api/v1/embed_sessions" }).first();
  await expect(row).toContainText("201");
  await expect(row).toContainText("reference shop");
  await axe();
  await fits(page, "the log of requests");
  await shot("console-requests");
});
