/** What a person does in the window, by the names they see. */
import { expect, type Locator, type Page } from '@playwright/test';

export type Screen = 'Create' | 'Write' | 'Gallery' | 'Models' | 'Activity' | 'Settings';
export const screens: readonly Screen[] = [
  'Create',
  'Write',
  'Gallery',
  'Models',
  'Activity',
  'Settings',
];

export class StudioPage {
  readonly page: Page;
  readonly prompt: Locator;
  readonly status: Locator;
  readonly engine: Locator;
  readonly newest: Locator;
  /** Of the gallery's grid. */
  readonly pictures: Locator;
  readonly editor: Locator;
  readonly writeNote: Locator;

  constructor(page: Page) {
    this.page = page;
    this.prompt = page.getByRole('textbox', { name: /^Prompt/ });
    this.status = page.getByRole('contentinfo', { name: 'Status' });
    this.engine = page.getByRole('button', { name: /^Engine/ });
    this.newest = page.getByRole('group', { name: 'Newest pictures' }).getByRole('button');
    this.pictures = page.getByRole('listbox', { name: 'Pictures' }).getByRole('option');
    this.editor = page.getByRole('textbox', { name: 'Page' });
    this.writeNote = page.getByRole('main').getByRole('status').first();
  }

  async open(screen: Screen): Promise<void> {
    await this.page
      .getByRole('navigation', { name: 'Screens' })
      .getByRole('button', { name: screen })
      .click();
    await expect(
      this.page.getByRole('navigation', { name: 'Screens' }).getByRole('button', { name: screen }),
    ).toHaveAttribute('aria-current', 'page');
  }

  /** The page's paragraphs, one a line. */
  async written(): Promise<string> {
    return this.editor.evaluate((element) =>
      [...element.children].map((block) => block.textContent).join('\n'),
    );
  }

  number(name: string): Locator {
    return this.page.getByRole('spinbutton', { name });
  }

  async setNumber(name: string, value: number): Promise<void> {
    await this.number(name).fill(String(value));
    await this.number(name).press('Enter');
  }

  async generate(prompt: string, steps = 4): Promise<void> {
    await this.prompt.fill(prompt);
    await this.setNumber('Steps', steps);
    await this.page.getByRole('button', { name: /^Generate/ }).click();
  }
}
