// Opens the dashboard in a browser and prints what is seen, as one JSON object: for tests/editors/test_dashboard.py.
//   node dashboard_driver.js FOLDER-OF-PLAYWRIGHT-AND-CHROMIUM FOLDER-OF-AXE ADDRESS FOLDER-FOR-SCREENSHOTS
const fs = require('fs'), path = require('path');
const [folder, axe, address, screenshots] = process.argv.slice(2);
const { chromium } = require(path.join(folder, 'node_modules/playwright-core'));

const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--no-zygote', '--disable-dev-shm-usage',
  '--disable-background-networking', '--disable-component-update', '--disable-sync', '--headless=new'];

async function look(browser, scheme) {
  const page = await browser.newPage({ viewport: { width: 1200, height: 1000 }, colorScheme: scheme, locale: 'en-GB' });
  const errors = [], elsewhere = [];
  page.on('console', message => message.type() === 'error' && errors.push(message.text()));
  page.on('pageerror', error => errors.push(String(error)));
  page.on('request', request => request.url().startsWith(address) || elsewhere.push(request.url()));
  await page.goto(address);
  await page.waitForSelector('.tile');
  const drawn = await page.evaluate(() => new Promise(then => requestAnimationFrame(() => then(performance.now()))));
  // By the keyboard alone: to a period, and on to the live tail.
  const focused = [];
  const tabTo = async wanted => {
    for (let n = 0; n < 30 && focused.at(-1) !== wanted; n++) {
      await page.keyboard.press('Tab');
      focused.push(await page.evaluate(() => document.activeElement.textContent.trim().slice(0, 30)));
    }
    await page.keyboard.press('Enter');
  };
  await tabTo('All');
  await page.waitForFunction(() => document.querySelector('#over-time canvas') && !document.getElementById('message').textContent);
  const texts = selector => page.$$eval(selector, found => found.map(each => each.textContent));
  // As those look at it who cannot see or point: https://github.com/dequelabs/axe-core. The page's policy forbids scripts
  // that are put into it, not those of the browser's own tools.
  await page.evaluate(fs.readFileSync(path.join(axe, 'node_modules/axe-core/axe.min.js'), 'utf8'));
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
  const seen = {
    errors, elsewhere, drawn,
    violations: violations.map(each => `${each.id}: ${each.nodes.map(node => node.target.join(' ')).slice(0, 5).join(', ')}`),
    findings: await texts('#findings li'),
    background: await page.evaluate(() => getComputedStyle(document.body).backgroundColor),
    pressed: await texts('#periods [aria-pressed=true]'),
    tiles: await texts('.tile'),
    charts: await page.$$eval('.chart[role=img] canvas', found => found.length),
    backends: await texts('#backends tbody th'),
    places: await texts('#places tbody tr'),
    focused,
  };
  await tabTo('Follow');
  await page.waitForSelector('#tail div');
  seen.tail = (await texts('#tail div')).length;
  seen.following = await texts('#live[aria-pressed=true]');
  // Names without which a screen reader would say nothing of use.
  seen.unnamed = await page.$$eval('button, [role=img], section', found =>
    found.filter(each => !(each.getAttribute('aria-label') || each.textContent.trim())).length);
  await page.screenshot({ path: path.join(screenshots, `dashboard-${scheme}.png`), fullPage: true });
  await page.setViewportSize({ width: 400, height: 800 });
  seen.overflows = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
  await page.close();
  return seen;
}

(async () => {
  const browser = await chromium.launch({ executablePath: path.join(folder, 'chromium'), headless: true, args: FLAGS });
  const answer = { light: await look(browser, 'light'), dark: await look(browser, 'dark') };
  await browser.close();
  process.stdout.write(JSON.stringify(answer));
})();
