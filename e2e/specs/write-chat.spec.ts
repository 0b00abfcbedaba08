/** Chat, the second view of the desk: turns that are edited, branch, and are never lost. */
import type { Locator, Page } from '@playwright/test';
import { writeLongChat } from '../fixtures/long-chat.ts';
import { expectFits } from '../fixtures/looks.ts';
import { expect, test } from '../fixtures/test.ts';
import { StudioPage } from '../pages/studio-page.ts';

class ChatPage extends StudioPage {
  readonly composer: Locator;
  readonly turns: Locator;
  readonly note: Locator;

  constructor(page: Page) {
    super(page);
    this.composer = page.getByRole('textbox', { name: /^Say something to/ });
    this.turns = page.getByRole('list', { name: 'Conversation' }).getByRole('article');
    this.note = page.getByRole('main').getByRole('status').last();
  }

  /** By its number, which follows the order in which turns were made. */
  turn(id: number): Locator {
    return this.page.locator(`[data-turn="${id}"]`);
  }

  async openChat(): Promise<void> {
    await this.open('Write');
    await this.page.getByRole('radiogroup', { name: 'View' }).getByText('Chat').click();
    await expect(this.composer).toBeVisible();
  }

  async say(text: string): Promise<void> {
    await this.composer.fill(text);
    await this.composer.press('Enter');
  }

  async answered(): Promise<void> {
    await expect(this.turns.last()).toHaveAttribute('data-role', 'character');
    await expect(this.note).toContainText('tokens/s', { timeout: 30_000 });
    await expect(this.page.getByRole('button', { name: 'Say', exact: true })).toBeVisible({
      timeout: 30_000,
    });
    await expect(this.turns.last()).toHaveAttribute('aria-busy', 'false');
  }

  /** What a turn says, its name left out. */
  text(turn: Locator): Promise<string> {
    return turn
      .locator('[data-selectable]')
      .first()
      .evaluate((element) => (element.textContent ?? '').trim());
  }
}

test('what is said is answered, edited and answered anew; all of it is there after a restart', async ({
  page,
  studio,
}) => {
  test.setTimeout(120_000);
  const chat = new ChatPage(page);
  await chat.openChat();
  await chat.setNumber('Tokens', 24);
  await chat.say('Tell me of the old king.');
  await chat.answered();
  await expect(chat.turns).toHaveCount(2);
  const first = await chat.text(chat.turns.last());
  expect(first.length).toBeGreaterThan(10);

  await chat.turns.last().getByRole('button', { name: 'Answer again' }).click();
  await expect(chat.turns.last()).toContainText('2/2');
  await chat.answered();
  const second = await chat.text(chat.turns.last());
  await chat.turns.last().getByRole('button', { name: 'Earlier branch' }).click();
  await expect.poll(() => chat.text(chat.turns.last())).toBe(first);

  await chat.turns.first().getByRole('button', { name: 'Edit' }).click();
  const words = page.getByRole('textbox', { name: 'Words of this turn' });
  await words.fill('Tell me of the old queen.');
  await words.press('Enter');
  await expect(chat.turns.first()).toContainText('2/2');
  await chat.answered();
  const third = await chat.text(chat.turns.last());

  const again = new ChatPage(await studio.restart());
  await again.open('Write');
  await expect(again.turns.first()).toContainText('Tell me of the old queen.');
  expect(await again.text(again.turns.last())).toBe(third);
  await again.turns.first().getByRole('button', { name: 'Earlier branch' }).click();
  await expect(again.turns.first()).toContainText('Tell me of the old king.');
  await expect.poll(() => again.text(again.turns.last())).toBe(second);
  await again.turns.last().getByRole('button', { name: 'Earlier branch' }).click();
  await expect.poll(() => again.text(again.turns.last())).toBe(first);
});

