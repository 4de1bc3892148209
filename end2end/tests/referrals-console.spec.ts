// What an operator does with invitations: the report, the terms, what waits for a person, and
// households.

import type { Page } from "@playwright/test";

import { fits, openPage, settled, unique } from "../support/console";
import { expect, test } from "../support/fixtures";
import { signIn } from "../support/people";
import { Desk } from "../support/referral-desk";

const REPORT = "/console/referrals";
const QUEUE = "/console/referrals/queue";
const TERMS = "/console/referrals/terms";
const HOUSEHOLDS = "/console/referrals/households";

/** A report whose numbers are easy to follow. */
const FIGURES = {
  funnel: { visited: 200, joined: 50, ordered: 20, rewarded: 10 },
  held: 3,
  refused: 2,
  cost: 45_000,
  cost_per_customer: 4_500,
  acquisition_cost: 12_000,
  target_per_customer: 6_000,
  budget: { month: "2026-11", limit: 500_000, committed: 100_000, spent: 150_000 },
};

/** Lets every report that the page reads say this. */
async function withReport(page: Page, change: object) {
  const asked: string[] = [];
  await page.route("**/api/v1/referral_reports/summary**", async (route) => {
    asked.push(new URL(route.request().url()).search);
    await route.fulfill({ json: { ...FIGURES, ...change } });
  });
  return asked;
}

/** Lets the terms that the page reads be switched on, whatever other journeys make of them. */
async function withTerms(page: Page, change: object) {
  await page.route("**/api/v1/referral_terms", async (route) => {
    const headers = { ...route.request().headers() };
    delete headers["if-none-match"];
    const answer = await route.fetch({ headers });
    const found = await answer.json();
    await route.fulfill({ json: { ...found, terms: { ...found.terms, ...change } } });
  });
}

/** Saves, however often another journey edits the same terms meanwhile. */
async function save(page: Page) {
  const button = page.locator(".savebar").getByRole("button", { name: "保存", exact: true });
  await expect(async () => {
    if (await button.isVisible()) await button.click();
    await expect(page.getByText("邀请规则已生效。")).toBeVisible({ timeout: 3_000 });
  }).toPass();
}

test("the report shows how far friends got, and what they cost", async ({ page, signInAsOperator }) => {
  await withTerms(page, { enabled: true, cost_per_friend: 4_000, milestones: [] });
  const asked = await withReport(page, {});
  await signInAsOperator();
  await openPage(page, "邀请");
  const steps = page.getByRole("region", { name: "从访问到奖励" }).getByRole("listitem");
  await expect(steps).toHaveText([/打开链接\s*200/, /加入.*25%\s*50/, /下单.*40%\s*20/, /获得奖励.*50%\s*10/]);
  const cost = page.getByRole("region", { name: "获客成本" });
  await expect(cost).toContainText("每位邀请来的新客花费 ¥45.00，是日常获客成本的 37%。");
  await expect(cost.getByRole("listitem")).toHaveText([/¥45\.00/, /¥60\.00/, /¥120\.00/]);
  const budget = page.getByRole("region", { name: "2026年11月预算" });
  const picture = budget.getByRole("img");
  await expect(picture).toHaveAccessibleName("预算 ¥5,000.00：已花费 ¥1,500.00，已预留 ¥1,000.00，可用 ¥2,500.00");
  await expect(budget).toContainText("大约还够 62 位好友。");
  await expect(page.getByText("已暂停")).toHaveCount(0);

  // The period is part of the address.
  await page.getByRole("link", { name: "近 7 天" }).click();
  await expect(page).toHaveURL(/from=\d{4}-\d\d-\d\d/);
  await expect(page.getByRole("link", { name: "近 7 天" })).toHaveAttribute("aria-current", "true");
  await expect.poll(() => asked.at(-1)).toMatch(/^\?from=/);
  await page.getByLabel("止", { exact: true }).fill("2030-01-01");
  await page.getByLabel("止", { exact: true }).blur();
  await expect(page).toHaveURL(/to=2030-01-01/);
  await expect(page.getByRole("link", { name: "近 7 天" })).not.toHaveAttribute("aria-current", "true");
  await page.getByRole("link", { name: "近 30 天" }).click();
  await expect(page).toHaveURL(/\/console\/referrals$/);

  await cost.getByRole("link", { name: "查看" }).last().click();
  await expect(page).toHaveURL(/\/console\/referrals\/queue\?state=refused$/);
});

