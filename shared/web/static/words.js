/* Numbers, times and sentences as the page's language has them; what the other scripts say is said with these. */
const words = (() => {
  "use strict";

  const language = document.documentElement.lang;
  /* Digits are those of the rest of the page. */
  const locale = { ar: "ar-u-nu-latn", en: "en-GB", zh: "zh-Hans" }[language] || language;

  return {
    language,
    locale,
    filled: (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]),
    clock: (date) => date.toLocaleTimeString(locale, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }),
    moment: (date) => {
      const text = date.toLocaleString(locale, { dateStyle: "long", timeStyle: "short", hourCycle: "h23" });
      return language === "fr" ? text.replace(/^1 /, "1er ") : text;
    },
  };
})();
