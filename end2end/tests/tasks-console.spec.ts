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

test("what the form says is what a member finds, until the task is ended", async ({
  page,
  browser,
  signInAsOperator,
  shot,
}, info) => {
  await signInAsOperator();
  await page.goto("/console/tasks/new");
  const name = unique("报名有礼");
  await page.getByLabel("名称（中文）").fill(name);
  await page.getByLabel("名称（英文）").fill("Join and get");
  await page.getByRole("group", { name: "计入内容" }).getByRole("button", { name: "订单金额" }).click();
  await page.getByLabel("目标", { exact: true }).fill("88.50");
  await page.getByLabel("单笔最低金额").fill("20");
  await page.getByLabel("添加奖励…").selectOption("makeup_card");
  await page.getByLabel("添加奖励…").selectOption("coupon");
  await page.getByLabel("优惠券", { exact: true }).selectOption({ label: "见面礼五元" });
  await page.getByLabel("全部会员总次数").fill("5");
  await page.getByText("会员报名", { exact: true }).click();
  await expect(page.locator(".phone")).toContainText("补签卡 ×1");
  await page.getByRole("button", { name: "保存" }).click();
  await expect(page.getByRole("heading", { level: 1, name })).toBeVisible();
  await shot("console-task");

  const away = await browser.newContext({ baseURL: info.project.use.baseURL, locale: "zh-CN" });
  const theirs = await away.newPage();
  await theirs.goto("/sign-up");
  await theirs.getByLabel("邮箱或手机号").fill(`form-${info.project.name}-${Date.now()}@example.com`);
  await theirs.getByLabel("密码").fill("correct horse battery");
  await theirs.getByRole("button", { name: "注册" }).click();
  await expect(theirs.getByRole("navigation", { name: "主导航" })).toBeVisible();
  await theirs.goto("/tasks");
  const task = theirs.locator(".task", { hasText: name });
  await expect(task).toContainText("¥0.00 / ¥88.50");
  await expect(task).toContainText("剩余 5 份");
  for (const reward of ["100 积分", "补签卡 ×1", "优惠券 ×1"]) await expect(task).toContainText(reward);
  await task.getByRole("button", { name: /^参加/ }).click();
  await expect(theirs.getByText("已参加。")).toBeVisible();

  // Editing keeps what the member has, and a changed reward is seen at once.
  await page.getByLabel("积分", { exact: true }).fill("150");
  await page.locator(".savebar").getByRole("button", { name: "保存", exact: true }).click();
  await expect(page.getByText("第 2 版")).toBeVisible();
  await theirs.reload();
  await expect(task).toContainText("150 积分");
  await expect(task.getByRole("button", { name: /^参加/ })).toHaveCount(0);

  await page.getByRole("button", { name: "结束", exact: true }).click();
  await page.getByRole("button", { name: "确定结束？" }).click();
  await expect(page.getByText("任务已结束，不能再修改；可以复制成新任务。")).toBeVisible();
  await expect(page.getByRole("button", { name: "复制" })).toBeEnabled();
  await away.close();
});