test("a used-up budget says that invitations pause, and what to do", async ({ page, signInAsOperator, axe, shot }) => {
  await withTerms(page, { enabled: true, cost_per_friend: 4_000, milestones: [] });
  const budget = { month: "2026-11", limit: 500_000, committed: 200_000, spent: 297_000 };
  await withReport(page, { budget, cost_per_customer: 7_000 });
  await signInAsOperator();
  await page.goto(REPORT);
  const paused = page.getByRole("status").filter({ hasText: "已暂停" });
  await expect(paused).toContainText("每位预留 ¥40.00");
  await expect(page.getByText("每位邀请来的新客花费 ¥70.00，超过目标上限 ¥60.00。")).toBeVisible();
  await axe();
  await fits(page, "a paused programme");
  await shot("console-referrals-paused");
  await paused.getByRole("link", { name: "修改规则" }).click();
  await expect(page).toHaveURL(/\/console\/referrals\/terms$/);
});

test("terms show what a friend costs while one types, and refuse what goes too far", async ({
  page,
  signInAsOperator,
  complaints,
  shot,
}) => {
  await signInAsOperator();
  await page.goto(TERMS);
  await expect(page.getByLabel("双方奖励的成本")).toBeVisible();
  const rows = page.getByRole("button", { name: /^移除里程碑/ });
  for (let left = await rows.count(); left > 0; left -= 1) {
    await rows.first().click();
    await expect(rows).toHaveCount(left - 1);
  }
  await page.getByLabel("日常获客成本", { exact: true }).fill("120");
  await page.getByLabel("邀请获客最多占").fill("50");
  const cost = page.getByLabel("双方奖励的成本");
  await cost.fill("40");
  const bounds = page.getByRole("region", { name: "一位好友的成本" });
  await expect(bounds).toContainText("单个好友成本上限 ¥60.00，最高实际成本 ¥40.00。");
  await page.getByRole("button", { name: "添加里程碑" }).click();
  await page.getByLabel("获奖好友数").fill("5");
  await page.getByLabel("里程碑成本").fill("50.01");
  await expect(bounds).toContainText("最高实际成本 ¥50.01。");
  await cost.fill("60");
  await expect(bounds).toContainText("超出目标，无法保存。");
  await shot("console-referral-terms-over");

  // What is no number never leaves the page; what only the rules refuse is shown at its field.
  const days = page.getByLabel("加入后多久内下首单");
  await days.fill("soon");
  const button = page.locator(".savebar").getByRole("button", { name: "保存", exact: true });
  await button.click();
  await expect(days).toBeFocused();
  await expect(days).toHaveAttribute("aria-invalid", "true");
  await days.fill("30");
  const target = page.getByLabel("邀请获客最多占");
  await expect(async () => {
    await button.click();
    await expect(target).toHaveAttribute("aria-invalid", "true", { timeout: 2_000 });
  }).toPass();
  await cost.fill("1");
  await expect(async () => {
    await button.click();
    await expect(cost).toHaveAttribute("aria-invalid", "true", { timeout: 2_000 });
  }).toPass();
  await page.getByRole("button", { name: "撤销修改" }).click();
  await expect(page.locator(".savebar")).toHaveCount(0);
  complaints.take();
});

test("who edits the terms at the same time is told what changed, and chooses", async ({
  page,
  context,
  signInAsOperator,
  complaints,
}, info) => {
  const label = info.project.name === "phone" ? "访问后多久内加入" : "加入后多久内下首单";
  await signInAsOperator();
  await page.goto(TERMS);
  await expect(page.getByLabel(label)).toHaveValue(/\d/);
  // Both values are new, whatever there was.
  const before = Number(await page.getByLabel(label).inputValue());
  const step = before > 45 ? -10 : 10;
  const [first, second] = [String(before + step), String(before + 2 * step)];
  await page.getByLabel(label).fill(second);
  const other = await context.newPage();
  await other.goto(TERMS);
  await other.getByLabel(label).fill(first);
  await save(other);
  await page.bringToFront();
  await page.locator(".savebar").getByRole("button", { name: "保存", exact: true }).click();
  const news = page.getByRole("alert").filter({ hasText: "刚才有人也改了这里" });
  await expect(news).toBeVisible();
  await expect(news.getByRole("button", { name: `对方的 ${first} 天` })).toBeVisible();
  await expect(news.getByRole("button", { name: `我的 ${second} 天` })).toHaveAttribute("aria-pressed", "true");
  await save(page);
  await page.reload();
  await expect(page.getByLabel(label)).toHaveValue(second);
  // The other page has not been left either: a link asks first.
  await page.getByLabel(label).fill("1");
  await page.getByRole("link", { name: "同住家庭" }).click();
  await page.getByRole("dialog", { name: "放弃未保存的修改？" }).getByRole("button", { name: "放弃并离开" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "同住家庭" })).toBeVisible();
  complaints.take();
  await other.close();
});

