// For a page of the shop that shows Coterie's member centre in a frame. The README says how.
(function () {
  "use strict";
  window.Coterie = function (frame, options) {
    var origin = options.origin;
    var on = options.on || {};
    var say = function (type, payload, id) {
      frame.contentWindow.postMessage({ v: 1, id: id, type: type, payload: payload || {} }, origin);
    };
    // Asks the shop's own server for an address that works once; the whole address or its code.
    var fresh = function (why) {
      return Promise.resolve(options.code(why));
    };
    var own = {
      height: function (it) {
        if (it.height >= 0 && it.height < 1e5) frame.style.height = Math.ceil(it.height) + "px";
      },
      navigate: function (it) {
        if (!/^https?:/.test(it.url)) return;
        if (it.outside) window.open(it.url, "_blank", "noopener");
        else window.location.assign(it.url);
      },
      "auth.expired": function (it, message) {
        fresh(it.reason).then(function (code) {
          if (code) say("code", { code: code }, message.id);
        });
      },
    };
    var hear = function (event) {
      var it = event.data;
      if (event.origin !== origin || event.source !== frame.contentWindow) return;
      if (!it || it.v !== 1 || typeof it.type !== "string") return;
      var act = on[it.type] || own[it.type];
      if (act) act(it.payload || {}, it);
      if (on.message) on.message(it);
    };
    window.addEventListener("message", hear);
    if (!frame.src) {
      fresh("open").then(function (url) {
        if (url && url.indexOf(origin + "/") === 0) frame.src = url;
      });
    }
    return {
      theme: function (look) { say("theme", look); },
      refresh: function () { say("refresh"); },
      back: function () { say("back"); },
      end: function () { window.removeEventListener("message", hear); },
    };
  };
})();
