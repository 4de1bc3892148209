// What an operator does with flash sales: making one, running it, and looking at what it brought.

import { Shopper, community, manager, pay, runningSale } from "../support/community-desk";
import { fits, openPage, settled, unique } from "../support/console";
import { expect, test } from "../support/fixtures";
import { signIn } from "../support/people";
import { Desk } from "../support/referral-desk";

const SALES = "/console/sales";

test("a sale is written, published, cloned and cancelled", async ({
  page,
  signInAsOperator,
  complaints,
  axe,
  shot,
}) => {
  await signInAsOperator();
  await openPage(page, "限时秒杀");
  await settled(page);
  await axe();
  await shot("console-sales");
  await page.getByRole("link", { name: "新建秒杀" }).click();
  const title = unique("周五晚八点");
  await page.getByLabel("标题（中文）").fill(title);
  await page.getByLabel("SKU").fill("milk");
  await page.getByLabel("名称（中文）").fill("鲜牛奶");
  await page.getByLabel("名称（英文）").fill("Milk");
  await page.getByLabel("秒杀价").fill("19.9");
  await page.getByLabel("原价").fill("9.9");
  await page.getByRole("button", { name: "保存" }).click();
  // What is wrong stands beside the fields.
  await expect(page.getByLabel("原价")).toHaveAttribute("aria-invalid", "true");
  await expect(page.getByLabel("标题（英文）")).toHaveAttribute("aria-invalid", "true");
  expect(complaints.take().join()).toContain("422");
  await page.getByLabel("标题（英文）").fill("Friday at eight");
  await page.getByLabel("原价").fill("29.9");
  await page.getByRole("button", { name: "添加商品" }).click();
  await expect(page.getByLabel("SKU")).toHaveCount(2);
  await page.getByRole("button", { name: "移除第 2 件商品" }).click();
  await page.getByLabel("每周重复").check();
  await page.getByRole("button", { name: "添加一档" }).click();
  await page.getByLabel("等级（含以上）").selectOption({ index: 1 });
  await axe();
  await fits(page, "the form");
  await shot("console-sale-new");
  await page.getByRole("button", { name: "保存" }).click();
  await expect(page.getByText("秒杀已保存。")).toBeVisible();
  await expect(page.getByRole("heading", { level: 1, name: title })).toBeVisible();

  await page.getByRole("link", { name: "发布", exact: true }).click();
  const sheet = page.getByRole("dialog");
  await expect(sheet).toContainText("会员立即可以看到预告");
  await axe();
  await sheet.getByRole("button", { name: "发布" }).click();
  await expect(page.locator(".badge", { hasText: "即将开始" })).toBeVisible();
  await page.getByLabel("每人限购").fill("2");
  await page.locator(".savebar").getByRole("button", { name: "保存", exact: true }).click();
  await expect(page.locator(".savebar")).toHaveCount(0);

  await page.getByRole("link", { name: "复制", exact: true }).click();
  await sheet.getByRole("button", { name: "复制" }).click();
  await expect(page.locator(".badge", { hasText: "草稿" })).toBeVisible();
  await page.goto(`${SALES}?phase=scheduled`);
  await page.getByRole("link", { name: title }).click();
  await page.getByRole("link", { name: "取消秒杀" }).click();
  await expect(sheet).toContainText("已付款的 0 件仍然有效");
  await sheet.getByLabel("后面几周也不再举办").check();
  await sheet.getByRole("button", { name: "取消秒杀" }).click();
  await expect(page.locator(".badge", { hasText: "已取消" })).toBeVisible();
  await expect(page.getByText("已开始、结束或取消的场次不能再修改")).toBeVisible();
});

