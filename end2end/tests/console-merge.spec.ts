// Two records of one person: an operator merges them, sees it, and takes them apart again.

import type { Page } from "@playwright/test";

import { fits, newMember, settled, unique } from "../support/console";
import { expect, test } from "../support/fixtures";

test.beforeEach(async ({ signInAsOperator }) => {
  await signInAsOperator();
});

/** Gives a member points by hand, on the member's page. */
async function give(page: Page, id: string, amount: string) {
  await page.goto(`/console/members/${id}`);
  await page.getByRole("link", { name: "调整积分" }).click();
  const sheet = page.getByRole("dialog", { name: "调整积分" });
  await sheet.getByLabel("数量").fill(amount);
  await sheet.getByLabel("原因").fill("合并前的余额");
  await sheet.getByRole("button", { name: "确认" }).click();
  await expect(page.getByText("调整已生效。")).toBeVisible();
}

async function openMerge(page: Page, id: string) {
  await page.goto(`/console/members/${id}`);
  await page.getByLabel("更多操作").click();
  await page.getByRole("link", { name: "合并会员" }).click();
  return page.getByRole("dialog", { name: "合并会员" });
}

test("two records become one, and can be separated again", async ({ page, complaints, axe, shot }) => {
  const [name, other] = [unique("林一"), unique("林二")];
  const [into, from] = [await newMember(page, name), await newMember(page, other)];
  await give(page, from, "120");
  const sheet = await openMerge(page, into);
  await expect(sheet.getByLabel("另一个账号")).toBeVisible();
  await sheet.getByLabel("另一个账号").fill("nobody is called this");
  await expect(sheet.getByText("没有符合条件的会员")).toBeVisible();
  await sheet.getByLabel("另一个账号").fill(other);
  const hit = sheet.getByRole("button", { name: new RegExp(other) });
  await expect(hit).toBeVisible();
  await axe();
  await shot("merge-search");
  await hit.click();
  await expect(sheet.getByText("将停用并并入")).toBeVisible();
  await expect(sheet.getByText("120", { exact: true })).toBeVisible();
  await expect(sheet.getByText("双方都有的资料")).toBeVisible();
  await fits(page, "the preview of a merge");
  await axe();
  await shot("merge-preview");
  await page.emulateMedia({ colorScheme: "dark" });
  await axe();
  await shot("merge-preview-dark");
  await page.emulateMedia({ colorScheme: "light" });

  await sheet.getByRole("button", { name: "合并会员" }).click();
  await expect(sheet.getByLabel("原因")).toHaveAttribute("aria-invalid", "true");
  complaints.take();
  await sheet.getByLabel("原因").fill("同一个人注册了两次");
  await sheet.getByRole("button", { name: "合并会员" }).click();
  await expect(page.getByText("已合并为一位会员。")).toBeVisible();
  await expect(sheet).toHaveCount(0);
  await settled(page);
  const list = page.getByRole("region", { name: "合并记录" });
  await expect(list).toContainText(other);
  await expect(page.locator(".fact__number").first()).toHaveText("120");
  await expect(page.locator(".rows .row").filter({ hasText: "合并会员" }).first()).toBeVisible();
  // The menu that opened the sheet stays open over the page.
  await page.reload();
  await settled(page);
  await axe();
  await shot("merge-done");

  await page.goto(`/console/members/${from}`);
  await expect(page.getByText("该账号已停用")).toBeVisible();
  await expect(page.getByText("已合并", { exact: true })).toBeVisible();
  await shot("merge-ended");
  await page.getByRole("link", { name: "查看该账号" }).click();
  await expect(page.getByRole("heading", { level: 1, name })).toBeVisible();

  await list.getByRole("link", { name: "撤销合并" }).click();
  const undo = page.getByRole("dialog", { name: "撤销合并" });
  await expect(undo.getByText("将恢复为独立会员")).toBeVisible();
  await axe();
  await shot("merge-undo");
  await undo.getByLabel("原因").fill("其实是两个人");
  await undo.getByRole("button", { name: "撤销合并" }).click();
  await expect(page.getByText("已恢复为两位会员。")).toBeVisible();
  await expect(list.getByText(/已于.*撤销/)).toBeVisible();
  await expect(page.locator(".fact__number").first()).toHaveText("0");
  await page.goto(`/console/members/${from}`);
  await expect(page.locator(".fact__number").first()).toHaveText("120");
});

test("what cannot be merged or undone says why", async ({ page, complaints }) => {
  const [into, from] = [await newMember(page, unique("王一")), await newMember(page, unique("王二"))];
  await page.goto(`/console/members/${into}?do=merge-${into}`);
  await expect(page.getByRole("dialog").getByRole("alert")).toBeVisible();
  complaints.take();
  await give(page, from, "90");
  const sheet = await openMerge(page, into);
  await page.goto(`/console/members/${into}?do=merge-${from}`);
  await sheet.getByLabel("原因").fill("同一个人");
  await sheet.getByRole("button", { name: "合并会员" }).click();
  await expect(page.getByText("已合并为一位会员。")).toBeVisible();
  // What was taken back by hand since was a part of what came over.
  await give(page, into, "-50");
  await page.getByRole("region", { name: "合并记录" }).getByRole("link", { name: "撤销合并" }).click();
  const undo = page.getByRole("dialog", { name: "撤销合并" });
  await expect(undo.getByText("并入的积分或购物金已被使用或扣回。")).toBeVisible();
  await expect(undo.getByRole("button", { name: "撤销合并" })).toHaveCount(0);
});
