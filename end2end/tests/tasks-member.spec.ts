// Tasks and check-ins as a member meets them. Each journey signs its own member up, since a day can
// be checked in once.

import { expect, test } from "../support/fixtures";

const PASSWORD = "correct horse battery";

test.beforeEach(async ({ page }, info) => {
  const email = `tasks-${info.project.name}-${info.testId}-${Date.now()}@example.com`.toLowerCase();
  await page.goto("/sign-up");
  await page.getByLabel("邮箱或手机号").fill(email);
  await page.getByLabel("密码").fill(PASSWORD);
  await page.getByRole("button", { name: "注册" }).click();
  await expect(page.getByRole("navigation", { name: "主导航" })).toBeVisible();
});

test("today is checked in once, by the server's day, and the strip says so", async ({ page, axe, shot }) => {
  await page.getByRole("navigation", { name: "主导航" }).getByRole("link", { name: /任务/ }).click();
  await expect(page.getByRole("heading", { name: "任务", exact: true, level: 1 })).toBeFocused();
  const today = page.locator(".strip__day[aria-current='date']");
  await expect(today).toHaveAttribute("data-state", "open");
  await page.getByRole("button", { name: /签到/ }).click();
  await expect(page.getByText(/签到成功/)).toBeVisible();
  await expect(today).toHaveAttribute("data-state", "checked");
  await expect(page.locator(".done")).toHaveText("今天已签到");
  await expect(page.getByText("连续 1 天", { exact: true })).toBeVisible();
  await axe();
  await shot("tasks-checked-in");
  await page.reload();
  await expect(page.locator(".done")).toHaveText("今天已签到");
});

test("the month is walked by arrow keys, one day in the tab order", async ({ page, axe, shot }) => {
  await page.goto("/tasks?view=calendar");
  const grid = page.getByRole("grid");
  await expect(grid).toBeVisible();
  const inOrder = grid.locator("button[tabindex='0']");
  await expect(inOrder).toHaveCount(1);
  await inOrder.focus();
  await page.keyboard.press("Home");
  await expect(grid.locator("#day-0")).toBeFocused();
  await page.keyboard.press("ArrowRight");
  await expect(grid.locator("#day-1")).toBeFocused();
  await page.keyboard.press("ArrowDown");
  await expect(grid.locator("#day-8")).toBeFocused();
  await expect(inOrder).toHaveCount(1);
  await axe();
  await shot("tasks-calendar");
  await page.getByRole("link", { name: "上个月" }).click();
  await expect(page).toHaveURL(/month=/);
});

test("a complete profile is claimed, and the badge on the tab goes", async ({ page, shot }) => {
  await page.goto("/me");
  await page.getByLabel("称呼").fill("小任");
  const birthday = page.getByLabel("生日");
  await birthday.fill("1990-04-30");
  await page.getByRole("button", { name: "保存" }).click();
  await expect(page.getByText("已保存")).toBeVisible();
  await page.goto("/tasks");
  const claim = page.getByRole("button", { name: "领取 完善资料" });
  await expect(claim).toBeVisible();
  await expect(page.locator(".tabs__badge")).toContainText("1");
  await shot("tasks-claimable");
  await claim.click();
  await expect(page.getByText(/已领取：80 积分/)).toBeVisible();
  await expect(page.locator(".tabs__badge")).toHaveCount(0);
  await page.getByRole("link", { name: "记录", exact: true }).click();
  await expect(page.locator(".rows .row").filter({ hasText: "完善资料" })).toContainText("80 积分");
});
