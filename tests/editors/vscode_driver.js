// Drives a browser for tests/editors/vscode.py: one request per line of standard input, `{"id", "do", "with"}`, one answer
// per line of standard output, `{"id", "value"}` or `{"id", "error"}`. Started with the folder of Playwright and Chromium.
const readline = require('readline');
const path = require('path');
const folder = process.argv[2];
const { chromium } = require(path.join(folder, 'node_modules/playwright-core'));

const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--no-zygote', '--disable-dev-shm-usage',
  '--disable-background-networking', '--disable-component-update', '--disable-sync', '--headless=new'];

(async () => {
  const browser = await chromium.launch({ executablePath: path.join(folder, 'chromium'), headless: true, args: FLAGS });
  const page = await browser.newPage({ viewport: { width: 1200, height: 800 } });
  const does = {
    goto: ({ url }) => page.goto(url).then(() => true),
    press: ({ key }) => page.keyboard.press(key).then(() => true),
    type: ({ text }) => page.keyboard.type(text, { delay: 10 }).then(() => true),
    // The texts of the elements that are seen, from top to bottom, as lines of an editor are not in their order.
    texts: ({ selector }) =>
      page.$$eval(selector, found =>
        found
          .map(each => ({ top: each.getBoundingClientRect().top, text: each.textContent.replace(/\u00a0/g, ' '), seen: each.offsetParent !== null }))
          .filter(each => each.seen)
          .sort((one, other) => one.top - other.top)
          .map(each => each.text),
      ),
    // The texts within a webview, which is a frame in a frame.
    framed: async ({ selector }) => {
      const found = await Promise.all(page.frames().map(frame => frame.$$eval(selector, all => all.map(each => each.textContent)).catch(() => [])));
      return found.flat();
    },
    clickFramed: async ({ selector }) => {
      for (const frame of page.frames()) {
        const found = await frame.$(selector).catch(() => null);
        if (found) return found.click().then(() => true);
      }
      throw new Error(`no frame has ${selector}`);
    },
    // What was opened beside the window: addresses and texts of other tabs.
    others: () => Promise.all(page.context().pages().filter(each => each !== page).map(async each => ({ url: each.url(), text: await each.innerText('body').catch(() => '') }))),
    insert: ({ text }) => page.keyboard.insertText(text).then(() => true),
    // From a key to the first ghost text after it, in milliseconds on the page's own clock; null where none comes in time.
    // What is in the window is looked at whenever it changes, and once more when the frame that shows it is due.
    timed: async ({ key, within }) => {
      await page.evaluate(within => {
        window.timed = new Promise(resolve => {
          let start;
          const seen = () => document.querySelector('.ghost-text-decoration, .ghost-text');
          const done = value => {
            observer.disconnect();
            clearTimeout(timer);
            resolve(value);
          };
          const observer = new MutationObserver(() => {
            if (start === undefined || !seen()) return;
            observer.disconnect();
            requestAnimationFrame(() => done(performance.now() - start));
          });
          const timer = setTimeout(() => done(null), within);
          document.addEventListener('keydown', () => (start = performance.now()), { capture: true, once: true });
          observer.observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true });
        });
      }, within);
      await page.keyboard.press(key);
      return page.evaluate(() => window.timed);
    },
    attachments: () =>
      page.$$eval('.view-line span', found =>
        found
          .map(each => getComputedStyle(each, '::after').content)
          .filter(content => content !== 'none' && content !== 'normal')
          .map(content => content.replace(/^"|"$/g, '').replace(/\u00a0/g, ' ')),
      ),
    click: ({ selector, text }) => page.locator(selector, text ? { hasText: text } : {}).first().click({ timeout: 5000 }).then(() => true),
    screenshot: ({ file }) => page.screenshot({ path: file }).then(() => true),
  };
  const lines = readline.createInterface({ input: process.stdin });
  for await (const line of lines) {
    const { id, do: what, with: given } = JSON.parse(line);
    let answer;
    try {
      answer = { id, value: await does[what](given ?? {}) };
    } catch (error) {
      answer = { id, error: String(error).slice(0, 500) };
    }
    process.stdout.write(JSON.stringify(answer) + '\n');
  }
  await browser.close();
})();
