// What staff do with communities: the calendar, lists, members, the link, ways out, managers.

import { community, manager } from "../support/community-desk";
import { fits, newMember, openPage, settled, unique } from "../support/console";
import { expect, test } from "../support/fixtures";
import { signIn } from "../support/people";
import { Desk } from "../support/referral-desk";

const COMMUNITIES = "/console/communities";

test("an operator makes a community and looks at each of its parts", async ({
  page,
  signInAsOperator,
  complaints,
  axe,
  shot,
}) => {
  await signInAsOperator();
  await openPage(page, "社群");
  await settled(page);
  await axe();
  await shot("console-communities");
  await page.getByRole("link", { name: "新建社群" }).click();
  const name = unique("写字楼早餐群");
  await page.getByLabel("名称").fill(name);
  await page.getByLabel("标签").fill("office");
  await page.getByLabel("人数上限").fill("0");
  await expect(page.getByLabel("免打扰开始")).toHaveValue("22:00");
  await page.getByRole("button", { name: "保存" }).click();
  await expect(page.getByLabel("人数上限")).toHaveAttribute("aria-invalid", "true");
  expect(complaints.take().join()).toContain("422");
  await page.getByLabel("人数上限").fill("300");
  await axe();
  await shot("console-community-new");
  await page.getByRole("button", { name: "保存" }).click();
  await expect(page.getByRole("heading", { level: 1, name })).toBeVisible();
  await expect(page.getByText("0 / 300 人")).toBeVisible();
  for (const [part, heading] of [
    ["场景清单", "场景清单"],
    ["成员", "成员"],
    ["加入链接", "加入链接"],
    ["推送渠道", "推送渠道"],
    ["群主", "群主"],
  ]) {
    await page.getByRole("navigation", { name: "社群内容" }).getByRole("link", { name: part }).click();
    await expect(page.getByRole("heading", { level: 2, name: heading })).toBeVisible();
    await settled(page);
    await axe();
    await fits(page, part);
  }
});

test("a manager sees only the own communities, and plans a list that the calendar shows", async ({
  page,
  complaints,
  axe,
  shot,
}) => {
  const desk = await Desk.open(page.request);
  const own = await community(desk, "宝妈群");
  const other = await community(desk, "别人的群");
  await signIn(page, "/console", await manager(desk, [own]));
  await expect(page).toHaveURL(COMMUNITIES);
  await expect(page.getByRole("link", { name: own.name })).toBeVisible();
  await expect(page.getByRole("link", { name: other.name })).toHaveCount(0);
  await expect(page.getByRole("link", { name: "新建社群" })).toHaveCount(0);
  const toggle = page.locator(".side__toggle");
  if (await toggle.isVisible()) await toggle.click();
  await expect(page.getByRole("navigation", { name: "主导航" }).getByRole("link")).toHaveText(["社群", "限时秒杀"]);
  await page.goto(`${COMMUNITIES}/${other.id}`);
  await expect(page.getByText("没有这个社群。").first()).toBeVisible();
  expect(complaints.take().join()).toContain("404");

  await page.goto(`${COMMUNITIES}/${own.id}/lists`);
  await page.getByRole("link", { name: "新建清单" }).click();
  await page.getByLabel("场景", { exact: true }).fill("办公室早餐");
  await page.getByLabel("说明").fill("十分钟搞定一份热早餐。");
  await page.getByLabel("时间", { exact: true }).fill("07:45");
  await page.getByRole("button", { name: "添加商品" }).click();
  await page.getByLabel("SKU").fill("soy-milk");
  await page.getByLabel("商品", { exact: true }).fill("现磨豆浆");
  await page.getByLabel("价格").fill("4.5");
  const phone = page.getByRole("region", { name: "手机上的样子" });
  await expect(phone).toContainText("办公室早餐");
  await expect(phone).toContainText("¥4.50");
  await axe();
  await shot("console-scenario-new");
  await page.getByRole("button", { name: "保存" }).click();
  await expect(page.getByText("清单已保存。")).toBeVisible();
  await page.goto(`${COMMUNITIES}/${own.id}/lists`);
  await expect(page.getByRole("row", { name: /办公室早餐/ })).toContainText(/07:45/);
  await axe();

  await page.goto(`${COMMUNITIES}/${own.id}`);
  await page.getByRole("link", { name: "下个月" }).click();
  const entry = page.getByRole("link", { name: /07:45.*办公室早餐/ }).first();
  await expect(entry).toContainText("待推送");
  await axe();
  await shot("console-community-calendar");
  await fits(page, "the calendar");
  await entry.click();
  await expect(page.getByRole("dialog")).toContainText("到时间会推送给成员。");
  await axe();
  await page.getByRole("dialog").getByRole("link", { name: "查看清单" }).click();
  await page.getByRole("link", { name: "停止清单" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "停止清单" }).click();
  await expect(page.getByText("已停止", { exact: true })).toBeVisible();
});

