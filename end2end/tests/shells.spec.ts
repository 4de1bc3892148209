// Both pages open, and say something sensible when they cannot.

import { expect, test } from "../support/fixtures";

const shells = [
  { path: "/", zh: "会员中心", en: "Member centre", program: "member" },
  { path: "/console", zh: "管理后台", en: "Console", program: "console" },
];

for (const shell of shells) {
  test(`${shell.path} opens without a complaint`, async ({ page, axe, shot }) => {
    const answer = await page.goto(shell.path);
    expect(answer?.headers()["content-security-policy"]).toContain("default-src 'none'");
    await expect(page.locator("#boot")).toHaveCount(0);
    await expect(page.getByRole("heading").first()).toBeVisible();
    await axe();
    await shot(`opened-${shell.program}`);
  });

  test.describe("without JavaScript", () => {
    test.use({ javaScriptEnabled: false });
    test(`${shell.path} tells what is missing`, async ({ page, shot }) => {
      await page.goto(shell.path);
      await expect(page.getByRole("heading", { name: shell.zh })).toBeVisible();
      await expect(page.getByText("需要 JavaScript")).toBeVisible();
      await expect(page.getByText("needs JavaScript")).toBeVisible();
      await shot(`no-javascript-${shell.program}`);
    });
  });

  test(`${shell.path} offers another attempt when the program cannot be loaded`, async ({
    page,
    axe,
    complaints,
    shot,
  }) => {
    await page.route("**/*.wasm", (route) => route.abort());
    await page.goto(shell.path);
    await expect(page.getByRole("alert")).toContainText("没能打开");
    await axe();
    await shot(`failed-${shell.program}`);
    expect(complaints.take()).not.toHaveLength(0);
    await page.unroute("**/*.wasm");
    await page.getByRole("button", { name: "再试一次" }).click();
    await expect(page.locator("#boot")).toHaveCount(0);
  });

  test(`${shell.path} says so when loading is slow, and goes on`, async ({ page, axe, shot }) => {
    await page.clock.install();
    let release = () => {};
    const released = new Promise<void>((resolve) => (release = resolve));
    await page.route("**/*.wasm", async (route) => {
      await released;
      await route.continue();
    });
    await page.goto(shell.path);
    await expect(page.locator("#boot-loading")).toBeVisible();
    await page.clock.fastForward(8_500);
    await expect(page.locator("#boot-slow")).toContainText("还在加载");
    await axe();
    await shot(`slow-${shell.program}`);
    release();
    await expect(page.locator("#boot")).toHaveCount(0);
  });

  test(`${shell.path} names browsers that work where WebAssembly is missing`, async ({
    page,
    axe,
    complaints,
  }) => {
    await page.addInitScript(() => Reflect.deleteProperty(globalThis, "WebAssembly"));
    await page.goto(shell.path);
    await expect(page.locator("#boot-unsupported")).toContainText("浏览器版本太旧");
    await expect(page.locator("#boot-failed")).toBeHidden();
    await axe();
    complaints.take();
  });

  test(`${shell.path} opens nothing that a browser without layers would show without its styles`, async ({ page }) => {
    await page.addInitScript(() => Reflect.deleteProperty(globalThis, "CSSLayerBlockRule"));
    await page.goto(shell.path);
    await expect(page.locator("#boot-unsupported")).toContainText("浏览器版本太旧");
    await expect(page.getByRole("main")).toHaveAttribute("id", "boot");
  });

  test(`${shell.path} follows the saved language and theme before the program has come`, async ({
    page,
    axe,
    shot,
  }) => {
    await page.addInitScript(() => {
      localStorage.setItem("coterie.locale", "en");
      localStorage.setItem("coterie.theme", "dark");
    });
    await page.route("**/*.wasm", () => {
      // Never answered: the page stays as it is before the program.
    });
    await page.goto(shell.path);
    await expect(page.getByRole("heading", { name: shell.en })).toBeVisible();
    await expect(page.locator("#boot-loading")).toHaveText(/Opening .* in a moment\.\s*$/);
    await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
    const ground = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    expect(ground).toBe("rgb(20, 20, 18)");
    await axe();
    await shot(`skeleton-${shell.program}`);
  });
}

test("a file that is not there is not a page", async ({ request }) => {
  const answer = await request.get("/assets/member-0000000000000000.js");
  expect(answer.status()).toBe(404);
});
