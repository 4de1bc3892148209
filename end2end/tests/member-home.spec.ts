// Home: everything at a glance, in every state that it can be in.

import { expect, test } from "../support/fixtures";
import { withSummary } from "../support/summary";

test.beforeEach(async ({ signInAsMember }) => {
  await signInAsMember();
});

test("Home reads in a sensible order", async ({ page }) => {
  await page.goto("/");
  await expect(page.locator("main")).toMatchAriaSnapshot(`
    - heading "会员中心" [level=1]
    - paragraph: /好，李小雨/
    - link /消息/
    - region "金卡会员":
      - paragraph: 会员等级
      - heading "金卡会员" [level=2]
      - paragraph: /有效期至/
      - paragraph: 成长值
      - progressbar "升级进度"
      - paragraph: /还差 .* 成长值升级到钻石会员/
      - paragraph: /此差距保持到/
      - paragraph: /保级/
      - paragraph:
        - link "全部等级与权益"
    - region "可用积分":
      - paragraph: 可用积分
      - link "为什么？"
      - link /\\d/
      - term: 待生效
      - term: 即将过期
  `);
});

test("a first member finds out how to begin, and nothing is empty without a word", async ({ page }) => {
  await withSummary(page, (it) => {
    it.recent = [];
    it.unread_messages = 0;
    for (const balance of [it.points, it.credit]) {
      Object.assign(balance, { available: 0, pending: 0, deficit: 0, upcoming: [], expiring: [], expiring_by_month: [] });
    }
  });
  await page.goto("/");
  await expect(page.getByText("还没有积分动态")).toBeVisible();
  await expect(page.getByText("没有待生效")).toBeVisible();
  await expect(page.getByText("没有即将过期")).toBeVisible();
  await expect(page.getByRole("link", { name: "消息", exact: true })).toBeVisible();
  await expect(page.getByText("可用购物金")).toHaveCount(0);
});

test("a frozen member is told so on every page and is offered nothing that would be refused", async ({
  page,
  axe,
  shot,
}) => {
  await withSummary(page, (it) => (it.member.status = "frozen"));
  for (const path of ["/", "/tier", "/points", "/me"]) {
    await page.goto(path);
    await expect(page.getByText("您的会员资格已冻结")).toBeVisible();
  }
  await expect(page.getByRole("button", { name: "保存" })).toHaveCount(0);
  await axe();
  await shot("me-frozen");
});

test("a tier at risk says what keeps it and until when", async ({ page, axe }) => {
  await withSummary(page, (it) => {
    it.tier.keep = { threshold: 2000, gap: 800, by: "2099-11-19T15:59:59.999Z", in_grace: true, at_risk: true };
  });
  await page.goto("/");
  await expect(page.getByText("宽限期内：2099年11月19日前再获得 800 成长值可保留金卡会员")).toBeVisible();
  await axe();
});

test("unread messages are counted at the bell", async ({ page, axe }) => {
  await withSummary(page, (it) => (it.unread_messages = 3));
  await page.goto("/");
  await expect(page.getByRole("link", { name: "消息，3 条未读" })).toBeVisible();
  await axe();
  await page.getByRole("link", { name: "消息，3 条未读" }).click();
  await expect(page.getByRole("heading", { name: "消息", level: 1 })).toBeVisible();
});

test("without a network Home says since when, and how old what it shows is", async ({ page, context, complaints }) => {
  await page.goto("/");
  await expect(page.getByText("可用积分")).toBeVisible();
  // The files of the pages that Home leads to come once it is calm.
  const ahead = () => performance.getEntriesByType("resource").filter((it) => /member-points-.*wasm/.test(it.name)).length;
  await expect.poll(() => page.evaluate(ahead)).toBe(1);
  await page.waitForLoadState("networkidle");
  await context.setOffline(true);
  await expect(page.getByText(/您已离线（.*\d\d:\d\d 起）/)).toBeVisible();
  await page.locator(".balance__number").first().click();
  await expect(page.getByText("可用积分")).toBeVisible();
  await page.getByRole("link", { name: "首页" }).click();
  await expect(page.getByText("可用积分")).toBeVisible();
  await context.setOffline(false);
  await expect(page.getByText("您已离线")).toHaveCount(0);
  complaints.take();
});

test("long names and large numbers stay inside a narrow screen with large text", async ({ page, axe, shot }) => {
  await withSummary(page, (it) => {
    it.member.name = "Wolfeschlegelsteinhausenbergerdorff-Senior";
    it.tier.name = { "zh-CN": "名字特别长的会员等级看看排版会不会坏掉", en: "A tier with a name of forty characters.." };
    it.points.available = 999_999_999_999;
    it.points.pending = 123_456_789_012;
  });
  await page.setViewportSize({ width: 320, height: 640 });
  for (const path of ["/", "/tier", "/points", "/me"]) {
    await page.goto(path);
    await expect(page.locator(".skeleton")).toHaveCount(0);
    await page.evaluate(() => (document.documentElement.style.fontSize = "150%"));
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(overflow, `${path} is wider than the screen`).toBeLessThanOrEqual(0);
    await shot(`narrow${path.replace("/", "-")}`);
  }
  await axe();
});

test("a page that was replaced on the server offers to load itself again", async ({ page, axe }) => {
  await page.clock.install();
  await page.goto("/");
  await expect(page.getByText("可用积分")).toBeVisible();
  const comeBack = () =>
    page.evaluate(() => {
      const hide = (hidden: boolean) => {
        Object.defineProperty(document, "visibilityState", { get: () => (hidden ? "hidden" : "visible"), configurable: true });
        window.dispatchEvent(new Event("visibilitychange"));
      };
      (window as unknown as { hide: typeof hide }).hide = hide;
      hide(true);
    });
  const arrive = () => page.evaluate(() => (window as unknown as { hide: (it: boolean) => void }).hide(false));
  const summary = page.waitForResponse("**/api/v1/me/summary");
  await comeBack();
  await page.clock.fastForward(20_000);
  await arrive();
  // Coming back reads the balances again, and this page is still the newest one.
  await summary;
  await expect(page.getByText("页面已更新")).toHaveCount(0);
  await page.route("/", async (route) => {
    const answer = await route.fetch();
    const body = (await answer.text()).replace(/member-[0-9a-f]{16}\.js/g, "member-0123456789abcdef.js");
    await route.fulfill({ response: answer, body });
  });
  await comeBack();
  await page.clock.fastForward(20_000);
  await arrive();
  await expect(page.getByText("页面已更新")).toBeVisible();
  await axe();
  await page.unroute("/");
  await page.getByRole("button", { name: "重新加载" }).click();
  await expect(page.getByText("可用积分")).toBeVisible();
  await expect(page.getByText("页面已更新")).toHaveCount(0);
});
