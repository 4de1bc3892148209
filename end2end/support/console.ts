// What journeys in the console share.

import { expect, type Page } from "@playwright/test";

import { printedSignIn, signIn } from "./people";

/** Signs the demo shop's administrator in: the second person, who also looks after staff. */
export async function signInAsAdmin(page: Page) {
  const { password } = printedSignIn("operator");
  await signIn(page, "/console", { name: "admin@example.com", password });
}

/** Follows a link of the navigation, which a phone keeps behind a button. */
export async function openPage(page: Page, name: string) {
  const toggle = page.locator(".side__toggle");
  if (await toggle.isVisible()) await toggle.click();
  await page.getByRole("navigation", { name: "主导航" }).getByRole("link", { name, exact: true }).click();
  await expect(page.getByRole("heading", { name, level: 1 })).toBeVisible();
}

/** Waits until a page shows what it has read. */
export async function settled(page: Page) {
  await expect(page.locator(".skeleton")).toHaveCount(0);
}

/** A page must not be wider than the screen. */
export async function fits(page: Page, what: string) {
  const over = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect(over, `${what} is wider than the screen`).toBeLessThanOrEqual(0);
}

/** A text that no other journey uses. */
export function unique(text: string) {
  return `${text} ${Date.now()}-${Math.floor(Math.random() * 1e6)}`;
}

/** Makes a member of one's own through the API, as an operator would, and gives the id. */
export async function newMember(page: Page, name: string): Promise<string> {
  const { name: email, password } = printedSignIn("operator");
  const session = await page.request.post("/api/v1/staff_sessions", {
    headers: { "x-coterie-client": "console" },
    data: { email, password },
  });
  const { access_token: token } = await session.json();
  const made = await page.request.post("/api/v1/members", {
    headers: { authorization: `Bearer ${token}` },
    data: { external_id: `e2e-${Date.now()}-${Math.floor(Math.random() * 1e6)}`, name },
  });
  expect(made.status()).toBe(201);
  return (await made.json()).id;
}
