// Flash sales as members meet them. Every journey has a community, members and sales of its own.

import { type Page } from "@playwright/test";

import { fits, settled } from "../support/console";
import { expect, test } from "../support/fixtures";
import { elsewhere, inSeconds, product, secondsShown, SPENT, Stall, wrongClock } from "../support/sales";
import { withSummary } from "../support/summary";

const LANGUAGES = [
  { tag: "zh-CN", sales: "限时秒杀", one: "秒杀详情", claims: "我的抢购", claim: "立即抢购" },
  { tag: "en", sales: "Flash sales", one: "Flash sale", claims: "My claims", claim: "Claim now" },
];

/** The button of a product, whatever it says. */
function button(page: Page, name = "鲜牛奶") {
  return page.locator(".product", { hasText: name }).locator(".product__button");
}

/** What keeps the button from doing anything. */
async function off(page: Page, text: string | RegExp) {
  await expect(button(page)).toContainText(text);
  await expect(button(page)).toHaveAttribute("aria-disabled", "true");
}

for (const theme of ["light", "dark"]) {
  for (const { tag, sales, one, claims, claim } of LANGUAGES) {
    test(`the pages are complete and accessible, ${theme}, ${tag}`, async ({ page, request, axe, shot }) => {
      await page.addInitScript(
        ([theme, tag]) => {
          localStorage.setItem("coterie.theme", theme);
          localStorage.setItem("coterie.locale", tag);
        },
        [theme, tag],
      );
      const stall = await Stall.open(request);
      const member = await stall.member("林小满", SPENT.silver);
      const early = [
        { tier: "gold", minutes: 30 },
        { tier: "silver", minutes: 10 },
      ];
      const live = await stall.sale(-60, {
        products: [product("milk", { stock: 10 }), product("coffee", { stock: 50, per_member: 1 })],
      });
      const opening = await stall.sale(25 * 60, { early });
      const few = { communities: [stall.community.id], minimum_tier: "diamond" };
      const locked = await stall.sale(26 * 3600, { audience: few });
      const soon = await stall.sale(3 * 3600, { early });

      await stall.arrive(page, member, "/sales");
      await expect(page.getByRole("heading", { name: sales, exact: true, level: 1 })).toBeVisible();
      // There may be sales for everybody beside them.
      for (const it of [live, opening, locked, soon]) {
        await expect(page.locator(".sale", { hasText: it.title })).toHaveCount(1);
      }
      await settled(page);
      await axe();
      await fits(page, "the list of sales");
      await shot(`sales-${tag}-${theme}`);

      await page.locator(".sale", { hasText: soon.title }).getByRole("link").click();
      await expect(page.getByRole("heading", { name: one, exact: true, level: 1 })).toBeVisible();
      await expect(page.locator(".doors__one")).toHaveCount(3);
      await axe();
      await fits(page, "a sale that is to come");
      await shot(`sale-soon-${tag}-${theme}`);

      await page.goto(`/sales/${live.id}`);
      await page.getByRole("button", { name: claim }).first().click();
      await expect(page.locator(".won .countdown")).toHaveText(/^00:1[45]:/);
      await axe();
      await fits(page, "a sale");
      await shot(`sale-${tag}-${theme}`);

      await page.goto("/sales/claims");
      await expect(page.getByRole("heading", { name: claims, exact: true, level: 1 })).toBeVisible();
      await expect(page.locator(".row .countdown")).toHaveText(/^00:1[45]:/);
      await axe();
      await fits(page, "the claims");
      await shot(`claims-${tag}-${theme}`);
    });
  }
}

