// Editing the rules: what an edit would do, saving, two people at once, and not losing changes.

import type { Page } from "@playwright/test";

import { openPage, settled, unique } from "../support/console";
import { expect, test } from "../support/fixtures";

test.beforeEach(async ({ signInAsOperator }) => {
  await signInAsOperator();
});

/** Saves, however often another journey edits the same rules meanwhile. */
async function save(page: Page, said: string) {
  await expect(async () => {
    const review = page.getByRole("dialog", { name: "保存前再看一眼" });
    const button = page.locator(".savebar").getByRole("button", { name: "保存", exact: true });
    if (!(await review.isVisible()) && (await button.isVisible())) await button.click();
    await review.getByRole("button", { name: "立即生效" }).click({ timeout: 2_000 });
    await expect(page.getByText(said)).toBeVisible({ timeout: 3_000 });
  }).toPass();
}

/** Clicking a link of the navigation, without waiting for its page. */
async function goTo(page: Page, name: string) {
  const toggle = page.locator(".side__toggle");
  if (await toggle.isVisible()) await toggle.click();
  await page.getByRole("navigation", { name: "主导航" }).getByRole("link", { name, exact: true }).click();
}

test("points rules show what is unsaved, refuse nonsense, and are kept", async ({
  page,
  complaints,
}, info) => {
  await openPage(page, "积分规则");
  const field = page.getByLabel(info.project.name === "phone" ? "单笔订单最多用" : "每人每天最多用");
  const value = String(100_000 + Math.floor(Math.random() * 100_000));
  await field.fill("lots");
  await expect(page.getByText("1 处修改未保存")).toBeVisible();
  await page.getByRole("button", { name: "保存", exact: true }).click();
  await expect(field).toBeFocused();
  await expect(field).toHaveAttribute("aria-invalid", "true");
  await field.fill(value);
  await page.getByRole("button", { name: "撤销修改" }).click();
  await expect(page.locator(".savebar")).toHaveCount(0);
  await field.fill(value);
  await save(page, "积分规则已生效。");
  await expect(page.locator(".savebar")).toHaveCount(0);
  await page.reload();
  await expect(field).toHaveValue(value);
  // What only the server refuses is shown at its field too.
  await page.getByRole("button", { name: "添加品类" }).click();
  const category = page.getByLabel("品类", { exact: true }).last();
  await category.fill("x".repeat(101));
  await expect(async () => {
    await page.locator(".savebar").getByRole("button", { name: "保存", exact: true }).click();
    await page.getByRole("dialog").getByRole("button", { name: "立即生效" }).click({ timeout: 2_000 });
    await expect(category).toHaveAttribute("aria-invalid", "true", { timeout: 2_000 });
  }).toPass();
  await page.getByRole("button", { name: "撤销修改" }).click();
  complaints.take();
});

test("who edits at the same time is told what changed, and chooses", async ({
  page,
  context,
  complaints,
}, info) => {
  const label = info.project.name === "phone" ? "每次至少用" : "须为其整数倍";
  const first = String(1 + Math.floor(Math.random() * 400));
  const second = String(401 + Math.floor(Math.random() * 400));
  await openPage(page, "积分规则");
  const other = await context.newPage();
  await other.goto("/console/points");
  await other.getByLabel(label).fill(first);
  await page.getByLabel(label).fill(second);
  await save(other, "积分规则已生效。");
  await page.bringToFront();
  await page.locator(".savebar").getByRole("button", { name: "保存", exact: true }).click();
  await page.getByRole("dialog").getByRole("button", { name: "立即生效" }).click();
  const news = page.getByRole("alert").filter({ hasText: "刚才有人也改了这里" });
  await expect(news).toBeVisible();
  await expect(news.getByRole("button", { name: `对方的 ${first} 积分` })).toBeVisible();
  await expect(news.getByRole("button", { name: `我的 ${second} 积分` })).toHaveAttribute("aria-pressed", "true");
  await save(page, "积分规则已生效。");
  await page.reload();
  await expect(page.getByLabel(label)).toHaveValue(second);
  complaints.take();
  await other.close();
});

