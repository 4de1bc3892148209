// What operators do with members: find one, adjust, freeze.

import type { Page } from "@playwright/test";

import { openPage, unique } from "../support/console";
import { printedSignIn } from "../support/people";
import { expect, test } from "../support/fixtures";

/**
 * Opens one of ten members of the demo shop. The journeys run at once and on two screens, so
 * each takes a member of its own.
 */
async function openMember(page: Page, place: number, project: string) {
  await page.goto("/console/members?q=cust-1001");
  await page.locator("tbody a").nth(place * 2 + (project === "phone" ? 0 : 1)).click();
  await expect(page.getByRole("link", { name: "调整积分" })).toBeVisible();
}

test.beforeEach(async ({ signInAsOperator }) => {
  await signInAsOperator();
});

test("the search finds a member, and the address remembers it", async ({ page }) => {
  const shopper = printedSignIn("shopper");
  const search = page.getByRole("searchbox");
  await expect(page.locator("tbody tr").first()).toBeVisible();
  await page.keyboard.press("/");
  await expect(search).toBeFocused();
  await search.fill(shopper.name);
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/q=/);
  await expect(page.locator("tbody tr")).toHaveCount(1);
  await page.reload();
  await expect(search).toHaveValue(shopper.name);
  await expect(page.locator("tbody tr")).toHaveCount(1);
  await search.fill("nobody is called this");
  await page.getByRole("button", { name: "搜索" }).click();
  await expect(page.getByText("没有符合条件的记录")).toBeVisible();
  await page.getByRole("link", { name: "清除筛选" }).last().click();
  await expect(page.locator("tbody tr").nth(5)).toBeVisible();
});

test("filters narrow the list, and arrow keys walk through it", async ({ page }) => {
  await page.getByRole("link", { name: "已删除", exact: true }).click();
  await expect(page).toHaveURL(/status=erased/);
  await expect(page.locator("tbody tr").filter({ hasNotText: "已删除" })).toHaveCount(0);
  await page.getByRole("navigation", { name: "状态" }).getByRole("link", { name: "全部" }).click();
  const links = page.locator("tbody .table__link");
  await links.first().focus();
  await page.keyboard.press("ArrowDown");
  await expect(links.nth(1)).toBeFocused();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowUp");
  await expect(links.nth(1)).toBeFocused();
  const name = await links.nth(1).textContent();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: name ?? "" })).toBeVisible();
});

test("the list goes on, and keeps its place when one comes back from a member", async ({ page }) => {
  const rows = page.locator("tbody tr");
  await expect(rows.first()).toBeVisible();
  const before = await rows.count();
  await page.getByRole("button", { name: "加载更多" }).click();
  await expect.poll(() => rows.count()).toBeGreaterThan(before);
  const after = await rows.count();
  await rows.nth(before + 1).getByRole("link").click();
  await expect(page.getByRole("link", { name: "返回会员列表" })).toBeVisible();
  await page.goBack();
  await expect(rows).toHaveCount(after);
});

test("an adjustment by keyboard alone lands in the ledger once, with who did it", async ({
  page,
}, info) => {
  await openMember(page, 0, info.project.name);
  const reason = unique("补偿");
  await page.getByRole("link", { name: "调整积分" }).focus();
  await page.keyboard.press("Enter");
  const sheet = page.getByRole("dialog", { name: "调整积分" });
  await expect(sheet).toContainText("cust-1001");
  const amount = sheet.getByLabel("数量");
  for (let steps = 0; steps < 5 && !(await amount.evaluate((it) => it === document.activeElement)); steps += 1) {
    await page.keyboard.press("Tab");
  }
  await page.keyboard.type("many");
  await expect(sheet.getByText("请输入整数。")).toBeVisible();
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.type("50");
  await expect(sheet.getByText(/可用余额 .* → /)).toBeVisible();
  await page.keyboard.press("Tab");
  await page.keyboard.type(reason);
  await page.keyboard.press("Enter");
  await expect(page.getByText("调整已生效。")).toBeVisible();
  await expect(sheet).toHaveCount(0);
  await page.getByRole("link", { name: "积分明细", exact: true }).click();
  await expect(page.locator(".rows .row").filter({ hasText: reason })).toHaveCount(1);
});

