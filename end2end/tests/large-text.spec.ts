// Every page on the narrowest phone, with text half as large again as a browser's settings can make
// it: nothing is wider than the screen. Leaves a picture of each.

import { signInAsAdmin } from "../support/console";
import { expect, test } from "../support/fixtures";
import { consolePlaces, memberPlaces, visit, wear } from "../support/places";
import type { Page } from "@playwright/test";

/** What makes a page wider than the screen; nothing does when it is not. */
async function tooWide(page: Page, name: string): Promise<string[]> {
  return page.evaluate((name) => {
    const root = document.documentElement;
    if (root.scrollWidth <= root.clientWidth) return [];
    const wide = [...document.querySelectorAll("body *")].filter(
      (it) => it.getBoundingClientRect().right > root.clientWidth + 1,
    );
    const said = (it: Element) => `${it.tagName.toLowerCase()}.${[...it.classList].join(".")}`;
    return [`${name}: ${root.scrollWidth} px, ${[...new Set(wide.map(said))].slice(0, 6).join(" ")}`];
  }, name);
}

test("text is as large as the browser's settings say", async ({ page }) => {
  await page.goto("/");
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  expect(await page.evaluate(() => getComputedStyle(document.body).fontSize)).toBe("24px");
});

for (const locale of ["zh", "en"]) {
  test(`no page of the member centre is cut off, ${locale}`, async ({ page, signInAsMember, shot }) => {
    test.setTimeout(180_000);
    await signInAsMember();
    const places = await memberPlaces(page);
    await wear(page, locale, "light");
    const wide: string[] = [];
    for (const [name, address] of Object.entries(places)) {
      await visit(page, name, address);
      wide.push(...(await tooWide(page, name)));
      await shot(`gallery/narrow-${name}-${locale}`);
    }
    expect(wide).toEqual([]);
  });
}

test("no page of the console is cut off", async ({ page, shot }) => {
  test.setTimeout(240_000);
  await signInAsAdmin(page);
  const places = await consolePlaces(page);
  await wear(page, "en", "light");
  const wide: string[] = [];
  for (const [name, address] of Object.entries(places)) {
    await visit(page, name, address);
    wide.push(...(await tooWide(page, name)));
    await shot(`gallery/narrow-console-${name}`);
  }
  expect(wide).toEqual([]);
});
