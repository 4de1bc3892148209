// Pages that come in files of their own: fetched when needed, or a moment before.

import { expect, test } from "../support/fixtures";

const FILE = /\/assets\/member-sales-[0-9a-f]+\.wasm$/;

test("a page's file is fetched when a link to it is touched, and only once", async ({ page, signInAsMember }) => {
  const fetched: string[] = [];
  page.on("request", (request) => {
    if (FILE.test(request.url())) fetched.push(request.url());
  });
  await signInAsMember();
  const link = page.getByRole("navigation").getByRole("link", { name: "秒杀" });
  await expect(link).toBeVisible();
  await link.focus();
  await expect.poll(() => fetched.length).toBe(1);
  await link.click();
  await expect(page).toHaveURL(/\/sales$/);
  await expect(page.getByRole("heading", { level: 1, name: "限时秒杀" })).toBeVisible();
  expect(fetched).toHaveLength(1);
});

test("a page whose file does not come says so, and comes at the next attempt", async ({
  page,
  axe,
  complaints,
  shot,
  signInAsMember,
}) => {
  await signInAsMember();
  await page.route(FILE, (route) => route.abort());
  await page.goto("/sales");
  const again = page.getByRole("alert").getByRole("button", { name: "重试" });
  await expect(again).toBeVisible();
  await axe();
  await shot("file-missing");
  await page.unroute(FILE);
  await again.click();
  await expect(page.getByRole("heading", { level: 1, name: "限时秒杀" })).toBeVisible();
  expect(complaints.take()).not.toHaveLength(0);
});

test("where the lower part of Home does not come, it says so there, and comes at the next attempt", async ({
  page,
  axe,
  complaints,
  shot,
  signInAsMember,
}) => {
  const part = /\/assets\/member-points-[0-9a-f]+\.wasm$/;
  await page.route(part, (route) => route.abort());
  await signInAsMember();
  await expect(page.locator(".balance__number").first()).toBeVisible();
  const again = page.getByRole("alert").getByRole("button", { name: "重试" });
  await expect(again).toBeVisible();
  await axe();
  await shot("home-part-missing");
  await page.unroute(part);
  await again.click();
  await expect(page.getByRole("heading", { level: 2, name: "最近动态" })).toBeVisible();
  expect(complaints.take()).not.toHaveLength(0);
});
