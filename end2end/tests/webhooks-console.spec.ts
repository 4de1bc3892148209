// What engineers do with webhooks: make one, try it, see what was sent, send it again, end it.

import { fits, newMember, openPage, settled, signInAsAdmin, unique } from "../support/console";
import { expect, test } from "../support/fixtures";
import { receiver } from "../support/receiver";

test("an endpoint is made, tried, told of a new member, and told again", async ({
  page,
  complaints,
  axe,
  shot,
}) => {
  test.setTimeout(90_000);
  const shop = await receiver();
  await signInAsAdmin(page);
  await openPage(page, "Webhooks");
  await settled(page);
  await axe();
  await shot("console-webhooks");
  await page.getByRole("link", { name: "添加地址" }).click();
  const name = unique("客户管理系统");
  const sheet = page.getByRole("dialog");
  await sheet.getByLabel("名称").fill(name);
  await sheet.getByLabel("地址").fill("ftp://crm.example");
  await sheet.getByRole("button", { name: "添加地址" }).click();
  await expect(sheet.getByLabel("地址")).toHaveAttribute("aria-invalid", "true");
  expect(complaints.take().join()).toContain("422");
  await sheet.getByLabel("地址").fill(shop.url);
  await sheet.getByText(/member\.created/).click();
  await axe();
  await shot("console-webhook-new");
  await sheet.getByRole("button", { name: "添加地址" }).click();
  const secret = page.locator("code.secret");
  await expect(secret).toContainText("whsec_");
  shop.trust(await secret.innerText());
  await page.getByRole("button", { name: "我已保存" }).click();

  await page.getByRole("link", { name }).click();
  await expect(page.getByRole("heading", { level: 1, name })).toBeVisible();
  await expect(page.getByText("还没有投递")).toBeVisible();
  await page.getByRole("link", { name: "试一试" }).click();
  await page.getByRole("button", { name: "只看看" }).click();
  await expect(page.getByRole("region", { name: "发送的内容" })).toContainText("webhook-signature: v1,");
  expect(shop.heard.filter((it) => it.kind === "points.changed")).toHaveLength(0);
  await page.getByRole("button", { name: "发送示例" }).click();
  await expect(page.getByText("HTTP 200")).toBeVisible();
  await axe();
  await shot("console-webhook-try");
  expect(shop.heard.find((it) => it.kind === "points.changed")).toMatchObject({ genuine: true });
  await page.keyboard.press("Escape");

  await newMember(page, "王小明");
  await expect.poll(() => shop.heard.filter((it) => it.kind === "member.created").length).toBeGreaterThan(0);
  const parts = page.getByRole("navigation", { name: "Webhook 的各部分" });
  await parts.getByRole("link", { name: "设置" }).click();
  await parts.getByRole("link", { name: "投递记录" }).click();
  const row = page.getByRole("row", { name: /member\.created.*已送达/ }).first();
  await expect(row).toBeVisible();
  await axe();
  await fits(page, "the deliveries");
  await shot("console-webhook-log");
  await row.getByRole("link").click();
  await expect(page.getByRole("dialog")).toContainText("HTTP 200");
  await axe();
  await shot("console-webhook-delivery");
  const before = shop.heard.length;
  await page.getByRole("button", { name: "再送一次" }).click();
  await expect.poll(() => shop.heard.length).toBeGreaterThan(before);
  const { id, genuine } = shop.heard.at(-1)!;
  expect(genuine).toBe(true);
  expect(shop.heard.filter((it) => it.id === id).length).toBeGreaterThan(1);
  shop.close();
});

test("an endpoint waits, gets a new secret, goes on, and ends", async ({ page, axe, shot }) => {
  test.setTimeout(90_000);
  const shop = await receiver();
  await signInAsAdmin(page);
  await page.goto("/console/webhooks?do=add");
  const name = unique("仓库系统");
  const sheet = page.getByRole("dialog");
  await sheet.getByLabel("名称").fill(name);
  await sheet.getByLabel("地址").fill(shop.url);
  await sheet.getByText(/member\.created/).click();
  await sheet.getByRole("button", { name: "添加地址" }).click();
  await page.getByRole("button", { name: "我已保存" }).click();
  await page.getByRole("link", { name }).click();
  await page.getByRole("link", { name: "暂停" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "暂停" }).click();
  await expect(page.getByText("已暂停", { exact: true }).first()).toBeVisible();
  await page.getByRole("link", { name: "更换密钥" }).click();
  await axe();
  await page.getByRole("dialog").getByRole("button", { name: "更换密钥" }).click();
  shop.trust(await page.locator("code.secret").innerText());
  await page.getByRole("button", { name: "我已保存" }).click();
  await newMember(page, "李小红");
  await page.getByRole("link", { name: "恢复投递" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "恢复投递" }).click();
  await expect.poll(() => shop.heard.filter((it) => it.genuine).length, { timeout: 20_000 }).toBeGreaterThan(0);
  const parts = page.getByRole("navigation", { name: "Webhook 的各部分" });
  await parts.getByRole("link", { name: "设置" }).click();
  await expect(page.getByLabel("同一会员的事件按顺序送达")).toBeVisible();
  await axe();
  await fits(page, "the settings");
  await shot("console-webhook-settings");
  await page.getByLabel("同一会员的事件按顺序送达").check();
  await page.locator(".savebar").getByRole("button", { name: "保存", exact: true }).click();
  await expect(page.getByText("已保存", { exact: true })).toBeVisible();
  await page.getByRole("link", { name: "重新发送" }).click();
  await axe();
  await shot("console-webhook-replay");
  await page.keyboard.press("Escape");
  await page.getByRole("link", { name: "删除", exact: true }).click();
  await page.getByRole("dialog").getByRole("button", { name: "删除", exact: true }).click();
  await expect(page).toHaveURL("/console/webhooks");
  await expect(page.getByRole("link", { name })).toHaveCount(0);
  shop.close();
});
