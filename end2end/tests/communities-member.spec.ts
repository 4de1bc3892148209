// Communities as members meet them: the link, the own ones, the page of one. Every journey has a
// community of its own.

import { type Page } from "@playwright/test";

import { fits, settled } from "../support/console";
import { expect, test } from "../support/fixtures";
import { type Member, signUp } from "../support/referrals";
import { inSeconds, product, Stall } from "../support/sales";

/** A list of the days before, and what stood in it. */
const posting = (id: number, days: number, title: string) => ({
  id: `pst_01kac5w2h5f8v9t3n7r1m4x6y${id}`,
  title,
  text: "带到办公室，十分钟就好。\n牛奶记得冷藏。",
  products: [
    { sku: "milk", name: "鲜牛奶 950 毫升", price: 1990, link: "https://shop.example/milk" },
    { sku: "oat", name: "燕麦片" },
  ],
  at: inSeconds(-86_400 * days - 600),
});

/** Puts the lists of a week into the answer: a journey cannot wait for days. */
async function withLists(page: Page, stall: Stall, sales: object[] = [], lists = true) {
  const { id, definition } = stall.community;
  await page.route(`**/api/v1/me/communities/${id}`, async (route) => {
    if (route.request().method() !== "GET") return route.fallback();
    await route.fulfill({
      json: {
        community: { id, ...definition, members: 128, joined_at: inSeconds(-86_400 * 40) },
        today: lists ? [posting(0, 0, "办公室早餐"), posting(1, 0, "下午茶")] : [],
        earlier: lists ? [posting(2, 1, "周末露营"), posting(3, 3, "孩子的早餐")] : [],
        sales,
        server_time: inSeconds(0),
      },
    });
  });
}

/** A sale as the page of its community has it. */
const sale = {
  id: "fsl_01kac5w2h5f8v9t3n7r1m4x6y0",
  title: { "zh-CN": "社群专场", en: "Community sale" },
  phase: "scheduled",
  paused: false,
  starts_at: inSeconds(3600),
  opens_at: inSeconds(3600),
  ends_at: inSeconds(7200),
  early: [],
  payment_minutes: 15,
  products: [{ ...product("milk"), free: 20, mine: 0 }],
  blocked: [],
  remind: false,
  server_time: inSeconds(0),
};

const LANGUAGES = [
  { tag: "zh-CN", mine: "我的社群", one: "社群", join: "加入社群" },
  { tag: "en", mine: "My communities", one: "Community", join: "Join a community" },
];

for (const theme of ["light", "dark"]) {
  for (const { tag, mine, one, join } of LANGUAGES) {
    test(`the pages are complete and accessible, ${theme}, ${tag}`, async ({ page, request, axe, shot }) => {
      await page.addInitScript(
        ([theme, tag]) => {
          localStorage.setItem("coterie.theme", theme);
          localStorage.setItem("coterie.locale", tag);
        },
        [theme, tag],
      );
      const stall = await Stall.open(request);
      await page.goto(`/c/${stall.community.code}`);
      await expect(page.getByRole("heading", { name: join, level: 1 })).toBeVisible();
      await axe();
      await fits(page, "the link, signed out");
      await shot(`community-link-${tag}-${theme}`);

      const other = await Stall.open(request, { name: "张江亲子群", tags: [] });
      const member = await stall.member("林小满");
      await other.desk.ask("POST", `/communities/${other.community.id}/members`, { member: member.id }, 200);
      await withLists(page, stall, [sale]);
      await stall.arrive(page, member, "/communities");
      await expect(page.getByRole("heading", { name: mine, exact: true, level: 1 })).toBeVisible();
      await expect(page.locator(".sales > li")).toHaveCount(2);
      await settled(page);
      await axe();
      await fits(page, "the communities");
      await shot(`communities-${tag}-${theme}`);

      await page.getByRole("link", { name: stall.community.definition.name }).click();
      await expect(page.getByRole("heading", { name: one, exact: true, level: 1 })).toBeVisible();
      await expect(page.locator("article.posting")).toHaveCount(2);
      await page.locator("summary").first().click();
      await expect(page.locator(".sale")).toHaveCount(1);
      await axe();
      await fits(page, "the page of a community");
      await shot(`community-${tag}-${theme}`);
    });
  }
}

