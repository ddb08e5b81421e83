import * as alerts from "./alerts.js";
import * as charts from "./charts.js";
import * as feed from "./feed.js";
import * as keys from "./keys.js";
import * as passkey from "./passkey.js";
import * as parts from "./parts.js";
import * as review from "./review.js";
import * as rows from "./rows.js";
import * as stop from "./stop.js";
import * as time from "./time.js";

time.learn(Number(document.body.dataset.now));
for (const part of [time, keys, parts, rows, review, passkey, stop, charts]) part.start();
if (document.body.dataset.feed) {
  feed.start();
  alerts.start();
}
