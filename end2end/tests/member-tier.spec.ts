// The tier page: the ladder, what each tier gives beyond the one below, and how the member got here.

import { expect, test } from "../support/fixtures";
import { withSummary } from "../support/summary";

test.beforeEach(async ({ signInAsMember }) => {
  await signInAsMember();
});

test("Tier reads in a sensible order", async ({ page }) => {
  await page.goto("/tier");
  await expect(page.locator("main")).toMatchAriaSnapshot(`
    - heading "等级与权益" [level=1]
    - region "金卡会员":
      - heading "金卡会员" [level=2]
      - progressbar "升级进度"
    - region "等级阶梯":
      - heading "等级阶梯" [level=2]
      - link "为什么？"
      - group "等级阶梯":
        - list:
          - listitem: /普通会员 0 已达成/
          - listitem: /银卡会员 500 已达成/
          - listitem: /金卡会员 2,000 当前/
          - listitem: /钻石会员 8,000 还差/
    - region "各等级权益":
      - heading "各等级权益" [level=2]
      - group "各等级权益":
        - table:
          - rowgroup:
            - row /权益 普通会员 0 银卡会员 500 金卡会员 2,000 当前 钻石会员 8,000/
          - rowgroup:
            - row /积分倍率 1 倍积分 提升 1.2 倍积分 提升 1.5 倍积分 提升 2 倍积分/
    - region "等级变动":
      - heading "等级变动" [level=2]
      - list:
        - listitem: /银卡会员 → 金卡会员 升级 成长值 .*达到金卡会员所需的 2,000/
  `);
});

test("only what is better than the tier below is marked", async ({ page }) => {
  await page.goto("/tier");
  const row = page.getByRole("row", { name: /^包邮/ });
  await expect(row.locator("td[data-differs]")).toHaveCount(2);
  await expect(row.locator("td").last()).not.toHaveAttribute("data-differs", "");
  await expect(row.locator("td").last()).toHaveText("包邮");
});

test("the member's own tier is in sight on a phone too", async ({ page }) => {
  await page.goto("/tier");
  const box = await page.locator(".matrix thead [data-current]").boundingBox();
  const width = page.viewportSize()?.width ?? 0;
  expect(box && box.x >= 0 && box.x + box.width <= width).toBe(true);
});

const RAISED = {
  id: "msg_01m82s1s1ye6max9ke0kp4k7gt",
  title: { "zh-CN": "升级", en: "Moved up" },
  text: { "zh-CN": "升级", en: "Moved up" },
  content: {
    kind: "tier_raised",
    from: { code: "silver", name: { "zh-CN": "银卡会员", en: "Silver" } },
    tier: { code: "gold", name: { "zh-CN": "金卡会员", en: "Gold" } },
  },
  created_at: "2026-11-22T00:00:00Z",
  read_at: null,
};

test("a new tier is celebrated once, on the way from Home", async ({ page, axe, shot }) => {
  let marked = 0;
  await withSummary(page, (it) => {
    if (marked === 0) it.celebrate = RAISED.id;
  });
  await page.route(`**/api/v1/me/messages/${RAISED.id}/read`, async (route) => {
    marked += 1;
    await route.fulfill({ json: { ...RAISED, read_at: "2026-11-22T00:00:01Z" } });
  });
  await page.goto("/");
  await page.getByRole("link", { name: /恭喜升级为金卡会员/ }).click();
  const party = page.getByRole("dialog", { name: "恭喜升级！" });
  await expect(party).toBeVisible();
  await expect(party.getByText("1.5 倍积分")).toBeVisible();
  // What silver has already is no news.
  await expect(party.getByText("专属客服")).toHaveCount(0);
  await page.evaluate(() => Promise.all(document.getAnimations().map((it) => it.finished.catch(() => undefined))));
  await axe();
  await shot("celebration");
  await party.getByRole("button", { name: "太好了" }).click();
  await expect(party).toHaveCount(0);
  expect(marked).toBe(1);
  await page.reload();
  await expect(page.getByRole("heading", { name: "等级阶梯" })).toBeVisible();
  await expect(party).toHaveCount(0);
});

test.describe("with less motion", () => {
  test.use({ contextOptions: { reducedMotion: "reduce" } });
  test("the celebration stands still", async ({ page }) => {
    await withSummary(page, (it) => (it.celebrate = RAISED.id));
    await page.route(`**/api/v1/me/messages/*/read`, (route) => route.fulfill({ json: RAISED }));
    await page.goto("/tier");
    await expect(page.getByRole("dialog", { name: "恭喜升级！" })).toBeVisible();
    await expect(page.locator(".hurray__confetti")).toBeHidden();
  });
});