test('Esc stops an answer, Ctrl+Enter goes on with it, and its words go into the text', async ({
  page,
}) => {
  test.setTimeout(120_000);
  const chat = new ChatPage(page);
  await chat.openChat();
  await chat.setNumber('Tokens', 250);
  await chat.say('It was a cold night, and');
  await expect.poll(async () => (await chat.text(chat.turns.last())).length).toBeGreaterThan(40);
  await page.keyboard.press('Escape');
  await chat.answered();
  const kept = await chat.text(chat.turns.last());
  await chat.setNumber('Tokens', 12);
  await chat.composer.press('ControlOrMeta+Enter');
  await expect(chat.note).toContainText('12 tokens, as many as you allow');
  const longer = await chat.text(chat.turns.last());
  expect(longer.startsWith(kept)).toBe(true);
  expect(longer.length).toBeGreaterThan(kept.length);

  await chat.composer.press('ArrowUp');
  await expect(chat.turns.last()).toBeFocused();
  await page.keyboard.press('i');
  await page.keyboard.press('ControlOrMeta+Shift+e');
  await expect(chat.editor).toBeVisible();
  // Paragraphs stand otherwise here and there.
  const bare = (text: string) => text.replaceAll(/\s+/g, '');
  await expect.poll(async () => bare(await chat.written())).toBe(bare(longer));
  await expect(chat.editor.locator('[data-run]').first()).toBeVisible();
  await chat.editor.press('ControlOrMeta+z');
  await expect.poll(() => chat.written()).toBe('');
});

test('the whole chat is worked by keyboard, and another word is taken where one was drawn', async ({
  page,
}) => {
  test.setTimeout(120_000);
  const chat = new ChatPage(page);
  await chat.openChat();
  await chat.setNumber('Tokens', 16);
  await chat.composer.focus();
  await page.keyboard.type('Who goes there?');
  await page.keyboard.press('Enter');
  await chat.answered();
  const first = await chat.text(chat.turns.last());
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('r');
  await expect(chat.turns.last()).toContainText('2/2');
  await chat.answered();
  await chat.turns.last().focus();
  await page.keyboard.press('ArrowLeft');
  await expect.poll(() => chat.text(chat.turns.last())).toBe(first);
  await expect(chat.turns.last()).toBeFocused();
  await page.keyboard.press('l');
  const lens = page.getByRole('application', { name: /^Words and what else/ });
  await expect(lens).toBeFocused();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowDown');
  // The word that was drawn is one of the list, and so may the end of the text be; neither is wanted.
  const unwanted = lens.locator('[data-active][data-drawn], [data-active][aria-disabled]');
  while ((await unwanted.count()) > 0) await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(chat.turns.last()).toContainText('/3');
  await chat.answered();
  expect((await chat.text(chat.turns.last())).slice(0, 2)).toBe(first.slice(0, 2));
  await page.keyboard.press('ControlOrMeta+Alt+n');
  await expect(page.getByRole('heading', { name: /^Say something to/ })).toBeVisible();
});

test('chats are begun from a card, renamed, put into the trash and taken out of it', async ({
  page,
}) => {
  const chat = new ChatPage(page);
  await chat.openChat();
  const card = {
    spec: 'chara_card_v2',
    data: {
      name: 'Mara',
      description: '{{char}} keeps a lighthouse.',
      first_mes: 'Good evening, {{user}}.',
      alternate_greetings: ['The light is out.'],
    },
  };
  await page.getByLabel('Character card').setInputFiles({
    name: 'mara.json',
    mimeType: 'application/json',
    buffer: Buffer.from(JSON.stringify(card)),
  });
  await expect(chat.turns).toHaveCount(1);
  await expect(chat.turns.last()).toContainText('Good evening, You.');
  await expect(chat.turns.last()).toContainText('1/2');
  const row = page.getByRole('button', { name: /^Mara/ });
  await row.focus();
  await page.keyboard.press('F2');
  await page.keyboard.type('The keeper');
  await page.keyboard.press('Enter');
  const renamed = page.getByRole('button', { name: /^The keeper/ });
  await renamed.focus();
  await page.keyboard.press('Delete');
  await expect(renamed).toHaveCount(0);
  await page.getByRole('button', { name: 'Chats in the trash' }).click();
  await page.getByRole('menuitem', { name: 'The keeper' }).click();
  await expect(chat.turns.last()).toContainText('Good evening, You.');
});

