// What an operator does with coupons: templates, a price to try, codes, the log.

import { expect, test } from "../support/fixtures";

test.beforeEach(async ({ signInAsOperator }) => {
  await signInAsOperator();
});

test("templates, one of them and the log are complete and accessible", async ({ page, axe, shot }) => {
  for (const [path, heading, name] of [
    ["/console/coupons", "优惠券", "console-coupons"],
    ["/console/coupons/log", "核销记录", "console-coupons-log"],
  ]) {
    await page.goto(path);
    await expect(page.getByRole("heading", { name: heading, exact: true, level: 1 })).toBeVisible();
    await expect(page.locator(".skeleton")).toHaveCount(0);
    await axe();
    await shot(name);
  }
  await page.goto("/console/coupons");
  await page.getByRole("link", { name: "满99减15" }).click();
  await expect(page.getByRole("heading", { name: "价格试算" })).toBeVisible();
  await expect(page.locator(".skeleton")).toHaveCount(0);
  await axe();
  await shot("console-coupon");
});

test("the price follows the terms as they are typed", async ({ page }) => {
  await page.goto("/console/coupons");
  await page.getByRole("link", { name: "满99减15" }).click();
  const trial = page.getByRole("region", { name: "价格试算" });
  await expect(trial.getByText("应付 ¥135.50")).toBeVisible();
  await page.getByLabel("立减金额").fill("50");
  await expect(trial.getByText("应付 ¥100.50")).toBeVisible();
  await page.getByLabel("使用门槛").fill("1000");
  await expect(trial.getByText("未达到使用门槛。")).toBeVisible();
});
