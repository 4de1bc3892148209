// Me: the record, the settings, the devices, the own data, and the way out; and the messages.

import { expect, test } from "../support/fixtures";
import { printedSignIn, signIn } from "../support/people";

/** A member of one's own, so that what is changed here disturbs nobody. */
async function signUp(page: import("@playwright/test").Page, name: string) {
  const email = `me-${Date.now()}-${Math.floor(Math.random() * 1e9)}@example.com`;
  await page.goto("/sign-up");
  await page.getByLabel("称呼").fill(name);
  await page.getByLabel("邮箱或手机号").fill(email);
  await page.getByLabel("密码").fill("a password of mine");
  await page.getByRole("button", { name: "注册" }).click();
  await expect(page.getByText("可用积分")).toBeVisible();
  return { name: email, password: "a password of mine" };
}

for (const theme of ["light", "dark"]) {
  test(`privacy, farewell and messages are complete and accessible, ${theme}`, async ({ page, axe, shot, signInAsMember }) => {
    await signInAsMember();
    await page.evaluate((it) => localStorage.setItem("coterie.theme", it), theme);
    const pages = [
      ["/me/privacy", "隐私与数据", "privacy"],
      ["/me/erase", "注销会员", "erase"],
      ["/messages", "消息", "messages"],
    ] as const;
    for (const [path, heading, name] of pages) {
      await page.goto(path);
      await expect(page.getByRole("heading", { name: heading, exact: true, level: 1 })).toBeVisible();
      await expect(page.locator(".skeleton")).toHaveCount(0);
      await expect(page.getByRole("alert").filter({ hasText: /./ })).toHaveCount(0);
      await axe();
      await shot(`${name}-${theme}`);
      const overflow = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      expect(overflow, `${path} is wider than the screen`).toBeLessThanOrEqual(0);
    }
  });
}

test("the name changes and the birthday is given once", async ({ page }) => {
  await signUp(page, "小新");
  await page.goto("/me");
  await page.getByLabel("称呼").fill("新的名字");
  await page.getByLabel("生日").fill("1990-02-03");
  await page.getByRole("button", { name: "保存" }).click();
  await expect(page.getByText("已保存")).toBeVisible();
  await expect(page.getByText("1990-02-03")).toBeVisible();
  await expect(page.getByLabel("生日")).toHaveCount(0);
  await page.getByRole("link", { name: "首页" }).click();
  await expect(page.getByText(/好，新的名字/)).toBeVisible();
});

test("the time zone changes and stays", async ({ page }) => {
  await signUp(page, "远方");
  await page.goto("/me");
  const zone = page.getByLabel("时区");
  await zone.selectOption("America/New_York");
  await expect(page.getByText("已保存")).toBeVisible();
  await page.reload();
  await expect(zone).toHaveValue("America/New_York");
});

test("a consent is given and taken back, and says when", async ({ page }) => {
  await signUp(page, "小信");
  await page.goto("/me/privacy");
  const email = page.getByRole("switch", { name: /电子邮件/ });
  await expect(email).not.toBeChecked();
  await email.check();
  await expect(page.getByText(/\d+月\d+日 同意/)).toBeVisible();
  await page.reload();
  await expect(email).toBeChecked();
  await email.uncheck();
  await expect(page.getByText(/\d+月\d+日 关闭/)).toBeVisible();
});

test("the own data comes as a file", async ({ page }) => {
  await signUp(page, "小档");
  await page.goto("/me/privacy");
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "下载数据" }).click();
  const file = await download;
  expect(file.suggestedFilename()).toMatch(/^mem_.*\.json$/);
  const stream = await file.createReadStream();
  let text = "";
  for await (const part of stream) text += part;
  expect(JSON.stringify(JSON.parse(text))).toContain("小档");
});

