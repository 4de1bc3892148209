// An operator makes a task, tries it, and a member sees it.

import { unique } from "../support/console";
import { expect, test } from "../support/fixtures";

test("a task goes from the form to the list, with a phone and a dry run beside it", async ({
  page,
  signInAsOperator,
  axe,
  shot,
}) => {
  await signInAsOperator();
  await page.goto("/console/tasks");
  await expect(page.locator("tbody tr").first()).toBeVisible();
  await axe();
  await shot("console-tasks");
  await page.getByRole("link", { name: "新建任务" }).click();
  const name = unique("下单有礼");
  await page.getByLabel("名称（中文）").fill(name);
  await page.getByLabel("名称（英文）").fill("Order and get");
  await expect(page.locator(".phone")).toContainText(name);
  await page.getByRole("button", { name: "试算" }).click();
  await expect(page.getByText(/将向 .* 位会员发放/)).toBeVisible();
  await axe();
  await shot("console-task-new");
  await page.getByRole("button", { name: "保存" }).click();
  await expect(page.getByText("任务已保存。")).toBeVisible();
  await expect(page).toHaveURL(/\/console\/tasks\/tsk_/);
  await page.getByRole("button", { name: "暂停" }).click();
  await expect(page.getByRole("button", { name: "恢复" })).toBeVisible();
  await page.goto("/console/tasks?state=paused");
  await expect(page.getByRole("link", { name }).first()).toBeVisible();
});
