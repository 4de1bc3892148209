// What a member does with coupons: the wallet, one of them, the claim centre, and codes.

import { expect, test } from "../support/fixtures";

test.beforeEach(async ({ signInAsMember }) => {
  await signInAsMember();
});

const PAGES = [
  { path: "/coupons", heading: "优惠券", name: "coupons" },
  { path: "/coupons?tab=used", heading: "优惠券", name: "coupons-used" },
  { path: "/coupons?tab=expired", heading: "优惠券", name: "coupons-expired" },
  { path: "/coupons/centre", heading: "领券中心", name: "coupons-centre" },
];

for (const theme of ["light", "dark"]) {
  test(`the coupon pages are complete and accessible, ${theme}`, async ({ page, axe, shot }) => {
    await page.evaluate((it) => localStorage.setItem("coterie.theme", it), theme);
    for (const it of PAGES) {
      await page.goto(it.path);
      await expect(page.getByRole("heading", { name: it.heading, exact: true, level: 1 })).toBeVisible();
      await expect(page.locator(".skeleton")).toHaveCount(0);
      await axe();
      await shot(`${it.name}-${theme}`);
      const overflow = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      expect(overflow, `${it.path} is wider than the screen`).toBeLessThanOrEqual(0);
    }
    await page.goto("/coupons");
    await page.locator("a.ticket").first().click();
    await expect(page.getByRole("img", { name: "优惠券二维码" })).toBeVisible();
    await axe();
    await shot(`coupon-${theme}`);
  });
}

test("a coupon is claimed, and is in the wallet with its code", async ({ page }) => {
  await page.goto("/coupons/centre");
  const claim = page.getByRole("button", { name: /^领取 满99减15/ });
  await claim.click();
  await expect(page.getByText("领取成功")).toBeVisible();
  await page.getByRole("link", { name: "返回我的优惠券" }).click();
  const ticket = page.locator("a.ticket", { hasText: "满99减15" }).first();
  await expect(ticket).toBeVisible();
  await ticket.click();
  await expect(page.locator(".ticket-open__code")).toHaveText(/^[2-9A-Y]{4}-[2-9A-Y]{4}-[2-9A-Y]{4}$/);
  await expect(page.getByText("满 ¥99.00 可用")).toBeVisible();
});

test("a code that is wrong says what is wrong", async ({ page, complaints }) => {
  await page.goto("/coupons");
  const code = page.getByLabel("券码", { exact: true });
  for (const [typed, said] of [
    ["2222-2222-2223", "券码有误，请检查是否输错字符。"],
    ["NOSUCHCODE", "券码无效，请核对后重试。"],
  ]) {
    await code.fill(typed);
    await page.getByRole("button", { name: "兑换" }).click();
    await expect(page.getByRole("alert").filter({ hasText: said })).toBeVisible();
  }
  // The browser complains about every refusal by itself.
  expect(complaints.take()).toHaveLength(2);
});