test("another device is signed out alone", async ({ page, browser, baseURL }) => {
  const me = await signUp(page, "两台");
  const other = await browser.newContext({ baseURL, locale: "zh-CN" });
  const second = await other.newPage();
  await signIn(second, "/", me);
  await page.goto("/me");
  const devices = page.getByRole("region", { name: "登录与安全" }).getByRole("listitem");
  await expect(devices).toHaveCount(2);
  await page.getByRole("button", { name: /^退出 / }).click();
  await expect(page.getByText("该设备已退出登录")).toBeVisible();
  await expect(devices).toHaveCount(1);
  await second.goto("/me");
  await expect(second.locator('input[autocomplete="current-password"]')).toBeVisible();
  await other.close();
});

test("the membership ends only after its meaning is spelled out and confirmed", async ({ page, axe, shot, complaints }) => {
  const me = await signUp(page, "再见");
  await page.goto("/me/privacy");
  await page.getByRole("link", { name: "了解后果并注销" }).click();
  await expect(page.getByText("注销后无法恢复。会发生以下事情：")).toBeVisible();
  await expect(page.getByText("失去普通会员及其全部权益")).toBeVisible();
  await expect(page.getByText("姓名、联系方式、生日和登录信息被删除")).toBeVisible();
  await axe();
  await shot("erase-confirm");
  await page.getByLabel("登录密码").fill("not my password");
  await page.getByRole("button", { name: "永久注销" }).click();
  // Without the tick nothing is sent.
  await expect(page).toHaveURL("/me/erase");
  await page.getByLabel("我明白注销后无法恢复").check();
  await page.getByRole("button", { name: "永久注销" }).click();
  await expect(page.getByRole("alert").filter({ hasText: /./ })).toBeVisible();
  await page.getByLabel("登录密码").fill(me.password);
  await page.getByRole("button", { name: "永久注销" }).click();
  await expect(page.locator('input[autocomplete="username"]')).toBeVisible();
  await page.locator('input[autocomplete="username"]').fill(me.name);
  await page.locator('input[autocomplete="current-password"]').fill(me.password);
  await page.getByRole("button", { name: "登录" }).click();
  await expect(page.getByRole("alert").filter({ hasText: /./ })).toBeVisible();
  complaints.take();
});

test("messages are read one by one, and all at once", async ({ page }) => {
  await signIn(page, "/", printedSignIn("shopper"));
  await page.goto("/messages");
  await expect(page.locator(".skeleton")).toHaveCount(0);
  await expect(page.locator(".rows .row").first()).toBeVisible();
  await page.getByRole("link", { name: "未读", exact: true }).click();
  await expect(page).toHaveURL(/show=unread/);
  await page.reload();
  await expect(page.getByRole("link", { name: "未读", exact: true })).toHaveAttribute("aria-current", "true");
});

test("a session that has ended says so and comes back to the same page", async ({ page, complaints }) => {
  const me = await signUp(page, "回来");
  await page.goto("/points?view=lots");
  await expect(page.getByText("没有可用的批次")).toBeVisible();
  const over = (code: string) => ({
    status: 401,
    contentType: "application/problem+json",
    body: JSON.stringify({ type: `/problems/${code}`, title: "登录已过期，请重新登录。", status: 401, code }),
  });
  await page.route("**/api/v1/sessions/refresh", (route) => route.fulfill(over("auth.session_ended")));
  await page.route("**/api/v1/me/**", (route) => route.fulfill(over("auth.token_expired")));
  await page.getByRole("link", { name: "明细" }).click();
  await expect(page.getByText("登录已过期，请重新登录以继续")).toBeVisible();
  await page.unroute("**/api/v1/me/**");
  await page.unroute("**/api/v1/sessions/refresh");
  await page.locator('input[autocomplete="username"]').fill(me.name);
  await page.locator('input[autocomplete="current-password"]').fill(me.password);
  await page.getByRole("button", { name: "登录" }).click();
  await expect(page).toHaveURL(/^[^?]*\/points/);
  complaints.take();
});