test("a visitor opens the link, signs up, comes back, joins, and leaves again", async ({ page, request, axe, shot }) => {
  const stall = await Stall.open(request);
  const { name } = stall.community.definition;
  await page.goto(`/c/${stall.community.code}`);
  await page.getByRole("link", { name: "注册", exact: true }).click();
  await signUp(page, "周小雨");
  await expect(page).toHaveURL(`/c/${stall.community.code}`);
  await expect(page.getByRole("heading", { name, level: 1 })).toBeVisible();
  await expect(page.getByText("0 / 200 人")).toBeVisible();
  await axe();
  await shot("community-join");
  await withLists(page, stall, [], false);
  await page.getByRole("button", { name: "加入", exact: true }).click();
  await expect(page.getByText(`已加入“${name}”。`)).toBeVisible();
  await expect(page).toHaveURL(`/communities/${stall.community.id}`);
  await expect(page.getByText("今天还没有清单")).toBeVisible();

  await page.getByRole("link", { name: "退出社群" }).click();
  const question = page.getByRole("dialog", { name: `退出“${name}”？` });
  await expect(question).toBeVisible();
  await axe();
  await shot("community-leave");
  await question.getByRole("button", { name: "留下" }).click();
  await expect(question).toHaveCount(0);
  await page.getByRole("link", { name: "退出社群" }).click();
  await page.goBack();
  await expect(question).toHaveCount(0);
  await page.getByRole("link", { name: "退出社群" }).click();
  await question.getByRole("button", { name: "退出社群" }).click();
  await expect(page).toHaveURL("/communities");
  await expect(page.getByText("还没有加入社群")).toBeVisible();
  await axe();
  await shot("communities-empty");
});

test("who has an account signs in and comes back; who is in is led in", async ({ page, request }) => {
  const stall = await Stall.open(request);
  const member = await stall.member("林小满");
  await page.goto(`/c/${stall.community.code}`);
  await page.getByRole("link", { name: "登录", exact: true }).click();
  await expect(page).toHaveURL(`/sign-in?to=%2Fc%2F${stall.community.code}`);
  await withLists(page, stall);
  await stall.arrive(page, member, `/c/${stall.community.code}`);
  await expect(page.getByText("您已在这个社群中。")).toBeVisible();
  await page.getByRole("link", { name: "进入社群" }).click();
  await expect(page).toHaveURL(`/communities/${stall.community.id}`);
});

test("a link that is closed, full, replaced or shut says so", async ({ page, request, complaints, axe, shot }) => {
  const closed = await Stall.open(request, { open: false });
  const full = await Stall.open(request, { capacity: 1 });
  const open = await Stall.open(request);
  await full.member("占位");
  const member: Member = await open.shop.member("林小满");
  await open.arrive(page, member, `/c/${closed.community.code}`);
  await expect(page.getByText("该社群暂不接受新成员，请联系群主。")).toBeVisible();
  await expect(page.getByRole("button", { name: "加入", exact: true })).toHaveCount(0);
  await page.goto(`/c/${full.community.code}`);
  await expect(page.getByText("该社群已满员，请联系群主。")).toBeVisible();
  await axe();
  await shot("community-full");
  await page.goto("/c/NOSUCHCODE");
  await expect(page.getByText("邀请链接无效")).toBeVisible();
  await axe();
  const { id, code } = open.community;
  await open.desk.ask("POST", `/communities/${id}/members`, { member: member.id }, 200);
  await open.desk.ask("DELETE", `/communities/${id}/members/${member.id}`, undefined, 204);
  await page.goto(`/c/${code}`);
  await page.getByRole("button", { name: "加入", exact: true }).click();
  await expect(page.getByRole("alert")).toContainText("您已被移出该社群，请联系群主。");
  // The browser complains about every refusal by itself.
  expect(complaints.take()).toHaveLength(2);
});

test("the way to the communities is in Me", async ({ page, request }) => {
  const stall = await Stall.open(request);
  const member = await stall.member("林小满");
  await stall.arrive(page, member, "/me");
  await page.getByRole("link", { name: "我的社群" }).click();
  await expect(page).toHaveURL("/communities");
  await expect(page.getByRole("link", { name: stall.community.definition.name })).toBeVisible();
});
