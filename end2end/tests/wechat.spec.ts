// The member centre inside WeChat: what its menu sends, and who is shown the way there.

import type { Page } from "@playwright/test";

import { community, runningSale } from "../support/community-desk";
import { fits, settled, unique } from "../support/console";
import { Shop as Host } from "../support/embed";
import { expect, test } from "../support/fixtures";
import { printedSignIn, signIn } from "../support/people";
import { Desk } from "../support/referral-desk";
import { type Member, Shop } from "../support/referrals";
import { ANDROID, IPHONE, WeChat } from "../support/wechat";

const SCRIPTS = "https://res.wx.qq.com";
const FILE = /\/assets\/member-wechat-[0-9a-f]+\.wasm$/;

/** Follows a tab. */
const tab = (page: Page, name: string) =>
  page.getByRole("navigation", { name: "主导航" }).getByRole("link", { name }).click();

/** The shop's name, and the address that browsers use. */
const about = async (page: Page) => {
  const answer = await page.request.get("/api/v1/programme");
  const { name } = await answer.json();
  return { name: name["zh-CN"] as string, origin: new URL(answer.url()).origin };
};

test.describe("on an iPhone", () => {
  test.use({ userAgent: IPHONE });

  test("the page that was opened is signed, once, and every page says what is sent", async ({ page }) => {
    const wechat = await WeChat.around(page, true);
    const { name, origin } = await about(page);
    const answer = await page.goto("/sign-in?from=menu");
    expect(answer?.headers()["content-security-policy"]).toContain(`${SCRIPTS};`);
    const outside = await wechat.sends(`${name}会员中心`);
    expect(outside).toEqual({
      title: `${name}会员中心`,
      desc: "等级、积分、任务和优惠券，都在这里。",
      link: `${origin}/`,
      imgUrl: `${origin}/share.png`,
    });
    const picture = await page.request.get(outside.imgUrl);
    expect(picture.headers()["content-type"]).toBe("image/png");

    const { name: mail, password } = printedSignIn("shopper");
    await page.locator('input[autocomplete="username"]').fill(mail);
    await page.locator('input[autocomplete="current-password"]').fill(password);
    await page.locator('button[type="submit"]').click();
    await tab(page, "秒杀");
    expect(await wechat.sends(`${name}限时秒杀`)).toMatchObject({ link: `${origin}/sales` });
    await tab(page, "我的");
    expect(await wechat.sends(`${name}会员中心`)).toMatchObject({ link: `${origin}/` });
    expect(wechat.pages()).toEqual([`${origin}/sign-in?from=menu`]);
    expect(wechat.configs[0]).toMatchObject({
      jsApiList: ["updateAppMessageShareData", "updateTimelineShareData"],
      debug: false,
    });
    expect(wechat.scripts).toBe(1);
  });

  test("a hand-off address is signed as it was opened, and never sent", async ({ page, request }) => {
    const wechat = await WeChat.around(page, true);
    const { name, origin } = await about(page);
    const host = await Host.open(request);
    const url = new URL(await host.address(await host.member(), "/points"));
    await page.goto(url.pathname);
    await expect(page).toHaveURL("/points");
    const card = await wechat.sends(`${name}会员中心`);
    expect(wechat.pages()).toEqual([`${origin}${url.pathname}`]);
    expect(card.link).toBe(`${origin}/`);
  });
});

test.describe("on Android", () => {
  test.use({ userAgent: ANDROID });

  test("every page is signed as it is", async ({ page }) => {
    const wechat = await WeChat.around(page, false);
    const { name, origin } = await about(page);
    await signIn(page, "/", printedSignIn("shopper"));
    await wechat.sends(`${name}会员中心`);
    await tab(page, "任务");
    await expect.poll(() => wechat.pages().at(-1)).toBe(`${origin}/tasks`);
    await tab(page, "秒杀");
    await wechat.sends(`${name}限时秒杀`);
    expect(wechat.pages().at(-1)).toBe(`${origin}/sales`);
    await page.goBack();
    await wechat.sends(`${name}会员中心`);
    expect(wechat.pages().at(-1)).toBe(`${origin}/tasks`);
    await page.goto("/points?kind=earn#top");
    await expect.poll(() => wechat.pages().at(-1)).toBe(`${origin}/points?kind=earn`);
    expect(await wechat.sends(`${name}会员中心`)).toMatchObject({ link: `${origin}/` });
  });

  test("a sale and a community are sent by their names", async ({ page, request }) => {
    const wechat = await WeChat.around(page, false);
    const { origin } = await about(page);
    const desk = await Desk.open(request);
    const sale = await runningSale(desk, "周五茶点");
    const group = await community(desk, "下午茶小组");
    await signIn(page, "/", printedSignIn("shopper"));
    await page.goto(`/sales/${sale.id}`);
    expect(await wechat.sends(sale.title)).toMatchObject({
      link: `${origin}/sales/${sale.id}`,
      desc: "会员限时秒杀，看看几点开抢。",
    });
    await page.goto(`/c/${group.code}`);
    expect(await wechat.sends(group.name)).toMatchObject({ link: `${origin}/c/${group.code}` });
    // Another page does not go by that name.
    await page.goto("/communities");
    expect((await wechat.sends((await about(page)).name + "会员中心")).link).toBe(`${origin}/`);
  });
});

