// What administrators look after: staff, keys, settings, one's own account.

import { openPage, signInAsAdmin, unique } from "../support/console";
import { expect, test } from "../support/fixtures";

// Two of them edit the same settings.
test.describe.configure({ mode: "default" });

test.beforeEach(async ({ page }) => {
  await signInAsAdmin(page);
});

test("an account is made with a role, and deactivated", async ({ page }) => {
  await openPage(page, "员工与权限");
  const name = unique("小陈");
  await page.getByRole("link", { name: "添加员工" }).click();
  const add = page.getByRole("dialog", { name: "添加员工" });
  await add.getByLabel("姓名").fill(name);
  await add.getByLabel("工作邮箱").fill(`${name.replace(/\D/g, "")}@example.com`);
  await add.getByLabel("角色").selectOption("auditor");
  await expect(add.getByText("什么都能看，什么都不能改。")).toBeVisible();
  await add.getByLabel("初始密码").fill("a-good-password");
  await add.getByRole("button", { name: "添加员工" }).click();
  const row = page.locator("tbody tr").filter({ hasText: name });
  await expect(row).toContainText("可登录");
  await row.getByRole("link", { name }).click();
  const person = page.getByRole("dialog", { name });
  await person.getByLabel("角色").selectOption("operator");
  await person.getByRole("button", { name: "保存" }).click();
  await expect(page.getByText("账号已更新。")).toBeVisible();
  await expect(row).toContainText("运营");
  await row.getByRole("link", { name }).click();
  await person.getByRole("link", { name: "停用" }).click();
  await expect(person).toContainText("立即退出登录");
  await person.getByRole("button", { name: "停用" }).click();
  await expect(row).toContainText("已停用");
});

test("a new password is set with a link that works once", async ({ page, browser, complaints }) => {
  const name = unique("小何");
  const mail = `${name.replace(/\D/g, "")}@example.com`;
  await page.goto("/console/staff?do=add");
  const add = page.getByRole("dialog", { name: "添加员工" });
  await add.getByLabel("姓名").fill(name);
  await add.getByLabel("工作邮箱").fill(mail);
  await add.getByLabel("初始密码").fill("a-good-password");
  await add.getByRole("button", { name: "添加员工" }).click();
  await page.locator("tbody tr").getByRole("link", { name }).click();
  const person = page.getByRole("dialog", { name });
  await person.getByRole("link", { name: "重置密码" }).click();
  await person.getByRole("button", { name: "重置密码" }).click();
  const link = (await person.locator(".secret").textContent()) ?? "";
  expect(link).toContain("/console/reset#");
  const context = await browser.newContext({ baseURL: new URL(page.url()).origin, locale: "zh-CN" });
  const other = await context.newPage();
  const url = new URL(link);
  await other.goto(`${url.pathname}${url.hash}`);
  await other.getByLabel("新密码").fill("another-good-password");
  await other.getByRole("button", { name: "设置密码" }).click();
  await expect(other.getByText("密码已设置，请登录。")).toBeVisible();
  await other.getByLabel("工作邮箱").fill(mail);
  await other.getByLabel("密码", { exact: true }).fill("another-good-password");
  await other.getByRole("button", { name: "登录" }).click();
  await expect(other.getByRole("heading", { name: "会员", level: 1 })).toBeVisible();
  await context.close();
  complaints.take();
});

test("the secret of a key is shown once", async ({ page, shot }) => {
  await openPage(page, "API 密钥");
  const name = unique("商城后端");
  await page.getByRole("link", { name: "新建密钥" }).click();
  const add = page.getByRole("dialog", { name: "新建密钥" });
  await add.getByLabel("用途").fill(name);
  await add.getByLabel(/orders:write/).check();
  await add.getByRole("button", { name: "新建密钥" }).click();
  const made = page.getByRole("dialog", { name: "密钥已创建" });
  const secret = await made.locator(".secret").textContent();
  expect(secret?.length).toBeGreaterThan(20);
  await shot("console-key-made");
  await made.getByRole("button", { name: "我已保存好" }).click();
  await expect(made).toHaveCount(0);
  await page.reload();
  const row = page.locator("tbody tr").filter({ hasText: name });
  await expect(row).toContainText("有效");
  await expect(page.getByText(secret ?? "")).toHaveCount(0);
  await row.getByRole("link", { name }).click();
  await page.getByRole("dialog", { name }).getByRole("button", { name: "吊销" }).click();
  await expect(row).toContainText("已吊销");
});

test("settings are saved, and the clock follows the zone", async ({ page, complaints }, info) => {
  await openPage(page, "设置");
  const phone = info.project.name === "phone";
  const field = page.getByLabel(phone ? "英文名称" : "中文名称");
  const before = await field.inputValue();
  await page.getByLabel("店铺时区").selectOption("America/New_York");
  await expect(page.getByText(/店铺当前时间 .*(GMT-[45]|EST|EDT)/)).toBeVisible();
  await page.getByRole("button", { name: "撤销修改" }).click();
  await field.fill(`${before} 2`);
  await page.getByRole("button", { name: "保存", exact: true }).click();
  await expect(page.getByText("设置已保存。")).toBeVisible();
  await field.fill(before);
  await page.getByRole("button", { name: "保存", exact: true }).click();
  await expect(page.locator(".savebar")).toHaveCount(0);
  complaints.take();
});

test("a brand colour that nobody can read is marked, and refused", async ({ page, complaints }) => {
  await openPage(page, "设置");
  const light = page.getByLabel("浅色外观", { exact: true });
  await light.fill("#ffe14d");
  await expect(page.getByText("需达到 4.50").first()).toBeVisible();
  // Another journey may have saved the settings meanwhile; then the page asks to save again.
  await expect(async () => {
    await page.getByRole("button", { name: "保存", exact: true }).click();
    await expect(light).toHaveAttribute("aria-invalid", "true", { timeout: 2_000 });
  }).toPass();
  await light.fill("#0b4f8a");
  await expect(page.getByText("需达到 4.50")).toHaveCount(0);
  await page.getByRole("button", { name: "撤销修改" }).click();
  complaints.take();
});

test("one's own account says what one may do", async ({ page }) => {
  await page.goto("/console/account");
  await expect(page.getByText("admin@example.com")).toBeVisible();
  await expect(page.getByText("全部权限")).toBeVisible();
});