test('a long chat is walked to its ends and searched, though most of it is not laid out', async ({
  folders: { library },
  studio,
}) => {
  const turns = 600;
  await writeLongChat(library, turns);
  const chat = new ChatPage(await studio.restart());
  await chat.openChat();
  const { page: shown } = chat;
  await expect(chat.turns.last()).toContainText(`Turn ${turns - 1} `);
  expect(await chat.turns.count()).toBeLessThan(60);
  await chat.composer.press('ArrowUp');
  await expect(chat.turns.last()).toBeFocused();
  await shown.keyboard.press('ArrowUp');
  await expect(chat.turn(turns - 2)).toBeFocused();

  await shown.keyboard.press('Home');
  await expect(chat.turn(0)).toBeFocused();
  await expect(chat.turn(0)).toBeInViewport();
  for (let step = 1; step <= 12; step += 1) await shown.keyboard.press('ArrowDown');
  await expect(chat.turn(12)).toBeFocused();
  await expect(chat.turn(12)).toBeInViewport();
  // The focus stays with its turn when that is out of sight, and goes on from there.
  await chat.turns.first().hover();
  await shown.mouse.wheel(0, 6_000);
  await expect(chat.turn(12)).not.toBeInViewport();
  await shown.keyboard.press('ArrowDown');
  await expect(chat.turn(13)).toBeFocused();
  await expect(chat.turn(13)).toBeInViewport();
  await shown.keyboard.press('End');
  await expect(chat.turn(turns - 1)).toBeFocused();
  await expect(chat.turn(turns - 1)).toBeInViewport();

  await shown.keyboard.press('ControlOrMeta+f');
  const find = shown.getByRole('search', { name: 'Find in the chat' });
  await shown.keyboard.type('turn 7');
  await expect(find.getByRole('status')).toHaveText('11 here');
  await shown.keyboard.press('Enter');
  await expect(find.getByRole('status')).toHaveText('11 of 11');
  await expect(chat.turn(79)).toBeInViewport();
  for (let step = 0; step < 10; step += 1) await shown.keyboard.press('Enter');
  await expect(chat.turn(7)).toBeInViewport();
  await shown.keyboard.press('Escape');
  await expect(chat.turn(7)).toBeFocused();
  await shown.getByRole('button', { name: 'To the end' }).click();
  await expect(chat.turn(turns - 1)).toBeInViewport();

  // A branch in the midst of it is looked at where it is.
  await expect(chat.composer).toBeFocused();
  await chat.composer.press('ArrowUp');
  await shown.keyboard.press('Home');
  await shown.keyboard.press('ArrowDown');
  await shown.keyboard.press('e');
  await shown.keyboard.type(' Changed.');
  await shown.keyboard.press('Enter');
  await expect(chat.turns.last()).toContainText('Changed.');
  await chat.turns.last().focus();
  await shown.keyboard.press('ArrowLeft');
  await expect(chat.turn(1)).toBeFocused();
  await expect(chat.turn(1)).toBeInViewport();
});

