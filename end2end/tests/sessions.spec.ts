// How shoppers and staff come in and leave.

import { printedSignIn, signIn } from "../support/people";
import { expect, test } from "../support/fixtures";

/** An address nobody else signs up with, also when the journeys run twice at once. */
function freshEmail(project: string): string {
  return `new-${project}-${Date.now()}-${Math.floor(Math.random() * 1e6)}@example.com`;
}

test("a shopper signs up, arrives at Home, and is still there after a reload", async ({
  page,
  axe,
  shot,
}, info) => {
  await page.goto("/");
  await expect(page.getByRole("heading", { name: "欢迎回来" })).toBeVisible();
  await page.getByRole("link", { name: "注册" }).click();
  await expect(page.getByRole("heading", { name: "加入会员" })).toBeFocused();
  await axe();
  await shot("sign-up");
  await page.getByLabel("称呼").fill("新朋友");
  await page.getByLabel("邮箱或手机号").fill(freshEmail(info.project.name));
  await page.getByLabel("密码").fill("a-long-password");
  await page.getByRole("button", { name: "注册" }).click();
  await expect(page.getByText("新朋友")).toBeVisible();
  await expect(page.getByText("还没有积分动态")).toBeVisible();
  await axe();
  await shot("home-new-member");
  await page.reload();
  await expect(page.getByText("新朋友")).toBeVisible();
});

test("a sign-up says which field is wrong, and keeps what was typed", async ({
  page,
  complaints,
}) => {
  await page.goto("/sign-up");
  const identifier = page.getByLabel("邮箱或手机号");
  await identifier.fill("not an address@");
  await page.getByLabel("密码").fill("short");
  await page.getByRole("button", { name: "注册" }).click();
  await expect(page.locator('[aria-invalid="true"]').first()).toBeVisible();
  await expect(page.getByRole("alert")).not.toBeEmpty();
  await expect(identifier).toHaveValue("not an address@");
  expect(complaints.take()).toHaveLength(1);
});

test("a wrong password is refused in words, by keyboard alone, and the right one is not", async ({
  page,
  complaints,
}) => {
  const shopper = printedSignIn("shopper");
  await page.goto("/points");
  await expect(page.getByRole("heading", { name: "欢迎回来" })).toBeVisible();
  await page.locator("body").press("Tab");
  await expect(page.getByRole("link", { name: "跳到正文" })).toBeFocused();
  await page.keyboard.press("Tab");
  await expect(page.getByLabel("邮箱或手机号")).toBeFocused();
  await page.keyboard.type(shopper.name);
  await page.keyboard.press("Tab");
  await page.keyboard.type("not the password");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("alert")).toContainText("账号或密码不正确");
  expect(complaints.take()).toHaveLength(1);
  await expect(page.getByLabel("密码")).toBeFocused();
  await page.keyboard.press("ControlOrMeta+A");
  await page.keyboard.type(shopper.password);
  await page.keyboard.press("Enter");
  // Back where the shopper wanted to go.
  await expect(page).toHaveURL("/points");
  await expect(page.getByRole("heading", { name: "积分", exact: true })).toBeVisible();
});

test("signing out ends the session also for the next visit", async ({ page, signInAsMember }) => {
  await signInAsMember();
  await page.getByRole("link", { name: "我的" }).click();
  await page.getByRole("button", { name: "退出登录" }).click();
  await expect(page.getByRole("heading", { name: "欢迎回来" })).toBeVisible();
  await page.goto("/points");
  await expect(page.getByRole("heading", { name: "欢迎回来" })).toBeVisible();
});

test("signing out everywhere ends the other device's session too", async ({
  page,
  browser,
  baseURL,
  complaints,
}, info) => {
  const email = freshEmail(info.project.name);
  const person = { name: email, password: "a-long-password" };
  await page.goto("/sign-up");
  await page.getByLabel("邮箱或手机号").fill(person.name);
  await page.getByLabel("密码").fill(person.password);
  await page.getByRole("button", { name: "注册" }).click();
  await expect(page.getByText("还没有积分动态")).toBeVisible();

  const other = await browser.newContext({ baseURL, locale: "zh-CN" });
  const second = await other.newPage();
  // Me asks for the password too, so the sign-in would not be seen to end there.
  await signIn(second, "/", person);
  await second.goto("/me");
  await expect(second.getByText("本机", { exact: true })).toBeVisible();
  await second.getByRole("button", { name: "退出所有设备" }).click();
  await expect(second.getByRole("heading", { name: "欢迎回来" })).toBeVisible();
  await other.close();

  await page.reload();
  await expect(page.getByRole("heading", { name: "欢迎回来" })).toBeVisible();
  // The browser tells of the refused renewal, and nothing else.
  expect(complaints.take()).toHaveLength(1);
});

test("the shop hands a member over: the page is open, and the code is gone", async ({
  page,
  request,
}) => {
  // What the shop's own backend does, with a key that the demo's administrator makes.
  const client = { "x-coterie-client": "console" };
  const admin = { email: "admin@example.com", password: printedSignIn("operator").password };
  const session = await request.post("/api/v1/staff_sessions", { data: admin, headers: client });
  const authorization = `Bearer ${(await session.json()).access_token}`;
  const made = await request.post("/api/v1/api_keys", {
    data: { name: "shop", scopes: ["embed:create"] },
    headers: { authorization },
  });
  const { secret } = await made.json();
  const handed = await request.post("/api/v1/embed_sessions", {
    data: { member: "ext:cust-10001", page: "/points" },
    headers: { authorization: `Bearer ${secret}` },
  });
  const { pathname } = new URL((await handed.json()).url);

  await page.goto(pathname);
  await expect(page).toHaveURL("/points");
  await expect(page.getByText("可用积分")).toBeVisible();
  await page.reload();
  await expect(page.getByText("可用积分")).toBeVisible();
});

test("a hand-off code that does not work says so and offers a way on", async ({
  page,
  axe,
  shot,
  complaints,
}) => {
  await page.goto("/e/there-is-no-such-code");
  await expect(page.getByText("链接已失效")).toBeVisible();
  await axe();
  await shot("hand-off-used");
  expect(complaints.take()).toHaveLength(1);
  await page.getByRole("link", { name: "改用密码登录" }).click();
  await expect(page.getByRole("heading", { name: "欢迎回来" })).toBeVisible();
});

test("staff sign in to the console, and are told when the password is wrong", async ({
  page,
  axe,
  shot,
  complaints,
}) => {
  const operator = printedSignIn("operator");
  await page.goto("/console");
  await expect(page.getByRole("heading", { name: "运营后台" })).toBeVisible();
  await axe();
  await shot("console-sign-in");
  await page.getByLabel("工作邮箱").fill(operator.name);
  await page.getByLabel("密码").fill("not the password");
  await page.getByRole("button", { name: "登录" }).click();
  await expect(page.getByRole("alert")).toContainText("账号或密码不正确");
  expect(complaints.take()).toHaveLength(1);
  await page.getByLabel("密码").fill(operator.password);
  await page.getByRole("button", { name: "登录" }).click();
  await expect(page).toHaveURL("/console/members");
});
