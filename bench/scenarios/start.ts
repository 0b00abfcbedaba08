/** From the command to a window in which a prompt can be typed and sent. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chromium } from '@playwright/test';
import { browserLaunchOptions } from '../../e2e/fixtures/browser-binary.ts';
import { StudioPage } from '../../e2e/pages/studio-page.ts';
import { median, type Scenario } from '../figure.ts';

const starts = 3;

export const startToWindow: Scenario = {
  name: 'start',
  async run() {
    const browser = await chromium.launch(await browserLaunchOptions());
    const folder = mkdtempSync(path.join(tmpdir(), 'atelier-bench-start-'));
    const seconds: number[] = [];
    try {
      for (let index = 0; index < starts; index += 1) {
        const page = await browser.newPage();
        const startedAt = performance.now();
        const command = startCommand(folder);
        try {
          await page.goto(await printedAddress(command));
          const studio = new StudioPage(page);
          await studio.prompt.fill('a red apple');
          // Enabled once a model is known: trial checks that a click would arrive and makes none.
          await page.getByRole('button', { name: /^Generate/ }).click({ trial: true });
          seconds.push((performance.now() - startedAt) / 1000);
        } finally {
          await page.close();
          await stop(command);
        }
      }
    } finally {
      await browser.close();
      rmSync(folder, { recursive: true, force: true });
    }
    return [
      {
        name: 'npm start to a usable window',
        value: median(seconds),
        unit: 's',
        limit: 3,
        samples: seconds,
        note: 'loopback host, built, own empty library first; the browser runs already',
      },
    ];
  },
};

/** `npm start` itself where npm runs the benchmark; without npm, what it would run. */
function startCommand(folder: string): ChildProcess {
  const npm = process.env['npm_execpath'];
  const args = [
    '--server',
    '--data',
    path.join(folder, 'data'),
    '--library',
    path.join(folder, 'library'),
  ];
  return spawn(
    process.execPath,
    npm
      ? [npm, 'start', '--', ...args]
      : [path.join(import.meta.dirname, '../../tools/start.ts'), ...args],
    // `CI` keeps it from opening a browser of its own; a group of its own lets npm's child be ended too.
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, CI: '1' },
      detached: process.platform !== 'win32',
    },
  );
}

function printedAddress(command: ChildProcess): Promise<string> {
  let printed = '';
  return new Promise((resolve, reject) => {
    command.stdout?.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
      const address = /http:\S+(?=\s)/.exec(printed)?.[0];
      if (address) resolve(address);
    });
    command.once('exit', (code) =>
      reject(new Error(`npm start ended with code ${code} before it was open.`)),
    );
  });
}

async function stop(command: ChildProcess): Promise<void> {
  if (command.exitCode !== null || command.signalCode !== null || command.pid === undefined) return;
  const ended = once(command, 'close');
  if (process.platform === 'win32') command.kill();
  else process.kill(-command.pid, 'SIGTERM');
  await ended;
}
