// What every journey can use: a page that must not complain, an accessibility check, and
// pictures to look at.

import AxeBuilder from "@axe-core/playwright";
import { test as base, expect } from "@playwright/test";

import { printedSignIn, signIn } from "./people";

/** What the browser complained about: errors in the console, exceptions, refused policies. */
class Complaints {
  private list: string[] = [];

  add(complaint: string) {
    this.list.push(complaint);
  }

  /** Gives the complaints so far and forgets them: for journeys that provoke some. */
  take(): string[] {
    return this.list.splice(0);
  }
}

interface Helpers {
  complaints: Complaints;
  axe: () => Promise<void>;
  shot: (name: string) => Promise<void>;
  /** Signs the demo shop's shopper in, and comes to the member centre's start page. */
  signInAsMember: () => Promise<void>;
  /** Signs the demo shop's operator in, and comes to the console's start page. */
  signInAsOperator: () => Promise<void>;
}

export const test = base.extend<Helpers>({
  // Every journey ends with the question whether the browser complained.
  complaints: [
    async ({ page }, use) => {
      const complaints = new Complaints();
      page.on("console", (message) => {
        if (message.type() === "error") complaints.add(`${message.text()} (${message.location().url})`);
      });
      page.on("pageerror", (error) => complaints.add(String(error)));
      await use(complaints);
      expect(complaints.take(), "what the browser complained about").toEqual([]);
    },
    { auto: true },
  ],

  axe: async ({ page }, use) => {
    await use(async () => {
      // What is still fading in has the contrast of a moment.
      await page.evaluate(async () => {
        const ends = (it: Animation) => it.effect?.getComputedTiming().endTime !== Infinity;
        const running = document.getAnimations().filter((it) => it.playState === "running" && ends(it));
        await Promise.allSettled(running.map((it) => it.finished));
      });
      const result = await new AxeBuilder({ page })
        .withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"])
        .analyze();
      const found = result.violations.map((violation) => ({
        rule: violation.id,
        help: violation.help,
        where: violation.nodes.map((node) => node.target.join(" ")),
      }));
      expect(found, "accessibility").toEqual([]);
    });
  },

  shot: async ({ page }, use, info) => {
    await use(async (name) => {
      await page.screenshot({
        path: `screenshots/${info.project.name}/${name}.png`,
        fullPage: true,
        animations: "disabled",
      });
    });
  },

  signInAsMember: async ({ page }, use) => {
    await use(() => signIn(page, "/", printedSignIn("shopper")));
  },

  signInAsOperator: async ({ page }, use) => {
    await use(() => signIn(page, "/console", printedSignIn("operator")));
  },
});

export { expect };