test('the model’s reading of a chat is seen part by part, with what the next answer costs', async ({
  page,
}) => {
  test.setTimeout(120_000);
  const chat = new ChatPage(page);
  await chat.openChat();
  await chat.setNumber('Tokens', 12);
  await chat.say('Tell me of the old king.');
  await chat.answered();
  const panel = page.getByRole('group', { name: 'Chat settings' });
  await panel.getByText('Chat', { exact: true }).click();
  await panel.getByRole('textbox', { name: 'Memory' }).fill('It is winter in the north.');
  await panel.getByRole('textbox', { name: 'Note', exact: true }).fill('Be brief.');
  await panel.getByText('Lore', { exact: true }).click();
  await panel.getByRole('searchbox', { name: 'Search the lore' }).fill('queen');
  await page.keyboard.press('Enter');
  await panel
    .getByRole('textbox', { name: 'What the model is told' })
    .fill('She is called Regina.');
  await expect(panel.getByText('The conversation does not bring it up.')).toBeVisible();
  await page.keyboard.press('Escape');
  await chat.composer.fill('And his queen?');
  await page.keyboard.press('ControlOrMeta+Shift+m');
  const reads = page.getByRole('dialog', { name: 'What the model reads' });
  await expect(reads.getByRole('group', { name: 'Text of Memory' })).toContainText('the north');
  await expect(reads.getByRole('group', { name: 'Text of Author’s note' })).toContainText(
    '[Be brief.]',
  );
  await expect(reads.getByRole('group', { name: 'Text of Turns 1 to 3' })).toContainText(
    'And his queen?',
  );
  await expect(reads.getByRole('group', { name: 'Text of queen' })).toContainText(
    '[She is called Regina.]',
  );
  await expect(reads.getByRole('status')).toContainText('computes');
  await reads.getByRole('switch', { name: 'Token by token' }).check();
  await expect(reads.locator('[data-token]').first()).toBeVisible();
  await reads.getByText('Go on', { exact: true }).click();
  await expect(reads.getByRole('group', { name: 'Text of The answer that goes on' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(reads).toHaveCount(0);
  await expect(chat.composer).toBeFocused();
});

test('a model that answers shows how far it is in the status line, and is stopped there', async ({
  page,
}) => {
  const chat = new ChatPage(page);
  await chat.openChat();
  await chat.setNumber('Tokens', 2000);
  await chat.say('Tell me all of it.');
  await expect(chat.status).toContainText(/\d+ of 2,000 tokens/);
  await expect(chat.status).toContainText(/tokens\/s/);
  await expect(chat.status.getByText(/^\d+ s$/)).toBeVisible();
  await chat.status.getByRole('button', { name: 'Stop writing' }).click();
  await expect(chat.note).toContainText('Stopped after');
  await expect(chat.status).toContainText('Ready');
});

for (const colorScheme of ['dark', 'light'] as const) {
  test.describe(`in the ${colorScheme} theme`, () => {
    test.use({ colorScheme });

    test('every state of the chat fits its window, and axe finds nothing serious', async ({
      page,
    }) => {
      test.setTimeout(240_000);
      const chat = new ChatPage(page);
      const look = (state: string) => expectFits(page, `chat-${state}-${colorScheme}`);
      await chat.openChat();
      await look('empty');
      await chat.setNumber('Tokens', 50);
      await chat.say('Tell me of the lighthouse where nobody had spoken since the storm.');
      await chat.answered();
      await chat.turns.last().getByRole('button', { name: 'Answer again' }).click();
      await chat.answered();
      await chat.say('And what did the keeper see, when the **light** went out?');
      await chat.answered();
      await look('answered');
      await chat.turns.first().getByRole('button', { name: 'Edit' }).click();
      await look('edited');
      await page.keyboard.press('Escape');
      await chat.composer.press('ControlOrMeta+Shift+Enter');
      await expect(page.getByRole('listbox', { name: 'Answers' })).toBeVisible();
      await expect(chat.note).toContainText(/^\d+ tokens/, { timeout: 60_000 });
      await look('columns');
      await page.getByRole('listbox', { name: 'Answers' }).press('Enter');
      await chat.turns.last().getByRole('button', { name: 'What the model considered' }).click();
      await page.waitForTimeout(300);
      await look('lens');
      await page.keyboard.press('Escape');
      await page
        .getByRole('group', { name: 'Chat settings' })
        .getByText('Chat', { exact: true })
        .click();
      await look('personas');
      await page
        .getByRole('group', { name: 'Chat settings' })
        .getByText('Lore', { exact: true })
        .click();
      await page.getByRole('button', { name: 'New entry' }).click();
      await look('lore');
      await page.keyboard.press('Escape');
      await page.keyboard.press('ControlOrMeta+Shift+m');
      await expect(page.getByRole('dialog').getByRole('status')).toContainText('computes');
      await look('context');
      await page.keyboard.press('Escape');
      await page.keyboard.press('ControlOrMeta+f');
      await page.keyboard.type('the');
      await page.keyboard.press('Enter');
      await look('find');
    });
  });
}
