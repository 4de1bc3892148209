// The embed playground: a phone, everything that is said, and buttons that play the host.

import { fits, openPage, signInAsAdmin } from "../support/console";
import { Shop } from "../support/embed";
import { expect, test } from "../support/fixtures";

test("an engineer opens a page, hears what it says, and plays the host", async ({ page, request, axe, shot }) => {
  test.setTimeout(90_000);
  const shop = await Shop.open(request);
  const member = await shop.member();
  await signInAsAdmin(page);
  await openPage(page, "嵌入调试");
  await expect(page.getByText("打开一个页面，就会显示在这里。")).toBeVisible();
  await axe();
  await page.getByLabel("API 密钥").fill(shop.key());
  await page.getByLabel("会员", { exact: true }).fill(member);
  await page.getByLabel("页面", { exact: true }).fill("/points");
  await page.getByRole("button", { name: "打开", exact: true }).click();
  const frame = page.frameLocator("iframe.handset__page");
  const said = (from: string, type: string) =>
    page.locator(`.wire__line[data-from="${from}"][data-type="${type}"]`);
  await expect(frame.getByText("可用积分")).toBeVisible();
  await expect(said("page", "ready")).toHaveCount(1);
  await expect(said("page", "title").first()).toContainText("积分");

  await page.getByRole("button", { name: "深色" }).click();
  await expect(frame.locator("html")).toHaveAttribute("data-theme", "dark");
  await expect(said("host", "theme")).toHaveCount(1);
  await expect(said("page", "theme").first()).toContainText("dark");
  await page.getByRole("button", { name: "有变化" }).click();
  await page.getByRole("button", { name: "返回" }).click();
  await expect(said("page", "close")).toHaveCount(1);
  await page.getByRole("button", { name: "低对比度主色" }).click();
  await expect(frame.locator("html")).toHaveAttribute("data-accent-dark", "#202020");
  expect(await frame.locator("html").evaluate((it) => it.style.getPropertyValue("--act"))).toBe("");
  await axe();
  await fits(page, "the playground");
  await shot("console-playground");

  await page.getByLabel("页面", { exact: true }).fill("/w/tier");
  await page.getByRole("button", { name: "打开", exact: true }).click();
  await expect(frame.locator(".tier")).toBeVisible();
  const height = () => page.locator("iframe.handset__page").evaluate((it) => (it as HTMLElement).offsetHeight);
  await expect.poll(height).toBeLessThan(500);
});

test("a key that may not open pages is told so", async ({ page, complaints }) => {
  await signInAsAdmin(page);
  await page.goto("/console/playground");
  await page.getByLabel("API 密钥").fill("ck_not_a_key");
  await page.getByLabel("会员", { exact: true }).fill("ext:cust-10001");
  await page.getByRole("button", { name: "打开", exact: true }).click();
  await expect(page.getByRole("alert")).not.toBeEmpty();
  expect(complaints.take()).toHaveLength(1);
});
