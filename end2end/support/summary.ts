// The member's summary, changed on its way to the page: states that the demo shop's shopper is not in.

import type { Page } from "@playwright/test";

// What the server answers; the journeys touch a few fields of it.
export type Summary = any;

/** Lets `change` have its way with every summary that the page reads from now on. */
export async function withSummary(page: Page, change: (summary: Summary) => unknown) {
  await page.route("**/api/v1/me/summary", async (route) => {
    const headers = { ...route.request().headers() };
    delete headers["if-none-match"];
    const answer = await route.fetch({ headers });
    const summary = await answer.json();
    change(summary);
    await route.fulfill({ response: answer, json: summary });
  });
}