test("Gold comes in early, Silver at the opening by a wrong clock, and who is late finds nothing", async ({
  page,
  browser,
  baseURL,
  request,
}) => {
  test.setTimeout(90_000);
  const stall = await Stall.open(request);
  const gold = await stall.member("金小姐", SPENT.gold);
  const silver = await stall.member("银先生", SPENT.silver);
  const late = await stall.member("迟先生");
  // The clocks of two of them are an hour off.
  const [golds, lates] = [await elsewhere(browser, baseURL, 60), await elsewhere(browser, baseURL)];
  await wrongClock(page, -60);
  const opens = Date.now() + 20_000;
  const sale = await stall.sale(20, {
    products: [product("milk", { stock: 2, per_member: 1 })],
    early: [{ tier: "gold", minutes: 5 }],
  });
  const path = `/sales/${sale.id}`;
  for (const [who, where] of [
    [gold, golds],
    [silver, page],
    [late, lates],
  ] as const) {
    await stall.arrive(where, who, path);
    await expect(where.getByRole("heading", { name: sale.title })).toBeVisible();
  }

  // Gold is in before the others.
  await expect(golds.locator(".badge").first()).toHaveText("抢购中");
  await button(golds).click();
  await expect(golds.locator(".won")).toContainText("已为您保留 1 件，共 ¥9.90");
  await off(golds, "已达限购");

  // Silver waits, by the server's clock.
  await off(page, "开抢");
  await expect(page.getByText("现在仅对更高等级的会员开放。")).toBeVisible();
  await expect(page.locator(".badge").first()).toHaveText("优先购进行中");
  const [shown, left] = [await secondsShown(page), (opens - Date.now()) / 1000];
  expect(Math.abs(shown - left), `${shown} shown, ${left} left`).toBeLessThan(2.5);
  // The piece that Gold took is gone here too, without a word from this page.
  await expect(page.locator(".stock")).toContainText("剩 1 / 2 件");

  // It opens by itself, not before its time and not much later.
  await expect(button(page)).toContainText("立即抢购", { timeout: 30_000 });
  const behind = Date.now() - opens;
  expect(behind, "opened too early").toBeGreaterThan(-300);
  expect(behind, "opened too late").toBeLessThan(3_000);
  await expect(button(page)).not.toHaveAttribute("aria-disabled", "true");
  await button(page).click();
  await expect(page.locator(".won")).toContainText("已为您保留 1 件");

  // Who comes too late is told so at once, and that something may come back.
  await off(lates, "已抢光");
  await expect(lates.getByText("未付款的名额会放回来", { exact: false })).toBeVisible();
  await stall.act(sale.id, "stock", { sku: "milk", quantity: 1 });
  await expect(button(lates)).toContainText("立即抢购");
  await button(lates).click();
  await expect(lates.locator(".won")).toContainText("已为您保留 1 件");
  for (const other of [golds, lates]) await other.context().close();
});

test("a reminder is set and stays set", async ({ page, request, axe, shot }) => {
  const stall = await Stall.open(request);
  const member = await stall.member("林小满");
  const sale = await stall.sale(7200);
  await stall.arrive(page, member, "/");
  await page.getByRole("navigation", { name: "主导航" }).getByRole("link", { name: "秒杀" }).click();
  const card = page.locator(".sale", { hasText: sale.title });
  const remind = card.getByRole("button", { name: `开抢前提醒我：${sale.title}` });
  await expect(remind).toHaveAttribute("aria-pressed", "false");
  await remind.click();
  await expect(page.getByText("开抢前 5 分钟会收到站内消息。")).toBeVisible();
  await expect(remind).toHaveAttribute("aria-pressed", "true");
  await axe();
  await shot("sales-reminded");
  await page.reload();
  await expect(remind).toHaveAttribute("aria-pressed", "true");
  await remind.click();
  await expect(remind).toHaveAttribute("aria-pressed", "false");
});

test("what staff do is seen at once: a pause, more stock, the end", async ({ page, request }) => {
  const stall = await Stall.open(request);
  const member = await stall.member("林小满");
  const sale = await stall.sale(-10, { products: [product("milk", { stock: 1, per_member: 3 })] });
  await stall.arrive(page, member, `/sales/${sale.id}`);
  await button(page).click();
  await expect(page.locator(".won")).toHaveCount(1);
  await off(page, "已抢光");
  await stall.act(sale.id, "stock", { sku: "milk", quantity: 5 });
  await expect(page.locator(".stock")).toContainText("剩 5 / 6 件");
  await stall.act(sale.id, "pause");
  await off(page, "暂停中");
  await expect(page.getByText("秒杀暂停，恢复后按钮会自动亮起。")).toBeVisible();
  await stall.act(sale.id, "resume");
  await page.getByRole("combobox", { name: /^数量/ }).selectOption("2");
  await button(page).click();
  await expect(page.locator(".won")).toHaveCount(2);
  await off(page, "已达限购");
  await stall.act(sale.id, "cancel");
  await off(page, "已取消");
  await expect(page.getByText("这场秒杀已取消，抢到的名额已放回。")).toBeVisible();
});