test("what is held is released, looked at again and rejected, with notes", async ({
  page,
  request,
  signInAsOperator,
  complaints,
  axe,
  shot,
}) => {
  test.setTimeout(120_000);
  const desk = await Desk.open(request);
  const names: [string, string] = [unique("方晴"), unique("高原")];
  const it = await desk.held(names);
  const pair = `${names[0]} → ${names[1]}`;
  await signInAsOperator();
  await page.goto(QUEUE);
  const row = page.locator("tbody tr").filter({ hasText: pair });
  await expect(row).toContainText("待审核");
  await expect(row).toContainText("邀请人与好友使用同一支付方式");
  await page.getByRole("link", { name: "已奖励", exact: true }).click();
  await expect(page).toHaveURL(/state=rewarded/);
  await settled(page);
  await expect(row).toHaveCount(0);
  await page.getByLabel("邀请人 ID").fill(it.inviter.id);
  await page.getByLabel("邀请人 ID").blur();
  await page.getByRole("link", { name: "全部", exact: true }).click();
  await expect(page.locator("tbody tr")).toHaveCount(1);
  await row.getByRole("link", { name: pair }).click();
  await expect(page.getByRole("heading", { level: 1, name: pair })).toBeVisible();
  await expect(page.getByRole("region", { name: "发现的异常" })).toContainText("邀请人与好友使用同一支付方式");
  await axe();
  await fits(page, "a referral");
  await shot("console-referral");

  /** Opens a decision, says why, and waits for what it says. */
  const decide = async (name: string, note: string, said: string) => {
    await page.getByRole("link", { name, exact: true }).click();
    const sheet = page.getByRole("dialog", { name });
    await sheet.getByLabel("理由").fill(note);
    await sheet.getByRole("button", { name, exact: true }).click();
    await expect(page.getByText(said)).toBeVisible();
    await expect(sheet).toHaveCount(0);
  };
  const history = page.getByRole("region", { name: "经过" }).getByRole("listitem");

  await page.getByRole("link", { name: "放行", exact: true }).click();
  const sheet = page.getByRole("dialog", { name: "放行" });
  await sheet.getByLabel("理由").fill("好");
  await axe();
  await shot("console-referral-release");
  await sheet.getByRole("button", { name: "放行", exact: true }).click();
  await expect(sheet.getByLabel("理由")).toHaveAttribute("aria-invalid", "true");
  expect(complaints.take().join()).toContain("422");
  await page.keyboard.press("Escape");
  await expect(sheet).toHaveCount(0);

  await decide("放行", "电话核实过，是朋友", "已放行，奖励已发放。");
  await expect(history.first()).toContainText("人工放行");
  await expect(history.first()).toContainText("电话核实过，是朋友");
  await expect(history.first()).toContainText("运营小林");
  await expect(history.first()).toContainText("已奖励");
  await expect(page.getByRole("link", { name: "放行", exact: true })).toHaveCount(0);
  await decide("重新审核", "两人其实是同一人", "已回到待审核。");
  await decide("拒绝", "同一人的两个账号", "已拒绝，不发放奖励。");
  await expect(history.first()).toContainText("不予奖励");
  await decide("重新审核", "顾客申诉", "已回到待审核。");
  await expect(history).toHaveCount(7);

  // Names lead to the members, and the inviter's page lists the friend.
  await page.getByRole("link", { name: names[0], exact: true }).click();
  await expect(page.getByRole("heading", { level: 1, name: names[0] })).toBeVisible();
  await page.getByRole("link", { name: "邀请", exact: true }).last().click();
  await expect(page.getByText("1 人加入")).toBeVisible();
  await settled(page);
  await axe();
  await fits(page, "a member's invitations");
  await shot("console-member-referrals");
  await page.getByRole("link", { name: names[1] }).click();
  await expect(page.getByRole("heading", { level: 1, name: pair })).toBeVisible();
});

