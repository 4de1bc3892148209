// Changing one's own password, as a member and as staff.

import { settled } from "../support/console";
import { expect, test } from "../support/fixtures";
import { signIn } from "../support/people";

test("a member changes the password and goes on; the old one no longer opens", async ({
  page,
  browser,
  complaints,
  axe,
  shot,
}) => {
  const name = `e2e-${Date.now()}-${Math.floor(Math.random() * 1e6)}@example.com`;
  const [old, fresh] = ["correct horse battery", "a better password"];
  const made = await page.request.post("/api/v1/sign_ups", {
    headers: { "x-coterie-client": "member" },
    data: { email: name, password: old },
  });
  expect(made.status()).toBe(201);
  const elsewhere = await browser.newPage();
  await signIn(page, "/", { name, password: old });
  await signIn(elsewhere, "/", { name, password: old });
  await page.goto("/me");
  const part = page.getByRole("region", { name: "登录与安全" });
  await part.getByText("修改密码").first().click();
  await part.getByLabel("当前密码").fill("not my password");
  await part.getByLabel("新密码").fill(fresh);
  await axe();
  await part.getByRole("button", { name: "修改密码" }).click();
  await expect(part.getByLabel("当前密码")).toHaveAttribute("aria-invalid", "true");
  await shot("me-password");
  complaints.take();
  await part.getByLabel("当前密码").fill(old);
  await part.getByRole("button", { name: "修改密码" }).click();
  await expect(page.getByText("密码已修改，其他设备已退出登录。")).toBeVisible();
  await page.goto("/points");
  await settled(page);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await elsewhere.goto("/me");
  await expect(elsewhere.locator('input[autocomplete="username"]')).toBeVisible();
  await signIn(elsewhere, "/", { name, password: fresh });
  await elsewhere.close();
});

test("staff find the form on their account", async ({
  page,
  signInAsOperator,
  complaints,
  axe,
  shot,
}) => {
  await signInAsOperator();
  await page.goto("/console/account");
  await page.getByLabel("当前密码").fill("not my password");
  await page.getByLabel("新密码").fill("a better password");
  await axe();
  await page.getByRole("button", { name: "修改密码" }).click();
  await expect(page.getByLabel("当前密码")).toHaveAttribute("aria-invalid", "true");
  await shot("account-password");
  complaints.take();
});
