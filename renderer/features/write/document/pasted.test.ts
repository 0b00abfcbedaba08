import { expect, test } from 'vitest';
import { setStylesAside } from './pasted.ts';

test('Styles are set aside in tags alone, and what is written about them stays', () => {
  expect(
    setStylesAside('<b STYLE = "font-weight:normal" class="a">a style="b" &lt;p style="c"&gt;</b>'),
  ).toBe('<b data-style = "font-weight:normal" class="a">a style="b" &lt;p style="c"&gt;</b>');
});
