// Every page of the console in both themes: complete, accessible, and no wider than the screen.

import { fits, settled, signInAsAdmin } from "../support/console";
import { expect, test } from "../support/fixtures";

const PAGES = {
  approvals: "/console/approvals",
  tiers: "/console/tiers",
  points: "/console/points",
  staff: "/console/staff",
  "staff-add": "/console/staff?do=add",
  keys: "/console/keys",
  "key-add": "/console/keys?do=add",
  webhooks: "/console/webhooks",
  requests: "/console/requests",
  "webhook-add": "/console/webhooks?do=add",
  audit: "/console/audit",
  settings: "/console/settings",
  account: "/console/account",
};

for (const theme of ["light", "dark"]) {
  test(`every page is complete and accessible, ${theme}`, async ({ page, axe, shot }) => {
    test.setTimeout(120_000);
    await signInAsAdmin(page);
    await page.evaluate((it) => localStorage.setItem("coterie.theme", it), theme);
    for (const [name, address] of Object.entries(PAGES)) {
      await page.goto(address);
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
      await settled(page);
      await axe();
      await fits(page, name);
      await shot(`console-${name}-${theme}`);
    }
  });

  test(`members are complete and accessible, ${theme}`, async ({ page, axe, shot }) => {
    test.setTimeout(120_000);
    await signInAsAdmin(page);
    await page.evaluate((it) => localStorage.setItem("coterie.theme", it), theme);
    await page.goto("/console/members");
    await expect(page.locator("tbody tr").first()).toBeVisible();
    await axe();
    await fits(page, "members");
    await shot(`console-members-${theme}`);
    // The newest may be one that another journey has merged or erased.
    await page.goto("/console/members?q=shopper%40example.com");
    await page.locator("tbody a").first().click();
    for (const tab of ["全部动态", "积分明细", "批次", "订单", "等级变动"]) {
      await page.getByRole("link", { name: tab, exact: true }).click();
      await settled(page);
      await axe();
      await fits(page, tab);
      await shot(`console-member-${tab}-${theme}`);
    }
    for (const name of ["调整积分", "冻结会员"]) {
      await page.getByRole("link", { name }).click();
      await expect(page.getByRole("dialog", { name })).toBeVisible();
      await axe();
      await shot(`console-member-${name}-${theme}`);
      await page.keyboard.press("Escape");
      await expect(page.getByRole("dialog")).toHaveCount(0);
    }
  });
}
