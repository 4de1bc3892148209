// Files in and out: a file is tried, brought in with a wrong line, and taken back; another is
// written and fetched.

import { readFileSync } from "node:fs";

import { fits, openPage, settled, unique } from "../support/console";
import { expect, test } from "../support/fixtures";

/** A file as the browser is given it. */
function csv(name: string, lines: string[]) {
  return { name, mimeType: "text/csv", buffer: Buffer.from(lines.join("\n") + "\n") };
}

test.beforeEach(async ({ signInAsOperator }) => {
  await signInAsOperator();
});

test("a file is tried, brought in, looked at and taken back", async ({ page, axe, shot }) => {
  test.setTimeout(90_000);
  const mark = unique("file").replace(/\W+/g, "-");
  await openPage(page, "文件导入导出");
  await page.getByRole("link", { name: "新建导入" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "新建导入" })).toBeVisible();

  // Columns that are not those of members are seen before anything is sent.
  const file = page.getByLabel("文件", { exact: true });
  await file.setInputFiles(csv("wrong.csv", ["external_id,nick", `${mark}-1,Li`]));
  await expect(page.getByRole("alert").filter({ hasText: "未知：nick" })).toBeVisible();
  const name = `${mark}.csv`;
  await file.setInputFiles(
    csv(name, ["external_id,name,email", `${mark}-1,林晓,${mark}@example.com`, `${mark}-2,王五,not-an-address`]),
  );
  await expect(page.getByText("列名正确。")).toBeVisible();
  await expect(page.getByRole("cell", { name: "林晓" })).toBeVisible();
  await axe();
  await fits(page, "the new import");
  await shot("transfers-new");

  await page.getByRole("button", { name: "试运行" }).click();
  await expect(page.getByText("新增 1，更改 0，未变 0，拒绝 1")).toBeVisible();
  await expect(page.getByText("第 3 行 · email")).toBeVisible();
  await axe();
  await shot("transfers-trial");
  await page.getByRole("button", { name: "正式导入" }).click();

  await expect(page.getByRole("heading", { level: 1, name })).toBeVisible();
  await expect(page.getByText("完成，有错误行")).toBeVisible();
  await expect(page.getByText("应为邮箱地址")).toBeVisible();
  const started = page.waitForEvent("download");
  await page.getByRole("button", { name: "下载为 CSV" }).click();
  const errors = readFileSync(await (await started).path(), "utf8");
  expect(errors).toContain("3,email,not_an_email");
  await axe();
  await fits(page, "the import");
  await shot("transfers-import");

  await page.getByRole("link", { name: "撤销导入" }).click();
  const dialog = page.getByRole("dialog", { name: "撤销导入" });
  await expect(dialog).toBeVisible();
  await axe();
  await shot("transfers-undo");
  await dialog.getByRole("button", { name: "撤销导入" }).click();
  await expect(page.locator(".badge").filter({ hasText: "已撤销" })).toBeVisible();
  await expect(page.getByRole("link", { name: "撤销导入" })).toHaveCount(0);
  await page.getByRole("link", { name: "文件导入导出" }).last().click();
  await expect(page.getByRole("link", { name: new RegExp(name) }).first()).toContainText("已撤销");
  await settled(page);
  await axe();
  await fits(page, "the files");
  await shot("transfers");
});

test("a file is written and fetched", async ({ page, axe, shot }) => {
  await page.goto("/console/transfers");
  await page.getByRole("link", { name: "新建导出" }).click();
  const dialog = page.getByRole("dialog", { name: "新建导出" });
  await expect(dialog).toBeVisible();
  await axe();
  await shot("transfers-export");
  await dialog.getByRole("button", { name: "开始导出" }).click();
  await expect(dialog).toHaveCount(0);
  const exports = page.getByRole("region", { name: "导出" });
  const first = exports.getByRole("listitem").first();
  await expect(first.getByText("可下载")).toBeVisible({ timeout: 30_000 });
  const started = page.waitForEvent("download");
  await first.getByRole("button", { name: /下载/ }).click();
  const text = readFileSync(await (await started).path(), "utf8");
  expect(text).toMatch(/^\uFEFFexternal_id,name,email,/);
  expect(text).toContain("shopper@example.com");
  await settled(page);
  await axe();
});
