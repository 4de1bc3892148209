// Runs before anything is drawn: language, theme, and what to say when the page stays away.
(function () {
  var root = document.documentElement;
  var saved = function (key) { try { return localStorage.getItem("coterie." + key); } catch (e) { return null; } };
  var own = document.currentScript.dataset;
  // What the host of the member centre asks for in the address holds in this tab.
  var query = new URLSearchParams(own.side === "member" ? location.search : "");
  var asked = function (key, otherwise) {
    var value = query.get(key) || otherwise;
    try {
      if (value) sessionStorage.setItem("coterie." + key, value);
      else if (own.side === "member") value = sessionStorage.getItem("coterie." + key);
    } catch (e) { /* no storage here: until the next load, then */ }
    return value;
  };
  var known = /^(zh|en)/i;
  var locale = asked("lang") || saved("locale") || (navigator.languages || []).find(function (it) { return known.test(it); });
  root.lang = /^en/i.test(locale) ? "en" : "zh-CN";
  var theme = asked("theme") || saved("theme");
  if (theme === "light" || theme === "dark") root.setAttribute("data-theme", theme);
  var density = asked("density");
  if (density) root.setAttribute("data-density", density);
  ["light", "dark"].forEach(function (it) {
    var accent = asked("accent_" + it);
    if (accent) root.setAttribute("data-accent-" + it, accent);
  });
  var arrives = !location.pathname.indexOf("/e/");
  var framed = own.side === "member" && window.top !== window;
  // On iOS WeChat knows the page by the address that it opened: that is kept before anything changes it.
  if (!framed && /^(?!.*(wxwork|minip)).*micromess/i.test(navigator.userAgent)) root.setAttribute("data-wechat", location.href);
  var chrome = asked("chrome", framed || arrives && own.side === "member" ? "none" : "");
  if (chrome === "none") root.setAttribute("data-chrome", chrome);
  if (framed || chrome === "none") root.setAttribute("data-held", framed ? "frame" : "page");
  // In the frame of another site: which cookies does this browser keep there?
  if (framed) {
    var keeps = function (how, name) {
      try {
        document.cookie = "coterie_frame=" + name + "; path=/; max-age=9; SameSite=" + how;
        return document.cookie.indexOf("coterie_frame=" + name) >= 0;
      } catch (e) { return false; }
    };
    if (!keeps("Lax", "own")) root.setAttribute("data-frame", keeps("None; Secure; Partitioned", "partitioned") ? "partitioned" : "memory");
  }
  var frame = root.getAttribute("data-frame");
  // The first answers are asked for while the program is on its way; it takes them from here.
  var early = window.coterieEarly = {};
  var ask = function (method, path, token) {
    var headers = { "accept-language": root.lang, "x-coterie-client": own.side };
    if (frame) headers["x-coterie-frame"] = frame;
    if (token) headers.authorization = "Bearer " + token;
    return early[method + " " + path] = fetch(path, { method: method, headers: headers }).then(function (answer) {
      return answer.text().then(function (text) { return [answer.status, answer.headers.get("etag"), text]; });
    }).catch(function () { return null; });
  };
  ask("GET", "/api/v1/programme");
  if ((saved("session." + own.side) || frame === "partitioned") && !arrives && frame !== "memory") ask("POST", own.session).then(function (answer) {
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
  // Without layers a browser leaves out every style of ours.
  var old = typeof WebAssembly !== "object" || !window.CSSLayerBlockRule || !("noModule" in document.createElement("script"));
  window.coterieBoot = {
    old: old,
    done: function () {
      clearTimeout(slow);
      root.removeAttribute("data-boot");
      var box = document.getElementById("boot");
      if (box) box.parentNode.removeChild(box);
    },
    fail: function () { if (root.getAttribute("data-boot") !== "unsupported") end("failed"); }
  };
  document.addEventListener("DOMContentLoaded", function () {
    if (old) end("unsupported");
    document.getElementById("boot").addEventListener("click", function (event) {
      if (event.target.closest("button")) location.reload();
    });
  });
})();
