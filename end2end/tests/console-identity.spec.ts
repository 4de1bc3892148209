// What staff do about people's data and their own sign-in.

import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";

import type { Page } from "@playwright/test";

import { newMember, settled, signInAsAdmin, unique } from "../support/console";
import { expect, test } from "../support/fixtures";

/** What an authenticator app shows for a secret (RFC 6238). */
function code(secret: string, at = Date.now()): string {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = [...secret.replace(/[\s=]/g, "")]
    .map((it) => letters.indexOf(it).toString(2).padStart(5, "0"))
    .join("");
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((it) => parseInt(it, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(at / 30_000)));
  const hash = createHmac("sha1", key).update(counter).digest();
  const from = hash[19] & 15;
  return String((hash.readUInt32BE(from) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

/** An account of one's own, and how it signs in. */
async function newColleague(page: Page) {
  const name = unique("小孟");
  const mail = `${name.replace(/\D/g, "")}@example.com`;
  await page.goto("/console/staff?do=add");
  const add = page.getByRole("dialog", { name: "添加员工" });
  await add.getByLabel("姓名").fill(name);
  await add.getByLabel("工作邮箱").fill(mail);
  await add.getByLabel("初始密码").fill("a-good-password");
  await add.getByRole("button", { name: "添加员工" }).click();
  await expect(page.locator("tbody tr").getByRole("link", { name })).toBeVisible();
  return { name, mail, password: "a-good-password" };
}

async function begin(page: Page, mail: string, password: string) {
  await page.getByLabel("工作邮箱").fill(mail);
  await page.getByLabel("密码", { exact: true }).fill(password);
  await page.getByRole("button", { name: "登录" }).click();
}

test("signing in takes a second step once it is set up, and a recovery code works once", async ({
  page,
  browser,
  axe,
  complaints,
}) => {
  test.setTimeout(90_000);
  await signInAsAdmin(page);
  const who = await newColleague(page);
  const context = await browser.newContext({
    baseURL: new URL(page.url()).origin,
    locale: "zh-CN",
    viewport: page.viewportSize(),
  });
  const own = await context.newPage();
  await own.goto("/console/sign-in?to=%2Fconsole%2Faccount");
  await begin(own, who.mail, who.password);
  await own.getByRole("link", { name: "开启两步登录" }).click();
  const sheet = own.getByRole("dialog");
  await sheet.getByLabel("密码", { exact: true }).fill(who.password);
  await sheet.getByRole("button", { name: "下一步" }).click();
  await expect(sheet.getByRole("img", { name: "验证器二维码" })).toBeVisible();
  await sheet.getByText("扫不了？手动输入密钥").first().click();
  const secret = (await sheet.locator(".secret").textContent()) ?? "";
  await sheet.getByLabel("动态码").fill(code(secret));
  await sheet.getByRole("button", { name: "确认开启" }).click();
  await expect(sheet.getByRole("heading", { name: "备用码" })).toBeVisible();
  const spare = ((await sheet.locator(".secret").textContent()) ?? "").split("\n")[0];
  await sheet.getByRole("button", { name: "我已保存好" }).click();
  await expect(own.getByText("已开启")).toBeVisible();
  await context.clearCookies();
  await own.goto("/console/sign-in");
  await begin(own, who.mail, who.password);
  await own.getByLabel("动态码").fill(spare);
  await own.getByRole("button", { name: "登录" }).click();
  await expect(own.getByRole("heading", { name: "会员", level: 1 })).toBeVisible();
  await context.clearCookies();
  await own.goto("/console/sign-in");
  await begin(own, who.mail, who.password);
  await own.getByLabel("动态码").fill(spare);
  await own.getByRole("button", { name: "登录" }).click();
  await expect(own.getByRole("alert")).not.toBeEmpty();
  await context.close();

  // Whoever has lost phone and codes is helped by an administrator.
  await page.reload();
  const row = page.locator("tbody tr").filter({ hasText: who.name });
  await row.getByRole("link", { name: who.name }).click();
  const person = page.getByRole("dialog", { name: who.name });
  await person.getByRole("link", { name: "重置两步登录" }).click();
  await person.getByLabel("原因").fill("手机丢失，已当面核实");
  await axe();
  await person.getByRole("button", { name: "重置两步登录" }).click();
  await expect(page.getByText("两步登录已重置。")).toBeVisible();
  complaints.take();
});

test("an erasure says what is lost, and the person is gone", async ({ page, axe, shot }) => {
  await signInAsAdmin(page);
  const name = unique("告别");
  const id = await newMember(page, name);
  await page.goto(`/console/members/${id}`);
  await page.locator("summary[aria-label='更多操作']").click();
  const started = page.waitForEvent("download");
  await page.getByRole("button", { name: "导出个人数据" }).click();
  expect(readFileSync(await (await started).path(), "utf8")).toContain(name);
  await page.getByRole("link", { name: "删除个人信息" }).click();
  const sheet = page.getByRole("dialog", { name: "删除个人信息" });
  await expect(sheet).toContainText(name);
  await expect(sheet).toContainText("之后在账目里显示为");
  await settled(page);
  await axe();
  await shot("console-member-erase");
  await sheet.getByLabel("原因").fill("本人申请注销");
  await sheet.getByRole("button", { name: "删除个人信息" }).click();
  await expect(page.getByText("个人信息已删除。")).toBeVisible();
  await expect(page.locator(".detail__head").getByText("已删除")).toBeVisible();
  await expect(page.getByText(name)).toHaveCount(0);
});
