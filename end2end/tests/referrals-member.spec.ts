// Invitations as members and their friends meet them. Every journey has members of its own.

import { fits, settled } from "../support/console";
import { expect, test } from "../support/fixtures";
import { Desk } from "../support/referral-desk";
import { forgetVisit, keepsVisit, type Member, Shop, signUp } from "../support/referrals";
import { withSummary } from "../support/summary";
import { inTurn } from "../support/turn";

let shop: Shop;
let inviter: Member;
let code: string;

test.beforeEach(async ({ request }) => {
  shop = await Shop.open(request);
  inviter = await shop.member("林小满");
  code = await shop.codeOf(inviter);
});

const LANGUAGES = [
  { tag: "zh-CN", invite: "邀请好友", landing: "林** 邀请您加入" },
  { tag: "en", invite: "Invite friends", landing: "林** invites you" },
];

for (const theme of ["light", "dark"]) {
  for (const { tag, invite, landing } of LANGUAGES) {
    test(`both pages are complete and accessible, ${theme}, ${tag}`, async ({ page, axe, shot }) => {
      await page.addInitScript(
        ([theme, tag]) => {
          localStorage.setItem("coterie.theme", theme);
          localStorage.setItem("coterie.locale", tag);
        },
        [theme, tag],
      );
      await page.goto(`/r/${code}`);
      await expect(page.getByRole("heading", { name: landing, level: 1 })).toBeVisible();
      await settled(page);
      await axe();
      await fits(page, "the landing page");
      await shot(`landing-${tag}-${theme}`);

      const friend = await shop.member("周小雨");
      await shop.bind(friend, code);
      await shop.paid(friend, (await shop.offerOf(inviter)).minimum_order);
      await shop.bind(await shop.member("沈"), code);
      await expect.poll(() => shop.friendsOf(inviter)).toEqual(["joined", "ordered"]);
      await forgetVisit(page);
      await page.goto(await shop.handOff(inviter, "/invite"));
      await expect(page.getByRole("heading", { name: invite, exact: true, level: 1 })).toBeVisible();
      await expect(page.locator(".rows .row", { hasText: "周**" })).toBeVisible();
      await expect(page.locator(".rows .row", { hasText: "沈**" })).toBeVisible();
      await settled(page);
      await axe();
      await fits(page, "the invite page");
      await shot(`invite-${tag}-${theme}`);
    });
  }
}

