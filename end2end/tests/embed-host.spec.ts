// What the member centre and a page of the shop say to each other, and what comes of it.

import { HostPage, OTHER_SITE, Shop } from "../support/embed";
import { expect, test } from "../support/fixtures";

/** Each widget, and what it shows of a member who has been here for long. */
const WIDGETS = {
  tier: ".tier",
  checkin: ".strip",
  coupons: ".ticket, .empty:not([role=alert])",
  sale: ".sale, .empty:not([role=alert])",
};

test("widgets are as high as what is in them, and lead to the shop's own pages", async ({ page, request, axe, shot }, info) => {
  test.setTimeout(90_000);
  const shop = await Shop.open(request);
  const member = await shop.member();
  for (const [widget, shows] of Object.entries(WIDGETS)) {
    const own = await page.context().newPage();
    const host = new HostPage(own, OTHER_SITE, () => shop.address("ext:cust-10001", `/w/${widget}`));
    await host.open();
    await expect(host.frame.locator(shows).first()).toBeVisible();
    await expect(host.frame.locator(".skeleton")).toHaveCount(0);
    await expect(host.frame.getByRole("navigation", { name: "主导航" })).toHaveCount(0);
    const content = () => host.frame.locator("body").evaluate((it) => it.offsetHeight);
    const frame = () => own.locator("#frame").evaluate((it) => (it as HTMLElement).offsetHeight);
    await expect.poll(async () => (await frame()) - (await content())).toBe(0);
    expect(await frame(), widget).toBeLessThan(900);
    const { name } = info.project;
    await own.screenshot({ path: `screenshots/${name}/widget-${widget}.png`, fullPage: true });
    await own.close();
  }
  const host = new HostPage(page, OTHER_SITE, () => shop.address(member, "/w/tier"));
  await host.open();
  // The shop decides what a link out of a widget does.
  await expect(host.frame.locator(".tier")).toBeVisible();
  await page.evaluate((origin) => {
    window.host.end();
    const frame = document.querySelector<HTMLIFrameElement>("#frame")!;
    const on = { message: (it: (typeof window.heard)[number]) => window.heard.push(it), navigate: () => {} };
    window.host = window.Coterie(frame, { origin, code: window.fresh, on });
  }, process.env.COTERIE_URL!);
  await host.frame.getByRole("link", { name: "全部等级与权益" }).click();
  await expect.poll(async () => (await host.heard("navigate")).length).toBe(1);
  const [said] = await host.heard("navigate");
  expect(said?.payload).toEqual({ url: `${process.env.COTERIE_URL}/tier`, outside: false });
  await expect(host.frame.locator(".tier")).toBeVisible();
  await axe();
  await shot("widget-tier");
});

test("the page says what it is called and how it looks, and looks as the shop says", async ({ page, request }) => {
  const shop = await Shop.open(request);
  const member = await shop.member();
  const look = "lang=en&theme=dark&density=compact&accent_dark=f0a8d4";
  const host = new HostPage(page, OTHER_SITE, async () => `${await shop.address(member, "/points")}?${look}`);
  await host.open();
  await expect(host.frame.getByText("Points to spend")).toBeVisible();
  expect(await host.marked("lang")).toBe("en");
  expect(await host.marked("data-theme")).toBe("dark");
  expect(await host.marked("data-density")).toBe("compact");
  const act = () => host.frame.locator("html").evaluate((it) => it.style.getPropertyValue("--act"));
  await expect.poll(act).toBe("#f0a8d4");
  await expect.poll(async () => (await host.heard("title")).at(-1)?.payload.title).toBe("Points");
  expect((await host.heard("theme")).at(-1)?.payload).toMatchObject({ theme: "dark" });
  // Nobody could read this one: what was there is gone, and what can be read is back.
  await page.evaluate(() => window.host.theme({ accent_dark: "#202020" }));
  await expect.poll(act).toBe("");
  await page.evaluate(() => window.host.theme({ theme: "light", lang: "zh-CN", accent_light: "#7a1f5c" }));
  await expect(host.frame.getByText("可用积分")).toBeVisible();
  await expect.poll(act).toBe("#7a1f5c");
  expect(await host.marked("data-theme")).toBe("light");
  await page.evaluate(() => window.host.theme({ theme: "sepia", lang: "fr", density: "none" }));
  await page.evaluate(() => window.host.theme({ density: "roomy" }));
  await expect.poll(() => host.marked("data-density")).toBe("roomy");
  expect(await host.marked("data-theme")).toBe("light");
  expect(await host.marked("lang")).toBe("zh-CN");
});

test("the shop says that something has changed, and the page asks again", async ({ page, request }) => {
  const shop = await Shop.open(request);
  const member = await shop.member();
  const host = new HostPage(page, OTHER_SITE, () => shop.address(member, "/points"));
  await host.open();
  await expect(host.frame.getByText("可用积分")).toBeVisible();
  const asked = page.waitForRequest((it) => it.url().endsWith("/api/v1/me/summary"));
  await page.evaluate(() => window.host.refresh());
  await asked;
});

test("Back closes what is open in the page first, and then all of it", async ({ page, request }) => {
  const shop = await Shop.open(request);
  const member = await shop.member();
  const host = new HostPage(page, OTHER_SITE, () => shop.address(member, "/points"));
  await host.open();
  await host.frame.getByRole("link", { name: "为什么" }).first().click();
  await expect(host.frame.getByRole("dialog")).toBeVisible();
  await page.evaluate(() => window.host.back());
  await expect(host.frame.getByRole("dialog")).toHaveCount(0);
  expect(await host.heard("close")).toHaveLength(0);
  await page.evaluate(() => window.host.back());
  await expect.poll(async () => (await host.heard("close")).length).toBe(1);
});

test("a used address says so and gets another from the shop", async ({ page, request, complaints }) => {
  const shop = await Shop.open(request);
  const member = await shop.member();
  const used = await shop.address(member, "/points");
  const code = used.split("/e/")[1];
  const taken = await request.post("/api/v1/sessions/exchange", {
    data: { code },
    headers: { "x-coterie-client": "member" },
  });
  expect(taken.status()).toBe(201);
  const host = new HostPage(page, OTHER_SITE, async (why) => (why === "open" ? used : null));
  await host.open();
  await expect(host.frame.getByText("链接已失效")).toBeVisible();
  await expect.poll(() => host.asked()).toEqual(["open", "code"]);
  host.bring = () => shop.address(member, "/points");
  await host.frame.getByRole("button", { name: "请商城重新打开" }).click();
  await expect(host.frame.getByText("可用积分")).toBeVisible();
  expect(complaints.take()).toHaveLength(1);
});