test("credit is adjusted in money, and the ledger shows it as money", async ({ page }, info) => {
  await openMember(page, 4, info.project.name);
  const reason = unique("退差价");
  await page.getByRole("link", { name: "调整积分" }).click();
  const sheet = page.getByRole("dialog", { name: "调整积分" });
  await sheet.getByText("购物金", { exact: true }).click();
  await sheet.getByLabel("数量").fill("12.345");
  await expect(sheet.getByText("请输入数字，最多 2 位小数。")).toBeVisible();
  await sheet.getByLabel("数量").fill("12.34");
  await sheet.getByLabel("原因").fill(reason);
  await sheet.getByRole("button", { name: "确认" }).click();
  await expect(page.getByText("调整已生效。")).toBeVisible();
  await page.goto(`${page.url().split("?")[0]}?tab=ledger&asset=credit`);
  const row = page.locator(".rows .row").filter({ hasText: reason });
  await expect(row).toHaveCount(1);
  await expect(row).toContainText("12.34");
});

test("a lost answer does not make an adjustment happen twice", async ({
  page,
  complaints,
}, info) => {
  await openMember(page, 1, info.project.name);
  const reason = unique("断线");
  await page.getByRole("link", { name: "调整积分" }).click();
  const sheet = page.getByRole("dialog", { name: "调整积分" });
  await sheet.getByLabel("数量").fill("7");
  await sheet.getByLabel("原因").fill(reason);
  let lost = 0;
  await page.route("**/points/adjustments", async (route) => {
    if (lost > 0) return route.continue();
    lost += 1;
    // The server has done it, and nobody hears.
    await route.fetch();
    await route.abort();
  });
  await sheet.getByRole("button", { name: "确认" }).click();
  await expect(sheet.getByRole("alert")).toContainText("网络连接不可用");
  await sheet.getByRole("button", { name: "确认" }).click();
  await expect(sheet).toHaveCount(0);
  await page.getByRole("link", { name: "积分明细", exact: true }).click();
  await expect(page.locator(".rows .row").filter({ hasText: reason })).toHaveCount(1);
  complaints.take();
});

test("a refused input says what is expected, at its field", async ({ page, complaints }, info) => {
  await openMember(page, 2, info.project.name);
  await page.getByRole("link", { name: "调整积分" }).click();
  const sheet = page.getByRole("dialog", { name: "调整积分" });
  await sheet.getByLabel("数量").fill("5");
  await sheet.getByLabel("原因").fill("x");
  await sheet.getByRole("button", { name: "确认" }).click();
  await expect(sheet.getByLabel("原因")).toHaveAttribute("aria-invalid", "true");
  await expect(sheet.getByLabel("原因")).toHaveAccessibleDescription(/3/);
  complaints.take();
});

test("a member is frozen and released, with a reason each", async ({ page }, info) => {
  await openMember(page, 3, info.project.name);
  await page.getByRole("link", { name: "冻结会员" }).click();
  const freeze = page.getByRole("dialog", { name: "冻结会员" });
  await expect(freeze).toContainText("cust-1001");
  await freeze.getByLabel("原因").fill("核实身份");
  await freeze.getByRole("button", { name: "冻结会员" }).click();
  await expect(page.locator(".detail__head").getByText("已冻结")).toBeVisible();
  await page.getByRole("link", { name: "解除冻结" }).click();
  const release = page.getByRole("dialog", { name: "解除冻结" });
  await release.getByLabel("原因").fill("核实完成");
  await release.getByRole("button", { name: "解除冻结" }).click();
  await expect(page.locator(".detail__head").getByText("正常")).toBeVisible();
});

test("staff sign out", async ({ page }) => {
  await openPage(page, "待审批");
  const toggle = page.locator(".side__toggle");
  if (await toggle.isVisible()) await toggle.click();
  await page.locator("summary.side__link").click();
  await page.getByRole("button", { name: "退出登录" }).click();
  await expect(page.getByRole("heading", { name: "运营后台" })).toBeVisible();
  await page.goto("/console/members");
  await expect(page.getByRole("heading", { name: "运营后台" })).toBeVisible();
});
