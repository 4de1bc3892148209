// What an operator decides about checking in and sharing.

import { fits, openPage, settled, unique } from "../support/console";
import { expect, test } from "../support/fixtures";

test.beforeEach(async ({ signInAsOperator }) => {
  await signInAsOperator();
});

for (const theme of ["light", "dark"]) {
  test(`the plan and the sharing rules are complete and accessible, ${theme}`, async ({ page, axe, shot }) => {
    await page.evaluate((it) => localStorage.setItem("coterie.theme", it), theme);
    for (const [path, heading, name] of [
      ["/console/check-in", "签到", "console-check-in"],
      ["/console/sharing", "分享规则", "console-sharing"],
    ]) {
      await page.goto(path);
      await expect(page.getByRole("heading", { name: heading, exact: true, level: 1 })).toBeVisible();
      await settled(page);
      await axe();
      await shot(`${name}-${theme}`);
      await fits(page, path);
    }
  });
}

test("the calendar follows the plan as it is typed, and unsaved changes are told", async ({ page }) => {
  await openPage(page, "签到");
  const preview = page.getByRole("region", { name: "日历预览" });
  await expect(preview.locator(".plan__day")).toHaveCount(31);
  await page.getByRole("button", { name: "添加一天" }).click();
  await page.getByLabel("连续第几天").last().fill("2");
  await expect(preview.locator(".plan__day[data-row]", { hasText: "第 2 天" })).toBeVisible();
  await expect(page.getByText(/处修改未保存/)).toBeVisible();
  await page.getByRole("button", { name: "撤销修改" }).click();
  await expect(page.locator(".savebar")).toHaveCount(0);
  await expect(preview.locator(".plan__day[data-row]", { hasText: "第 2 天" })).toHaveCount(0);
});

test("who edits the plan at the same time is told what changed", async ({ page, context, complaints }, info) => {
  const [mine, theirs] = info.project.name === "phone" ? ["11", "12"] : ["13", "14"];
  const save = (on: typeof page) =>
    on.locator(".savebar").getByRole("button", { name: "保存", exact: true }).click();
  await openPage(page, "签到");
  const other = await context.newPage();
  await other.goto("/console/check-in");
  await other.getByLabel("每月最多补").fill(theirs);
  await page.getByLabel("最多补多少天以前").fill(mine);
  await save(other);
  await expect(other.getByText("签到规则已生效。")).toBeVisible();
  await page.bringToFront();
  await expect(async () => {
    if (await page.locator(".savebar").isVisible()) await save(page);
    await expect(page.getByText("签到规则已生效。")).toBeVisible({ timeout: 2_000 });
  }).toPass();
  await page.reload();
  await expect(page.getByLabel("最多补多少天以前")).toHaveValue(mine);
  // Merged, not overwritten.
  await expect(page.getByLabel("每月最多补")).toHaveValue(theirs);
  complaints.take();
  await other.close();
});

test("an outage is declared with a reason, and is in the list", async ({ page, axe, shot, complaints }) => {
  await openPage(page, "签到");
  await page.getByRole("link", { name: "登记停摆日" }).click();
  const sheet = page.getByRole("dialog", { name: "登记停摆日" });
  await sheet.getByLabel("第一天").fill("2026-01-31");
  await sheet.getByLabel("最后一天").fill("2026-01-01");
  const why = unique("机房停电");
  await sheet.getByLabel("原因").fill(why);
  await sheet.getByRole("button", { name: "登记停摆日" }).click();
  await expect(sheet.getByLabel("最后一天")).toHaveAttribute("aria-invalid", "true");
  await axe();
  await shot("console-outage");
  await sheet.getByLabel("最后一天").fill("2026-01-31");
  await sheet.getByRole("button", { name: "登记停摆日" }).click();
  await expect(page.getByText("停摆日已登记。")).toBeVisible();
  await expect(page.locator(".rows li").filter({ hasText: why })).toContainText("2026年1月31日");
  complaints.take();
});

test("paying for visits inside WeChat is off, and turning it on is warned of", async ({ page }) => {
  await openPage(page, "分享规则");
  const visits = page.getByLabel("微信：好友访问计入");
  await expect(visits).not.toBeChecked();
  await expect(page.getByLabel("微信：好友注册计入")).toBeChecked();
  await visits.check();
  await expect(page.getByText(/诱导分享，链接会被封禁/)).toBeVisible();
  await page.getByRole("button", { name: "撤销修改" }).click();
  await expect(visits).not.toBeChecked();
});
