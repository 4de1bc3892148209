// What a member sees and does in the member centre.

import { expect, test } from "../support/fixtures";

test.beforeEach(async ({ signInAsMember }) => {
  await signInAsMember();
});

const PAGES = [
  { path: "/", heading: "会员中心", name: "home" },
  { path: "/points", heading: "积分", name: "points" },
  { path: "/points?view=lots", heading: "积分", name: "points-lots" },
  { path: "/tier", heading: "等级与权益", name: "tier" },
  { path: "/me", heading: "我的", name: "me" },
];

for (const theme of ["light", "dark"]) {
  test(`every page is complete and accessible, ${theme}`, async ({ page, axe, shot }) => {
    await page.evaluate((it) => localStorage.setItem("coterie.theme", it), theme);
    for (const it of PAGES) {
      await page.goto(it.path);
      await expect(page.getByRole("heading", { name: it.heading, exact: true, level: 1 })).toBeVisible();
      await expect(page.locator(".skeleton")).toHaveCount(0);
      await axe();
      await shot(`${it.name}-${theme}`);
      const overflow = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      expect(overflow, `${it.path} is wider than the screen`).toBeLessThanOrEqual(0);
    }
  });
}

test("Home shows tier, growth, points and what happened last", async ({ page }) => {
  await expect(page.getByText("会员等级")).toBeVisible();
  await expect(page.getByText("成长值", { exact: true })).toBeVisible();
  await expect(page.getByText("可用积分")).toBeVisible();
  await expect(page.getByText("待生效").first()).toBeVisible();
  await expect(page.getByRole("heading", { name: "最近动态" })).toBeVisible();
});

test("the tabs lead to the pages, and the keyboard follows to the heading", async ({ page }) => {
  await page.getByRole("navigation", { name: "主导航" }).getByRole("link", { name: "秒杀" }).click();
  await expect(page.getByRole("heading", { name: "限时秒杀", exact: true, level: 1 })).toBeFocused();
  await expect(page.getByRole("link", { name: "秒杀", exact: true }).first()).toHaveAttribute(
    "aria-current",
    "page",
  );
  await expect(page).toHaveTitle("限时秒杀");
});

test("the ledger is narrowed by kind and date, and the address remembers it", async ({ page }) => {
  await page.goto("/points");
  const rows = page.locator(".rows .row");
  await expect(rows.first()).toBeVisible();
  await page.getByRole("link", { name: "获得", exact: true }).click();
  await expect(page).toHaveURL(/kind=earn/);
  await expect(rows.first()).toBeVisible();
  await expect(rows.filter({ hasText: "使用" })).toHaveCount(0);
  await page.reload();
  await expect(page.getByRole("link", { name: "获得", exact: true })).toHaveAttribute("aria-current", "true");
  await page.getByLabel("从").fill("2099-01-01");
  await expect(page.getByText("没有符合条件的明细")).toBeVisible();
  await page.getByRole("link", { name: "清除筛选" }).first().click();
  await expect(page).toHaveURL("/points");
  await expect(rows.first()).toBeVisible();
});

test("more of the ledger is read on demand, and is still there after Back", async ({ page }) => {
  await page.goto("/points");
  const rows = page.locator(".rows .row");
  await expect(rows.first()).toBeVisible();
  const before = await rows.count();
  const more = page.getByRole("button", { name: "加载更多" });
  await more.click();
  await expect(page).toHaveURL(/pages=2/);
  await expect.poll(() => rows.count()).toBeGreaterThan(before);
  const after = await rows.count();
  await page.getByRole("link", { name: "我的" }).click();
  await expect(page.getByRole("heading", { name: "我的", level: 1 })).toBeVisible();
  await page.goBack();
  await expect(rows).toHaveCount(after);
});

test("every row says why, in a sheet that Back and Escape close", async ({ page, axe, shot }) => {
  await page.goto("/points");
  const row = page.locator(".rows a.row").first();
  await row.click();
  const sheet = page.getByRole("dialog", { name: "为什么是这个数？" });
  await expect(sheet).toBeVisible();
  await expect(sheet.locator("li").first()).toBeVisible();
  await axe();
  await shot("why");
  await page.goBack();
  await expect(sheet).toHaveCount(0);
  await expect(page).toHaveURL("/points");
  await row.click();
  await expect(sheet).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(sheet).toHaveCount(0);
  await expect(page).toHaveURL("/points");
});

