// The points page: what ends when, and the ledger with every row's state and reason.

import { expect, test } from "../support/fixtures";

test.beforeEach(async ({ signInAsMember }) => {
  await signInAsMember();
});

test("Points reads in a sensible order", async ({ page }) => {
  await page.goto("/points");
  await expect(page.locator("main")).toMatchAriaSnapshot(`
    - heading "积分" [level=1]
    - navigation "资产"
    - region "可用积分":
      - paragraph: 可用积分
      - link "为什么？"
      - term: 待生效
      - term: 即将过期
    - region "各月到期":
      - heading "各月到期" [level=2]
      - list:
        - listitem: /\\d+年\\d+月/
    - region "积分明细":
      - heading "积分明细" [level=2]
      - navigation "查看方式"
      - navigation "类型"
      - group "日期"
      - heading /\\d+年\\d+月/ [level=3]
      - list:
        - listitem:
          - link /使用 订单 SO-990001 .* -100 合计/
  `);
});

test("what waits, what is over and what was undone look different and say so", async ({ page }) => {
  await page.goto("/points?pages=2");
  const pending = page.locator('.row[data-state="pending"]').first();
  await expect(pending).toContainText("待生效");
  await expect(pending).toContainText("生效");
  const over = page.locator('.row[data-state="over"]').first();
  await expect(over).toContainText("过期");
  const undone = page.locator('.row[data-state="undone"]').first();
  await expect(undone).toContainText("已扣回");
  await expect(undone.locator(".amount")).toHaveCSS("text-decoration-line", "line-through");
  // The row that undoes it names it.
  const pair = page.locator(".row__pair").first();
  await expect(pair).toContainText("获得");
});

test("what expires is one bar a month, and soon stands out", async ({ page }) => {
  await page.goto("/points");
  const bars = page.locator(".bars__row");
  await expect(bars.first()).toBeVisible();
  const labels = await bars.locator(".bars__label").allInnerTexts();
  expect(new Set(labels).size).toBe(labels.length);
  await expect(bars.first()).toContainText("30 天内");
});

test("Back from another page returns to the same spot of the list", async ({ page }) => {
  await page.goto("/points");
  const rows = page.locator(".rows .row");
  await expect(rows.first()).toBeVisible();
  await page.getByRole("button", { name: "加载更多" }).click();
  await expect.poll(() => rows.count()).toBeGreaterThan(20);
  await rows.nth(22).scrollIntoViewIfNeeded();
  await page.evaluate(() => window.scrollTo(0, 1500));
  await page.waitForFunction(() => Math.abs(window.scrollY - 1500) < 2);
  // Bringing the pointer to a link of the sticky header may move the page a little.
  await page.evaluate(() => {
    const note = () => document.body.setAttribute("data-left-at", String(window.scrollY));
    window.addEventListener("pointerdown", note, { capture: true, once: true });
  });
  await page.getByRole("link", { name: "我的", exact: true }).click();
  await expect(page.getByRole("heading", { name: "我的", level: 1 })).toBeVisible();
  await page.waitForFunction(() => window.scrollY === 0);
  const left = Number(await page.locator("body").getAttribute("data-left-at"));
  expect(left).toBeGreaterThan(1000);
  await page.goBack();
  await expect(rows.nth(22)).toBeVisible();
  await page.waitForFunction((left) => Math.abs(window.scrollY - left) < 2, left);
});

test("the ledger is found, narrowed and asked why with the keyboard alone", async ({ page }) => {
  await page.goto("/points");
  await expect(page.locator(".rows .row").first()).toBeVisible();
  const press = async (key: string, until: RegExp) => {
    for (let i = 0; i < 60; i += 1) {
      await page.keyboard.press(key);
      const text = await page.evaluate(() => document.activeElement?.textContent ?? "");
      if (until.test(text)) return;
    }
    throw new Error(`the keyboard never came to ${until}`);
  };
  await press("Tab", /^获得$/);
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/kind=earn/);
  await expect(page.locator(".rows .row").filter({ hasText: "使用" })).toHaveCount(0);
  await press("Tab", /^获得.*合计/);
  await page.keyboard.press("Enter");
  const sheet = page.getByRole("dialog", { name: "为什么是这个数？" });
  await expect(sheet.locator("li").first()).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(sheet).toHaveCount(0);
  await expect(page).toHaveURL(/kind=earn$/);
});

test("a list that fails half way keeps what it has and can go on", async ({ page, complaints }) => {
  await page.goto("/points");
  const rows = page.locator(".rows .row");
  await expect(rows.first()).toBeVisible();
  const before = await rows.count();
  await page.route("**/points/entries?*cursor=*", (route) => route.abort());
  await page.getByRole("button", { name: "加载更多" }).click();
  await expect(page.getByText(/以下是 .* 读取的内容/)).toBeVisible();
  await expect(rows).toHaveCount(before);
  await page.unroute("**/points/entries?*cursor=*");
  await page.getByRole("button", { name: "重试" }).click();
  await expect.poll(() => rows.count()).toBeGreaterThan(before);
  complaints.take();
});
