// What staff see and do in the console.

import type { Page } from "@playwright/test";

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

for (const theme of ["light", "dark"]) {
  test(`every page is complete and accessible, ${theme}`, async ({ page, axe, shot }) => {
    await page.evaluate((it) => localStorage.setItem("coterie.theme", it), theme);
    await page.goto("/console/members");
    await expect(page.locator("tbody tr").first()).toBeVisible();
    await axe();
    await shot(`console-members-${theme}`);
    await page.locator("tbody a").first().click();
    for (const tab of ["积分明细", "批次", "订单", "等级变动"]) {
      await page.getByRole("link", { name: tab, exact: true }).click();
      await expect(page.locator(".skeleton")).toHaveCount(0);
      await axe();
      await shot(`console-member-${tab}-${theme}`);
      const overflow = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      expect(overflow, `${tab} is wider than the screen`).toBeLessThanOrEqual(0);
    }
    await page.getByRole("link", { name: "待审批" }).click();
    await expect(page.getByRole("heading", { name: "待审批", level: 1 })).toBeVisible();
    await expect(page.locator(".skeleton")).toHaveCount(0);
    await axe();
    await shot(`console-approvals-${theme}`);
  });
}

test("the search finds a member, and the address remembers it", async ({ page }) => {
  const shopper = printedSignIn("shopper");
  await page.getByRole("searchbox").fill(shopper.name);
  await page.getByRole("button", { name: "搜索" }).click();
  await expect(page).toHaveURL(/q=/);
  await expect(page.locator("tbody tr")).toHaveCount(1);
  await page.reload();
  await expect(page.getByRole("searchbox")).toHaveValue(shopper.name);
  await expect(page.locator("tbody tr")).toHaveCount(1);
  await page.getByRole("searchbox").fill("nobody is called this");
  await page.keyboard.press("Enter");
  await expect(page.getByText("没有符合条件的会员")).toBeVisible();
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

test("an adjustment with a reason lands in the ledger once, with who did it", async ({
  page,
  axe,
  shot,
}, info) => {
  await openMember(page, 0, info.project.name);
  const reason = `补偿 ${Date.now()}-${Math.floor(Math.random() * 1e6)}`;
  await page.getByRole("link", { name: "调整积分" }).click();
  const sheet = page.getByRole("dialog", { name: "调整积分" });
  await expect(sheet).toBeVisible();
  await axe();
  await shot("console-adjust");
  await sheet.getByLabel("数量").fill("0");
  await sheet.getByLabel("原因").fill(reason);
  await sheet.getByRole("button", { name: "确认" }).click();
  await expect(sheet.getByText("请输入不为零的整数。").first()).toBeVisible();
  await sheet.getByLabel("数量").fill("50");
  await sheet.getByRole("button", { name: "确认" }).click();
  await expect(page.getByText("调整已生效。")).toBeVisible();
  await expect(sheet).toHaveCount(0);
  await expect(page.locator(".rows .row").filter({ hasText: reason })).toHaveCount(1);
});

test("a lost answer does not make an adjustment happen twice", async ({
  page,
  complaints,
}, info) => {
  await openMember(page, 1, info.project.name);
  const reason = `断线 ${Date.now()}-${Math.floor(Math.random() * 1e6)}`;
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
  await expect(page.locator(".rows .row").filter({ hasText: reason })).toHaveCount(1);
  complaints.take();
});

test("an adjustment above the limit waits for a second person", async ({ page }, info) => {
  await openMember(page, 2, info.project.name);
  const reason = `大额 ${Date.now()}-${Math.floor(Math.random() * 1e6)}`;
  await page.getByRole("link", { name: "调整积分" }).click();
  const sheet = page.getByRole("dialog", { name: "调整积分" });
  await sheet.getByLabel("数量").fill("900000");
  await sheet.getByLabel("原因").fill(reason);
  await sheet.getByRole("button", { name: "确认" }).click();
  await expect(page.getByText("等待另一位同事审批")).toBeVisible();
  await page.getByRole("link", { name: "待审批" }).click();
  const row = page.locator(".rows li").filter({ hasText: reason });
  await expect(row).toContainText("须由他人审批");
  await expect(row.getByRole("button")).toHaveCount(0);
});

test("a member is frozen and released, with a reason each", async ({ page }, info) => {
  await openMember(page, 3, info.project.name);
  await page.getByRole("link", { name: "冻结会员" }).click();
  const freeze = page.getByRole("dialog", { name: "冻结会员" });
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
  await page.locator("summary").click();
  await page.getByRole("button", { name: "退出登录" }).click();
  await expect(page.getByRole("heading", { name: "运营后台" })).toBeVisible();
  await page.goto("/console/members");
  await expect(page.getByRole("heading", { name: "运营后台" })).toBeVisible();
});