test("the live page follows claims, and pausing and stock act at once", async ({
  page,
  signInAsOperator,
  axe,
  shot,
}) => {
  const desk = await Desk.open(page.request);
  const sale = await runningSale(desk, "正在抢");
  const shoppers = [await Shopper.signUp(page.request), await Shopper.signUp(page.request)];
  await signInAsOperator();
  await page.goto(`${SALES}?phase=live`);
  await page.getByRole("link", { name: sale.title }).click();
  await expect(page).toHaveURL(/\/live$/);
  await expect(page.locator(".countdown")).toHaveText(/^00:5\d:\d\d$/);
  await expect(page.getByText("还没有人被拒绝。")).toBeVisible();
  for (const it of shoppers) await it.claim(sale.id, "milk", 2);
  await shoppers[0].claim(sale.id, "milk", 1, 409);
  // Nobody reloads the page.
  const stock = page.getByRole("region", { name: "各商品" });
  await expect(stock.getByRole("img", { name: /鲜牛奶/ })).toHaveAccessibleName(/待付款 4 · 可抢 1/);
  await expect(page.getByRole("region", { name: "抢购速度" })).toContainText("2 次");
  await expect(page.getByRole("region", { name: "剩余库存" })).toContainText("剩余 6 件");
  await expect(page.getByRole("region", { name: "未抢到的原因" })).toContainText("达到每人限购");
  await axe();
  await fits(page, "the live page");
  await shot("console-sale-live");

  await page.getByRole("button", { name: "暂停" }).click();
  await expect(page.locator(".badge", { hasText: "已暂停" })).toBeVisible();
  await shoppers[1].claim(sale.id, "bread", 1, 409);
  await page.getByRole("button", { name: "恢复" }).click();
  await expect(page.locator(".badge", { hasText: "已暂停" })).toHaveCount(0);
  await page.getByRole("link", { name: "加库存" }).click();
  const sheet = page.getByRole("dialog");
  await sheet.getByText("鲜牛奶").click();
  await sheet.getByLabel("增加数量").fill("20");
  await sheet.getByRole("button", { name: "加库存" }).click();
  await expect(stock.getByRole("img", { name: /鲜牛奶/ })).toHaveAccessibleName(/可抢 21/);
});

test("the report tells what was sold, and what was missed", async ({ page, signInAsOperator, axe, shot }) => {
  const desk = await Desk.open(page.request);
  const sale = await runningSale(desk, "卖完了");
  const [one, two, three] = [
    await Shopper.signUp(page.request),
    await Shopper.signUp(page.request),
    await Shopper.signUp(page.request),
  ];
  for (const it of [one, two, three]) await it.look(sale.id);
  const claim = await one.claim(sale.id, "milk", 2);
  await two.claim(sale.id, "milk", 2);
  await three.claim(sale.id, "milk", 2, 409);
  await pay(desk, one, claim, "milk", 2);
  await signInAsOperator();
  await page.goto(`${SALES}/${sale.id}/report`);
  await settled(page);
  const totals = page.getByRole("region", { name: "总计" });
  await expect(totals).toContainText("¥19.80");
  await expect(totals).toContainText("20%");
  // Who looked is written down once a second.
  await expect(async () => {
    await page.reload();
    const funnel = page.getByRole("region", { name: "从浏览到付款" }).getByRole("listitem");
    await expect(funnel).toHaveText([/浏览会员\s*3/, /抢到件数\s*4/, /付款件数\s*2/], { timeout: 2_000 });
  }).toPass();
  await expect(page.getByRole("region", { name: "按社群" })).toContainText("不属于任何社群");
  await axe();
  await fits(page, "the report");
  await shot("console-sale-report");
  // Who has what, with the way to the member.
  await page.getByRole("link", { name: "抢购名单" }).click();
  const claims = page.getByRole("table", { name: "抢购名单" });
  await expect(claims.getByRole("row")).toHaveCount(3);
  await axe();
  await fits(page, "the claims");
  await shot("console-sale-claims");
  await page.getByRole("link", { name: "已付款", exact: true }).click();
  await expect(claims.getByRole("row")).toHaveCount(2);
  await expect(claims.getByRole("link")).toHaveAttribute("href", /\/console\/members\/mem_/);
  await page.getByRole("link", { name: "待退款", exact: true }).click();
  await expect(page.getByText("没有符合条件的记录")).toBeVisible();
});

test("a manager makes a sale for the own community only", async ({ page, complaints, axe }) => {
  const desk = await Desk.open(page.request);
  const own = await community(desk, "团长群");
  await signIn(page, "/console", await manager(desk, [own]));
  await openPage(page, "限时秒杀");
  await page.getByRole("link", { name: "新建秒杀" }).click();
  await page.getByLabel("标题（中文）").fill("群友专享");
  await page.getByLabel("标题（英文）").fill("For us");
  await page.getByLabel("SKU").fill("milk");
  await page.getByLabel("名称（中文）").fill("鲜牛奶");
  await page.getByLabel("名称（英文）").fill("Milk");
  await page.getByRole("button", { name: "保存" }).click();
  await expect(page.getByRole("group", { name: "社群" }).locator(".field__error")).toBeVisible();
  expect(complaints.take().join()).toContain("422");
  await page.getByRole("group", { name: "社群" }).getByText(own.name, { exact: true }).click();
  await axe();
  await page.getByRole("button", { name: "保存" }).click();
  await expect(page.getByText("秒杀已保存。")).toBeVisible();
  await page.goto(`/console/communities/${own.id}`);
  await expect(page.getByRole("heading", { level: 1, name: own.name })).toBeVisible();
});
