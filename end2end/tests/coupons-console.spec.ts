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

test("a template is made, begun, given, and takes codes of the shop's own", async ({ page, axe, shot }, info) => {
  const name = `${info.project.name} ${Date.now()}`;
  await page.goto("/console/coupons");
  await page.getByRole("link", { name: "新建券模板" }).click();
  const sheet = page.getByRole("dialog");
  await sheet.getByLabel("名称（中文）").fill(name);
  await sheet.getByLabel("名称（英文）").fill(name);
  await sheet.getByRole("button", { name: "新建券模板" }).click();
  await expect(page.getByRole("heading", { level: 1, name })).toBeVisible();
  await page.getByRole("button", { name: "启用" }).click();
  await expect(page.getByText("发放中")).toBeVisible();

  await page.getByLabel("发放总量").fill("50");
  await expect(page.getByText("1 处修改未保存")).toBeVisible();
  await page.locator(".savebar").getByRole("button", { name: "保存", exact: true }).click();
  await expect(page.getByText("第 2 版")).toBeVisible();

  await page.getByRole("link", { name: "发放给会员" }).click();
  await sheet.getByLabel("会员").fill("ext:nobody-at-all");
  await sheet.getByLabel("原因").fill("售后补偿");
  await sheet.getByRole("button", { name: "发放给会员" }).click();
  await expect(page.getByText("未找到：ext:nobody-at-all")).toBeVisible();

  await page.getByRole("link", { name: "导入券码" }).click();
  const code = `E2E${Date.now()}${info.project.name.toUpperCase()}`;
  await sheet.getByLabel("券码").fill(`code\n${code}\n${code}\n!!\n`);
  await axe();
  await shot("console-coupon-import");
  await sheet.getByRole("button", { name: "导入券码" }).click();
  await expect(page.getByText("已导入 1 个券码，2 行未导入。")).toBeVisible();
  await expect(page.getByText(/2 行未导入：3: duplicate, 4: invalid/)).toBeVisible();

  await page.getByLabel("数量").fill("30");
  await page.getByRole("button", { name: "生成券码" }).click();
  await expect(page.getByText(/30 \/ 30 · 已完成/)).toBeVisible();
  const [file] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "下载 CSV" }).first().click(),
  ]);
  expect(file.suggestedFilename()).toMatch(/\.csv$/);
  await page.getByRole("button", { name: "结束", exact: true }).click();
  await expect(page.getByText("模板已结束，不能再修改。")).toBeVisible();
});