test("the link is copied, and the row in Me leads to it", async ({ page, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.goto(await shop.handOff(inviter, "/me"));
  await page.getByRole("link", { name: "邀请好友" }).click();
  await expect(page).toHaveURL("/invite");
  await expect(page.getByText(code, { exact: true })).toBeVisible();
  await page.getByRole("button", { name: "复制链接" }).click();
  await expect(page.getByText("链接已复制，粘贴发给好友即可。")).toBeVisible();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(new URL(copied).pathname).toBe(`/r/${code}`);
  await expect(page.getByText("还没有好友加入")).toBeVisible();
});

/** Gives the browser a sharing of its own that ends as `end` says, and keeps what it was given. */
const sharing = (end: string) => {
  Object.defineProperty(navigator, "share", {
    configurable: true,
    value: async (data: unknown) => {
      localStorage.setItem("given", JSON.stringify(data));
      if (end !== "done") throw new DOMException("no", end);
    },
  });
};

test("each way to share says what became of it", async ({ page, context, axe, shot }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.addInitScript(() => {
    Object.defineProperty(navigator, "share", { configurable: true, value: undefined });
  });
  await page.goto(await shop.handOff(inviter, "/invite"));
  const share = page.getByRole("button", { name: "分享给好友" });
  // Where the browser has no sharing, there is no button that does nothing.
  await expect(page.getByRole("button", { name: "复制链接" })).toBeVisible();
  await expect(share).toHaveCount(0);
  for (const [end, said] of [
    ["done", "已转到您选择的应用。"],
    ["AbortError", "没有分享，链接仍可随时使用。"],
    ["NotAllowedError", "无法打开分享，已改为复制链接，粘贴发给好友即可。"],
  ]) {
    await page.addInitScript(sharing, end);
    await page.reload();
    await share.click();
    await expect(page.getByText(said, { exact: true })).toBeVisible();
    const given = await page.evaluate(() => JSON.parse(localStorage.getItem("given") ?? "{}"));
    expect(new URL(given.url).pathname).toBe(`/r/${code}`);
    expect(given.text).toContain("首单满");
  }
  await axe();
  await shot("invite-shared");
});

test("a link that cannot be copied is selected, and the page says so", async ({ page }) => {
  await page.addInitScript(() => {
    Object.defineProperty(navigator, "clipboard", { configurable: true, value: undefined });
    document.execCommand = () => false;
  });
  await page.goto(await shop.handOff(inviter, "/invite"));
  await page.getByRole("button", { name: "复制链接" }).click();
  await expect(page.getByText("无法自动复制。链接已选中，请手动复制。")).toBeVisible();
  const selected = await page.getByLabel("您的邀请链接").evaluate((it: HTMLInputElement) =>
    it.value.slice(it.selectionStart ?? 0, it.selectionEnd ?? 0),
  );
  expect(selected).toContain(`/r/${code}`);
});

test("the poster is a picture that can be kept, and Back closes it", async ({ page, axe, shot }, info) => {
  await page.goto(await shop.handOff(inviter, "/invite"));
  await page.getByRole("link", { name: "邀请海报" }).click();
  const poster = page.getByRole("img", { name: "邀请海报，含您的邀请二维码" });
  await expect(poster).toBeVisible();
  const width = () => poster.evaluate((it: HTMLImageElement) => it.naturalWidth);
  await expect.poll(width).toBeGreaterThan(300);
  if (info.project.name === "phone") {
    await expect(page.getByText("长按图片，即可保存或发给好友。")).toBeVisible();
  } else {
    const download = page.waitForEvent("download");
    await page.getByRole("link", { name: "下载海报" }).click();
    expect((await download).suggestedFilename()).toBe("invitation.png");
  }
  await axe();
  await shot("poster");
  await page.goBack();
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await expect(page.getByRole("link", { name: "邀请海报" })).toBeVisible();
});

test("a friend opens the link, joins, is bound and orders; the inviter sees each step", async ({
  page,
  browser,
  baseURL,
  axe,
  shot,
}) => {
  await page.goto(`/r/${code}`);
  await expect(page.getByRole("heading", { name: "林** 邀请您加入" })).toBeVisible();
  expect(await keepsVisit(page)).toBe(true);
  await page.getByRole("link", { name: "注册并接受邀请" }).click();
  const told = page.locator(".invited .banner");
  // Nobody changes for how long an order has to stand while this friend is bound.
  const friend = await inTurn("referral-terms", async () => {
    const joined = await signUp(page, "周小雨");
    await expect(told).toContainText("已接受邀请");
    return joined;
  });
  await expect(told).toContainText("支付首单");
  await axe();
  await shot("invited");
  expect(await keepsVisit(page)).toBe(false);
  await told.getByRole("button", { name: "关闭" }).click();
  await expect(told).toHaveCount(0);

  const other = await browser.newContext({ baseURL, locale: "zh-CN" });
  const mine = await other.newPage();
  await mine.goto(await shop.handOff(inviter, "/invite"));
  const row = mine.locator(".rows .row", { hasText: "周**" });
  await expect(row.locator(".badge")).toHaveText("待首单");
  await expect(row).toContainText("首单需在");
  const count = (label: string) => mine.locator(".bars__row", { hasText: label }).locator(".amount");
  await expect(count("打开链接")).toHaveText("1");
  await expect(count("注册")).toHaveText("1");
  await expect(count("下单")).toHaveText("0");
  await shop.paid(friend, (await shop.offerOf(inviter)).minimum_order);
  // The server looks at the order a moment later.
  await expect.poll(() => shop.friendsOf(inviter)).toEqual(["ordered"]);
  await mine.reload();
  await expect(row.locator(".badge")).toHaveText("待发放");
  await expect(row).toContainText("首单已支付，退货期后发放奖励");
  await expect(row).toContainText(/预计 .+ 发放/);
  await expect(count("下单")).toHaveText("1");
  await expect(count("已奖励")).toHaveText("0");
  await other.close();
});

test("both are rewarded when the order has stood, and a refund takes it back", async ({
  page,
  browser,
  baseURL,
  request,
}) => {
  const desk = await Desk.open(request);
  await page.goto(`/r/${code}`);
  await page.getByRole("link", { name: "注册并接受邀请" }).click();
  // An order under these terms has to stand for no time: a journey cannot wait for days.
  const friend = await inTurn("referral-terms", async () => {
    const before = await desk.setTerms({ hold_days: 0 });
    const joined = await signUp(page, "周小雨");
    await expect(page.locator(".invited .banner")).toContainText("已接受邀请");
    await desk.setTerms({ hold_days: before.hold_days });
    return joined;
  });
  const offer = await shop.offerOf(inviter);
  const order = await shop.paid(friend, offer.minimum_order);
  await expect.poll(() => shop.friendsOf(inviter), { timeout: 30_000 }).toEqual(["rewarded"]);

  const other = await browser.newContext({ baseURL, locale: "zh-CN" });
  const mine = await other.newPage();
  await mine.goto(await shop.handOff(inviter, "/invite"));
  const row = mine.locator(".rows .row", { hasText: "周**" });
  await expect(row.locator(".badge")).toHaveText("已奖励");
  await page.goto("/messages");
  await expect(page.getByText("首单奖励已到账")).toBeVisible();
  await page.goto("/points?asset=credit");
  const credit = `¥${offer.friend_rewards[0].amount / 100}.00`;
  await expect(page.locator(".rows .row").first()).toContainText(credit);

  await shop.refunded(order);
  await expect.poll(() => shop.friendsOf(inviter), { timeout: 30_000 }).toEqual(["clawed_back"]);
  await mine.reload();
  await expect(row.locator(".badge")).toHaveText("已收回");
  await page.reload();
  await expect(page.locator('.row[data-state="undone"]').first()).toContainText(credit);
  await other.close();
});

test("a visit survives the way through the shop, and the first link counts", async ({ page }) => {
  const second = await shop.member("何大山");
  await page.goto(`/r/${code}`);
  await expect(page.getByRole("heading", { name: "林** 邀请您加入" })).toBeVisible();
  await page.goto(`/r/${await shop.codeOf(second)}`);
  // The first inviter stays, and the page says why.
  await expect(page.getByText("以首次打开的为准")).toBeVisible();
  await expect(page.getByRole("heading", { name: "林** 邀请您加入" })).toBeVisible();
  const friend = await shop.member("周小雨");
  await page.goto(await shop.handOff(friend, "/points"));
  await expect(page).toHaveURL("/points");
  await expect(page.locator(".invited .banner")).toContainText("已接受邀请");
  expect(await keepsVisit(page)).toBe(false);
  await page.reload();
  await expect(page.getByRole("heading", { name: "积分", level: 1 })).toBeVisible();
  await expect(page.locator(".invited")).toHaveCount(0);
});

test("a visit that could not be handed over waits for the next start", async ({ page, complaints }) => {
  await page.goto(`/r/${code}`);
  await page.route("**/referral_bindings", (route) => route.abort());
  const refused = page.waitForEvent("requestfailed", (it) => it.url().endsWith("/referral_bindings"));
  await page.getByRole("link", { name: "注册并接受邀请" }).click();
  await signUp(page, "周小雨");
  await refused;
  expect(await keepsVisit(page)).toBe(true);
  await page.unroute("**/referral_bindings");
  await page.reload();
  await expect(page.locator(".invited .banner")).toContainText("已接受邀请");
  expect(complaints.take()).toHaveLength(1);
});

test("who was a customer before is not told off for signing in", async ({ page, complaints }) => {
  const before = await shop.member("老顾客");
  await page.goto(`/r/${code}`);
  await expect(page.getByRole("link", { name: "注册并接受邀请" })).toBeVisible();
  const answered = page.waitForResponse((it) => it.url().endsWith("/referral_bindings"));
  await page.goto(await shop.handOff(before, "/points"));
  expect((await answered).status()).toBe(409);
  await expect.poll(() => keepsVisit(page)).toBe(false);
  await expect(page.getByRole("heading", { name: "积分", level: 1 })).toBeVisible();
  await expect(page.locator(".invited .banner")).toHaveCount(0);
  expect(complaints.take()).toHaveLength(1);
});

test("a member accepts on the page, once, and is told when it is not possible", async ({
  page,
  axe,
  shot,
  complaints,
}) => {
  const friend = await shop.member("周小雨");
  await page.goto(await shop.handOff(friend, `/r/${code}`));
  await page.getByRole("button", { name: "接受邀请" }).click();
  await expect(page.getByText("已接受邀请")).toBeVisible();
  await axe();
  await shot("accepted");
  const second = await shop.member("何大山");
  await page.goto(`/r/${await shop.codeOf(second)}`);
  await page.getByRole("button", { name: "接受邀请" }).click();
  await expect(page.getByRole("alert")).toContainText("您已接受过邀请。");
  expect(complaints.take()).toHaveLength(1);
});

test("one's own link leads to one's own page", async ({ page, axe, shot }) => {
  await page.goto(await shop.handOff(inviter, `/r/${code}`));
  await expect(page.getByRole("heading", { name: "这是您自己的邀请链接" })).toBeVisible();
  await axe();
  await shot("own-link");
  await page.getByRole("link", { name: "查看我的邀请" }).click();
  await expect(page).toHaveURL("/invite");
});

test("a link that leads nowhere says so; trouble can be tried again", async ({ page, axe, shot, complaints }) => {
  await page.goto("/r/22222222");
  await expect(page.getByText("邀请链接无效")).toBeVisible();
  await axe();
  await shot("unknown-link");
  expect(await keepsVisit(page)).toBe(false);
  await page.route("**/referral_visits", (route) => route.abort());
  await page.goto(`/r/${code}`);
  const again = page.getByRole("alert").getByRole("button", { name: "重试" });
  await expect(again).toBeVisible();
  await axe();
  await page.unroute("**/referral_visits");
  await again.click();
  await expect(page.getByRole("heading", { name: "林** 邀请您加入" })).toBeVisible();
  expect(complaints.take()).toHaveLength(2);
});

test("while the programme is paused, nothing is promised and nothing is sent", async ({ page, axe, shot }) => {
  // Only on the way to this page: other journeys need the programme.
  await page.route(/\/api\/v1\/(referral_visits|me\/referral)$/, async (route) => {
    const headers = { ...route.request().headers() };
    delete headers["if-none-match"];
    const answer = await route.fetch({ headers });
    const json = await answer.json();
    (json.invitation ?? json).offer.open = false;
    await route.fulfill({ response: answer, json });
  });
  await page.goto(`/r/${code}`);
  await expect(page.getByText("邀请活动已暂停，现在加入没有邀请奖励。")).toBeVisible();
  await expect(page.locator(".gets")).toHaveCount(0);
  await axe();
  await shot("landing-paused");
  await forgetVisit(page);
  await page.goto(await shop.handOff(inviter, "/invite"));
  await expect(page.getByText("邀请活动已暂停", { exact: true })).toBeVisible();
  await expect(page.getByRole("button", { name: "复制链接" })).toHaveCount(0);
  await axe();
  await shot("invite-paused");
});

const STATES = [
  ["joined", "bound", "待首单"],
  ["ordered", "order_paid", "待发放"],
  ["held", "under_review", "核实中"],
  ["rewarded", "order_stood", "已奖励"],
  ["clawed_back", "order_refunded", "已收回"],
  ["refused", "existing_customer", "未计入"],
  ["expired", "time_over", "已过期"],
];

test("every state of a friend has its name and its reason, page by page", async ({ page, axe, shot }) => {
  // What takes weeks is put into the answers on their way to the page.
  const friend = ([state, reason]: string[], number: number) => ({
    id: `ref_01kac5w2h5f8v9t3n7r1m4x6y${number}`,
    name: number === 0 ? null : "周**",
    state,
    reason,
    bound_at: "2026-03-01T08:00:00.000Z",
    since: "2026-03-09T08:00:00.000Z",
    order_until: state === "joined" ? "2026-03-31T08:00:00.000Z" : null,
    pending_until: state === "ordered" ? "2026-03-16T08:00:00.000Z" : null,
    why: { "zh-CN": `原因 ${reason}`, en: `because ${reason}` },
  });
  const rows = STATES.map(friend);
  await page.route("**/api/v1/me/referrals*", async (route) => {
    const second = new URL(route.request().url()).searchParams.get("cursor") === "second";
    const json = second
      ? { data: rows.slice(4), next_cursor: null }
      : { data: rows.slice(0, 4), next_cursor: "second" };
    await route.fulfill({ json });
  });
  await page.route("**/api/v1/me/referral", async (route) => {
    const headers = { ...route.request().headers() };
    delete headers["if-none-match"];
    const answer = await route.fetch({ headers });
    const json = await answer.json();
    json.funnel = { visited: 1200, joined: 40, ordered: 12, rewarded: 7 };
    json.milestones[0].reached = true;
    json.earned = [{ kind: "points", amount: 16_000 }];
    await route.fulfill({ response: answer, json });
  });
  await page.goto(await shop.handOff(inviter, "/invite"));
  const list = page.getByRole("region", { name: "我邀请的好友" }).locator(".row");
  await expect(list).toHaveCount(4);
  await page.getByRole("button", { name: "加载更多" }).click();
  await expect(list).toHaveCount(STATES.length);
  for (const [number, [, reason, name]] of STATES.entries()) {
    await expect(list.nth(number).locator(".badge")).toHaveText(name);
    await expect(list.nth(number)).toContainText(`原因 ${reason}`);
  }
  await expect(list.first()).toContainText("好友");
  await expect(page.getByRole("progressbar", { name: "距离下一个里程碑" })).toHaveAttribute("aria-valuenow", "35");
  await expect(page.getByText("再成功邀请 13 位好友，额外获得")).toBeVisible();
  await expect(page.getByText("已达成", { exact: true })).toBeVisible();
  // Below, the bar of the page lies over whatever has come under it.
  await page.evaluate(() => window.scrollTo(0, 0));
  await axe();
  await shot("invite-states");
});

test("a frozen member sees everything and sends nothing", async ({ page }) => {
  await withSummary(page, (it) => (it.member.status = "frozen"));
  await page.goto(await shop.handOff(inviter, "/invite"));
  await expect(page.getByText(code, { exact: true })).toBeVisible();
  await expect(page.getByText("会员资格已冻结")).toBeVisible();
  await expect(page.getByRole("button", { name: "复制链接" })).toHaveCount(0);
});

test("a friend whose link was opened elsewhere types the code in", async ({ page }) => {
  const friend = await shop.member("周小雨");
  await page.goto(await shop.handOff(friend, "/invite"));
  await page.getByRole("textbox", { name: "好友的邀请码" }).fill(code.toLowerCase());
  await page.getByRole("button", { name: "查看邀请" }).click();
  await expect(page.getByRole("heading", { name: "林** 邀请您加入" })).toBeVisible();
  await page.getByRole("button", { name: "接受邀请" }).click();
  await expect(page.locator(".invited .banner")).toContainText("已接受邀请");
  expect(await shop.friendsOf(inviter)).toEqual(["joined"]);
});
