// An invitation from the link to the reward, through the whole return window: in a demo shop of its
// own, whose clock is moved.

import { expect, test } from "../support/fixtures";
import { Desk } from "../support/referral-desk";
import { Shop, signUp } from "../support/referrals";
import { inTurn } from "../support/turn";

const DAY_S = 86_400;

test.use({ baseURL: process.env.COTERIE_SANDBOX_URL });

test("both are rewarded when the return window has passed, and a refund takes it back", async ({
  page,
  browser,
  baseURL,
  request,
  axe,
  shot,
}) => {
  test.setTimeout(120_000);
  const shop = await Shop.open(request);
  const inviter = await shop.member("林小满");
  await page.goto(`/r/${await shop.codeOf(inviter)}`);
  await page.getByRole("link", { name: "注册并接受邀请" }).click();
  const friend = await signUp(page, "周小雨");
  await expect(page.locator(".invited .banner")).toContainText("已接受邀请");
  const offer = await shop.offerOf(inviter);
  expect(offer.hold_days).toBeGreaterThan(0);

  const other = await browser.newContext({ baseURL, locale: "zh-CN" });
  const mine = await other.newPage();
  const row = mine.locator(".rows .row", { hasText: "周**" });
  // The journey on the other size moves the same clock.
  const order = await inTurn("sandbox", async () => {
    const desk = await Desk.open(request);
    shop.ahead = (await desk.ask("GET", "/sandbox/clock", undefined, 200)).ahead_s;
    const paid = await shop.paid(friend, offer.minimum_order);
    await expect.poll(() => shop.friendsOf(inviter)).toEqual(["ordered"]);
    await mine.goto(await shop.handOff(inviter, "/invite"));
    await expect(row.locator(".badge")).toHaveText("待发放");
    // An hour before the end nothing is paid yet.
    await desk.ask("POST", "/sandbox/clock", { seconds: offer.hold_days * DAY_S - 3600 }, 200);
    expect(await shop.friendsOf(inviter)).toEqual(["ordered"]);
    const later = await Desk.open(request);
    await later.ask("POST", "/sandbox/clock", { seconds: 3600 }, 200);
    expect(await shop.friendsOf(inviter)).toEqual(["rewarded"]);
    return paid;
  });
  await mine.reload();
  await expect(row.locator(".badge")).toHaveText("已奖励");
  await page.goto("/messages");
  await expect(page.getByText("首单奖励已到账")).toBeVisible();
  await page.goto("/points?asset=credit");
  const credit = `¥${offer.friend_rewards[0].amount / 100}.00`;
  await expect(page.locator(".rows .row").first()).toContainText(credit);
  await axe();
  await shot("cashback-after-the-window");

  await shop.refunded(order);
  await expect.poll(() => shop.friendsOf(inviter), { timeout: 30_000 }).toEqual(["clawed_back"]);
  await mine.reload();
  await expect(row.locator(".badge")).toHaveText("已收回");
  await page.reload();
  await expect(page.locator('.row[data-state="undone"]').first()).toContainText(credit);
  await other.close();
});
