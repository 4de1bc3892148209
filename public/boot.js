// Runs before anything is drawn: language, theme, and what to say when the page stays away.
(function () {
  var root = document.documentElement;
  var saved = function (key) { try { return localStorage.getItem("coterie." + key); } catch (e) { return null; } };
  var locale = saved("locale") || (/^zh/i.test(navigator.language || "zh") ? "zh-CN" : "en");
  root.lang = locale === "en" ? "en" : "zh-CN";
  var theme = saved("theme");
  if (theme === "light" || theme === "dark") root.setAttribute("data-theme", theme);
  // The first answers are asked for while the program is on its way; it takes them from here.
  var own = document.currentScript.dataset;
  var early = window.coterieEarly = {};
  var ask = function (method, path, token) {
    var headers = { "accept-language": root.lang, "x-coterie-client": own.side };
    if (token) headers.authorization = "Bearer " + token;
    return early[method + " " + path] = fetch(path, { method: method, headers: headers }).then(function (answer) {
      return answer.text().then(function (text) { return [answer.status, answer.headers.get("etag"), text]; });
    }).catch(function () { return null; });
  };
  ask("GET", "/api/v1/programme");
  if (saved("session." + own.side) && location.pathname.indexOf("/e/")) ask("POST", own.session).then(function (answer) {
    if (own.read && answer && answer[0] === 200) ask("GET", own.read, JSON.parse(answer[2]).access_token);
  });
  // loading, slow, failed, unsupported: the style sheet shows the message of the state.
  var state = function (name) {
    root.setAttribute("data-boot", name);
    var box = document.getElementById("boot-" + name);
    if (box && name !== "slow") box.focus();
  };
  state("loading");
  var slow = setTimeout(function () { state("slow"); }, 8000);
  var end = function (name) { clearTimeout(slow); state(name); };
  window.coterieBoot = {
    done: function () {
      clearTimeout(slow);
      root.removeAttribute("data-boot");
      var box = document.getElementById("boot");
      if (box) box.parentNode.removeChild(box);
    },
    fail: function () { if (root.getAttribute("data-boot") !== "unsupported") end("failed"); }
  };
  document.addEventListener("DOMContentLoaded", function () {
    if (typeof WebAssembly !== "object" || !("noModule" in document.createElement("script"))) end("unsupported");
    document.getElementById("boot").addEventListener("click", function (event) {
      if (event.target.closest("button")) location.reload();
    });
  });
})();