test("where the stream does not come through, the page asks again and again", async ({ page, request, complaints }) => {
  const stall = await Stall.open(request);
  const member = await stall.member("林小满");
  const sale = await stall.sale(-10);
  await page.route("**/events", (route) => route.abort());
  await stall.arrive(page, member, `/sales/${sale.id}`);
  await expect(button(page)).toContainText("立即抢购");
  await stall.act(sale.id, "pause");
  await off(page, "暂停中");
  complaints.take();
});

test("in a crowd the page asks again by itself, with the same key", async ({ page, request, complaints, axe, shot }) => {
  const stall = await Stall.open(request);
  const member = await stall.member("林小满");
  const sale = await stall.sale(-10);
  const keys: (string | undefined)[] = [];
  await page.route("**/claims", async (route) => {
    if (route.request().method() !== "POST") return route.fallback();
    keys.push(route.request().headers()["idempotency-key"]);
    if (keys.length > 2) return route.fallback();
    await route.fulfill({
      status: 429,
      headers: { "retry-after": "3", "content-type": "application/problem+json" },
      json: { type: "/problems/x", title: "排队人数过多", status: 429, code: "flash_sales.crowded" },
    });
  });
  await stall.arrive(page, member, `/sales/${sale.id}`);
  await button(page).click();
  await expect(page.getByText(/排队的人很多，\d 秒后自动再试；不会重复抢购。/)).toBeVisible();
  await expect(button(page)).toContainText("正在抢…");
  await axe();
  await shot("sale-crowded");
  await expect(page.locator(".won")).toHaveCount(1, { timeout: 20_000 });
  expect(keys).toHaveLength(3);
  expect(new Set(keys).size).toBe(1);
  complaints.take();
});

test("an answer that is lost is asked for again, and nothing is claimed twice", async ({ page, request, complaints }) => {
  const stall = await Stall.open(request);
  const member = await stall.member("林小满");
  const sale = await stall.sale(-10);
  let lost = 0;
  await page.route("**/claims", async (route) => {
    if (route.request().method() !== "POST" || lost > 0) return route.fallback();
    lost += 1;
    // The server has done it, and nobody hears.
    await route.fetch();
    await route.abort();
  });
  await stall.arrive(page, member, `/sales/${sale.id}`);
  await button(page).click();
  await expect(page.getByText("没有收到回复。请再试一次，不会重复抢购。")).toBeVisible();
  await expect(button(page)).toContainText("再试一次");
  await button(page).click();
  await expect(page.locator(".won")).toHaveCount(1);
  await expect(page.getByText("您已抢到 1 件")).toBeVisible();
  complaints.take();
});

test("a slow answer is waited for, and without a network the button waits too", async ({ page, context, request, complaints }) => {
  const stall = await Stall.open(request);
  const member = await stall.member("林小满");
  const sale = await stall.sale(-10);
  await page.route("**/claims", async (route) => {
    if (route.request().method() !== "POST") return route.fallback();
    await new Promise((done) => setTimeout(done, 4_000));
    await route.fallback();
  });
  await stall.arrive(page, member, `/sales/${sale.id}`);
  await button(page).click();
  await expect(page.getByText("排队中，请留在本页…")).toBeVisible();
  await expect(page.locator(".won")).toHaveCount(1);
  await context.setOffline(true);
  await expect(page.getByText("您已离线，联网后即可抢购。")).toBeVisible();
  await expect(button(page)).toHaveAttribute("aria-disabled", "true");
  await context.setOffline(false);
  await expect(button(page)).not.toHaveAttribute("aria-disabled", "true");
  complaints.take();
});

test("who may not take part is told what is missing", async ({ page, request }) => {
  const stall = await Stall.open(request);
  const member = await stall.member("林小满");
  const audience = { communities: [stall.community.id], minimum_tier: "gold" };
  const tier = await stall.sale(-10, { audience });
  await stall.arrive(page, member, `/sales/${tier.id}`);
  await off(page, "等级未达到");
  await expect(page.getByText("仅限金卡会员及以上，您还差 2,000 成长值。")).toBeVisible();

  const other = await Stall.open(request);
  const foreign = await other.sale(-10);
  await page.goto(`/sales/${foreign.id}`);
  await off(page, "不在范围内");
  await expect(page.getByText("本场秒杀仅限指定社群的成员。")).toBeVisible();

  await withSummary(page, (it) => (it.member.status = "frozen"));
  const open = await stall.sale(-10);
  await page.goto(`/sales/${open.id}`);
  await off(page, "会员资格已冻结");
});

