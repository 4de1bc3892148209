// Every page in both languages and both themes: complete, no wider than the screen, and in one
// language; then names as long as they may be on the narrowest phone. Leaves a picture of each.

import { fits, newMember, signInAsAdmin } from "../support/console";
import { expect, test } from "../support/fixtures";
import { consolePlaces, memberPlaces, visit, wear } from "../support/places";
import { withSummary } from "../support/summary";
import type { Page } from "@playwright/test";

const LOOKS = [
  ["zh", "light"],
  ["zh", "dark"],
  ["en", "light"],
  ["en", "dark"],
] as const;

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
