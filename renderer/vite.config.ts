/** Builds the window into static files that a strict content security policy can serve. */
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
  root: import.meta.dirname,
  // Relative addresses: the same files are served by the loopback host and by a custom protocol.
  base: './',
  plugins: [react()],
  build: {
    outDir: '../dist/renderer',
    emptyOutDir: true,
    // `font-src 'self'` and `script-src 'self'` refuse data: addresses and inline scripts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: 'es2024',
    chunkSizeWarningLimit: 1600,
    license: { fileName: 'third-party-licences.txt' },
  },
});