test("changes are not lost by a link or by Back without a question", async ({ page }) => {
  await openPage(page, "待审批");
  await openPage(page, "积分规则");
  const field = page.getByLabel("有效期");
  await field.fill("99");
  await goTo(page, "会员等级");
  const question = page.getByRole("dialog", { name: "放弃未保存的修改？" });
  await question.getByRole("button", { name: "留下继续改" }).click();
  await expect(page).toHaveURL(/\/console\/points$/);
  await expect(field).toHaveValue("99");
  await page.goBack();
  await expect(question).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page).toHaveURL(/\/console\/points$/);
  await expect(field).toHaveValue("99");
  await page.goBack();
  await question.getByRole("button", { name: "放弃并离开" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "待审批" })).toBeVisible();
  await openPage(page, "积分规则");
  await settled(page);
  await expect(page.locator(".savebar")).toHaveCount(0);
});

test("an edited ladder shows whom it would move before it is saved", async ({ page, shot }) => {
  await openPage(page, "会员等级");
  await expect(page.getByText(/位会员中，/)).toBeVisible();
  const threshold = page.getByLabel("所需成长值").nth(1);
  const before = await threshold.inputValue();
  await threshold.fill("1");
  await expect(page.getByText(/[1-9]\d* 位会立即升级/)).toBeVisible();
  await shot("console-tiers-impact");
  await page.locator(".savebar").getByRole("button", { name: "保存", exact: true }).click();
  const review = page.getByRole("dialog", { name: "保存前再看一眼" });
  await expect(review.getByText(/[1-9]\d* 位会立即升级/)).toBeVisible();
  await review.getByRole("button", { name: "取消" }).click();
  await page.getByRole("button", { name: "撤销修改" }).click();
  await expect(threshold).toHaveValue(before);
});

test("rules are tried on the last 30 days before they are saved", async ({ page, shot }) => {
  await openPage(page, "积分规则");
  await expect(page.getByText("与实际发放相同。")).toBeVisible();
  const field = page.getByLabel(/^每消费 .* 得$/);
  await field.fill("5");
  await expect(page.getByText(/[1-9]\d* 位会员会多得，0 位会少得。/)).toBeVisible();
  await page.getByText("差别最大的会员").click();
  await expect(page.locator("#trial ~ .loaded, details .rows").first()).toBeVisible();
  await shot("console-points-trial");
  await page.getByRole("button", { name: "撤销修改" }).click();
  await expect(page.getByText("与实际发放相同。")).toBeVisible();
});

test("an edit is kept for a later day, and cancelled", async ({ page, complaints }, info) => {
  await openPage(page, "积分规则");
  await page.getByLabel("有效期").fill(info.project.name === "phone" ? "18" : "24");
  await page.locator(".savebar").getByRole("button", { name: "保存", exact: true }).click();
  const review = page.getByRole("dialog", { name: "保存前再看一眼" });
  await review.getByText("预约", { exact: true }).click();
  const year = new Date().getFullYear() + 1;
  const minute = String(Math.floor(Math.random() * 60)).padStart(2, "0");
  await review.getByLabel("生效时间").fill(`${year}-0${info.project.name === "phone" ? 3 : 4}-01T08:${minute}`);
  await review.getByRole("button", { name: "预约生效" }).click();
  await expect(page.getByText("已预约，到时自动生效。")).toBeVisible();
  await expect(page.locator(".savebar")).toHaveCount(0);
  await page.reload();
  const row = page.locator(".rows li").filter({ hasText: `08:${minute}` }).filter({ hasText: "已预约" });
  await expect(row.first()).toContainText(String(year));
  await row.first().getByRole("button", { name: /取消第/ }).click();
  await expect(page.getByText("已取消，不会生效。")).toBeVisible();
  complaints.take();
});

test("a tier gets a name and benefits, and a benefit is taken out again", async ({ page, complaints }) => {
  await openPage(page, "会员等级");
  const name = unique("黑金").slice(0, 12);
  await page.getByRole("button", { name: "添加更高等级" }).click();
  const rung = page.locator(".rung").last();
  await rung.getByLabel("中文名称").fill(name);
  await rung.getByLabel("英文名称").fill("Black");
  await expect(rung.getByRole("heading", { name })).toBeVisible();
  await rung.getByLabel("添加权益…").selectOption("birthday_gift");
  await rung.getByRole("textbox", { name: "生日礼" }).fill("888");
  await rung.getByLabel("添加权益…").selectOption("priority_shipping");
  await rung.getByRole("button", { name: "移除 优先发货" }).click();
  await expect(rung.getByRole("textbox", { name: "生日礼" })).toHaveValue("888");
  await expect(page.getByText(name).nth(1)).toBeVisible();
  await page.getByRole("button", { name: "撤销修改" }).click();
  await expect(rung.getByRole("heading", { name })).toHaveCount(0);
  complaints.take();
});
