// Every page in both languages and both themes: complete, no wider than the screen, and in one
// language; then, once, on the narrowest phone, with large text and long names. Leaves a picture of each.

import { fits, newMember, settled, signInAsAdmin } from "../support/console";
import { expect, test } from "../support/fixtures";
import { consolePlaces, memberPlaces } from "../support/places";
import { withSummary } from "../support/summary";
import type { Page } from "@playwright/test";

const LOOKS = [
  ["zh", "light"],
  ["zh", "dark"],
  ["en", "light"],
  ["en", "dark"],
] as const;

async function wear(page: Page, locale: string, theme: string) {
  await page.evaluate(
    ([locale, theme]) => {
      localStorage.setItem("coterie.locale", locale);
      localStorage.setItem("coterie.theme", theme);
    },
    [locale, theme],
  );
}

async function visit(page: Page, name: string, address: string) {
  await page.goto(address);
  await expect(page.getByRole("heading", { level: 1 }), name).toBeVisible();
  await settled(page);
}

/** Words that stand for themselves because nobody wrote the text: `some.key`, `{n}`, `undefined`. */
async function saysOnlyWords(page: Page, name: string) {
  const text = await page.locator("main").innerText();
  expect(text, name).not.toMatch(/\{[a-z_]+\}|\bundefined\b|\bNaN\b|\[object /);
}

for (const [locale, theme] of LOOKS) {
  test(`every page of the member centre, ${locale}, ${theme}`, async ({ page, signInAsMember, shot }) => {
    test.setTimeout(240_000);
    await signInAsMember();
    const places = await memberPlaces(page);
    await wear(page, locale, theme);
    for (const [name, address] of Object.entries(places)) {
      await visit(page, name, address);
      await fits(page, name);
      await saysOnlyWords(page, name);
      await shot(`gallery/member-${name}-${locale}-${theme}`);
    }
  });

  test(`every page of the console, ${locale}, ${theme}`, async ({ page, shot }) => {
    test.setTimeout(360_000);
    await signInAsAdmin(page);
    const places = await consolePlaces(page);
    await wear(page, locale, theme);
    for (const [name, address] of Object.entries(places)) {
      await visit(page, name, address);
      await fits(page, name);
      await saysOnlyWords(page, name);
      await shot(`gallery/console-${name}-${locale}-${theme}`);
    }
  });
}

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

/** Text half as large again, as a browser's settings make it. */
async function enlarge(page: Page) {
  const browser = await page.context().newCDPSession(page);
  await browser.send("Page.setFontSizes", { fontSizes: { standard: 24, fixed: 20 } });
}

test.describe("on the narrowest phone with large text @narrow", () => {
  test.use({ viewport: { width: 320, height: 640 } });

  for (const locale of ["zh", "en"]) {
    test(`no page of the member centre is cut off, ${locale}`, async ({ page, signInAsMember, shot }) => {
      test.setTimeout(180_000);
      await signInAsMember();
      const places = await memberPlaces(page);
      await wear(page, locale, "light");
      await enlarge(page);
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
    await enlarge(page);
    const wide: string[] = [];
    for (const [name, address] of Object.entries(places)) {
      await visit(page, name, address);
      wide.push(...(await tooWide(page, name)));
      await shot(`gallery/narrow-console-${name}`);
    }
    expect(wide).toEqual([]);
  });
});

const NAMES = {
  unbroken: "Wolfeschlegelsteinhausenbergerdorffwelch",
  arabic: "عبدالرحمنبنعبدالعزيزالمستنصرباللهالمتوكل",
  chinese: "诸葛欧阳司马上官慕容皇甫令狐宇文长孙尉迟公孙轩辕端木东方独孤南宫百里呼延夏侯西门",
};

test.describe("names as long as they may be @narrow", () => {
  test.use({ viewport: { width: 320, height: 640 } });

  for (const [kind, name] of Object.entries(NAMES)) {
    test(`${kind}: ${[...name].length} letters without a blank`, async ({ page, signInAsMember, shot }) => {
      test.setTimeout(90_000);
      expect([...name].length).toBe(40);
      await signInAsMember();
      await withSummary(page, (it) => (it.member.name = name));
      for (const [place, address] of Object.entries({ home: "/", me: "/me", invite: "/invite" })) {
        await visit(page, place, address);
        await fits(page, place);
        await shot(`gallery/name-${kind}-${place}`);
      }
    });

    test(`${kind}: in the console`, async ({ page, shot }) => {
      test.setTimeout(90_000);
      const id = await newMember(page, name);
      await signInAsAdmin(page);
      for (const [place, address] of Object.entries({
        list: `/console/members?q=${encodeURIComponent(name)}`,
        detail: `/console/members/${id}`,
        adjust: `/console/members/${id}?do=adjust`,
      })) {
        await visit(page, place, address);
        await expect(page.getByText(name).first()).toBeAttached();
        await fits(page, place);
        await shot(`gallery/name-${kind}-console-${place}`);
      }
    });
  }
});
