// The hosted payment page.

import {enhance} from "./payment.js";

enhance(document);
// After "back" from the bank or the shop, a page from the browser's cache may be out of date.
addEventListener("pageshow", ({persisted}) => persisted && location.reload());
