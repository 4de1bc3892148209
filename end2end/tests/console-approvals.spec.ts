// Adjustments above the limit: asked for by one, decided by another.

import { openPage, signInAsAdmin, unique } from "../support/console";
import { expect, test } from "../support/fixtures";

/** A second person, at a browser of their own. */
async function secondPerson(browser: import("@playwright/test").Browser, like: import("@playwright/test").Page) {
  const context = await browser.newContext({
    baseURL: new URL(like.url()).origin,
    locale: "zh-CN",
    timezoneId: "Asia/Shanghai",
    viewport: like.viewportSize(),
  });
  const page = await context.newPage();
  await signInAsAdmin(page);
  return page;
}

test("a second person approves by keyboard, and rejects, with who asked and why", async ({
  page,
  browser,
  signInAsOperator,
}, info) => {
  test.setTimeout(90_000);
  await signInAsOperator();
  const reasons = [unique("大额补偿"), unique("大额误填")];
  for (const reason of reasons) {
    await page.goto("/console/members?q=cust-1002");
    await page.locator("tbody a").nth(info.project.name === "phone" ? 0 : 1).click();
    await page.getByRole("link", { name: "调整积分" }).click();
    const sheet = page.getByRole("dialog", { name: "调整积分" });
    await sheet.getByLabel("数量").fill("900000");
    await expect(sheet.getByText(/需另一位同事审批后生效/)).toBeVisible();
    await sheet.getByLabel("原因").fill(reason);
    await sheet.getByRole("button", { name: "确认" }).click();
    await expect(page.getByText("等待另一位同事审批")).toBeVisible();
  }
  await openPage(page, "待审批");
  const own = page.locator(".rows li").filter({ hasText: reasons[0] });
  await expect(own).toContainText("须由他人审批");
  await expect(own.getByRole("link", { name: "批准" })).toHaveCount(0);

  const other = await secondPerson(browser, page);
  await other.goto("/console/approvals");
  const row = (reason: string) => other.locator(".rows li").filter({ hasText: reason });
  await expect(row(reasons[0])).toContainText("申请人");
  await row(reasons[0]).getByRole("link", { name: "批准" }).focus();
  await other.keyboard.press("Enter");
  const approve = other.getByRole("dialog", { name: "批准" });
  await expect(approve).toContainText(reasons[0]);
  await expect(approve).toContainText("900,000");
  const button = approve.getByRole("button", { name: "批准" });
  for (let steps = 0; steps < 4 && !(await button.evaluate((it) => it === document.activeElement)); steps += 1) {
    await other.keyboard.press("Tab");
  }
  await other.keyboard.press("Enter");
  await expect(other.getByText("已批准，调整已生效。")).toBeVisible();
  await expect(row(reasons[0])).toHaveCount(0);

  await row(reasons[1]).getByRole("link", { name: "驳回" }).click();
  await other.getByRole("dialog", { name: "驳回" }).getByRole("button", { name: "驳回" }).click();
  await expect(row(reasons[1])).toHaveCount(0);
  await other.getByRole("link", { name: "已驳回", exact: true }).click();
  await expect(row(reasons[1])).toContainText(/由 .* 决定/);
  await other.getByRole("link", { name: "已生效", exact: true }).click();
  await expect(row(reasons[0])).toBeVisible();
  await other.context().close();
});
