/* Everything a page may need; each module binds itself to data- attributes, also in parts swapped in later. */
import "./ago.js";
import "./commands.js";
import "./confirm.js";
import "./copy.js";
import "./drafts.js";
import "./invalid.js";
import "./jump.js";
import "./markdown.js";
import "./pictures.js";
import "./requests.js";
import "./shortcuts.js";
import "./tabs.js";
import "./theme.js";
import "./toasts.js";
import "./unsaved.js";