test("a household is noted, shown with its members, and removed", async ({
  page,
  request,
  signInAsOperator,
  complaints,
  axe,
  shot,
}) => {
  const desk = await Desk.open(request);
  const [one, two] = [await desk.member(unique("安然")), await desk.member(unique("安心"))];
  const why = unique("来电说明是姐妹");
  await signInAsOperator();
  await page.goto(HOUSEHOLDS);
  await page.getByRole("link", { name: "登记家庭" }).click();
  const sheet = page.getByRole("dialog", { name: "登记家庭" });
  const members = sheet.getByLabel("成员");
  await members.fill(one.id);
  await sheet.getByLabel("登记理由").fill(why);
  await sheet.getByRole("button", { name: "登记家庭" }).click();
  await expect(members).toHaveAttribute("aria-invalid", "true");
  expect(complaints.take().join()).toContain("422");
  await members.fill(`${one.id}\n${two.id}`);
  await axe();
  await shot("console-household-add");
  await sheet.getByRole("button", { name: "登记家庭" }).click();
  await expect(page.getByText("家庭已登记。")).toBeVisible();
  const row = page.locator(".rows li").filter({ hasText: why });
  await expect(row.getByRole("link", { name: one.name, exact: true })).toHaveAttribute("href", `/console/members/${one.id}`);
  await expect(row.getByRole("link", { name: two.name, exact: true })).toBeVisible();
  await axe();
  await shot("console-households");

  await row.getByRole("link", { name: /^移除家庭/ }).click();
  const sure = page.getByRole("dialog", { name: "移除家庭" });
  await expect(sure).toContainText(one.name);
  await sure.getByRole("button", { name: "移除家庭" }).click();
  await expect(page.getByText("家庭已移除。")).toBeVisible();
  await expect(row).toHaveCount(0);
});

test("an auditor reads everything and changes nothing", async ({ page, request }) => {
  test.setTimeout(90_000);
  const desk = await Desk.open(request);
  const names: [string, string] = [unique("何苗"), unique("贺兰")];
  const it = await desk.held(names);
  await signIn(page, "/console", await desk.auditor());
  await page.goto(`${REPORT}/${it.id}`);
  await expect(page.getByRole("heading", { level: 1, name: `${names[0]} → ${names[1]}` })).toBeVisible();
  await expect(page.getByRole("region", { name: "经过" }).getByRole("listitem")).toHaveCount(3);
  for (const name of ["放行", "拒绝"]) await expect(page.getByRole("link", { name, exact: true })).toHaveCount(0);
  // Nor by an address that somebody sent.
  await page.goto(`${REPORT}/${it.id}?do=release`);
  await expect(page.getByRole("heading", { level: 1, name: `${names[0]} → ${names[1]}` })).toBeVisible();
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await page.goto(TERMS);
  await expect(page.getByText("您的角色只能查看。")).toBeVisible();
  await expect(page.getByLabel("双方奖励的成本")).toHaveValue(/\d/);
  await page.goto(HOUSEHOLDS);
  await settled(page);
  await expect(page.getByRole("link", { name: "登记家庭" })).toHaveCount(0);
  await expect(page.getByRole("link", { name: /^移除家庭/ })).toHaveCount(0);
});

for (const [theme, locale, title, parts] of [
  ["light", "zh-CN", "邀请", "邀请各页"],
  ["dark", "en", "Referrals", "About referrals"],
]) {
  test(`the pages are complete and accessible, ${theme}, ${locale}`, async ({ page, signInAsOperator, axe, shot }) => {
    test.setTimeout(90_000);
    await withTerms(page, { enabled: true });
    await withReport(page, {});
    await signInAsOperator();
    await page.evaluate(
      ([theme, locale]) => {
        localStorage.setItem("coterie.theme", theme);
        localStorage.setItem("coterie.locale", locale);
      },
      [theme, locale],
    );
    for (const [name, address] of Object.entries({ report: REPORT, queue: QUEUE, terms: TERMS, households: HOUSEHOLDS })) {
      await page.goto(address);
      // Until the page is there, what says that it is loading is in both languages.
      await expect(page.getByRole("navigation", { name: parts })).toBeVisible();
      await settled(page);
      if (name === "report") await expect(page).toHaveTitle(title);
      // No text of the other language is left; names of people and of things may be anything.
      if (locale === "en") {
        const words = await page.locator("h1, h2, label, legend, button, .views a, .chip, dt, .part__about").allInnerTexts();
        expect(words.filter((it) => /[\u4e00-\u9fff]/.test(it) && !it.includes("中文"))).toEqual([]);
      }
      await axe();
      await fits(page, name);
      await shot(`console-referrals-${name}-${theme}`);
    }
  });
}
