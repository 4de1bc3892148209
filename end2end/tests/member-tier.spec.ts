// The tier page: the ladder, what each tier gives beyond the one below, and how the member got here.

import { expect, test } from "../support/fixtures";

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
        - listitem: /银卡会员 → 金卡会员 升级 成长值 .* 达到金卡会员所需的 2,000/
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
  await expect(page.locator(".matrix thead [data-current]")).toBeInViewport({ ratio: 0 });
  const box = await page.locator(".matrix thead [data-current]").boundingBox();
  const width = page.viewportSize()?.width ?? 0;
  expect(box && box.x >= 0 && box.x + box.width <= width).toBe(true);
});