test("what falls into the quiet hours is told in the calendar", async ({ page, signInAsOperator }) => {
  const desk = await Desk.open(page.request);
  const { id } = await community(desk, "夜猫群");
  await signInAsOperator();
  await page.goto(`${COMMUNITIES}/${id}/settings`);
  await page.getByLabel("设置免打扰时段").check();
  await expect(page.getByLabel("免打扰结束")).toHaveValue("08:00");
  await page.locator(".savebar").getByRole("button", { name: "保存", exact: true }).click();
  await expect(page.getByText("社群已保存。")).toBeVisible();
  const schedule = { first: "2026-01-01", minute: 23 * 60, weekdays: [1, 2, 3, 4, 5, 6, 7] };
  const list = { title: "夜宵", text: "", products: [], schedule };
  await desk.ask("POST", `/communities/${id}/scenarios`, list, 201);
  await page.goto(`${COMMUNITIES}/${id}`);
  await page.getByRole("link", { name: "下个月" }).click();
  const entry = page.getByRole("link", { name: /23:00.*夜宵/ }).first();
  await expect(entry).toContainText("不推送");
  await entry.click();
  await expect(page.getByRole("dialog")).toContainText("在免打扰时段内，只出现在社群页。");
});

test("members are added, looked for and removed, and the link is renewed", async ({
  page,
  signInAsOperator,
  axe,
  shot,
}) => {
  const desk = await Desk.open(page.request);
  const it = await community(desk, "团购群");
  const member = await newMember(page, "王小明");
  await signInAsOperator();
  await page.goto(`${COMMUNITIES}/${it.id}/members`);
  await expect(page.getByText("还没有成员")).toBeVisible();
  await page.getByRole("link", { name: "添加成员" }).click();
  const sheet = page.getByRole("dialog");
  await sheet.getByLabel("会员").fill(member);
  await sheet.getByRole("button", { name: "添加成员" }).click();
  await expect(page.getByRole("row", { name: /王小明/ })).toContainText("在群");
  await expect(page.getByText("1 / 200 人")).toBeVisible();
  await axe();
  await shot("console-community-members");
  await page.getByRole("link", { name: "移出王小明" }).click();
  await sheet.getByRole("button", { name: "移出社群" }).click();
  await expect(page.getByRole("row", { name: /王小明/ })).toContainText("已移出");
  await page.getByRole("navigation", { name: "状态" }).getByRole("link", { name: "在群" }).click();
  await expect(page.getByRole("link", { name: "清除筛选" }).first()).toBeVisible();

  await page.getByRole("navigation", { name: "社群内容" }).getByRole("link", { name: "加入链接" }).click();
  await expect(page.getByRole("img", { name: "加入链接的二维码" })).toBeVisible();
  const link = page.getByLabel("链接", { exact: true });
  await expect(link).toHaveValue(new RegExp(`/c/${it.code}$`));
  await axe();
  await shot("console-community-link");
  await page.getByRole("link", { name: "更换链接" }).click();
  await sheet.getByRole("button", { name: "更换链接" }).click();
  await expect(page.getByText("链接已更换。")).toBeVisible();
  await expect(link).not.toHaveValue(new RegExp(`/c/${it.code}$`));
});

test("a way out shows its secret once, is tried and removed; managers are chosen", async ({
  page,
  signInAsOperator,
  axe,
  shot,
}) => {
  // Six looks at the page by axe take their time.
  test.setTimeout(90_000);
  const desk = await Desk.open(page.request);
  const it = await community(desk, "推送群");
  const { called } = await manager(desk, []);
  await signInAsOperator();
  await page.goto(`${COMMUNITIES}/${it.id}/ways`);
  await expect(page.getByText("始终发送给每位成员。")).toBeVisible();
  await page.getByRole("link", { name: "添加渠道" }).click();
  const sheet = page.getByRole("dialog");
  await sheet.getByText("Webhook", { exact: true }).click();
  // Nobody listens there.
  await sheet.getByLabel("地址").fill("https://127.0.0.1:9/hook");
  await sheet.getByRole("button", { name: "添加渠道" }).click();
  await expect(sheet.locator(".secret")).toContainText("whsec_");
  await axe();
  await shot("console-community-secret");
  await sheet.getByRole("button", { name: "我已保存好" }).click();
  await expect(page.locator(".secret")).toHaveCount(0);
  await page.getByRole("button", { name: "发送测试" }).click();
  await expect(page.getByText(/遇到：/)).toBeVisible();
  await axe();
  await fits(page, "the ways out");
  await shot("console-community-ways");
  await page.getByRole("link", { name: /^移除 https/ }).click();
  await sheet.getByRole("button", { name: "移除渠道" }).click();
  await expect(page.getByText("渠道已移除。")).toBeVisible();

  await page.goto(`${COMMUNITIES}/${it.id}/managers`);
  await page.getByRole("link", { name: "调整群主" }).click();
  await sheet.getByText(called, { exact: true }).click();
  await axe();
  await sheet.getByRole("button", { name: "保存" }).click();
  await expect(page.getByRole("listitem").filter({ hasText: called })).toBeVisible();
});

test("an auditor reads and changes nothing", async ({ page }) => {
  const desk = await Desk.open(page.request);
  const it = await community(desk, "审计看的群");
  await signIn(page, "/console", await desk.auditor());
  await page.goto(`${COMMUNITIES}/${it.id}/settings`);
  await expect(page.getByLabel("名称")).toHaveValue(it.name);
  await expect(page.locator(".banner").first()).toBeVisible();
  for (const part of ["members", "lists", "ways", "managers", "link"]) {
    await page.goto(`${COMMUNITIES}/${it.id}/${part}`);
    await expect(page.getByRole("heading", { level: 2 }).first()).toBeVisible();
    await settled(page);
    await expect(page.getByRole("link", { name: /添加|新建|调整|更换/ })).toHaveCount(0);
  }
});
