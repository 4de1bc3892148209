// Lists: order, more filters, saved views, files that follow the filters; the audit trail and a
// member's timeline.

import { readFileSync } from "node:fs";

import { openPage, settled, signInAsAdmin, unique } from "../support/console";
import { expect, test } from "../support/fixtures";

test.beforeEach(async ({ page }) => {
  await signInAsAdmin(page);
});

test("members are sorted and filtered by what the address says", async ({ page }, info) => {
  const rows = page.locator("tbody tr");
  await expect(rows.first()).toBeVisible();
  await page.getByRole("link", { name: "按可用积分排序" }).click();
  await expect(page).toHaveURL(/sort=points_desc/);
  await expect(page.getByRole("columnheader", { name: "可用积分" })).toHaveAttribute("aria-sort", "descending");
  await expect
    .poll(async () => {
      const cells = await page.locator("tbody td:nth-child(5)").allTextContents();
      const points = cells.map((it) => Number(it.replace(/,/g, "")));
      return points.length > 1 && points.every((it, at) => at === 0 || points[at - 1] >= it);
    })
    .toBe(true);
  await page.getByText("更多筛选").click();
  await page.getByLabel("可用积分至少").fill("1000");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/points_from=1000/);
  await page.locator("select[name=tier]").selectOption("gold");
  await expect(page).toHaveURL(/tier=gold/);
  await settled(page);
  await expect(rows.first()).toContainText("金卡会员");
  await page.reload();
  await expect(page.getByLabel("可用积分至少")).toHaveValue("1000");
  await expect(page.locator("select[name=tier]")).toHaveValue("gold");
  expect(info.project.name).toMatch(/phone|desk/);
});

test("a view is saved, comes back as a tab, and is removed", async ({ page }, info) => {
  const name = unique("待唤醒").slice(0, 20) + info.project.name;
  await page.goto(`/console/members?status=active&q=cust-${info.project.name === "phone" ? "1001" : "1002"}`);
  await page.getByRole("link", { name: "存为视图" }).click();
  const sheet = page.getByRole("dialog", { name: "存为视图" });
  await sheet.getByLabel("视图名称").fill(name);
  await sheet.getByRole("button", { name: "保存" }).click();
  await expect(sheet).toHaveCount(0);
  const tab = page.getByRole("navigation", { name: "视图" }).getByRole("link", { name });
  await expect(tab).toHaveAttribute("aria-current", "page");
  await page.getByRole("navigation", { name: "视图" }).getByRole("link", { name: "全部" }).click();
  await expect(page).toHaveURL(/\/console\/members$/);
  await tab.click();
  await expect(page).toHaveURL(/q=cust-/);
  await page.getByRole("button", { name: `删除视图“${name}”` }).click();
  await expect(tab).toHaveCount(0);
});

test("a file of members has what the list shows", async ({ page }) => {
  await page.goto("/console/members?q=cust-1001");
  await expect(page.locator("tbody tr").first()).toBeVisible();
  const shown = await page.locator("tbody tr").count();
  const started = page.waitForEvent("download");
  await page.getByRole("button", { name: "导出 CSV" }).click();
  const file = await (await started).path();
  const lines = readFileSync(file, "utf8").trim().split("\n");
  expect(lines.length - 1).toBe(shown);
  expect(lines[1]).toContain("cust-1001");
});

test("the audit trail says who did what to whom, and can be searched and taken along", async ({ page }) => {
  await openPage(page, "操作日志");
  await page.locator("select[name=action]").selectOption("points.adjusted");
  await expect(page).toHaveURL(/action=points.adjusted/);
  await settled(page);
  const rows = page.locator(".rows li");
  await expect(rows.first()).toContainText("调整余额");
  await rows.first().getByText("详情").click();
  await expect(rows.first().locator(".fact-rows")).toContainText("reason");
  const started = page.waitForEvent("download");
  await page.getByRole("button", { name: "导出 CSV" }).click();
  const text = readFileSync(await (await started).path(), "utf8");
  expect(text).toContain("points.adjusted");
  expect(text).not.toContain("staff.created");
});

test("a member's timeline has everything, and one kind at a time", async ({ page }) => {
  await page.goto("/console/members?q=cust-10104");
  await page.locator("tbody a").first().click();
  await expect(page.getByText("加入会员").last()).toBeVisible();
  const order = page.locator(".rows li").filter({ hasText: "已支付" }).first();
  await expect(order).toBeVisible();
  await page.getByRole("link", { name: "等级", exact: true }).click();
  await expect(page).toHaveURL(/kind=tier/);
  await expect(order).toHaveCount(0);
  await page.goBack();
  await order.getByRole("link").click();
  const receipt = page.getByRole("dialog");
  await expect(receipt.getByRole("table", { name: "商品明细" })).toBeVisible();
  await expect(receipt).toContainText("版规则");
  await receipt.getByRole("link", { name: "为什么？" }).click();
  await expect(page.getByRole("dialog", { name: "为什么是这个数？" })).toBeVisible();
});
