import '@fontsource-variable/inter/wght.css';
import '@fontsource-variable/source-serif-4/wght.css';
import '@fontsource-variable/source-serif-4/wght-italic.css';
import './ui/tokens.css';
import './ui/base.css';

import { QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Shell } from './app/shell.tsx';
import { createWindowModel, WindowProvider } from './app/window-model.ts';
import type { Connection } from './transport/connection.ts';

/** Draws the window into an element, over any connection to a studio. */
export function startWindow(root: HTMLElement, connection: Connection): void {
  const model = createWindowModel(connection);
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={model.queries}>
        <WindowProvider value={model}>
          <Shell />
        </WindowProvider>
      </QueryClientProvider>
    </StrictMode>,
  );
}
