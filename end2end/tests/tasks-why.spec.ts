// Why a task or a coupon stands where it does, and what goes wrong on the way to it.

import { fits } from "../support/console";
import { expect, test } from "../support/fixtures";
import { withSummary } from "../support/summary";

test.beforeEach(async ({ signInAsMember }) => {
  await signInAsMember();
});

test("a task, a reward and a coupon say why", async ({ page, axe, shot }) => {
  await page.goto("/tasks");
  await page.locator(".task").first().getByRole("link", { name: "为什么？" }).click();
  const sheet = page.getByRole("dialog");
  await expect(sheet.getByText(/^计入：/)).toBeVisible();
  await axe();
  await shot("task-why");
  await page.goBack();
  await expect(sheet).toHaveCount(0);
  await page.goto("/tasks?view=history");
  await page.locator(".rows .row").first().getByRole("link", { name: "为什么？" }).click();
  await expect(sheet.getByText(/次达成：累计/)).toBeVisible();
  await expect(sheet.getByText(/退款/).last()).toBeVisible();
  await axe();
  await shot("task-claim-why");
  await page.goto("/coupons");
  await page.locator("a.ticket").first().click();
  await page.getByRole("link", { name: "为什么？" }).click();
  await expect(sheet.getByText(/按模板第 \d+ 版规则/)).toBeVisible();
  await shot("coupon-why");
});

test("an own link says honestly who came by it", async ({ page, shot, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.goto("/tasks");
  await page.getByRole("button", { name: /^获取专属链接/ }).first().click();
  await expect(page.getByLabel("我的链接")).toHaveValue(/\/s\/\w+$/);
  await expect(page.getByText(/位好友来访，/)).toBeVisible();
  await expect(page.getByText(/分享本身没有奖励/)).toBeVisible();
  await shot("task-link");
  await fits(page, "/tasks with a link");
});

const PLACES = [
  { path: "/tasks", api: "**/api/v1/me/tasks", name: "tasks" },
  { path: "/coupons", api: "**/api/v1/me/coupons?*", name: "coupons" },
  { path: "/coupons/centre", api: "**/api/v1/me/coupon_offers", name: "coupons-centre" },
];

for (const it of PLACES) {
  test(`${it.path} says that it failed, with a request id, and reads again`, async ({
    page,
    axe,
    shot,
    complaints,
  }) => {
    let broken = true;
    await page.route(it.api, async (route) => {
      if (!broken) return route.fallback();
      const problem = { type: "about:blank", title: "出了点问题，请稍后重试。", status: 500, code: "internal", request_id: "req-42" };
      await route.fulfill({ status: 500, contentType: "application/problem+json", json: problem });
    });
    await page.goto(it.path);
    const failed = page.getByRole("alert").filter({ hasText: "req-42" });
    await expect(failed).toBeVisible();
    await axe();
    await shot(`${it.name}-error`);
    broken = false;
    await failed.getByRole("button", { name: "重试" }).click();
    await expect(failed).toHaveCount(0);
    await expect(page.locator(".skeleton")).toHaveCount(0);
    complaints.take();
  });
}

test("a frozen member sees tasks and coupons, and is offered nothing that would be refused", async ({
  page,
  axe,
  shot,
}) => {
  await withSummary(page, (it) => (it.member.status = "frozen"));
  for (const path of ["/tasks", "/tasks?view=calendar", "/coupons", "/coupons/centre"]) {
    await page.goto(path);
    await expect(page.getByText("您的会员资格已冻结")).toBeVisible();
    await expect(page.locator(".skeleton")).toHaveCount(0);
    await expect(page.getByRole("button", { name: /^(签到 · |领取 |补签 |参加 |获取专属链接|兑换)/ })).toHaveCount(0);
  }
  await axe();
  await shot("coupons-frozen");
});

test("nothing to show is said, with what to do about it, in English too", async ({ page, axe, shot }) => {
  await page.evaluate(() => localStorage.setItem("coterie.locale", "en"));
  await page.route("**/api/v1/me/tasks", (route) =>
    route.fulfill({ json: { today: "2026-06-15", next_day_at: "2026-06-16T00:00:00Z", tasks: [] } }),
  );
  await page.route("**/api/v1/me/coupons?*", (route) => route.fulfill({ json: { data: [], next_cursor: null } }));
  await page.goto("/tasks");
  await expect(page.getByText("No tasks at the moment")).toBeVisible();
  await axe();
  await shot("tasks-empty-en");
  await page.goto("/coupons");
  await expect(page.locator(".empty")).toBeVisible();
  await shot("coupons-empty-en");
  await page.goto("/coupons?tab=used");
  await expect(page.locator(".empty")).toBeVisible();
});