/** Claims as they stand after a while, put into the answer on its way. */
const CLAIMS = [
  ["held", "claimed", "待付款"],
  ["paid", "reseated", "已付款"],
  ["released", "deadline", "已放回"],
  ["released", "sale_cancelled", "已放回"],
  ["released", "order_cancelled", "已放回"],
  ["refund_due", "too_late", "待退款"],
];

test("claims say where they stand and why, and what is paid is paid", async ({ page, request, axe, shot }) => {
  const stall = await Stall.open(request);
  const member = await stall.member("林小满");
  const sale = await stall.sale(-10);
  await stall.arrive(page, member, "/sales/claims");
  await expect(page.getByText("还没有抢购记录")).toBeVisible();
  await axe();
  await shot("claims-empty");

  await page.goto(`/sales/${sale.id}`);
  await button(page).click();
  const number = page.locator(".won code");
  await expect(number).toHaveText(/^fcl_/);
  const claim = await number.textContent();
  await stall.shop.paid(member, 990, { sku: "milk", claim });
  await page.goto("/sales/claims");
  await expect(page.locator(".row .badge")).toHaveText("已付款");
  await expect(page.getByText(/^订单 ref-order-/)).toBeVisible();

  const row = ([state, reason]: string[], number: number) => ({
    id: `fcl_01kac5w2h5f8v9t3n7r1m4x6y${number}`,
    sale_id: sale.id,
    title: { "zh-CN": sale.title, en: sale.title },
    member_id: member.id,
    sku: "milk",
    name: { "zh-CN": "鲜牛奶", en: "Milk" },
    quantity: number + 1,
    price: 990,
    state,
    reason,
    claimed_at: inSeconds(-600),
    pay_by: inSeconds(300),
    order_id: state === "paid" ? "SO-1" : undefined,
  });
  const rows = CLAIMS.map(row);
  await page.route("**/api/v1/me/flash_claims*", async (route) => {
    const second = new URL(route.request().url()).searchParams.get("cursor") === "second";
    const json = second
      ? { data: rows.slice(4), next_cursor: null }
      : { data: rows.slice(0, 4), next_cursor: "second" };
    await route.fulfill({ json });
  });
  await page.reload();
  await page.getByRole("button", { name: "加载更多" }).click();
  await expect(page.locator(".rows .row")).toHaveCount(CLAIMS.length);
  for (const [place, [, , name]] of CLAIMS.entries()) {
    await expect(page.locator(".rows .row").nth(place).locator(".badge")).toHaveText(name);
  }
  await page.evaluate(() => window.scrollTo(0, 0));
  await axe();
  await shot("claims-states");
});

test("an empty list says what to expect, and one that fails can be tried again", async ({ page, request, axe, shot, complaints }) => {
  const stall = await Stall.open(request);
  const member = await stall.member("林小满");
  let fails = false;
  await page.route("**/api/v1/me/flash_sales", (route) =>
    fails
      ? route.fulfill({ status: 500, json: { type: "/problems/x", title: "服务器出错", status: 500, code: "server.internal", request_id: "abc" } })
      : route.fulfill({ json: { sales: [], server_time: inSeconds(0) } }),
  );
  await stall.arrive(page, member, "/sales");
  await expect(page.getByText("暂时没有秒杀")).toBeVisible();
  await axe();
  await shot("sales-empty");
  fails = true;
  await page.reload();
  await expect(page.getByRole("alert")).toContainText("服务器出错");
  await expect(page.getByRole("alert")).toContainText("abc");
  fails = false;
  await page.getByRole("alert").getByRole("button", { name: "重试" }).click();
  await expect(page.getByText("暂时没有秒杀")).toBeVisible();
  complaints.take();
});

test("the keyboard claims, and is still at the button when the sale opens", async ({ page, request }) => {
  const stall = await Stall.open(request);
  const member = await stall.member("林小满");
  const sale = await stall.sale(8);
  await stall.arrive(page, member, `/sales/${sale.id}`);
  await off(page, "开抢");
  await button(page).focus();
  await page.keyboard.press("Enter");
  await expect(page.locator(".won")).toHaveCount(0);
  await expect(button(page)).toContainText("立即抢购", { timeout: 20_000 });
  await expect(button(page)).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.locator(".won")).toHaveCount(1);
});
