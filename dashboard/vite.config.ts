import { defineConfig } from 'vite';

/** The broker serves what this makes from its own origin: every address is absolute, and every file but the page itself is named after its content. */
export default defineConfig({
  base: '/',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    target: ['chrome111', 'firefox114', 'safari16.4'],
    assetsInlineLimit: 0,
    cssCodeSplit: false,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rollupOptions: {
      output: { entryFileNames: 'assets/[name]-[hash].js', chunkFileNames: 'assets/[name]-[hash].js', assetFileNames: 'assets/[name]-[hash][extname]' },
    },
  },
  server: {
    proxy: Object.fromEntries(['/api', '/oauth', '/.well-known', '/ws'].map((path) => [path, { target: 'http://localhost:7900', ws: path === '/ws' }])),
  },
});