test.describe("Share", () => {
  test.use({ userAgent: ANDROID });
  let shop: Shop;
  let inviter: Member;
  let link: string;

  test.beforeEach(async ({ request, page }) => {
    shop = await Shop.open(request);
    inviter = await shop.member("林小满");
    link = `${(await about(page)).origin}/r/${await shop.codeOf(inviter)}`;
  });

  const LANGUAGES = [
    { tag: "zh-CN", share: "分享给好友", guide: "发送给好友", title: (shop: string) => `邀请您加入${shop}` },
    { tag: "en", share: "Share", guide: "Send it to a friend", title: (shop: string) => `Join ${shop}` },
  ];

  for (const theme of ["light", "dark"]) {
    for (const { tag, share, guide, title } of LANGUAGES) {
      test(`the guide shows the way and closes, ${theme}, ${tag}`, async ({ page, axe, shot }) => {
        await page.addInitScript(
          ([theme, tag]) => {
            localStorage.setItem("coterie.theme", theme);
            localStorage.setItem("coterie.locale", tag);
          },
          [theme, tag],
        );
        const wechat = await WeChat.around(page, false);
        const { name } = await (await page.request.get("/api/v1/programme")).json();
        await page.goto(await shop.handOff(inviter, "/invite"));
        const card = await wechat.sends(title(name[tag]));
        expect(card.link).toBe(link);
        await settled(page);
        const button = page.getByRole("button", { name: share, exact: true });
        const dialog = page.getByRole("dialog", { name: guide });
        const signed = wechat.configs.length;
        // Back.
        await button.click();
        await expect(dialog).toBeVisible();
        await expect(page).toHaveURL("/invite?guide=1");
        await expect(dialog).toContainText(card.title);
        await expect(dialog).toContainText(card.desc);
        await axe();
        await fits(page, "the guide");
        await shot(`wechat-guide-${tag}-${theme}`);
        await page.goBack();
        await expect(dialog).toHaveCount(0);
        await expect(page).toHaveURL("/invite");
        await expect(button).toBeFocused();
        // Escape.
        await button.click();
        await expect(dialog).toBeVisible();
        await page.keyboard.press("Escape");
        await expect(dialog).toHaveCount(0);
        // A tap anywhere.
        await button.click();
        await dialog.click({ position: { x: 20, y: 400 } });
        await expect(dialog).toHaveCount(0);
        // The button, by the keyboard, where the focus is.
        await button.click();
        await expect(dialog.getByRole("button")).toBeFocused();
        await page.keyboard.press("Enter");
        await expect(dialog).toHaveCount(0);
        await expect(page).toHaveURL("/invite");
        // Opening and closing it is no other page.
        expect(wechat.pages()).toHaveLength(signed);
      });
    }
  }

  test("where WeChat is not available the page works and the link is copied", async ({ page, context, complaints }) => {
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    const wechat = await WeChat.around(page, false);
    await page.route("**/api/v1/wechat/signatures", (route) =>
      route.fulfill({
        status: 503,
        contentType: "application/problem+json",
        body: JSON.stringify({ type: "x", title: "x", status: 503, code: "wechat.unavailable" }),
      }),
    );
    await page.goto(await shop.handOff(inviter, "/invite"));
    await page.getByRole("button", { name: "分享给好友" }).click();
    await expect(page.getByText("已改为复制链接")).toBeVisible();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(link);
    expect(wechat.scripts).toBe(0);
    await expect(page.getByRole("dialog")).toHaveCount(0);
    // The browser writes down every answer that is no good.
    expect(complaints.take().every((it) => it.includes("503"))).toBe(true);
  });
});

test("the server signs own pages for anyone, and no others", async ({ page }) => {
  const { origin } = await about(page);
  const sign = (url: string) => page.request.post("/api/v1/wechat/signatures", { data: { url } });
  expect((await sign(`${origin}/${unique("x").replace(" ", "-")}`)).status()).toBe(200);
  const refused = await sign("https://evil.example/");
  expect([refused.status(), (await refused.json()).code]).toEqual([422, "wechat.other_host"]);
  expect(await refused.text()).not.toContain("secret");
});

test("an ordinary browser loads nothing of it", async ({ page, signInAsMember }) => {
  const asked: string[] = [];
  page.on("request", (it) => asked.push(it.url()));
  const answer = await page.goto("/");
  expect(answer?.headers()["content-security-policy"]).not.toContain("qq.com");
  await signInAsMember();
  await tab(page, "秒杀");
  await expect(page.getByRole("heading", { level: 1, name: "限时秒杀" })).toBeVisible();
  await page.goto("/invite");
  await settled(page);
  const ours = asked.filter((it) => it.includes("qq.com") || it.includes("wechat") || FILE.test(it));
  expect(ours).toEqual([]);
  expect(asked.length).toBeGreaterThan(5);
});