test("the language changes everywhere and stays", async ({ page, axe, shot }) => {
  await page.goto("/me");
  await page.getByText("English", { exact: true }).click();
  await expect(page.getByRole("heading", { name: "Me", level: 1 })).toBeVisible();
  await expect(page.locator("html")).toHaveAttribute("lang", "en");
  await axe();
  await shot("me-english");
  await page.goto("/");
  await expect(page.getByText("Points to spend")).toBeVisible();
  await expect(page.locator("main")).not.toContainText("积分");
  await shot("home-english");
  await page.goto("/me");
  await page.getByText("简体中文", { exact: true }).click();
  await expect(page.getByRole("heading", { name: "我的", level: 1 })).toBeVisible();
});

test("the appearance changes and stays", async ({ page }) => {
  await page.goto("/me");
  await page.getByText("深色", { exact: true }).click();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  const dark = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  await page.reload();
  await expect(page.getByRole("heading", { name: "我的", level: 1 })).toBeVisible();
  expect(await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).toBe(dark);
  await page.getByText("浅色", { exact: true }).click();
  expect(await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).not.toBe(dark);
});

test("without a network the page says so, keeps what it knows, and recovers", async ({
  page,
  context,
  complaints,
}) => {
  await page.goto("/points");
  await expect(page.locator(".rows .row").first()).toBeVisible();
  await context.setOffline(true);
  await expect(page.getByText("您已离线")).toBeVisible();
  await expect(page.locator(".rows .row").first()).toBeVisible();
  await page.getByRole("link", { name: "过期", exact: true }).click();
  await expect(page.getByRole("button", { name: "重试" })).toBeVisible();
  await context.setOffline(false);
  await expect(page.getByText("您已离线")).toHaveCount(0);
  await expect(page.getByRole("button", { name: "重试" })).toHaveCount(0);
  complaints.take();
});

test("an error of the server is told with its request id, and can be tried again", async ({
  page,
  axe,
  shot,
  complaints,
}) => {
  await page.route("**/api/v1/me/tier", (route) =>
    route.fulfill({
      status: 500,
      contentType: "application/problem+json",
      body: JSON.stringify({
        type: "/problems/server.internal",
        title: "系统出错，请稍后重试并附上请求编号。",
        status: 500,
        code: "server.internal",
        request_id: "req_0123456789",
      }),
    }),
  );
  await page.goto("/tier");
  await expect(page.getByText("req_0123456789")).toBeVisible();
  await axe();
  await shot("error");
  expect(complaints.take()).toHaveLength(1);
  await page.unroute("**/api/v1/me/tier");
  await page.getByRole("button", { name: "重试" }).click();
  await expect(page.getByRole("heading", { name: "各等级权益" })).toBeVisible();
});

test("an access token that has run out is renewed without a word", async ({ page, complaints }) => {
  let refused = 0;
  await page.route("**/api/v1/me/points/entries**", async (route) => {
    if (refused > 0) return route.continue();
    refused += 1;
    await route.fulfill({
      status: 401,
      contentType: "application/problem+json",
      body: JSON.stringify({
        type: "/problems/auth.token_expired",
        title: "登录已过期，请重新登录。",
        status: 401,
        code: "auth.token_expired",
      }),
    });
  });
  await page.goto("/points");
  await expect(page.locator(".rows .row").first()).toBeVisible();
  expect(refused).toBe(1);
  expect(complaints.take()).toHaveLength(1);
});

test("an address that leads nowhere says so", async ({ page, axe }) => {
  await page.goto("/there-is-nothing-here");
  await expect(page.getByText("没有这个页面").last()).toBeVisible();
  await axe();
  await page.getByRole("link", { name: "返回首页" }).click();
  await expect(page.getByText("可用积分")).toBeVisible();
});

test("what can be touched is at least 44 pixels high", async ({ page }) => {
  for (const it of PAGES) {
    await page.goto(it.path);
    await expect(page.locator(".skeleton")).toHaveCount(0);
    const small = await page.evaluate(() =>
      [...document.querySelectorAll("main a, main button, nav a, main input:not([type=radio])")]
        .map((element) => ({ name: element.textContent, height: element.getBoundingClientRect().height }))
        .filter((target) => target.height > 0 && target.height < 44),
    );
    expect(small, it.path).toEqual([]);
  }
});
