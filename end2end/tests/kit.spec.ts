// The component kit: every part in every state, in both themes and languages.

import { expect, test } from "../support/fixtures";

const LANGUAGES = ["zh-CN", "en"];

for (const theme of ["light", "dark"]) {
  test(`every part is accessible in every state, ${theme}`, async ({ page, axe, shot }) => {
    for (const language of LANGUAGES) {
      await page.goto("/kit");
      await page.evaluate(
        ([theme, language]) => {
          localStorage.setItem("coterie.theme", theme);
          localStorage.setItem("coterie.locale", language);
        },
        [theme, language] as const,
      );
      await page.reload();
      await expect(page.getByRole("heading", { name: "Component kit" })).toBeVisible();
      await axe();
      await shot(`kit-${theme}-${language}`);
      const overflow = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      expect(overflow, "the kit is wider than the screen").toBeLessThanOrEqual(0);
    }
  });
}

test("the parts and their states are these", async ({ page }) => {
  await page.goto("/kit");
  await expect(page.getByRole("heading", { name: "Component kit" })).toBeVisible();
  const cases = await page.locator("[data-case]").evaluateAll((all) =>
    all.map((it) => {
      const outline = (element: Element): string => {
        const children = [...element.children].filter((child) => child.localName !== "path").map(outline);
        const role = element.getAttribute("role");
        const own = element.localName + (role ? `[${role}]` : "");
        return children.length ? `${own}(${[...new Set(children)].join(" ")})` : own;
      };
      const body = [...it.children].slice(1).map(outline);
      return `${it.getAttribute("data-case")}: ${body.join(" ")}`;
    }),
  );
  expect(`${cases.join("\n")}\n`).toMatchSnapshot("kit.txt");
});

test("a sheet opens with a link and closes with Back, and the focus returns", async ({ page, axe }) => {
  await page.goto("/kit");
  await page.getByRole("link", { name: "Open a sheet" }).click();
  const sheet = page.getByRole("dialog", { name: "A sheet" });
  await expect(sheet).toBeVisible();
  await axe();
  await page.goBack();
  await expect(sheet).toHaveCount(0);
  await expect(page.getByRole("link", { name: "Open a sheet" })).toBeFocused();
});

test("news come and go, an offer stays until it is answered", async ({ page, axe }) => {
  await page.clock.install();
  await page.goto("/kit");
  await page.getByRole("button", { name: "Offer" }).click();
  await page.getByRole("button", { name: "Say" }).click();
  const toasts = page.getByRole("status").filter({ hasText: "Saved." });
  await expect(toasts).toBeVisible();
  await axe();
  await page.clock.fastForward(6_000);
  await expect(page.getByText("Saved.")).toHaveCount(0);
  await expect(page.getByText("There is a new version.")).toBeVisible();
  await page.locator(".toast").getByRole("button", { name: "关闭" }).click();
  await expect(page.getByText("There is a new version.")).toHaveCount(0);
});
